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
from megawatch.market import Deal
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


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the four real texts lie outside the project")
def test_the_four_real_texts_come_to_the_known_figures() -> None:
    plan = Plan(clock="published", undated="2026-06-02")
    assert store_folder(SEEDS, plan).problems == ()
    assert read_documents(unread(plan), plan).problems == ()
    settle_deals()
    assert newest_week() == ("2026-W23", "2026-06-07")
    with open_ledger(read_settings().ledger_url) as ledger:
        deals = list_deals(ledger)
        prices = {one.gpu_model: one.low_usd_per_gpu_hour for one in list_prices(ledger)}
    monthly = [deal for deal in deals if deal.value("monthly_payment_usd") == 1_250_000_000]
    assert any(deal.value("term_months") == 36 and deal.contradictions for deal in monthly)
    assert any(deal.value("total_value_usd") == 45_000_000_000 for deal in monthly)
    bloom = only(tuple(deal for deal in deals if deal.kind == "power" and deal.value("gross_power_mw") == 328))
    assert (bloom.value("power_mw"), bloom.value("total_value_usd")) == (250, 2_600_000_000)
    assert bloom.value("monthly_payment_usd") is None
    forge = only(tuple(deal for deal in deals if deal.value("gross_power_mw") == 430))
    assert (forge.kind, forge.value("power_mw")) == ("lease", 300)
    assert (prices["H100"], prices["H200"]) == (3, 6)
    assert [deal for deal in deals if deal.value("total_value_usd") == 965_000_000_000] == []


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
