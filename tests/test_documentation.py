"""Documentation is run: docstring examples, the README's commands, and every command's help."""

import doctest
import importlib
import pkgutil
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from typer.main import get_command

import extractors
import flows
import megawatch
from flows.cli import app
from megawatch.settings import NAMES

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MODULES = sorted(
    found.name
    for package in (megawatch, extractors, flows)
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + ".")
    if ".migrations." not in found.name and not found.name.endswith("__main__")
)


def walk(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if hasattr(command, "commands"):
        for name, found in command.commands.items():
            yield from walk(found, (*path, name))
    else:
        yield path, command


COMMANDS = dict(walk(get_command(app)))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples_hold(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example_that_fits_it(path: tuple[str, ...]) -> None:
    text = COMMANDS[path].help or ""
    assert text.split("\n")[0].endswith((".", ":")) or "\n\n" in text
    examples = re.findall(r"^  megawatch (.+)$", text, re.MULTILINE)
    assert examples, f"{' '.join(path)} has no example"
    for example in examples:
        assert parses(shlex.split(example.split(" > ")[0]), path), example


def parses(arguments: list[str], path: tuple[str, ...]) -> bool:
    """Whether the command line is one of that command: its options exist and its arguments are enough."""
    while arguments[:1] == ["--home"]:
        arguments = arguments[2:]
    if tuple(arguments[: len(path)]) != path:
        return False
    command = COMMANDS[path]
    command.make_context(" ".join(path), arguments[len(path) :], resilient_parsing=False)
    return True


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_option_says_what_it_does(path: tuple[str, ...]) -> None:
    silent = [one.name for one in COMMANDS[path].params if one.name != "help" and not getattr(one, "help", None)]
    assert silent == []


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_is_in_the_readme(path: tuple[str, ...]) -> None:
    assert re.search(rf"\bmegawatch (--home \S+ )?{path[0]}\b", README)


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_documented(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


def test_the_help_of_the_whole_is_quick_and_plain() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "flows.cli", "--help"], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0
    loaded = {line.rsplit("|", 1)[1].strip() for line in done.stderr.splitlines() if "|" in line}
    assert loaded.isdisjoint({"prefect", "spacy", "sqlalchemy", "matplotlib", "datasette", "pandas", "pyarrow"})
