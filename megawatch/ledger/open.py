"""Opening a ledger: SQLite by path, PostgreSQL by URL; created or migrated on the way in."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from megawatch.errors import LedgerError
from megawatch.ledger import views
from megawatch.ledger.frames import Deals
from megawatch.market import Price

if TYPE_CHECKING:
    from megawatch.ledger.queries import Answer

HEAD = "0003"
_KNOWN = ("0001", "0002", "0003")
_BUSY_SECONDS = 30
_ATTEMPTS = 12
_TRANSIENT = {"40001", "40P01", "55P03", "23505"}

_T = TypeVar("_T")


class Ledger:
    """An open ledger: ``read`` for one consistent look, ``write`` for one transaction that is tried again when busy.

    Closing it (or leaving a ``with``) lets go of its connections.
    """

    def __init__(self, url: URL, engine: Engine) -> None:
        self.url = url
        self.engine = engine

    @property
    def is_sqlite(self) -> bool:
        """Whether this is one SQLite file rather than PostgreSQL."""
        return self.engine.dialect.name == "sqlite"

    @property
    def path(self) -> Path | None:
        """The file of a SQLite ledger, None for PostgreSQL."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One snapshot: what is written meanwhile is not seen."""
        with self.engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    def write(self, work: Callable[[Connection], _T], *, durable: bool = False) -> _T:
        """The result of ``work`` in one transaction; tried again where another process was in the way.

        It outlives the death of the program. ``durable`` waits for the disk too, for what must outlive a power cut and
        cannot be done again, such as a delivery.

        Raises LedgerError when the ledger stays busy, or when the database refuses.
        """
        for attempt in range(_ATTEMPTS):
            try:
                with self.engine.connect() as connection:
                    connection = connection.execution_options(megawatch_writes=True, megawatch_durable=durable)
                    with connection.begin():
                        return work(connection)
            except DBAPIError as error:
                if attempt == _ATTEMPTS - 1 or not _is_transient(error):
                    raise LedgerError(_told(self.url, error)) from error
                time.sleep(random.uniform(0.01, 0.05) * 2 ** min(attempt, 6))
        raise AssertionError("unreachable")

    def deals(self, **filters: Any) -> Deals:
        """Deals by the filters of ``queries.list_deals`` (``as_of=…`` among them), with ``frame()`` for a table."""
        from megawatch.ledger.queries import list_deals

        return Deals(list_deals(self, **filters))

    def prices(self, **filters: Any) -> tuple[Price, ...]:
        """Price observations by the filters of ``queries.list_prices``."""
        from megawatch.ledger.queries import list_prices

        return list_prices(self, **filters)

    def query(self, sql: str, *, max_rows: int = 10_000, timeout_s: float = 10.0) -> Answer:
        """The answer to one SELECT over the views; see ``queries.run_query``."""
        from megawatch.ledger.queries import run_query

        return run_query(self, sql, max_rows=max_rows, timeout_s=timeout_s)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def open_ledger(url: str | Path) -> Ledger:
    """The ledger at a path, ``sqlite:///…`` or ``postgresql://…``; created where missing, migrated where older.

    Raises LedgerError where the address makes no sense, the database does not answer or is no ledger, or its schema is
    newer than this program (nothing is written then).
    """
    address = _address(url)
    engine = _engine(address)
    ledger = Ledger(address, engine)
    try:
        if _revision(engine) != HEAD:
            ledger.write(lambda connection: _migrate(connection, address))
    except DBAPIError as error:
        engine.dispose()
        raise LedgerError(_told(address, error)) from error
    except LedgerError:
        engine.dispose()
        raise
    return ledger


def _address(url: str | Path) -> URL:
    text_url = str(url)
    if "://" not in text_url:
        return URL.create("sqlite", database=str(Path(text_url).expanduser()))
    try:
        address = make_url(text_url)
    except ArgumentError as error:
        raise LedgerError(f"{text_url!r} is no address of a ledger: give a path or postgresql://…") from error
    kind = address.get_backend_name()
    if kind == "sqlite" and address.database:
        return URL.create("sqlite", database=address.database)
    if kind in ("postgresql", "postgres"):
        return address.set(drivername="postgresql+psycopg")
    raise LedgerError(f"{address!r} is no address of a ledger: give a path, sqlite:///FILE or postgresql://…")


def _engine(address: URL) -> Engine:
    if address.drivername == "sqlite":
        path = Path(address.database or "")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LedgerError(f"The folder of the ledger {path} cannot be made ({error}): use another.") from error
        engine = create_engine(address, connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(address, pool_pre_ping=True)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transactions would start too late for one snapshot and one writer: we begin them ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA cache_size = -65536")
    cursor.execute("PRAGMA temp_store = MEMORY")
    # The keys of a large ledger lie all over it: with a longer log a page that many steps touch is copied back once.
    cursor.execute("PRAGMA wal_autocheckpoint = 8000")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    writes = options.get("megawatch_writes", False)
    if writes:
        # A log that is synced at checkpoints only is never damaged; a power cut takes the last documents, which the
        # next run records again.
        connection.exec_driver_sql(f"PRAGMA synchronous = {'FULL' if options.get('megawatch_durable') else 'NORMAL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        names = set(inspect(connection).get_table_names())
        if "alembic_version" not in names:
            if names:
                raise LedgerError(f"{engine.url!r} holds tables but is no ledger: give another path or database.")
            return None
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if revision is not None and revision not in _KNOWN:
        raise LedgerError(
            f"The ledger {engine.url!r} has schema {revision}, newer than this program's {HEAD}: update Megawatch. "
            "Nothing was written."
        )
    return None if revision is None else str(revision)


def _migrate(connection: Connection, address: URL) -> None:
    from alembic import command
    from alembic.config import Config

    if address.drivername != "sqlite":
        connection.execute(text("SELECT pg_advisory_xact_lock(7301)"))
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    views.drop_views(connection)
    command.upgrade(config, HEAD)
    views.create_views(connection)


def _is_transient(error: DBAPIError) -> bool:
    if getattr(error.orig, "sqlstate", None) in _TRANSIENT:
        return True
    words = str(error.orig)
    return isinstance(error, OperationalError) and ("locked" in words or "busy" in words)


def _told(address: URL, error: DBAPIError) -> str:
    lines = str(error.orig).strip().splitlines() or [type(error).__name__]
    return f"The ledger {address!r} did not take it: {lines[0]}. Check that it is a ledger and can be written."
