"""Run every benchmark and write ``benchmarks/results.md``: ``python -m benchmarks [--only WORD] [--large]``.

A benchmark is a module of this folder with ``measure(*, large: bool) -> Iterable[Ratio]``; ``large`` asks for the sizes
that take minutes.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import platform
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

import benchmarks
from benchmarks.ratio import Ratio

HERE = Path(__file__).resolve().parent


def find_modules(only: str) -> Iterator[str]:
    for module in sorted(pkgutil.iter_modules(benchmarks.__path__), key=lambda found: found.name):
        if module.name not in ("__main__", "ratio") and only in module.name:
            yield module.name


def describe_machine() -> str:
    cpu = Path("/proc/cpuinfo")
    names = [line.split(":", 1)[1].strip() for line in cpu.read_text().splitlines() if line.startswith("model name")]
    cores = len(names) or "unknown number of"
    cpu_name = names[0] if names else "unknown"
    return f"{platform.system()} {platform.machine()}, {cores} cores ({cpu_name}), Python {platform.python_version()}"


def cells(row: Ratio) -> list[str]:
    beside = "" if row.beside is None else f"{row.beside_name}: {row.beside:,.4g}"
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    return [row.name, f"{row.ours:,.4g}", row.unit, beside, ratio, row.goal]


def write_results(rows: list[Ratio], path: Path) -> None:
    head = ["what", "ours", "unit", "beside it", "ratio", "goal"]
    lines = ["# Benchmarks", "", f"Measured on {time.strftime('%Y-%m-%d')}: {describe_machine()}.", ""]
    lines += ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cells(row)) + " |" for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="modules whose name holds this word")
    parser.add_argument("--large", action="store_true", help="also the sizes that take minutes")
    options = parser.parse_args()
    console, rows = Console(), []
    for name in find_modules(options.only):
        with console.status(name):
            rows += list(importlib.import_module(f"benchmarks.{name}").measure(large=options.large))
    table = Table("what", "ours", "unit", "beside it", "ratio", "goal")
    for row in rows:
        table.add_row(*cells(row))
    console.print(table)
    if not options.only:
        write_results(rows, HERE / "results.md")


if __name__ == "__main__":
    main()
