"""The whole job on the bundled documents: what the ledger holds afterwards, and that doing it again changes nothing."""

import hashlib
import json
import shutil
import sqlite3
from decimal import Decimal
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from flows.commands.job import BUNDLED_NOW
from flows.editions import store_edition
from flows.loopback import serve_documents
from flows.plan import Plan
from flows.steps import collect_source, newest_week, read_documents, settle_deals, sources_of, store_folder, unread
from megawatch.ledger import open_ledger
from megawatch.ledger.queries import list_contradictions, list_deals, list_prices, list_source_health
from megawatch.market import Deal, Value
from megawatch.resources import bundled
from megawatch.settings import read_settings

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"


def dump(home: Path) -> dict[str, str]:
    """Every file of a home by its hash; databases by what they hold."""
    found = {}
    for path in sorted(home.rglob("*")):
        if path.suffix in (".db", ".sqlite3"):
            with sqlite3.connect(path) as database:
                found[path.name] = hashlib.sha256("\n".join(database.iterdump()).encode()).hexdigest()
        elif path.is_file() and path.suffix not in (".db-wal", ".db-shm", ".sqlite3-wal", ".sqlite3-shm"):
            found[str(path.relative_to(home))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def only(deals: tuple[Deal, ...]) -> Deal:
    [deal] = deals
    return deal


@pytest.mark.usefixtures("use_bundled")
def test_the_ledger_holds_the_deals_of_the_story() -> None:
    with open_ledger(read_settings().ledger_url) as ledger:
        compute = list_deals(ledger, supplier="SpaceX", customer="Anthropic")
        power = list_deals(ledger, customer="Nebius", kind="power")
        lease = [deal for deal in list_deals(ledger, supplier="Applied Digital") if deal.value("gross_power_mw")]
        prices = {(one.gpu_model, one.observed): one.low_usd_per_gpu_hour for one in list_prices(ledger)}
        clashes = list_contradictions(ledger)
        health = list_source_health(ledger)
    anthropic = only(compute)
    assert anthropic.value("monthly_payment_usd") == 1_250_000_000
    assert anthropic.value("total_value_usd") == 45_000_000_000
    assert (anthropic.value("term_months"), anthropic.value("start_date")) == (36, "2026-05")
    assert (anthropic.value("gpu_count"), anthropic.value("power_mw")) == (220_000, 300)
    implied = anthropic.value("implied_usd_per_gpu_hour")
    assert isinstance(implied, Decimal)
    assert round(implied, 2) == Decimal("7.78")
    assert anthropic.value("rate_usd_per_gpu_hour") == Decimal("7.8")
    assert any(clash.deal_id == anthropic.deal_id and "term_months" in clash.fields for clash in clashes)
    bloom = only(power)
    assert (bloom.value("power_mw"), bloom.value("gross_power_mw")) == (250, 328)
    assert bloom.value("total_value_usd") == 2_600_000_000
    assert bloom.value("monthly_payment_usd") is None
    [forge] = lease
    assert (forge.value("power_mw"), forge.value("gross_power_mw"), forge.value("customer")) == (300, 430, None)
    assert (prices["H100", "2026-05-22"], prices["B200", "2026-05-22"]) == (Decimal("2.71"), Decimal("5.34"))
    assert {(one.outcome, one.checked_at[:10]) for one in health} == {("ok", "2026-05-24")}


@pytest.mark.usefixtures("use_bundled")
def test_an_end_a_slip_and_an_expansion_are_told_by_their_days() -> None:
    with open_ledger(read_settings().ledger_url) as ledger:
        ends = {
            day: {deal.status for deal in list_deals(ledger, customer="Larkspur AI", kind="compute", as_of=day)}
            for day in ("2026-05-20", "2026-05-22")
        }
        starts = {
            day: {
                deal.value("gpu_count"): deal.value("start_date")
                for deal in list_deals(ledger, supplier="Halyard Compute", customer="Ostrea Labs", as_of=day)
            }
            for day in ("2026-05-18", "2026-05-24")
        }
    assert ends["2026-05-20"] == {"signed"}
    assert "terminated" in ends["2026-05-22"]
    assert starts["2026-05-18"] == {16384: "2026-Q3"}
    assert starts["2026-05-24"] == {16384: "2026-Q4", 8192: "2027-Q1"}


def test_the_edition_is_written_in_all_its_forms(bundled_home: Path) -> None:
    week = bundled_home / "briefs" / "2026-W21"
    page, text = (week / "brief.html").read_text("utf-8"), (week / "brief.txt").read_text("utf-8")
    message = message_from_bytes((week / "brief.eml").read_bytes(), policy=policy.default)
    assert "Week 21" in page
    assert "Ostrea" in page
    assert "Ostrea" in text
    assert "Week 21" in str(message["Subject"])


def test_doing_it_again_changes_nothing(bundled_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, fixtures = tmp_path / "again", bundled("fixtures")
    shutil.copytree(bundled_home, home)
    monkeypatch.setenv("MEGAWATCH_HOME", str(home))
    before = dump(home)
    with serve_documents(fixtures) as mirror:
        plan = Plan(sources=str(fixtures / "sources"), mirror=mirror, now=BUNDLED_NOW, clock="published")
        stored = [collect_source(spec.id, plan).stored for spec in sources_of(plan, read_settings())]
    assert sum(stored) == 0
    assert unread(plan) == ()
    assert read_documents((), plan).documents == 0
    assert settle_deals() == 0
    assert store_edition().problems == ()
    after = dump(home)
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} <= {"store.sqlite3"}
    with sqlite3.connect(home / "store" / "store.sqlite3") as store:
        assert store.execute("select count(*) from documents").fetchone() == (43,)


@pytest.fixture(scope="module")
def seeds_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose ledger holds the four real texts."""
    if not SEEDS.is_dir():
        pytest.skip("the four real texts lie outside the project")
    home = tmp_path_factory.mktemp("seeds")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEGAWATCH_HOME", str(home))
        plan = Plan(clock="published", undated="2026-06-02")
        assert store_folder(SEEDS, plan).problems == ()
        assert read_documents(unread(plan), plan).problems == ()
        settle_deals()
        assert newest_week() == ("2026-W23", "2026-06-07")
    return home


@pytest.fixture
def seeds(seeds_home: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Deal, ...]:
    """The deals of the four real texts."""
    monkeypatch.setenv("MEGAWATCH_HOME", str(seeds_home))
    with open_ledger(read_settings().ledger_url) as ledger:
        return list_deals(ledger)


def party(deal: Deal, role: str) -> str | None:
    """The first name of a party."""
    names = deal.value(role)
    return names[0] if isinstance(names, tuple) else None


def between(deals: tuple[Deal, ...]) -> set[tuple[str, str | None, str | None]]:
    """The kinds of deals with their parties."""
    return {(deal.kind, party(deal, "supplier"), party(deal, "customer")) for deal in deals}


def values(deal: Deal, *fields: str) -> list[object]:
    """What a deal says in some fields."""
    return [deal.value(field) for field in fields]


def quoted(deal: Deal, field: str) -> set[str]:
    """The passages that a value rests on."""
    term = deal.get(field)
    assert term is not None
    return {quote.quote for quote in term.quotes}


def test_the_four_real_texts_tell_four_agreements_and_no_more(seeds: tuple[Deal, ...]) -> None:
    assert len(seeds) == 4
    assert between(seeds) == {
        ("compute", "SpaceX", "Anthropic"),
        ("power", "Bloom Energy", "Nebius"),
        ("lease", "Applied Digital", None),
        ("financing", None, "Anthropic"),
    }
    round_h = only(tuple(deal for deal in seeds if deal.kind == "financing"))
    assert values(round_h, "total_value_usd", "monthly_payment_usd", "term_months") == [65_000_000_000, None, None]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("monthly_payment_usd", 1_250_000_000, "$1.25 billion per month"),
        ("total_value_usd", 45_000_000_000, "approximately $45 billion"),
        ("term_months", 36, "a three-year"),
        ("start_date", "2026-05", "May 2026"),
        ("end_date", "2029-05", "May 2029"),
        ("power_mw", 300, "300MW"),
        ("gpu_count", 220_000, "More than 220,000 NVIDIA GPUs"),
        ("rate_usd_per_gpu_hour", Decimal("7.8"), "$7.8 per GPU-hour"),
        ("site", "Colossus 1", "Colossus 1"),
    ],
)
def test_the_colossus_contract_is_read_with_a_sentence_behind_each_figure(
    seeds: tuple[Deal, ...], field: str, value: Value, words: str
) -> None:
    contract = only(tuple(deal for deal in seeds if deal.kind == "compute"))
    assert contract.value(field) == value
    assert words in quoted(contract, field)


def test_its_derived_rate_rests_on_two_texts_and_its_five_years_are_a_contradiction(seeds: tuple[Deal, ...]) -> None:
    contract = only(tuple(deal for deal in seeds if deal.kind == "compute"))
    implied = contract.get("implied_usd_per_gpu_hour")
    assert implied is not None
    assert isinstance(implied.value, Decimal)
    assert (round(implied.value, 2), implied.basis) == (Decimal("7.78"), "derived")
    assert len({quote.document_id for quote in implied.quotes}) == 2
    assert quoted(contract, implied.field) == {"$1.25 billion per month", "More than 220,000 NVIDIA GPUs"}
    [clash] = contract.contradictions
    assert "term_months" in clash.fields
    assert "five-year" in clash.explanation
    assert "five-year" in {quote.quote for quote in clash.quotes}


def test_the_power_and_the_lease_of_the_real_texts(seeds: tuple[Deal, ...]) -> None:
    bloom = only(tuple(deal for deal in seeds if deal.kind == "power"))
    assert values(bloom, "power_mw", "gross_power_mw") == [250, 328]
    assert values(bloom, "total_value_usd", "monthly_payment_usd") == [2_600_000_000, None]
    assert quoted(bloom, "total_value_usd") == {"up to $2.6 billion"}
    forge = only(tuple(deal for deal in seeds if deal.kind == "lease"))
    assert values(forge, "power_mw", "gross_power_mw", "site") == [300, 430, "Polaris Forge 3"]
    assert forge.status == "signed"
    assert (quoted(forge, "power_mw"), quoted(forge, "gross_power_mw")) == ({"300 MW"}, {"approximately 430 MW"})


@pytest.mark.usefixtures("seeds")
def test_the_prices_of_the_real_texts() -> None:
    with open_ledger(read_settings().ledger_url) as ledger:
        prices = list_prices(ledger)
    told = {(one.gpu_model, one.low_usd_per_gpu_hour, one.high_usd_per_gpu_hour, one.quote.quote) for one in prices}
    assert told == {
        ("H100", 3, 3, "approximately $3"),
        ("H200", 6, 7, "around $6–$7"),
        ("B200", 6, 7, "around $6–$7"),
    }


@pytest.mark.usefixtures("use_bundled")
def test_no_reading_of_the_bundled_documents_says_what_cannot_be() -> None:
    with open_ledger(read_settings().ledger_url) as ledger:
        deals = list_deals(ledger)
    told = between(deals)
    parties = {side for _, *sides in told for side in sides}
    assert parties.isdisjoint({"Beacon Point", "Pressline"})  # a site, and the outlet of a release
    assert {("lease", "Hut 8", None), ("power", None, "Hut 8")} <= told
    assert ("financing", "Westpac", "Warrigal Compute Limited") in told
    assert ("lease", "Northmere Data", "Brightwater Cloud") in told
    assert not any({"Northmere Data", "Brightwater Cloud"} == {*sides} for kind, *sides in told if kind == "power")
    [iren] = [deal for deal in deals if "IREN" in (party(deal, "supplier"), party(deal, "customer"))]
    assert [party(iren, "supplier"), *values(iren, "total_value_usd")] == ["IREN", 3_400_000_000]
    [larkspur] = [deal for deal in deals if party(deal, "customer") == "Larkspur AI"]
    assert [larkspur.status, *values(larkspur, "gpu_count", "term_months")] == ["terminated", 4096, 24]
    [cedar] = [deal for deal in deals if party(deal, "supplier") == "Cedar Fork Energy"]
    assert values(cedar, "power_mw", "gross_power_mw") == [90, 110]
    assert not any(deal.value("total_value_usd") == 4_000_000_000 for deal in deals)  # the size of a fund


def test_the_bundled_gold_scores_above_its_floor() -> None:
    from extractors.evaluate import evaluate, read_gold
    from extractors.lines import to_document, write_findings
    from extractors.pipeline import extract

    gold = read_gold(bundled("fixtures") / "gold" / "market.jsonl")
    documents = [to_document(json.dumps(row), number=place) for place, row in enumerate(gold, start=1)]
    found = {one.document_id: json.loads(write_findings(one)) for one in extract(documents)}
    figures = evaluate(gold, found).figures()
    assert figures["terms"] >= 0.75
    assert figures["prices"] >= 0.95
    assert figures["unfaithful"] == 0
    assert figures["false_deals_per_negative"] <= 0.15
