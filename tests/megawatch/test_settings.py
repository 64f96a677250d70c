from pathlib import Path

import pytest

from megawatch.errors import SettingsError
from megawatch.settings import NAMES, Settings, read_settings, show_settings


def written(folder: Path, text: str) -> Path:
    path = folder / "megawatch.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_environment_goes_before_the_file_and_the_file_before_the_default(tmp_path: Path) -> None:
    path = written(tmp_path, 'home = "/srv/megawatch"\nsmtp_host = "mail.example"\nsmtp_port = 25\n')
    settings = read_settings(path, environment={"MEGAWATCH_SMTP_PORT": "465", "HOME": "/root"})
    assert settings.home == Path("/srv/megawatch")
    assert (settings.smtp_host, settings.smtp_port, settings.smtp_security) == ("mail.example", 465, "starttls")
    assert settings.ledger_url == "sqlite:////srv/megawatch/ledger.db"
    assert settings.origins["smtp_port"] == "MEGAWATCH_SMTP_PORT"
    assert settings.origins["smtp_host"] == str(path)
    assert settings.origins["smtp_security"] == "default"


def test_the_file_may_be_named_by_the_environment(tmp_path: Path) -> None:
    path = written(tmp_path, 'contact = "desk@example.com"\n')
    assert read_settings(environment={"MEGAWATCH_CONFIG": str(path)}).contact == "desk@example.com"


@pytest.mark.parametrize(
    ("text", "environment", "message"),
    [
        ('smtp_hots = "x"', {}, "no setting 'smtp_hots'. Did you mean smtp_host?"),
        (
            "",
            {"MEGAWATCH_TIMEZON": "UTC"},
            "MEGAWATCH_TIMEZON: there is no setting 'timezon'. Did you mean MEGAWATCH_TIMEZONE?",
        ),
        ("", {"MEGAWATCH_QQQQ": "1"}, "`megawatch config` lists all of them"),
        ('smtp_port = "many"', {}, "smtp_port must be a whole number, not 'many'"),
        ("smtp_port = 70000", {}, "smtp_port must lie between 1 and 65535, not 70000"),
        ("contact = 3", {}, "contact must be a text in quotes, not 3"),
        ('smtp_security = "ssl"', {}, "smtp_security must be one of starttls, tls, none"),
        ('timezone = "Mars/Olympus"', {}, "timezone 'Mars/Olympus' is unknown"),
        ('ledger = "mysql://x"', {}, "ledger must begin with sqlite:/// or postgresql://"),
        ('unsubscribe_secret = "short"', {}, "at least 16 characters"),
        ("home = ", {}, "cannot be read as TOML"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(
    tmp_path: Path, text: str, environment: dict[str, str], message: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(written(tmp_path, text), environment=environment)
    assert message in str(caught.value)


def test_secrets_and_passwords_in_addresses_are_masked() -> None:
    settings = Settings(
        smtp_password="hunter2-hunter2",
        ledger="postgresql://desk:hunter2@db.example:5432/megawatch",
        unsubscribe_secret="",
    )
    shown = {row.name: row.value for row in show_settings(settings)}
    assert shown["smtp_password"] == "********"
    assert shown["unsubscribe_secret"] == ""
    assert shown["ledger"] == "postgresql://desk:********@db.example:5432/megawatch"
    assert "hunter2" not in "".join(shown.values())
    assert tuple(shown) == NAMES
