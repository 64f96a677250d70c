"""Where the folders that travel with the project lie, in a checkout and in an installed wheel."""

from pathlib import Path

from megawatch.errors import SettingsError

_PACKAGE = Path(__file__).resolve().parent


def bundled(name: str) -> Path:
    """The folder ``templates`` or ``fixtures``: beside the package in a checkout, inside it in a wheel.

    Raises SettingsError where neither is there: the installation is incomplete.
    """
    for candidate in (_PACKAGE.parent / name, _PACKAGE / "bundled" / name):
        if candidate.is_dir():
            return candidate
    raise SettingsError(f"The folder {name!r} is missing beside {_PACKAGE}: install Megawatch again.")
