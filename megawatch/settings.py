"""What an operator may set: ``megawatch.toml`` and the environment, read once at the edge and passed down.

A setting ``smtp_host`` is the key ``smtp_host`` of ``megawatch.toml`` and the variable ``MEGAWATCH_SMTP_HOST``; the
environment goes before the file, the file before the default. ``megawatch config`` shows what is in force.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from megawatch.errors import SettingsError

PREFIX = "MEGAWATCH_"
FILE = "megawatch.toml"
FILE_VARIABLE = "MEGAWATCH_CONFIG"
SECURITY = ("starttls", "tls", "none")
CATALOGS = ("bundled", "none")
READERS = ("trained", "grammar")


def _setting(default: Any, text: str, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"text": text, "secret": secret})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything an operator may set; ``origins`` says for each name where its value comes from."""

    home: Path = field(
        default=Path("var"),
        metadata={"text": "Folder of the ledger, the stored documents and the briefs.", "secret": False},
    )
    ledger: str = _setting("", "Address of the ledger: postgresql://… or sqlite:///…; empty is ledger.db at home.")
    contact: str = _setting("", "Mail address or page that servers see in the User-Agent; the SEC refuses without.")
    sources: str = _setting("", "Folder of your own sources, one TOML file each; empty is sources/ at home.")
    catalog: str = _setting("bundled", "bundled: your sources and those that come with Megawatch; none: yours alone.")
    reader: str = _setting("trained", "trained: a network weighs what the grammar finds; grammar: the words alone.")
    timezone: str = _setting("UTC", "Zone of the schedule and of the edition's week, such as Europe/Berlin.")
    schedule: str = _setting("0 6 * * 1", "When the weekly brief runs, as five cron fields in that zone.")
    site: str = _setting("", "Address at which readers reach the archive of briefs; links in the mail lead there.")
    mail_from: str = _setting("", "Sender of the brief, as “Megawatch <brief@example.com>”.")
    smtp_host: str = _setting("", "Mail server that takes the brief.")
    smtp_port: int = _setting(587, "Its port.")
    smtp_security: str = _setting("starttls", "starttls, tls or none.")
    smtp_user: str = _setting("", "Login at the mail server; empty is none.")
    smtp_password: str = _setting("", "Password of that login.", secret=True)
    dkim_selector: str = _setting("", "Selector of the DKIM key.")
    dkim_key: str = _setting("", "File of the private DKIM key; empty leaves the mail unsigned.")
    unsubscribe_secret: str = _setting("", "Signs the links for leaving; at least 16 characters.", secret=True)
    alert_to: str = _setting("", "Mail address of whoever runs this; told when a scheduled run fails.")
    origins: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def ledger_url(self) -> str:
        """Address of the ledger, ``ledger.db`` below ``home`` where none is set."""
        return self.ledger or f"sqlite:///{self.home / 'ledger.db'}"

    @property
    def own_sources(self) -> Path:
        """Folder of the operator's sources, one TOML file each."""
        return Path(self.sources) if self.sources else self.home / "sources"

    @property
    def store(self) -> Path:
        """Folder of the stored documents."""
        return self.home / "store"

    @property
    def briefs(self) -> Path:
        """Folder of the editions, one folder an ISO week."""
        return self.home / "briefs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One setting as ``megawatch config`` prints it, secrets masked."""

    name: str
    value: str
    origin: str
    text: str


SETTINGS = tuple(item for item in fields(Settings) if item.name != "origins")
NAMES = tuple(item.name for item in SETTINGS)
_DEFAULTS = {item.name: item.default for item in SETTINGS}


def read_settings(path: Path | None = None, *, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings in force: environment over file over default.

    The file is ``path``, else the one ``MEGAWATCH_CONFIG`` names, else ``megawatch.toml`` in the working folder where
    there is one. Raises SettingsError naming the key or variable at fault, with the nearest right name.
    """
    environment = os.environ if environment is None else environment
    path = path or (Path(named) if (named := environment.get(FILE_VARIABLE)) else None)
    origins = dict.fromkeys(NAMES, "default")
    values: dict[str, Any] = {}
    for name, value in _read_file(path).items():
        values[name] = _convert(name, value, where=f"{path or FILE}: {name}")
        origins[name] = str(path or FILE)
    for name, variable in _variables(environment).items():
        values[name] = _convert(name, environment[variable], where=variable)
        origins[name] = variable
    settings = Settings(**values, origins=MappingProxyType(origins))
    _check(settings)
    return settings


def show_settings(settings: Settings) -> tuple[Shown, ...]:
    """Each setting with its value, its origin and its meaning; secrets and passwords in addresses are masked.

    >>> [row.value for row in show_settings(Settings(smtp_password="abc")) if row.name == "smtp_password"]
    ['********']
    """
    return tuple(
        Shown(
            name=item.name,
            value=_mask(str(getattr(settings, item.name)), secret=item.metadata["secret"]),
            origin=settings.origins.get(item.name, "default"),
            text=item.metadata["text"],
        )
        for item in SETTINGS
    )


def _read_file(path: Path | None) -> dict[str, Any]:
    if path is None and not Path(FILE).is_file():
        return {}
    path = path or Path(FILE)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read as TOML ({error}); correct it or name another file.") from error
    for name in table:
        if name not in NAMES:
            raise SettingsError(f"{path}: there is no setting {name!r}.{_nearest(name)}")
    return table


def _variables(environment: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for variable in environment:
        if not variable.startswith(PREFIX) or variable == FILE_VARIABLE:
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name not in NAMES:
            raise SettingsError(f"{variable}: there is no setting {name!r}.{_nearest(name, PREFIX)}")
        found[name] = variable
    return found


def _nearest(name: str, prefix: str = "") -> str:
    near = get_close_matches(name.lower(), NAMES, n=1, cutoff=0.5)
    shown = (prefix + near[0]).upper() if near and prefix else "".join(near)
    return f" Did you mean {shown}?" if near else " `megawatch config` lists all of them."


def _convert(name: str, value: Any, *, where: str) -> Any:
    default = _DEFAULTS[name]
    if isinstance(default, Path) and isinstance(value, str):
        return Path(value).expanduser()
    if isinstance(default, int):
        try:
            return int(value)
        except (TypeError, ValueError) as error:
            raise SettingsError(f"{where} must be a whole number, not {value!r}.") from error
    if not isinstance(value, str):
        raise SettingsError(f"{where} must be a text in quotes, not {value!r}.")
    return value


def _check(settings: Settings) -> None:
    for name, choices in (("smtp_security", SECURITY), ("catalog", CATALOGS), ("reader", READERS)):
        if (value := getattr(settings, name)) not in choices:
            raise SettingsError(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    if not 0 < settings.smtp_port < 65536:
        raise SettingsError(f"smtp_port must lie between 1 and 65535, not {settings.smtp_port}.")
    if 0 < len(settings.unsubscribe_secret) < 16:
        raise SettingsError("unsubscribe_secret is too short: give it at least 16 characters.")
    if settings.ledger and settings.ledger.split("://")[0] not in ("sqlite", "postgresql", "postgresql+psycopg"):
        raise SettingsError("ledger must begin with sqlite:/// or postgresql://.")
    try:
        ZoneInfo(settings.timezone)
    except (KeyError, OSError, ValueError) as error:
        raise SettingsError(f"timezone {settings.timezone!r} is unknown; write it as Europe/Berlin.") from error


def _mask(value: str, *, secret: bool) -> str:
    if secret:
        return "********" if value else ""
    parts = urlsplit(value) if "://" in value else None
    if parts is None or not parts.password:
        return value
    return urlunsplit(parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":********@")))
