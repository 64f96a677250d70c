"""Who gets the brief, and every step of sending it: rows are only added, so a crash cannot make a second delivery."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects import postgresql, sqlite

from megawatch.errors import LedgerError
from megawatch.ledger.checks import read_instant, storable
from megawatch.ledger.encode import encode_json
from megawatch.ledger.open import Ledger
from megawatch.ledger.tables import DeliveryRow, SubscriberRow, table_of
from megawatch.market import Delivery, Subscriber

_DELIVERIES = table_of(DeliveryRow)
_SUBSCRIBERS = table_of(SubscriberRow)


class Deliveries:
    """The send ledger: steps of deliveries by edition and address."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def latest(self, edition: str) -> dict[str, Delivery]:
        """The newest step of each address, by attempt and then by the order in which steps were added."""
        query = select(_DELIVERIES).where(_DELIVERIES.c.edition == edition)
        with self.ledger.read() as connection:
            rows = connection.execute(query.order_by(_DELIVERIES.c.attempt, _DELIVERIES.c.number)).all()
        return {row.address: _delivery(row) for row in rows}

    def append(self, delivery: Delivery) -> bool:
        """Add a step, durably once this returns; False where that step (edition, address, attempt, state) is there.

        Raises LedgerError for a malformed instant or a database that refuses.
        """
        row = {**asdict(delivery), "reason": storable(delivery.reason)}
        row["at"] = read_instant(delivery.at, what=f"at of the delivery to {delivery.address}")
        return self.ledger.write(lambda connection: _added(connection, row), durable=True)


def _added(connection: Connection, row: dict[str, Any]) -> bool:
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    added = insert(_DELIVERIES).values(row).on_conflict_do_nothing().returning(_DELIVERIES.c.number)
    return connection.execute(added).first() is not None


def _delivery(row: Row[Any]) -> Delivery:
    values = dict(row._mapping)
    del values["number"]
    return Delivery(**values)


class Subscribers:
    """The subscribers, present and past; an address is held in lower case."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def add(self, subscriber: Subscriber) -> bool:
        """Add a subscriber; False where the address is subscribed already.

        Raises LedgerError for an address without an @, a malformed ``since``, or a database that refuses.
        """
        row = _subscriber_row(subscriber)
        return self.ledger.write(lambda connection: _subscribed(connection, row))

    def remove(self, address: str, *, at: str) -> bool:
        """End a subscription at an instant; False where there was none. Idempotent."""
        instant = read_instant(at, what="the time of unsubscribing")
        mine = (_SUBSCRIBERS.c.address == _folded(address)) & _SUBSCRIBERS.c.until.is_(None)
        ended = update(_SUBSCRIBERS).where(mine).values(until=instant)
        return bool(self.ledger.write(lambda connection: connection.execute(ended).rowcount, durable=True))

    def get(self, address: str) -> Subscriber | None:
        """The subscriber of an address, active or else the last that was; None where there never was one."""
        query = select(_SUBSCRIBERS).where(_SUBSCRIBERS.c.address == _folded(address))
        with self.ledger.read() as connection:
            row = connection.execute(query.order_by(_SUBSCRIBERS.c.since.desc())).first()
        return None if row is None else _subscriber(row)

    def active(self) -> tuple[Subscriber, ...]:
        """Everyone who is subscribed, by address."""
        query = select(_SUBSCRIBERS).where(_SUBSCRIBERS.c.until.is_(None)).order_by(_SUBSCRIBERS.c.address)
        with self.ledger.read() as connection:
            return tuple(_subscriber(row) for row in connection.execute(query))

    def import_(self, subscribers: Iterable[Subscriber]) -> int:
        """Add those who are not subscribed yet, all or none; how many were added."""
        rows = [_subscriber_row(subscriber) for subscriber in subscribers]
        return self.ledger.write(lambda connection: sum(_subscribed(connection, row) for row in rows))


def _folded(address: str) -> str:
    return address.strip().lower()


def _subscriber_row(subscriber: Subscriber) -> dict[str, Any]:
    address = _folded(subscriber.address)
    if "@" not in address.strip("@") or any(character.isspace() for character in address):
        raise LedgerError(f"{subscriber.address!r} is no mail address: write it as name@example.org.")
    amounts = (subscriber.minimum_mw, subscriber.minimum_usd)
    filters = {
        "segments": list(subscriber.segments),
        "companies": list(subscriber.companies),
        "minimum_mw": None if amounts[0] is None else str(amounts[0]),
        "minimum_usd": None if amounts[1] is None else str(amounts[1]),
    }
    return {
        "address": address,
        "since": read_instant(subscriber.since, what=f"since of {address}"),
        "until": subscriber.until,
        "timezone": subscriber.timezone,
        "cadence": subscriber.cadence,
        "language": subscriber.language,
        "filters": encode_json(filters),
    }


def _subscribed(connection: Connection, row: dict[str, Any]) -> bool:
    active = (_SUBSCRIBERS.c.address == row["address"]) & _SUBSCRIBERS.c.until.is_(None)
    if connection.execute(select(_SUBSCRIBERS.c.address).where(active)).first():
        return False
    insert = (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(_SUBSCRIBERS)
    # Subscribed again within the instant of unsubscribing: the same row is open once more.
    again = insert.on_conflict_do_update(index_elements=["address", "since"], set_={"until": None})
    connection.execute(again.values(row))
    return True


def _subscriber(row: Row[Any]) -> Subscriber:
    filters = json.loads(row.filters)
    amounts = [None if filters[name] is None else Decimal(filters[name]) for name in ("minimum_mw", "minimum_usd")]
    return Subscriber(
        address=row.address,
        segments=tuple(filters["segments"]),
        companies=tuple(filters["companies"]),
        minimum_mw=amounts[0],
        minimum_usd=amounts[1],
        timezone=row.timezone,
        cadence=row.cadence,
        language=row.language,
        since=row.since,
        until=row.until,
    )
