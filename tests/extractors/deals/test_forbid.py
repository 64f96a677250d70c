"""The last checks: given readings that no text bears out, what is left of them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from extractors.candidates import Quantity
from extractors.deals.barred import cannot_be_term
from extractors.deals.facts import Fact
from extractors.deals.forbid import check_deals
from extractors.deals.groups import Group
from extractors.deals.split import split_strangers
from extractors.deals.view import FULL, View, build_view
from extractors.parties import find_parties
from extractors.reading import read_document
from extractors.sites import find_sites
from megawatch.market import DealMention, Document, Evidence, Stated, Value


def view_of(text: str, *, title: str = "") -> View:
    reading = read_document(Document(id="d", title=title, text=text, published="2026-05-20", publisher="Grid Courier"))
    parties = find_parties(reading)
    return build_view(reading, parties=parties, sites=find_sites(reading, parties=parties))


def deal(view: View, kind: str, /, **terms: str | tuple[str, Value]) -> DealMention:
    """A reading: each term by the words that state it, a figure with its value beside them."""
    text = view.reading.document.text
    entities = {name: mark.party.entity for mark in view.parties if mark.party for name in mark.party.entity.names}

    def stated(name: str, words: str, value: Value | None) -> Stated:
        start = text.index(words)
        evidence = Evidence(part="text", start=start, end=start + len(words), quote=words)
        if value is None:
            value = entities[words].names if name in ("supplier", "customer") else words
        return Stated(field=name, value=value, evidence=evidence, confidence=0.8)

    rows = [stated("kind", text.split()[0], kind)]
    for name, term in terms.items():
        rows.append(stated(name, term, None) if isinstance(term, str) else stated(name, *term))
    return DealMention(document_id="d", position=0, terms=tuple(rows))


def value_of(found: DealMention, name: str) -> object:
    value = found.value(name)
    return value[0] if isinstance(value, tuple) else value


@pytest.mark.parametrize(
    ("text", "words", "barred"),
    [
        ("Anthropic pays SpaceX up to $24 billion in revenue per gigawatt of capacity.", "$24 billion", True),
        ("Marlowe raised a $4 billion fund for such loans in January.", "$4 billion", True),
        ("It sought $65 million to fund the data center.", "$65 million", False),
        ("NVIDIA got a right to buy 30 million shares at $70 each within five years.", "five years", True),
        ("NVIDIA signed a contract over five years.", "five years", False),
        ("Some have added that to the contract and shouted $5.5 billion.", "$5.5 billion", True),
        ("Some $300 million goes to Caterpillar.", "$300 million", False),
        ("At the usual assumption of $3.5 per GPU-hour 10,000 chips earn well.", "$3.5 per GPU-hour", True),
        ("The contract comes to $7.8 per GPU-hour.", "$7.8 per GPU-hour", False),
        ("The site has a pipeline of 3 GW.", "3 GW", True),
        ("A deposit of $9 million stays with Brightwater.", "$9 million", True),
    ],
)
def test_figures_that_state_no_term(text: str, words: str, barred: bool) -> None:
    view = view_of(text)
    [item] = [item for item in view.items if isinstance(item.payload, Quantity) and words in item.quote]
    assert cannot_be_term(view, item) is barred


def test_a_site_is_no_party_to_its_own_lease() -> None:
    view = view_of("Hut 8 let the opening phase of Beacon Point, its 525-acre AI campus, for 15 years: 352 MW.")
    read = deal(view, "lease", supplier="Hut 8", customer="Beacon Point", power_mw=("352 MW", Decimal(352)))
    [found] = check_deals(view, [read])
    assert (value_of(found, "supplier"), found.value("customer"), found.value("power_mw")) == ("Hut 8", None, 352)


def test_no_chipmaker_sells_electricity() -> None:
    view = view_of("Hut 8 has a grid connection of 1,000 MW and follows a design of NVIDIA.")
    read = deal(view, "power", supplier="NVIDIA", customer="Hut 8", power_mw=("1,000 MW", Decimal(1000)))
    [found] = check_deals(view, [read])
    assert (found.value("supplier"), value_of(found, "customer")) == (None, "Hut 8")


def test_a_deal_turned_round_beside_the_deal_itself_is_none() -> None:
    text = "IREN signed a contract with NVIDIA: five years, $3.4 billion in total. Some have shouted $5.5 billion."
    view = view_of(text)
    total = ("$3.4 billion", Decimal("3.4e9"))
    told = deal(view, "compute", supplier="IREN", customer="NVIDIA", total_value_usd=total)
    back = deal(view, "compute", supplier="NVIDIA", customer="IREN", total_value_usd=("$5.5 billion", Decimal("5.5e9")))
    sure = DealMention(
        document_id="d",
        position=0,
        terms=(*told.terms, deal(view, "x", term_months=("five years", Decimal(60))).terms[1]),
    )
    [found] = check_deals(view, [sure, DealMention(document_id="d", position=1, terms=back.terms)])
    assert (value_of(found, "supplier"), found.value("total_value_usd")) == ("IREN", Decimal("3.4e9"))


def test_an_amount_stays_with_the_deal_that_states_it_more_surely() -> None:
    text = "Nebius will pay Bloom Energy up to $2.6 billion for 250 MW. The commitment shows how short power is."
    view = view_of(text)
    total = ("up to $2.6 billion", Decimal("2.6e9"))
    power = deal(view, "power", supplier="Bloom Energy", customer="Nebius", total_value_usd=total)
    doubt = deal(view, "financing", customer="Nebius", total_value_usd=total)
    weak = tuple(
        Stated(field=term.field, value=term.value, evidence=term.evidence, confidence=0.4) for term in doubt.terms
    )
    [found] = check_deals(view, [power, DealMention(document_id="d", position=1, terms=weak)])
    assert (found.value("kind"), found.value("total_value_usd")) == ("power", Decimal("2.6e9"))


def test_an_agreement_told_again_with_a_stranger_is_the_same_agreement() -> None:
    text = (
        "Anthropic signed a three-year agreement, from May 2026 to May 2029, with SpaceX. Nebius raised prices.\n\n"
        "Anthropic signed a three-year agreement (from May 2026 to 2029)."
    )
    view = view_of(text)
    term, start = ("three-year", Decimal(36)), ("May 2026", "2026-05")
    told = deal(view, "compute", supplier="SpaceX", customer="Anthropic", term_months=term, start_date=start)
    again = deal(view, "compute", supplier="Nebius", customer="Anthropic", term_months=term, start_date=start)
    doubted = tuple(
        Stated(field=one.field, value=one.value, evidence=one.evidence, confidence=0.5) for one in again.terms
    )
    [found] = check_deals(view, [told, DealMention(document_id="d", position=1, terms=doubted)])
    assert value_of(found, "supplier") == "SpaceX"


def test_what_is_said_of_an_ended_contract_belongs_to_it() -> None:
    view = view_of("Larkspur AI ended its contract for 4,096 GPUs from Brightwater Cloud. It was to run for 24 months.")
    ended = deal(
        view,
        "compute",
        supplier="Brightwater Cloud",
        customer="Larkspur AI",
        gpu_count=("4,096 GPUs", Decimal(4096)),
        status=("ended", "terminated"),
    )
    term = ("24 months", Decimal(24))
    ran = deal(view, "compute", supplier="Brightwater Cloud", customer="Larkspur AI", term_months=term, status="It")
    [found] = check_deals(view, [ran, ended])
    assert (found.value("status"), found.value("gpu_count"), found.value("term_months")) == ("terminated", 4096, 24)


def test_installed_output_stands_beside_the_guaranteed() -> None:
    text = "Cedar Fork Energy will sell Fenwick Ridge 90 MW of guaranteed output. Installed capacity will be 110 MW."
    view = view_of(text)
    sides = {"supplier": "Cedar Fork Energy", "customer": "Fenwick Ridge"}
    sold = deal(view, "power", **sides, power_mw=("90 MW", Decimal(90)))
    built = deal(view, "power", **sides, power_mw=("110 MW", Decimal(110)))
    [found] = check_deals(view, [built, sold])
    assert (found.value("power_mw"), found.value("gross_power_mw")) == (90, 110)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("SpaceX will use Anthropic's hall: more than 220,000 NVIDIA GPUs and 300MW of computing capacity.", 220_000),
        ("SpaceX gives Anthropic 300 MW of capacity (220,000 GPUs).", 220_000),
        ("SpaceX gives Anthropic 300 MW of capacity and later perhaps another 220,000 GPUs.", None),
        ("SpaceX gives Anthropic 300MW of capacity. A rival has 220,000 GPUs.", None),
    ],
)
def test_chips_named_in_one_breath_with_megawatts_are_the_same_deal_s(text: str, count: int | None) -> None:
    view = view_of(text)
    words = "300MW" if "300MW" in text else "300 MW"
    read = deal(view, "compute", supplier="SpaceX", customer="Anthropic", power_mw=(words, Decimal(300)))
    [found] = check_deals(view, [read])
    assert found.value("gpu_count") == count
    assert all(term.evidence.holds_in(view.reading.document) for term in found.terms)


@pytest.mark.parametrize(
    "text",
    [
        "Anthropic pays SpaceX $1.25 billion a month.",
        "SpaceX will turn over the whole capacity of its hall to Anthropic for $1.25 billion a month.",
    ],
)
def test_an_outright_sentence_says_who_supplies(text: str) -> None:
    view = view_of(text)
    payment = ("$1.25 billion a month", Decimal("1.25e9"))
    read = deal(view, "compute", supplier="Anthropic", customer="SpaceX", monthly_payment_usd=payment)
    [found] = check_deals(view, [read])
    assert (value_of(found, "supplier"), value_of(found, "customer")) == ("SpaceX", "Anthropic")


def test_two_tranches_with_different_figures_stay_two_deals() -> None:
    view = view_of("CoreWeave leased 250 MW from Applied Digital in May and 150 MW in August.")
    sides = {"supplier": "Applied Digital", "customer": "CoreWeave"}
    reads = [
        deal(view, "lease", **sides, power_mw=(words, Decimal(words.split()[0]))) for words in ("250 MW", "150 MW")
    ]
    assert [found.value("power_mw") for found in check_deals(view, reads)] == [250, 150]


@pytest.mark.parametrize(
    ("text", "supplier", "kind"),
    [
        ("Cascade Valley Power will serve Arbutus Cloud with 40 MW from 2027.", "Cascade Valley Power", "power"),
        ("Cascade Valley Power leased Arbutus Cloud a hall of 40 MW.", "Cascade Valley Power", "lease"),
        ("Applied Digital will serve Arbutus Cloud with 40 MW from 2027.", "Applied Digital", "lease"),
    ],
)
def test_what_a_power_plant_sells_is_power_unless_it_lets_a_hall(text: str, supplier: str, kind: str) -> None:
    view = view_of(text)
    read = deal(view, "lease", supplier=supplier, customer="Arbutus Cloud", power_mw=("40 MW", Decimal(40)))
    [found] = check_deals(view, [read])
    assert found.value("kind") == kind


def test_computing_capacity_turned_over_to_a_customer_is_no_build() -> None:
    text = (
        "SpaceX would turn over the full computing capacity of its Colossus 1 data center to Anthropic, giving the "
        "developer more than 220,000 graphics processors and 0.3 GW of power."
    )
    view = view_of(text)
    read = deal(view, "build", supplier="SpaceX", customer="Anthropic", power_mw=("0.3 GW", Decimal(300)))
    [found] = check_deals(view, [read])
    assert [found.value(name) for name in ("kind", "power_mw", "gpu_count")] == ["compute", 300, 220_000]


def test_a_teaser_of_a_total_is_the_deal_it_teases() -> None:
    text = "It reveals an over-$40 billion deal of SpaceX. Anthropic pays SpaceX $45 billion in all over 36 months."
    view = view_of(text)
    [figure] = [item.payload for item in view.items if item.quote == "$40 billion"]
    assert isinstance(figure, Quantity)
    assert figure.hedge == "at_least"
    total, term = ("$45 billion", Decimal("4.5e10")), ("36 months", Decimal(36))
    told = deal(view, "compute", supplier="SpaceX", customer="Anthropic", total_value_usd=total, term_months=term)
    tease = deal(view, "compute", customer="SpaceX", total_value_usd=("over-$40 billion", Decimal("4e10")))
    hedged = tuple(replace(one, hedge="at_least") if one.field == "total_value_usd" else one for one in tease.terms)
    [found] = check_deals(view, [DealMention(document_id="d", position=0, terms=hedged), told])
    assert (value_of(found, "supplier"), value_of(found, "customer")) == ("SpaceX", "Anthropic")
    assert found.value("total_value_usd") == Decimal("4.5e10")


def test_a_group_is_cut_where_others_are_named_and_figures_clash() -> None:
    text = (
        "Applied Digital leased a campus of 300 MW of critical load, 430 MW gross.\n\n"
        "Nebius signed with Bloom Energy for 250 MW, 328 MW installed.\n\n"
        "Bloom Energy will run the 250 MW for Nebius."
    )
    view = view_of(text)
    labels = ["power", "gross", "power", "gross", "power"]
    figures = [item for item in view.items if item.type == "power"]
    group = Group()
    for label, item in zip(labels, figures, strict=True):
        group.add(Fact(item, label, 0.9, {"power": 1.0}), turn=0)
    parts = split_strangers(view, [group])
    assert [[str(fact.value) for fact in part.facts] for part in parts] == [["300", "430"], ["250", "328", "250"]]


def test_a_bare_deal_beside_one_told_in_figures_is_only_mentioned() -> None:
    view = view_of("SpaceX gives Anthropic 300 MW of capacity. Anthropic buys computing power from Amazon as well.")
    told = deal(view, "compute", supplier="SpaceX", customer="Anthropic", power_mw=("300 MW", Decimal(300)))
    bare = deal(view, "compute", supplier="Amazon", customer="Anthropic")
    assert [value_of(found, "supplier") for found in check_deals(view, [told, bare])] == ["SpaceX"]
    assert [value_of(found, "supplier") for found in check_deals(view, [bare])] == ["Amazon"]


def test_a_place_belongs_to_the_deal_told_beside_it() -> None:
    view = view_of(
        "Applied Digital leased Polaris Forge 3 to a cloud: 300 MW of critical load.\n\n"
        "Nebius signed with Bloom Energy for 250 MW of fuel cells."
    )
    hall = deal(view, "lease", supplier="Applied Digital", site="Polaris Forge 3", power_mw=("300 MW", Decimal(300)))
    cells = deal(
        view,
        "power",
        supplier="Bloom Energy",
        customer="Nebius",
        site="Polaris Forge 3",
        power_mw=("250 MW", Decimal(250)),
    )
    assert [found.value("site") for found in check_deals(view, [hall, cells])] == ["Polaris Forge 3", None]


@pytest.mark.parametrize(
    ("text", "supplier"),
    [
        ("The prospectus of SpaceX told of it. Anthropic rents Colossus 1 for $1.25 billion per month.", "SpaceX"),
        ("It was let by a U.S. hyperscaler. SpaceX looks on. Anthropic rents it for $1.25 billion per month.", None),
        ("SpaceX and Nebius look on. Anthropic rents it for $1.25 billion per month.", None),
    ],
)
def test_the_only_other_company_of_a_paragraph_supplies(text: str, supplier: str | None) -> None:
    view = view_of(text)
    read = deal(
        view, "compute", customer="Anthropic", monthly_payment_usd=("$1.25 billion per month", Decimal("1.25e9"))
    )
    [found] = check_deals(view, [read])
    assert value_of(found, "supplier") == supplier


def test_a_line_that_nobody_wrote_holds_no_more_than_a_long_sentence_could() -> None:
    view = view_of("a lease for $3 million " * 2_000)
    assert len(view.items) == FULL
