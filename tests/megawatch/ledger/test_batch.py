"""Recording many documents at once writes what recording them one after another does, whatever is known already."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from ledger_texts import read_gold, rows_of, tell

from megawatch.errors import LedgerError
from megawatch.ledger import Ledger, open_ledger
from megawatch.ledger.batch import prepare, record_all
from megawatch.ledger.record import RecordCounts, record
from megawatch.market import Document, Findings

Told = tuple[Document, Findings]
LEASE = {"kind": "lease", "supplier": ["Northmere Data"], "customer": ["Brightwater Cloud"], "power_mw": "120"}
ADDRESS = "https://gridpost.example/lease"
REREAD = "2026-06-01"


def day_of(told: Told) -> str:
    return told[0].published or "2026-05-01"


def at_once(ledger: Ledger, all_told: Sequence[Told]) -> tuple[RecordCounts, ...]:
    whole = {document.id: (document, findings) for document, findings in all_told}
    ready = [prepare(*told, known_at=day_of(told), group_id="wire") for told in all_told]
    sent = pickle.loads(pickle.dumps(ready))
    return record_all(ledger, sent, whole=whole.__getitem__, reread_at=REREAD)


def one_by_one(ledger: Ledger, all_told: Sequence[Told]) -> tuple[RecordCounts, ...]:
    return tuple(record(ledger, *told, known_at=day_of(told), group_id="wire", reread_at=REREAD) for told in all_told)


@pytest.fixture
def other(tmp_path: Path) -> Ledger:
    return open_ledger(tmp_path / "other.db")


def test_the_rows_are_those_of_one_after_another(ledger: Ledger, other: Ledger) -> None:
    gold = list(read_gold())
    assert at_once(ledger, gold) == one_by_one(other, gold)
    assert rows_of(ledger) == rows_of(other)


def test_what_is_known_is_corrected_and_read_again(ledger: Ledger, other: Ledger) -> None:
    first = [tell(LEASE, url=ADDRESS), tell({**LEASE, "power_mw": "90"}), tell({**LEASE, "power_mw": "70"}, url="")]
    anew = tell({**LEASE, "power_mw": "91"})
    second = [
        tell({**LEASE, "power_mw": "125"}, url=ADDRESS),
        (first[1][0], replace(first[1][1], extractor_version="test-2")),
        anew,
        first[2],
    ]
    for ledger_, write in ((ledger, at_once), (other, one_by_one)):
        write(ledger_, first)
    assert at_once(ledger, second) == one_by_one(other, second)
    assert rows_of(ledger) == rows_of(other)


def test_two_versions_of_an_address_in_one_batch(ledger: Ledger, other: Ledger) -> None:
    both = [tell(LEASE, url=ADDRESS), tell({**LEASE, "power_mw": "125"}, url=ADDRESS), tell(LEASE, url=ADDRESS)]
    assert at_once(ledger, both) == one_by_one(other, both)
    assert rows_of(ledger) == rows_of(other)


def test_nothing_is_written_where_one_cannot_be(ledger: Ledger) -> None:
    good, known = tell({**LEASE, "power_mw": "90"}), tell(LEASE, url=ADDRESS)
    at_once(ledger, [known])
    before = rows_of(ledger)

    def gone(_: str) -> Told:
        raise LedgerError("The document is gone.")

    ready = [prepare(*told, known_at="2026-05-02") for told in (good, known)]
    with pytest.raises(LedgerError, match="is gone"):
        record_all(ledger, ready, whole=gone)
    assert rows_of(ledger) == before


def test_a_malformed_instant_is_named() -> None:
    with pytest.raises(LedgerError, match=r"known_at of document .* is 'soon'"):
        prepare(*tell(LEASE), known_at="soon")
