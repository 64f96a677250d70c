"""Run every benchmark and write ``benchmarks/results.md``: ``python -m benchmarks [--only WORD] [--large]``.

A benchmark is a module of this folder with ``measure(*, large: bool) -> Iterable[Ratio]``; ``large`` asks for the sizes
that take minutes. Each runs in a process of its own, so that none fills another's memory or warms its caches. What one
measured last is kept in ``results.json``, the large sizes apart, and the table shows all of it with its day.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

import benchmarks
from benchmarks.ratio import Ratio
from benchmarks.results import HEAD, Results, cells, describe_machine, read_rows, write_rows

HERE = Path(__file__).resolve().parent
NO_BENCHMARKS = ("__main__", "machines", "ratio", "results")
LONGEST_S = {False: 240.0, True: 5400.0}
ALL_S = {False: 700.0, True: 20_000.0}
"""Seconds that one benchmark may take, and all of them together, without and with the large sizes."""


def find_modules(only: str) -> Iterator[str]:
    for module in sorted(pkgutil.iter_modules(benchmarks.__path__), key=lambda found: found.name):
        if module.name not in NO_BENCHMARKS and only in module.name:
            yield module.name


def measure_here(name: str, into: Path, *, large: bool) -> None:
    """Measure one benchmark and write its rows as they come, so that what it had is kept where it takes too long."""
    rows: list[Ratio] = []
    for row in importlib.import_module(f"benchmarks.{name}").measure(large=large):
        rows.append(row)
        write_rows(into, rows)


def measure_apart(name: str, *, large: bool, seconds: float) -> tuple[list[Ratio], str]:
    """The rows of one benchmark, run in a process of its own, and what went wrong, if anything did."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.json"
        command = [sys.executable, "-m", "benchmarks", "--only", name, "--into", str(path)]
        process = subprocess.Popen(command + ["--large"] * large, cwd=HERE.parent, start_new_session=True)
        try:
            code = process.wait(timeout=seconds)
            fault = f"ended with code {code}" if code else ""
        except subprocess.TimeoutExpired:
            fault = f"took more than {seconds:.0f} s"
        finally:
            _end(process)
        return (read_rows(path) if path.is_file() else []), fault


def _end(process: subprocess.Popen[bytes]) -> None:
    # Also what it started and left behind: the session is its own.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def measure_all(names: list[str], results: Results, *, large: bool) -> list[str]:
    """Measure each benchmark and keep its rows; what failed, in words."""
    console, failed, until = Console(stderr=True), [], time.monotonic() + ALL_S[large]
    for name in names:
        seconds = min(LONGEST_S[large], until - time.monotonic())
        with console.status(name):
            rows, fault = measure_apart(name, large=large, seconds=max(0.0, seconds))
        if fault:
            failed.append(f"benchmark {name} {fault} after {len(rows)} rows")
        if rows or not fault:
            results.keep(name, rows, large=large)
    return failed


def show(results: Results, names: list[str]) -> None:
    console, table = Console(), Table(*HEAD[:-1])
    for found in results.rows(names):
        table.add_row(*cells(found)[:-1])
    if not console.is_terminal:
        console = Console(width=160)
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="modules whose name holds this word")
    parser.add_argument("--large", action="store_true", help="also the sizes that take minutes")
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.into:
        measure_here(options.only, options.into, large=options.large)
        return
    results, names = Results(HERE / "results.json"), list(find_modules(options.only))
    failed = measure_all(names, results, large=options.large)
    results.save(known=list(find_modules("")))
    results.write_table(HERE / "results.md", machine=describe_machine())
    show(results, names)
    if failed:
        raise SystemExit("\n".join(failed))


if __name__ == "__main__":
    main()
