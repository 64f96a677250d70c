from dataclasses import replace
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from deal_telling import tell

from megawatch.ledger.choose import choose_terms
from megawatch.ledger.claims import Mention
from megawatch.ledger.names import share_name
from megawatch.ledger.places import compare_places
from megawatch.market import Term


def chosen(*mentions: Mention, field: str) -> Term:
    return next(term for term in choose_terms(mentions) if term.field == field)


def power(document: str, megawatts: float, **about: Any) -> Mention:
    return tell(document, {"kind": "lease", "power_mw": megawatts}, **about)[0]


def test_a_filing_beats_a_press_release_that_beats_a_wire_that_beats_a_blog() -> None:
    blog, wire = power("blog", 100, source="blog"), power("wire", 200)
    release, filing = power("release", 300, source="press_release"), power("filing", 400, source="filing")
    assert chosen(blog, wire, field="power_mw").value == 200
    assert chosen(blog, wire, release, field="power_mw").value == 300
    found = chosen(blog, wire, release, filing, field="power_mw")
    assert (found.value, found.rule) == (400, "authority")
    assert sorted(int(value) for value, _ in found.rivals) == [100, 200, 300]  # type: ignore[arg-type]
    assert {quote.document_id for _, quote in found.rivals} == {"blog", "wire", "release"}


def test_among_equals_more_independent_groups_win_and_copies_of_one_wire_count_once() -> None:
    one, two, three = power("one", 250), power("two", 250), power("three", 300, published="2026-06-01")
    found = chosen(one, two, three, field="power_mw")
    assert (found.value, found.rule) == (250, "agreement")
    copied = replace(two, document=replace(two.document, group_id=one.document.group_id))
    found = chosen(one, copied, three, field="power_mw")
    assert (found.value, found.rule) == (300, "recency")


def test_where_all_ties_the_field_is_declined() -> None:
    found = chosen(power("one", 250), power("two", 300), field="power_mw")
    assert (found.value, found.absence, found.rule) == (None, "conflicting", "tie")
    assert sorted(int(value) for value, _ in found.rivals) == [250, 300]  # type: ignore[arg-type]
    assert "disagree" in found.reason


def test_what_one_figure_rounds_the_other_is_one_value_and_the_filing_prints() -> None:
    wire = tell(
        "wire", {"kind": "compute", "total_value_usd": 10_000_000_000, "qualifiers": {"total_value_usd": "about"}}
    )
    filing = tell("filing", {"kind": "compute", "total_value_usd": 9_700_000_000}, source="filing")
    found = chosen(*wire, *filing, field="total_value_usd")
    assert (found.value, found.rule, found.rivals) == (9_700_000_000, "only value", ())
    assert [quote.document_id for quote in found.quotes] == ["filing", "wire"]
    assert found.hedge is None


def test_the_more_precise_date_within_the_best_one_is_printed() -> None:
    filing = tell("filing", {"kind": "lease", "start_date": "2026"}, source="filing")
    wire = tell("wire", {"kind": "lease", "start_date": "2026-05"})
    stray = tell("stray", {"kind": "lease", "start_date": "2027-05"})
    found = chosen(*filing, *wire, *stray, field="start_date")
    assert found.value == "2026-05"
    assert [value for value, _ in found.rivals] == ["2027-05"]


def test_status_is_told_by_the_latest_source() -> None:
    filing = tell("filing", {"kind": "lease", "status": "signed"}, source="filing", published="2026-01-05")
    wire = tell("wire", {"kind": "lease", "status": "terminated"}, published="2026-04-05")
    found = chosen(*filing, *wire, field="status")
    assert (found.value, found.rule) == ("terminated", "latest")


def test_names_of_one_company_are_one_party_and_all_are_kept() -> None:
    short = tell("short", {"kind": "power", "customer": ["Nebius"]})
    long = tell("long", {"kind": "power", "customer": ["Nebius Group N.V."]}, source="filing")
    assert chosen(*short, *long, field="customer").value == ("Nebius Group N.V.", "Nebius")


def test_a_reviewed_claim_wins_over_a_filing() -> None:
    wire, filing = power("wire", 250), power("filing", 300, source="filing")
    judged = replace(
        wire, claims=tuple(replace(claim, reviewed=claim.stated.field == "power_mw") for claim in wire.claims)
    )
    found = chosen(judged, filing, field="power_mw")
    assert (found.value, found.basis, found.rule) == (250, "reviewed", "reviewed")
    assert [value for value, _ in found.rivals] == [300]


def test_the_order_of_documents_does_not_matter() -> None:
    mentions = [
        power("a", 250),
        power("b", 255, source="blog"),
        power("c", 300),
        power("d", 300, published="2026-06-01"),
    ]
    assert len({choose_terms(order) for order in permutations(mentions)}) == 1


def test_words_and_unit_come_with_the_value() -> None:
    told = tell("d", {"kind": "lease", "power_mw": 250, "evidence": {"power_mw": "250 megawatts of critical IT load"}})
    found = chosen(*told, field="power_mw")
    assert (found.unit, found.words) == ("mw", "250 megawatts of critical IT load")
    assert found.interval is not None
    assert found.interval.contains(Decimal(250))


@pytest.mark.parametrize(
    ("a", "b", "alike"),
    [
        ("Polaris Forge 1", "Polaris Forge 3", -1),
        ("Polaris Forge 1", "Polaris Forge", 1),
        ("Polaris Forge 1", "Delta Forge 1", -1),
        ("Grand Falls", "Grand Forks", 0),
        ("Colossus", "Colossus 2 campus", 1),
        ("Colossus 1", "COLOSSUS and COLOSSUS II", 1),
        ("Colossus II", "Colossus 2, Memphis, Tennessee", 1),
        ("Childress, Texas", "Sweetwater, Texas", -1),
        ("Texas", "Childress, Texas", 0),
        ("Ohio", "Texas", -1),
        ("Madison,North Carolina", "Madison, North Carolina", 1),
        ("Saint-Jérôme, Québec", "Saint-Jerome", 1),
        ("Europe", "Norway", -1),
        ("", "Helios", 0),
    ],
)
def test_places(a: str, b: str, alike: int) -> None:
    assert compare_places(a, b) == alike == compare_places(b, a)


@pytest.mark.parametrize(
    ("a", "b", "alike"),
    [
        ("SpaceX", "Space Exploration Technologies Corp.", True),
        ("Anthropic", "Anthropic PBC", True),
        ("Core Scientific", "CoreWeave", False),
        ("Applied Digital", "Applied Materials", False),
        ("Vantreal Compute", "Vantreal", True),
        ("Vantreal", "Vantrealis", False),
    ],
)
def test_names(a: str, b: str, alike: bool) -> None:
    assert share_name([a], [b]) is alike is share_name([b], [a])
