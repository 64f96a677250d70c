"""The companies and places of the bundled lexicons."""

import pytest

from megawatch.lexicons.companies import SEGMENTS, company_index, fold_name, read_companies, ticker_index
from megawatch.lexicons.sites import read_sites, site_index


def test_several_hundred_companies_of_every_segment() -> None:
    companies = read_companies()
    assert len(companies) >= 600
    assert {company.segment for company in companies} == SEGMENTS


def test_folded_names_belong_to_one_company_each() -> None:
    owners: dict[str, set[str]] = {}
    for company in read_companies():
        for name in company.names:
            owners.setdefault(fold_name(name), set()).add(company.id)
    assert {name: ids for name, ids in owners.items() if len(ids) > 1} == {}


@pytest.mark.parametrize(
    ("name", "company"),
    [
        ("Applied Digital Corporation", "applied-digital"),
        ("NVIDIA Corporation", "nvidia"),
        ("Amazon.com, Inc.", "amazon"),
        ("SpaceXAI", "spacex"),
        ("Nebius Group N.V.", "nebius"),
    ],
)
def test_formal_names_lead_to_their_company(name: str, company: str) -> None:
    assert company_index()[fold_name(name)].id == company


def test_facts_a_person_can_look_up() -> None:
    assert ticker_index()["APLD"].id == "applied-digital"
    index = company_index()
    assert index["google"].parent == "alphabet"
    assert index["coreweave"].cik == 1769628
    assert index["bloom energy"].segment == "power"


def test_central_index_keys_are_not_shared() -> None:
    keys = [company.cik for company in read_companies() if company.cik is not None]
    assert len(keys) == len(set(keys))


def test_places_know_what_they_lie_in() -> None:
    places = site_index()
    assert places["Ellendale"].within == "north-dakota"
    assert places["Polaris Forge 1"].kind == "campus"
    assert len(read_sites()) >= 600
