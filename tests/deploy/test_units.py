"""The systemd units and what stands beside them: read by systemd's own checker, and true to the command line."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer.main

from flows.cli import app
from megawatch.settings import NAMES, read_settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
INSTALLED = "/opt/megawatch/venv/bin"
COMMANDS = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not on this machine")


def told(path: Path, key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", path.read_text("utf-8"), re.MULTILINE)


@needs_systemd
def test_systemd_accepts_every_unit(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("megawatch", "prefect"):
        (programs / name).symlink_to(sys.executable)
    for unit in UNITS:
        text = unit.read_text("utf-8").replace(INSTALLED, str(programs))
        (tmp_path / unit.name).write_text(text, "utf-8")
    files = [str(tmp_path / unit.name) for unit in UNITS]
    done = subprocess.run([str(ANALYZE), "verify", "--man=no", *files], capture_output=True, text=True, timeout=60)
    ours = [line for line in done.stderr.splitlines() if "megawatch" in line]
    assert (done.returncode, ours) == (0, [])


@needs_systemd
@pytest.mark.parametrize("timer", [unit for unit in UNITS if unit.suffix == ".timer"], ids=lambda unit: unit.name)
def test_each_timer_names_a_time_and_a_service(timer: Path) -> None:
    [when] = told(timer, "OnCalendar")
    assert subprocess.run([str(ANALYZE), "calendar", when], capture_output=True, timeout=60).returncode == 0
    assert timer.with_suffix(".service") in UNITS


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=lambda unit: unit.name)
def test_each_service_runs_a_command_that_is_there_and_with_few_rights(unit: Path) -> None:
    [start] = told(unit, "ExecStart")
    called = re.findall(rf"{INSTALLED}/megawatch (\w+)", start)
    assert set(called) <= COMMANDS
    assert called or f"{INSTALLED}/prefect " in start
    for key, value in {"User": "megawatch", "ProtectSystem": "strict", "NoNewPrivileges": "yes"}.items():
        assert told(unit, key) == [value]
    if told(unit, "Type") == ["oneshot"] and "@" not in unit.name:
        assert told(unit, "OnFailure") == ["megawatch-alarm@%n.service"]


def test_the_settings_beside_the_units_are_settings() -> None:
    path = DEPLOY / "etc" / "megawatch.toml"
    assert set(tomllib.loads(path.read_text("utf-8"))) <= set(NAMES)
    assert read_settings(path, environment={}).ledger_url.startswith("postgresql://")
    for name in ("environment", "secrets"):
        lines = (DEPLOY / "etc" / name).read_text("utf-8").splitlines()
        variables = [line.lstrip("#").partition("=")[0] for line in lines if "=" in line]
        own = [variable for variable in variables if variable.startswith("MEGAWATCH_")]
        assert {variable.removeprefix("MEGAWATCH_").lower() for variable in own} <= {*NAMES, "config"}


def test_the_page_on_servers_names_every_unit_and_file() -> None:
    page = (ROOT / "docs" / "server.md").read_text("utf-8")
    missing = [path.name for path in sorted(DEPLOY.rglob("*")) if path.is_file() and path.name not in page]
    assert missing == []
    assert set(re.findall(r"^(?:sudo -u megawatch )?megawatch (\w+)", page, re.MULTILINE)) <= COMMANDS
