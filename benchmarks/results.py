"""What the benchmarks measured last, kept in a file of rows and shown as one table."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.ratio import Ratio

HEAD = ("what", "ours", "unit", "beside it", "ratio", "goal", "measured")
COMMAND = {False: "make bench", True: "python -m benchmarks --only {module} --large"}


class Results:
    """The rows by benchmark and size, each set with the day and the command it was measured with."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: dict[str, dict[str, Any]] = json.loads(path.read_text("utf-8")) if path.is_file() else {}

    def keep(self, module: str, rows: Sequence[Ratio], *, large: bool) -> None:
        """Put rows in place of those that the same benchmark gave at the same size before.

        What a run at the large size gives under the name of a usual row is a row of its own: both stay.
        """
        self._kept[f"{module} large" if large else module] = {
            "module": module,
            "day": time.strftime("%Y-%m-%d"),
            "command": COMMAND[large].format(module=module),
            "machine": describe_machine(),
            "rows": [asdict(row) for row in rows],
        }

    def rows(self, modules: Sequence[str]) -> Iterator[tuple[Ratio, Mapping[str, Any]]]:
        """Every kept row of some benchmarks, with what was kept beside it."""
        for _, kept in sorted(self._kept.items()):
            if kept["module"] in modules:
                yield from ((Ratio(**row), kept) for row in kept["rows"])

    def save(self, *, known: Sequence[str]) -> None:
        """Write the rows of the benchmarks that there are."""
        self._kept = {key: kept for key, kept in sorted(self._kept.items()) if kept["module"] in known}
        self._path.write_text(json.dumps(self._kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def write_table(self, path: Path, *, machine: str) -> None:
        """Write all of it as one table in Markdown, under the machine it was measured on."""
        modules = [kept["module"] for kept in self._kept.values()]
        lines = ["# Benchmarks", "", f"{machine}.", ""]
        lines += ["Ours beside something else, taken in the same run; the ratio is ours over the other.", ""]
        lines += ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
        lines += ["| " + " | ".join(cells(found, machine=machine)) + " |" for found in self.rows(modules)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def cells(found: tuple[Ratio, Mapping[str, Any]], *, machine: str = "") -> list[str]:
    """One row as shown; a row of another machine says so."""
    row, kept = found
    beside = "" if row.beside is None else f"{row.beside_name}: {row.beside:,.4g}"
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    elsewhere = f" on {kept['machine']}" if machine and kept["machine"] != machine else ""
    measured = f"{kept['day']}, `{kept['command']}`{elsewhere}"
    return [row.name, f"{row.ours:,.4g}", row.unit, beside, ratio, row.goal, measured]


def read_rows(path: Path) -> list[Ratio]:
    """Rows from a file that ``write_rows`` wrote."""
    return [Ratio(**row) for row in json.loads(path.read_text("utf-8"))]


def write_rows(path: Path, rows: Sequence[Ratio]) -> None:
    """Write rows so that they are there whole or not at all."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps([asdict(row) for row in rows]), encoding="utf-8")
    part.replace(path)


def describe_machine() -> str:
    """Processor, cores, memory, system and Python."""
    facts = [line.split(":", 1) for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines() if ":" in line]
    names = [value.strip() for key, value in facts if key.strip() == "model name"]
    memory = Path("/proc/meminfo").read_text("utf-8").split()[1]
    processor = names[0] if names else platform.machine()
    return (
        f"{processor}, {len(names) or 1} cores, {int(memory) / 1024**2:.0f} GB of memory, "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    )
