"""A wheel, installed in an environment of its own outside the checkout, does the whole job on what travels in it.

Where CI is set, pip installs the wheel with everything it needs, by the constraints. Elsewhere the packages of this
environment are linked into the new one, which saves a minute and proves the same of the wheel itself.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OWN = ("megawatch", "extractors", "flows", "benchmarks", "training")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    unneeded = shutil.ignore_patterns(
        ".venv", "var", ".git", "__pycache__", "build", "dist", "site", ".*cache", ".hypothesis"
    )
    shutil.copytree(ROOT, source, ignore=unneeded)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    [found] = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("environment")
    full = bool(os.environ.get("CI"))
    venv.create(folder, with_pip=True, symlinks=True)
    python = folder / "bin" / "python"
    if not full:
        link_packages(Path(sysconfig.get_path("purelib")), next(folder.glob("lib/python3*/site-packages")))
    install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    how = ["-c", str(ROOT / "constraints.txt")] if full else ["--no-deps", "--no-index"]
    subprocess.run([*install, *how, str(wheel)], check=True, capture_output=True, timeout=280, cwd=folder)
    return python


def link_packages(source: Path, target: Path) -> None:
    for path in source.iterdir():
        if path.name.split("-")[0].strip("_") not in OWN and "megawatch" not in path.name and path.suffix != ".pth":
            there = target / path.name
            if not there.exists():
                there.symlink_to(path, target_is_directory=path.is_dir())


@pytest.mark.timeout(400)
def test_the_wheel_does_the_whole_job_outside_the_checkout(python: Path, tmp_path: Path) -> None:
    path = os.pathsep.join((str(python.parent), os.environ["PATH"]))
    environment = {"PATH": path, "HOME": str(tmp_path), "COLUMNS": "112"}
    where = [str(python), "-c", "import megawatch, flows, extractors; print(megawatch.__file__)"]
    found = subprocess.run(where, check=True, capture_output=True, text=True, cwd=tmp_path, env=environment).stdout
    assert ROOT not in Path(found.strip()).parents
    command = [str(python.with_name("megawatch")), "run"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=280)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "var" / "briefs" / "2026-W21" / "brief.html").is_file()
    printed = [line.rstrip() for line in done.stdout.splitlines()]
    assert [line for line in readme_of_run() if line not in (*printed, "…")] == []


def readme_of_run() -> list[str]:
    """The lines that the README shows of a run."""
    [block] = re.findall(r"```console\n\$ megawatch run\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert "SpaceX" in block
    return [line for line in block.splitlines() if line]
