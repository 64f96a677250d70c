"""Who may import whom, and which room each outside package lives in; the table is the one in CONTRIBUTING.md."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

ROOMS = {
    "megawatch.market": set(),
    "megawatch.errors": set(),
    "megawatch.resources": {"megawatch.errors"},
    "megawatch.settings": {"megawatch.errors"},
    "megawatch.lexicons": {"megawatch.market", "megawatch.errors"},
    "megawatch.sources": {"megawatch.market", "megawatch.errors"},
    "megawatch.ledger": {"megawatch.market", "megawatch.errors", "megawatch.lexicons"},
    "megawatch.briefs": {
        "megawatch.market",
        "megawatch.errors",
        "megawatch.lexicons",
        "megawatch.ledger.queries",
        "megawatch.resources",
    },
    "extractors": {"megawatch.market", "megawatch.errors", "megawatch.lexicons"},
}

HOMES = {
    "feedparser": "megawatch.sources",
    "bs4": "megawatch.sources",
    "httpx": "megawatch.sources",
    "trafilatura": "megawatch.sources",
    "resiliparse": "megawatch.sources",
    "protego": "megawatch.sources",
    "pypdf": "megawatch.sources",
    "fastwarc": "megawatch.sources",
    "spacy": "extractors",
    "onnxruntime": "extractors.reader",
    "tokenizers": "extractors.reader",
    "threadpoolctl": "extractors.reader",
    "sqlmodel": "megawatch.ledger",
    "sqlalchemy": "megawatch.ledger",
    "alembic": "megawatch.ledger",
    "jinja2": "megawatch.briefs",
    "matplotlib": "megawatch.briefs",
    "css_inline": "megawatch.briefs",
    "dkim": "megawatch.briefs",
    "smtplib": "megawatch.briefs",
    "babel": "megawatch.briefs",
    "prefect": "flows",
    "prefect_dask": "flows",
    "distributed": "flows",
    "typer": "flows",
}

FILES = sorted(path for top in ("megawatch", "extractors", "flows") for path in (ROOT / top).rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str | None:
    fitting = [room for room in ROOMS if module == room or module.startswith(room + ".")]
    return max(fitting, key=len, default=None)


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the room"
            assert node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def allowed(module: str, target: str) -> bool:
    if module.split(".")[0] == "flows" or target.split(".")[0] not in ("megawatch", "extractors", "flows"):
        return True
    if module == "megawatch" or target == "megawatch.__version__":
        return True
    room = room_of(module)
    if room is None:
        return False
    fitting = ROOMS[room] | {room}
    return any(target == name or target.startswith(name + ".") for name in fitting)


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_rooms_import_only_what_the_table_allows(path: Path) -> None:
    module = module_name(path)
    assert [target for target in imported(path) if not allowed(module, target)] == []


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_outside_packages_stay_in_their_room(path: Path) -> None:
    module = module_name(path)
    strays = [
        target
        for target in imported(path)
        if (home := HOMES.get(target.split(".")[0])) and not (module == home or module.startswith(home + "."))
    ]
    assert strays == []


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_no_file_is_longer_than_five_hundred_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500


def test_nine_functions_in_ten_are_under_45_lines() -> None:
    lengths = sorted(
        (node.end_lineno or node.lineno) - node.lineno + 1
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    assert not lengths or lengths[len(lengths) * 9 // 10] < 45


def test_every_public_function_is_documented() -> None:
    missing = [
        f"{module_name(path)}.{node.name}"
        for path in FILES
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert missing == []
