"""A lexicon file that breaks its own rules is refused with the file and the line."""

from pathlib import Path

import pytest

from megawatch.errors import LexiconError
from megawatch.lexicons.companies import read_companies
from megawatch.lexicons.loader import read_entries
from megawatch.lexicons.sites import read_sites

TOLVANE = '{"id": "tolvane", "name": "Tolvane", "segment": "neocloud", "examples": ["Tolvane signed."]}'


def write(folder: Path, *lines: str) -> Path:
    path = folder / "companies.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_reads_entries_and_passes_over_blank_lines(tmp_path: Path) -> None:
    entries = read_entries(write(tmp_path, '{"id": "a"}', "", '{"id": "b"}'), required=("id",))
    assert [entry["id"] for entry in entries] == ["a", "b"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "companies.jsonl:2: no JSON"),
        ("[1]", "companies.jsonl:2: a JSON object is wanted, not list"),
        ('{"id": "b", "nmae": "B"}', "companies.jsonl:2: lacks"),
        (TOLVANE.replace('"id"', '"colour": "red", "id"'), "companies.jsonl:2: has the unknown key colour"),
        (TOLVANE.replace('["Tolvane signed."]', "[]"), "companies.jsonl:2: examples is empty"),
    ],
)
def test_names_file_and_line_of_a_fault(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(LexiconError, match=told):
        read_companies(write(tmp_path, TOLVANE.replace("tolvane", "first").replace("Tolvane", "First"), line))


@pytest.mark.parametrize(
    ("second", "told"),
    [
        (TOLVANE, "'tolvane' stands twice"),
        (TOLVANE.replace('"tolvane"', '"other"'), "'Tolvane' belongs to tolvane and to other"),
        (
            TOLVANE.replace("olvane", "rellis").replace("tolvane", "trellis").replace("neocloud", "florist"),
            "unknown segment 'florist'",
        ),
        (
            TOLVANE.replace("tolvane", "t").replace('"Tolvane"', '"Trellis", "parent": "nobody"'),
            "parent 'nobody', which is no other line's id",
        ),
    ],
)
def test_refuses_companies_that_contradict_each_other(tmp_path: Path, second: str, told: str) -> None:
    with pytest.raises(LexiconError, match=told):
        read_companies(write(tmp_path, TOLVANE, second))


def test_refuses_a_place_of_unknown_kind_or_surroundings(tmp_path: Path) -> None:
    place = '{"id": "reno", "name": "Reno", "kind": "town", "within": "nevada", "examples": ["in Reno"]}'
    with pytest.raises(LexiconError, match="lies within 'nevada'"):
        read_sites(write(tmp_path, place))
    with pytest.raises(LexiconError, match="unknown kind 'planet'"):
        read_sites(write(tmp_path, place.replace("town", "planet")))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match=r"gone\.jsonl: cannot be read"):
        read_entries(tmp_path / "gone.jsonl", required=("id",))
