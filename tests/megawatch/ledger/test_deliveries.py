"""Subscribers come and go, deliveries are only added; sources' health is kept."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from megawatch.errors import LedgerError
from megawatch.ledger import Ledger
from megawatch.ledger.deliveries import Deliveries, Subscribers
from megawatch.ledger.health import record_health
from megawatch.ledger.queries import list_source_health
from megawatch.market import Delivery, SourceHealth, Subscriber

READER = Subscriber(
    address="Ada@Example.org",
    segments=("neocloud",),
    minimum_mw=Decimal("12.5"),
    since="2026-05-04T08:00:00Z",
)
STEP = Delivery(
    edition="2026-W21",
    address="ada@example.org",
    attempt=1,
    state="started",
    message_id="<1@example.org>",
    at="2026-05-25T06:00:00Z",
)


def test_a_step_is_added_once(ledger: Ledger) -> None:
    sent = Deliveries(ledger)
    assert sent.append(STEP)
    assert not sent.append(STEP)
    assert sent.append(replace(STEP, state="handing_over"))
    assert sent.append(replace(STEP, state="sent", code=250))
    assert sent.latest("2026-W21") == {"ada@example.org": replace(STEP, state="sent", code=250)}
    assert sent.latest("2026-W22") == {}


def test_the_latest_step_is_that_of_the_last_attempt(ledger: Ledger) -> None:
    sent = Deliveries(ledger)
    sent.append(STEP)
    sent.append(replace(STEP, attempt=2, state="deferred", code=451, reason="busy"))
    sent.append(replace(STEP, state="unknown"))
    assert sent.latest("2026-W21")["ada@example.org"].attempt == 2


def test_subscribers_come_and_go(ledger: Ledger) -> None:
    readers = Subscribers(ledger)
    assert readers.add(READER)
    assert not readers.add(replace(READER, address="ada@example.org"))
    kept = replace(READER, address="ada@example.org")
    assert readers.get("ADA@example.org") == kept
    assert readers.active() == (kept,)
    assert readers.remove("ada@example.org", at="2026-06-01T00:00:00Z")
    assert not readers.remove("ada@example.org", at="2026-06-02T00:00:00Z")
    assert readers.active() == ()
    gone = readers.get("ada@example.org")
    assert gone is not None
    assert gone.until == "2026-06-01T00:00:00Z"
    assert readers.add(replace(READER, since="2026-07-01"))
    assert len(readers.active()) == 1
    assert readers.get("nobody@example.org") is None


def test_a_list_is_taken_whole_or_not_at_all(ledger: Ledger) -> None:
    readers = Subscribers(ledger)
    people = [replace(READER, address=f"reader{number}@example.org") for number in range(3)]
    assert readers.import_([*people, people[0]]) == 3
    with pytest.raises(LedgerError, match="no mail address"):
        readers.import_([replace(READER, address="fourth@example.org"), replace(READER, address="nonsense")])
    assert len(readers.active()) == 3


def test_health_is_written_once_a_run(ledger: Ledger) -> None:
    health = SourceHealth(
        source_id="gridpost",
        publisher="The Gridpost",
        checked_at="2026-05-24T18:00:00+00:00",
        outcome="ok",
        items=4,
        stored=2,
    )
    record_health(ledger, [health])
    record_health(ledger, [health, replace(health, checked_at="2026-05-25T18:00:00Z", outcome="timeout")])
    found = list_source_health(ledger, since="2026-05-24", until="2026-05-26")
    assert [(one.checked_at, one.outcome) for one in found] == [
        ("2026-05-24T18:00:00Z", "ok"),
        ("2026-05-25T18:00:00Z", "timeout"),
    ]
    assert list_source_health(ledger, until="2026-05-24") == ()
