"""The README's commands run on the bundled documents, and print what the README says they print.

``UPDATE_README=1 python -m pytest tests/flows/test_readme.py`` writes the present output into the README instead.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
COLUMNS = "112"
MOST_LINES = 10
RUN = "megawatch run"


def shown(output: str, *, most: int = MOST_LINES) -> list[str]:
    """What the README prints of an output: its lines without trailing spaces, the middle of a long one left out."""
    lines = [line.rstrip() for line in output.rstrip("\n").split("\n")] if output.strip() else []
    return lines if len(lines) <= most + 1 else [*lines[: most // 2], "…", *lines[-(most // 2) :]]


def run(command: str, folder: Path) -> str:
    program, *arguments = shlex.split(command)
    assert program == "megawatch"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MEGAWATCH_")}
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", *arguments],
        env=environment | {"COLUMNS": COLUMNS, "PYTHONPATH": str(ROOT)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


def parse(block: str) -> list[tuple[str, list[str]]]:
    """The commands of a console block, each with the lines that follow it."""
    found: list[tuple[str, list[str]]] = []
    for line in block.rstrip("\n").split("\n"):
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def blocks() -> list[str]:
    return [block for block in BLOCK.findall(README.read_text(encoding="utf-8")) if f"$ {RUN}" not in block]


@pytest.fixture
def folder(bundled_home: Path, tmp_path: Path) -> Path:
    """A working folder with a copy of the bundled home at ``var``, as `make run` leaves one."""
    shutil.copytree(bundled_home, tmp_path / "work" / "var")
    return tmp_path / "work"


@pytest.mark.skipif("UPDATE_README" in os.environ, reason="the README is being written")
@pytest.mark.parametrize("place", range(len(blocks())))
def test_the_commands_of_the_readme_print_what_it_says(place: int, folder: Path) -> None:
    for command, lines in parse(blocks()[place]):
        assert shown(run(command, folder)) == lines, command


@pytest.mark.skipif("UPDATE_README" not in os.environ, reason="UPDATE_README=1 writes the README")
@pytest.mark.timeout(600)
def test_write_the_readme(folder: Path, tmp_path: Path) -> None:
    text = README.read_text(encoding="utf-8")
    [first] = [block for block in BLOCK.findall(text) if f"$ {RUN}" in block]
    text = text.replace(first, "\n".join((f"$ {RUN}", *shown(run(RUN, tmp_path), most=40))) + "\n")
    for block in blocks():
        told = [line for command, _ in parse(block) for line in (f"$ {command}", *shown(run(command, folder)))]
        text = text.replace(f"```console\n{block}```", "```console\n" + "\n".join(told) + "\n```")
    README.write_text(text, encoding="utf-8")


def test_the_python_of_the_readme_runs(folder: Path) -> None:
    [code] = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stderr) == (0, "")
    assert "lease ('Applied Digital'" in done.stdout
