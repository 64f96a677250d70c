from pathlib import Path

import pytest

from megawatch.errors import LexiconError
from megawatch.lexicons.companies import read_companies
from megawatch.lexicons.towns import is_town, read_towns


def test_towns_are_known_as_written_or_in_capitals() -> None:
    assert [is_town(name) for name in ("Kajaani", "LUBBOCK", "Abilene", "Halyard Compute", "GPU")] == [
        *(True, True, True),
        *(False, False),
    ]


def test_no_company_of_the_lexicon_is_taken_for_a_town() -> None:
    assert not {name for company in read_companies() for name in company.names} & read_towns()


def test_a_list_of_towns_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match=r"gone\.txt"):
        read_towns(tmp_path / "gone.txt")
