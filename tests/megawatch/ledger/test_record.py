"""Recording: once, with the time it is known from; versions close one another; what does not hold is refused."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from ledger_texts import keep, read_gold, rows_of, tell
from sqlalchemy import text

from megawatch.errors import LedgerError
from megawatch.ledger import Ledger
from megawatch.ledger.queries import list_prices, run_query
from megawatch.ledger.record import record, recorded_ids
from megawatch.market import Evidence, Findings, Leftover, PriceMention, Stated

LEASE = {
    "kind": "lease",
    "supplier": ["Northmere Data"],
    "customer": ["Brightwater Cloud"],
    "power_mw": "120",
    "total_value_usd": "1800000000",
}


def test_recording_twice_adds_nothing(ledger: Ledger) -> None:
    told = tell(LEASE)
    first = keep(ledger, told)
    before = rows_of(ledger)
    second = keep(ledger, told)
    assert (first.documents, first.mentions, first.claims) == (1, 1, 6)
    assert (second.documents, second.mentions, second.claims, second.closed) == (0, 0, 0, 0)
    assert rows_of(ledger) == before


def test_a_figure_is_a_number_in_its_unit_beside_the_words(ledger: Ledger) -> None:
    keep(ledger, tell(LEASE, hedges={"power_mw": "up_to"}))
    answer = run_query(ledger, "select value, amount, hedge, quote, sentence from claims where field = 'power_mw'")
    assert answer.rows == (("120", 120.0, "up_to", "power_mw is 120", "The power_mw is 120."),)


def test_a_new_extractor_version_adds_rows_and_closes_old_ones(ledger: Ledger) -> None:
    keep(ledger, tell(LEASE), known_at="2026-05-04")
    counts = keep(ledger, tell(LEASE, version="test-2"), known_at="2026-05-04", reread_at="2026-05-20")
    assert (counts.claims, counts.closed, counts.documents) == (6, 6, 0)
    with ledger.read() as connection:
        rows = connection.execute(
            text("select extractor_version, known_from, known_to, count(*) from claim_rows group by 1, 2, 3 order by 1")
        ).all()
    assert [tuple(row) for row in rows] == [
        ("test-1", "2026-05-04", "2026-05-20", 6),
        ("test-2", "2026-05-20", None, 6),
    ]
    assert recorded_ids(ledger, extractor_version="test-2") == {tell(LEASE)[0].id}


def test_a_mention_keeps_its_id_over_readings(ledger: Ledger) -> None:
    keep(ledger, tell(LEASE))
    keep(ledger, tell({**LEASE, "power_mw": "130"}, url="", version="test-2"))
    keep(ledger, tell(LEASE, version="test-3"), reread_at="2026-05-09")
    rows = run_query(ledger, "select count(*), count(distinct mention_id) from claims").rows
    assert rows == ((12, 2),)


def test_another_text_at_the_same_address_is_a_correction(ledger: Ledger) -> None:
    address = "https://gridpost.example/lease"
    keep(ledger, tell(LEASE, url=address), known_at="2026-05-04")
    keep(ledger, tell({**LEASE, "power_mw": "125"}, url=address), known_at="2026-05-06")
    assert run_query(ledger, "select value, known_from from claims where field = 'power_mw'").rows == (
        ("125", "2026-05-06"),
    )
    with ledger.read() as connection:
        closed = connection.execute(
            text("select closed_because, known_to from mention_rows where known_to is not null")
        ).all()
        kept = connection.execute(text("select count(distinct mention_id) from mention_rows")).scalar()
    assert [tuple(row) for row in closed] == [("corrected", "2026-05-06")]
    assert kept == 1
    before = rows_of(ledger)
    keep(ledger, tell(LEASE, url=address), known_at="2026-05-04")
    assert rows_of(ledger) == before, "the earlier version, recorded again, is known already"


def test_versions_recorded_in_the_wrong_order_hold_at_their_own_times(ledger: Ledger) -> None:
    address = "https://gridpost.example/lease"
    keep(ledger, tell({**LEASE, "power_mw": "125"}, url=address), known_at="2026-05-06")
    keep(ledger, tell(LEASE, url=address), known_at="2026-05-04")
    with ledger.read() as connection:
        rows = connection.execute(
            text("select value, known_from, known_to from claim_rows where field = 'power_mw' order by known_from")
        ).all()
    assert [tuple(row) for row in rows] == [("120", "2026-05-04", "2026-05-06"), ("125", "2026-05-06", None)]


def test_a_price_page_published_anew_leaves_the_prices_of_its_earlier_day(ledger: Ledger) -> None:
    address = "https://prices.example/list"
    for day, low in (("2026-05-01", "2.90"), ("2026-05-08", "3.10")):
        document, findings = tell(published=day, url=address, extra=f"H100 costs {low} an hour.")
        quote = f"H100 costs {low}"
        start = document.text.index(quote)
        price = PriceMention(
            document_id=document.id,
            position=0,
            gpu_model="H100",
            low_usd_per_gpu_hour=Decimal(low),
            high_usd_per_gpu_hour=Decimal(low),
            evidence=Evidence(part="text", start=start, end=start + len(quote), quote=quote),
        )
        record(ledger, document, replace(findings, prices=(price,)), known_at=day)
    prices = list_prices(ledger)
    assert [(price.observed, price.low_usd_per_gpu_hour) for price in prices] == [
        ("2026-05-01", Decimal("2.90")),
        ("2026-05-08", Decimal("3.10")),
    ]
    assert [price.observed for price in list_prices(ledger, as_of="2026-05-07")] == ["2026-05-01"]
    assert list_prices(ledger, since="2026-05-02", until="2026-05-08") == ()


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("total_value_usd", Decimal(-5), "negative amount"),
        ("total_value_usd", Decimal("NaN"), "amount is no number"),
        ("total_value_usd", "1.2 bn", "amount is no number"),
        ("term_months", Decimal(900), "term over 600 months"),
        ("power_kw", Decimal(5), "unknown unit or field"),
        ("currency", "euros", "unknown unit or field"),
        ("start_date", "2026-02-30", "malformed date"),
        ("end_date", "soon", "malformed date"),
        ("gpu_model", (), "no name"),
        ("site", "nowhere\x00", "value is no text"),
        ("rate_usd_per_gpu_hour", Decimal(50000), "rate out of range"),
    ],
)
def test_a_value_that_cannot_be_is_refused_and_counted(
    sqlite_ledger: Ledger, field: str, value: object, reason: str
) -> None:
    document, findings = tell(LEASE)
    deal = findings.deals[0]
    bad = replace(deal.terms[0], field=field, value=value)  # type: ignore[arg-type]
    spoiled = replace(deal, terms=(*[term for term in deal.terms if term.field != field], bad))
    counts = record(sqlite_ledger, document, replace(findings, deals=(spoiled,)), known_at="2026-05-04")
    assert counts.refused == {reason: 1}
    assert counts.mentions == 1


def test_a_claim_without_a_quote_or_with_a_wrong_one_is_refused(sqlite_ledger: Ledger) -> None:
    document, findings = tell(LEASE)
    deal = findings.deals[0]
    without = replace(deal.terms[4], evidence=Evidence(part="text", start=0, end=0, quote=""))
    shifted = replace(deal.terms[5], evidence=replace(deal.terms[5].evidence, start=deal.terms[5].evidence.start + 1))
    spoiled = replace(findings, deals=(replace(deal, terms=(*deal.terms[:4], without, shifted)),))
    counts = record(sqlite_ledger, document, spoiled, known_at="2026-05-04")
    assert counts.refused == {"claim without a quote": 1, "quote not in the document at its offsets": 1}
    assert counts.claims == 4
    stored = run_query(sqlite_ledger, "select count(*) from claims").rows
    assert stored == ((4,),)


def test_a_deal_without_kind_is_refused_whole(sqlite_ledger: Ledger) -> None:
    document, findings = tell({**LEASE, "kind": "merger"})
    counts = record(sqlite_ledger, document, findings, known_at="2026-05-04")
    assert counts.refused == {"unknown kind": 1, "deal without kind or status": 1}
    assert counts.mentions == 0


def test_prices_that_cannot_be_are_refused(sqlite_ledger: Ledger) -> None:
    document, findings = tell(extra="H100 costs 3 dollars.")
    evidence = Evidence(part="text", start=document.text.index("H100"), end=document.text.index("."), quote="")
    evidence = replace(evidence, quote=document.text[evidence.start : evidence.end])
    good = PriceMention(
        document_id=document.id, position=0, gpu_model="H100", evidence=evidence, low_usd_per_gpu_hour=Decimal(3)
    )
    bad = (
        replace(good, low_usd_per_gpu_hour=Decimal(-1)),
        replace(good, low_usd_per_gpu_hour=None),
        replace(good, high_usd_per_gpu_hour=Decimal(2)),
        replace(good, market="bazaar"),  # type: ignore[arg-type]
        replace(good, document_id="another"),
    )
    counts = record(sqlite_ledger, document, replace(findings, prices=(good, *bad)), known_at="2026-05-04")
    assert counts.prices == 1
    assert counts.refused == {
        "price of another document": 1,
        "price out of range": 1,
        "price range upside down": 1,
        "price without a level or a change": 1,
        "price without a model or with an unknown market": 1,
    }


def test_leftovers_are_kept(sqlite_ledger: Ledger) -> None:
    document, findings = tell(LEASE)
    left = Leftover(unit="mw", words="120", evidence=findings.deals[0].terms[4].evidence, reason="tie")
    counts = record(sqlite_ledger, document, replace(findings, leftovers=(left,)), known_at="2026-05-04")
    assert counts.leftovers == 1


@pytest.mark.parametrize("known_at", ["", "yesterday", "2026-13-01", "2026-05-04T25:00:00Z", "04.05.2026"])
def test_a_malformed_instant_is_one_clear_error(sqlite_ledger: Ledger, known_at: str) -> None:
    document, findings = tell(LEASE)
    with pytest.raises(LedgerError, match="known_at of document"):
        record(sqlite_ledger, document, findings, known_at=known_at)
    assert run_query(sqlite_ledger, "select count(*) from documents").rows == ((0,),)


def test_instants_are_written_in_utc_so_that_they_sort(sqlite_ledger: Ledger) -> None:
    document, findings = tell(LEASE)
    record(sqlite_ledger, document, findings, known_at="2026-05-04T23:30:00.5-02:00")
    assert run_query(sqlite_ledger, "select known_from from documents").rows == (("2026-05-05T01:30:00Z",),)


def test_a_title_that_no_database_holds_is_kept_readable(ledger: Ledger) -> None:
    document, findings = tell(LEASE, title="A \x00 deal \ud83d")
    record(ledger, document, findings, known_at="2026-05-04")
    assert run_query(ledger, "select title from documents").rows == (("A \ufffd deal \ufffd",),)


def test_the_bundled_documents_are_recorded_whole(ledger: Ledger) -> None:
    counts = [keep(ledger, told) for told in read_gold()]
    assert sum(count.documents for count in counts) == len(counts)
    assert {reason for count in counts for reason in count.refused} == set()


def test_findings_of_a_stated_kind_keep_their_exact_digits(sqlite_ledger: Ledger) -> None:
    told = tell({**LEASE, "rate_usd_per_gpu_hour": "2.4500000000000000001"})
    keep(sqlite_ledger, told)
    rows = run_query(sqlite_ledger, "select value, amount from claims where field = 'rate_usd_per_gpu_hour'").rows
    assert rows == (("2.4500000000000000001", 2.45),)
    assert isinstance(told[1], Findings)
    assert isinstance(told[1].deals[0].terms[0], Stated)
