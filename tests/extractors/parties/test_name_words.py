"""Word groups, company lines and role patterns keep what their examples promise."""

import re

import pytest
from party_texts import mentions

from extractors.parties.describe import ROLES
from extractors.parties.vocabulary import is_chip, is_everyday
from extractors.patterns import read_patterns
from megawatch.lexicons.companies import Company, read_companies

GROUPS = read_patterns("name_words", required=("group", "words", "examples", "not_examples"))
ROLE_LINES = read_patterns("party_roles", required=("role", "nouns", "before", "after", "examples", "not_examples"))


def holds(words: list[str], text: str) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) for word in words)


@pytest.mark.parametrize("row", GROUPS, ids=lambda row: row["group"])
def test_groups_match_their_examples(row: dict[str, list[str]]) -> None:
    assert len(set(row["words"])) == len(row["words"])
    assert all(holds(row["words"], text) for text in row["examples"])
    assert not any(holds(row["words"], text) for text in row["not_examples"])


@pytest.mark.parametrize("row", ROLE_LINES, ids=lambda row: row["role"])
def test_role_patterns_match_their_examples(row: dict[str, list[str]]) -> None:
    _, _, before, _ = ROLES[ROLE_LINES.index(row)]
    assert all(before.search(text.partition("Tolvane")[0]) for text in row["examples"])
    assert not any(before.search(text.partition("Tolvane")[0]) for text in row["not_examples"])


def knows(company: Company, text: str) -> bool:
    return company.id in {mention.entity.lexicon_id for mention in mentions(text)}


def test_every_company_is_found_in_its_examples() -> None:
    missed = [
        (company.id, text) for company in read_companies() for text in company.examples if not knows(company, text)
    ]
    assert missed == []


def test_no_company_is_found_where_its_name_is_an_ordinary_word() -> None:
    wrong = [
        (company.id, text) for company in read_companies() for text in company.not_examples if knows(company, text)
    ]
    assert wrong == []


def test_everyday_words_and_part_numbers() -> None:
    assert [is_everyday(word) for word in ("Building", "Leases", "Corvexa", "Yesterday")] == [True, True, False, True]
    assert [is_chip(word) for word in ("H200s", "GB300", "SDH100RT", "Tolvane")] == [True, True, True, False]
