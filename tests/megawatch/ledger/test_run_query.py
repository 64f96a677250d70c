"""Other people's SQL: answers on both databases alike, and refuses whatever is more than reading."""

from __future__ import annotations

import time

import pytest
from ledger_texts import rows_of

from megawatch.errors import LedgerError
from megawatch.ledger import Ledger
from megawatch.ledger.queries import run_query
from megawatch.ledger.views import DEAL_COLUMNS, VIEWS

DESIGN_COLUMNS = (
    "deal_id, kind, supplier, customer, status, total_value_usd, monthly_payment_usd, term_months, start_date, "
    "end_date, power_mw, gross_power_mw, option_power_mw, gpu_count, gpu_model, rate_usd_per_gpu_hour, "
    "implied_usd_per_gpu_hour, implied_usd_per_gpu_hour_low, implied_usd_per_gpu_hour_high, usd_per_kw_month, "
    "usd_per_mw_year, usd_per_mwh, site, first_seen, last_seen, documents, independent_sources, contradictions"
)


def test_the_view_of_deals_begins_with_the_columns_of_the_design(told: Ledger) -> None:
    assert ", ".join(DEAL_COLUMNS) == DESIGN_COLUMNS
    answer = run_query(told, "select * from deals")
    assert answer.columns[: len(DEAL_COLUMNS)] == DEAL_COLUMNS


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_every_view_answers(told: Ledger, view: str) -> None:
    answer = run_query(told, f"select count(*) from {view}")
    (count,) = answer.rows[0]
    assert count > 0, view


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        (
            "select supplier, customer, monthly_payment_usd from deals where supplier = 'SpaceX'",
            (("SpaceX", "Anthropic", 1.25e9),),
        ),
        ("select round(implied_usd_per_gpu_hour * 100) from deals where supplier = 'SpaceX'", ((778,),)),
        ("with d as (select kind from deals) select count(distinct kind) from d", ((7,),)),
        ("select upper(kind) from deals where customer like 'Neb%' limit 1;", (("POWER",),)),
        ("values (1)", ((1,),)),
        ("select 'a;b' -- a remark", (("a;b",),)),
    ],
)
def test_the_same_query_has_the_same_answer_on_both(told: Ledger, sql: str, rows: tuple[object, ...]) -> None:
    assert run_query(told, sql).rows == rows


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "delete from claim_rows",
        "update deal_rows set kind = 'lease'",
        "insert into unsettled values ('a', 'b')",
        "drop view deals",
        "create table t (a int)",
        "select 1; delete from claim_rows",
        "attach database '/tmp/other.db' as other",
        "pragma journal_mode = delete",
        "vacuum into '/tmp/copy.db'",
        "select load_extension('/tmp/evil.so')",
        "select readfile('/etc/passwd')",
        "select pg_read_file('/etc/passwd')",
        "select pg_catalog.pg_read_file('/etc/passwd')",
        "select \"pg_read_file\"('/etc/passwd')",
        "select query_to_xml('select 1', true, true, '')",
        "select set_config('role', 'none', true)",
        "select lo_import('/etc/passwd')",
        "select pg_sleep/**/(60)",
        "select pg_terminate_backend(1)",
        "copy claim_rows to program 'cat'",
        "with gone as (delete from claim_rows returning *) select * from gone",
        "select $$text$$",
        "select * from nowhere",
        "select * from deals) as x; delete from claim_rows; --",
        "begin",
        "explain analyze delete from claim_rows",
        "select zeroblob(1000000000)",
        "selec",
        "do language plpgsql 'begin perform 1; end'",
        "set statement_timeout = 0",
        "do $$ begin perform 1; end $$",
    ],
)
def test_whatever_is_more_than_reading_is_refused(told: Ledger, sql: str) -> None:
    before = rows_of(told)
    with pytest.raises(LedgerError):
        run_query(told, sql, timeout_s=2)
    assert rows_of(told) == before


@pytest.mark.parametrize(
    "sql",
    [
        "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n",
        "select count(*) from claims a, claims b, claims c, claims d, claims e",
    ],
)
def test_what_runs_too_long_is_stopped(told: Ledger, sql: str) -> None:
    begin = time.monotonic()
    with pytest.raises(LedgerError, match="longer than"):
        run_query(told, sql, timeout_s=0.4)
    assert time.monotonic() - begin < 10


def test_rows_are_cut_where_asked_and_it_says_so(told: Ledger) -> None:
    answer = run_query(told, "select * from claims", max_rows=3)
    assert (len(answer.rows), answer.truncated) == (3, True)
    whole = run_query(told, "select * from deals")
    assert not whole.truncated


def test_an_endless_query_gives_its_first_rows(told: Ledger) -> None:
    sql = "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n"
    answer = run_query(told, sql, max_rows=5)
    assert answer.rows == ((1,), (2,), (3,), (4,), (5,))


def test_an_answer_becomes_a_frame(told: Ledger) -> None:
    answer = run_query(told, "select kind, count(*) as deals from deals group by kind order by kind")
    frame = answer.frame("pandas")
    assert list(frame.columns) == ["kind", "deals"]
    assert frame["deals"].sum() == len(run_query(told, "select * from deals").rows)
    assert answer.frame("polars").shape == frame.shape
