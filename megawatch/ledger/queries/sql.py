"""Other people's SQL on the ledger: read-only, and bounded in rows and time.

SQLite: the file is opened read-only, an authorizer lets only reading through, and a clock stops what runs too long.
PostgreSQL: a read-only transaction with a time limit and a role that may only read; the query runs inside another
SELECT, so that it is one query, and may call only functions that cannot reach outside the data.
"""

from __future__ import annotations

import re
import sqlite3
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from megawatch.errors import LedgerError
from megawatch.ledger.frames import Library, load_library
from megawatch.ledger.open import Ledger

LARGEST_VALUE = 10_000_000
_ALLOWED = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
}
_BARRED = {"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer", "zeroblob", "randomblob"}
_FUNCTIONS = frozenset(
    (
        *("abs", "avg", "bool_and", "bool_or", "bit_and", "bit_or", "cbrt", "ceil", "ceiling", "coalesce"),
        *("concat", "concat_ws", "corr", "count", "covar_pop", "covar_samp", "cume_dist", "date_part"),
        *("date_trunc", "dense_rank", "div", "every", "exp", "extract", "first_value", "floor", "format"),
        *("greatest", "lag", "last_value", "lead", "least", "left", "length", "ln", "log", "log10", "lower"),
        *("lpad", "ltrim", "max", "min", "mod", "mode", "ntile", "nth_value", "nullif", "percent_rank"),
        *("percentile_cont", "percentile_disc", "power", "radians", "random", "rank", "regexp_count"),
        *("regexp_like", "regexp_match", "regexp_replace", "regexp_substr", "regr_r2", "regr_slope"),
        *("regr_intercept", "replace", "reverse", "right", "round", "row_number", "rpad", "rtrim", "sign"),
        *("split_part", "sqrt", "starts_with", "stddev", "stddev_pop", "stddev_samp", "string_agg"),
        *("array_agg", "strpos", "substr", "substring", "sum", "to_char", "to_date", "to_number"),
        *("to_timestamp", "translate", "trim", "trunc", "upper", "var_pop", "var_samp", "variance"),
        *("width_bucket", "generate_series", "unnest", "json_array_elements", "json_array_elements_text"),
        *("jsonb_array_elements", "jsonb_array_elements_text", "json_array_length", "json_extract_path_text"),
        *("date", "age", "now", "make_date", "initcap", "position", "overlay", "char_length", "cast"),
    )
)
_WORDS_BEFORE_PARENTHESIS = frozenset(
    (
        *("select", "from", "where", "and", "or", "not", "in", "as", "on", "using", "over", "values"),
        *("exists", "any", "all", "some", "filter", "within", "group", "by", "with", "recursive"),
        *("materialized", "case", "when", "then", "else", "end", "union", "intersect", "except", "distinct"),
        *("having", "order", "limit", "offset", "between", "like", "ilike", "is", "null", "join", "inner"),
        *("outer", "cross", "lateral", "partition", "rows", "range", "groups", "array", "row", "numeric"),
        *("decimal", "varchar", "char", "interval", "float", "int", "integer", "double", "precision", "text"),
        *("return",),
    )
)
_TOKENS = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|\$\w*\$|[A-Za-z_][\w$]*|[0-9.]+|\s+|.", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Answer:
    """The columns and rows of a query; ``truncated`` where there were more rows than asked for."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    truncated: bool = False

    def frame(self, library: Library | None = None) -> Any:
        """The answer as a pandas or polars frame. Raises LedgerError where that library is not installed."""
        module = load_library(library)
        columns = {name: [row[place] for row in self.rows] for place, name in enumerate(self.columns)}
        return module.DataFrame(columns)


def run_query(ledger: Ledger, sql: str, *, max_rows: int = 10_000, timeout_s: float = 10.0) -> Answer:
    """The answer to one SELECT over the views, cut at ``max_rows``.

    Raises LedgerError, saying why, for anything but one reading query, for a query that runs longer than
    ``timeout_s`` seconds, and for what the database cannot make sense of.
    """
    query = sql.strip().rstrip(";").strip()
    if not query:
        raise LedgerError("The query is empty: write one SELECT, for example: select * from deals")
    if ledger.is_sqlite:
        return _run_on_sqlite(ledger, query, max_rows, timeout_s)
    return _run_on_postgresql(ledger, query, max_rows, timeout_s)


def _run_on_sqlite(ledger: Ledger, query: str, max_rows: int, timeout_s: float) -> Answer:
    path = ledger.path
    assert path is not None
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=timeout_s)
    try:
        connection.execute("PRAGMA query_only = ON")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_VALUE)
        connection.set_authorizer(_authorize)
        deadline = time.monotonic() + timeout_s
        connection.set_progress_handler(lambda: int(time.monotonic() > deadline), 10_000)
        cursor = connection.execute(query)
        rows = cursor.fetchmany(max_rows + 1)
        return _answer([column[0] for column in cursor.description or ()], rows, max_rows)
    except (sqlite3.Error, sqlite3.Warning, OverflowError, MemoryError) as error:
        raise LedgerError(_why(str(error), timeout_s)) from error
    finally:
        connection.close()


def _authorize(action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None) -> int:
    if action not in _ALLOWED:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _BARRED:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _run_on_postgresql(ledger: Ledger, query: str, max_rows: int, timeout_s: float) -> Answer:
    _check_words(query)
    try:
        with ledger.engine.connect() as connection, connection.begin():
            connection.execute(text("SET TRANSACTION READ ONLY"))
            connection.execute(text(f"SET LOCAL statement_timeout = {max(1, int(timeout_s * 1000))}"))
            _drop_rights(connection)
            # A line break ends a comment that the query may end in; the driver takes % for a parameter.
            bounded = f"SELECT * FROM (\n{query}\n) AS answer LIMIT {max_rows + 1}"
            result = connection.exec_driver_sql(bounded.replace("%", "%%"), ())
            return _answer(list(result.keys()), [tuple(row) for row in result.fetchall()], max_rows)
    except DBAPIError as error:
        raise LedgerError(_why(str(error.orig), timeout_s)) from error


def _drop_rights(connection: Any) -> None:
    may = "SELECT pg_has_role(current_user, 'pg_read_all_data', 'MEMBER')"
    if connection.execute(text(may)).scalar():
        connection.execute(text("SET LOCAL ROLE pg_read_all_data"))


def _check_words(query: str) -> None:
    """Let only functions through that work on the data alone: a superuser's SELECT could else read files."""
    tokens = [token for token in _TOKENS.findall(query) if not token.isspace() and not token.startswith(("--", "/*"))]
    for place, (token, following) in enumerate(zip(tokens, [*tokens[1:], ""], strict=True)):
        if token == ";":
            raise LedgerError("Only one query at a time: take out the semicolon.")
        if token.startswith("$") and len(token) > 1:
            raise LedgerError("Dollar-quoted text is not taken here: write it in single quotes.")
        if following != "(" or _names_a_subquery(tokens, place):
            continue
        if token.startswith('"') or (
            re.fullmatch(r"[A-Za-z_][\w$]*", token)
            and token.lower() not in _FUNCTIONS
            and token.lower() not in _WORDS_BEFORE_PARENTHESIS
        ):
            raise LedgerError(f"The function {token} is not open to queries: use plain SQL over the views.")


def _names_a_subquery(tokens: list[str], place: int) -> bool:
    """Whether the token at a place is the n of ``with n(a, b) as (select …``: it looks like a call and is none."""
    if place == 0 or tokens[place - 1].lower() not in ("with", "recursive", ",") or ")" not in tokens[place:]:
        return False
    end = tokens.index(")", place)
    names = all(re.fullmatch(r"[A-Za-z_]\w*|,", token) for token in tokens[place + 2 : end])
    return names and [token.lower() for token in tokens[end + 1 : end + 4]] in (
        ["as", "(", "select"],
        ["as", "(", "values"],
        ["as", "(", "with"],
    )


def _answer(columns: list[str], rows: list[tuple[Any, ...]], max_rows: int) -> Answer:
    return Answer(tuple(columns), tuple(tuple(row) for row in rows[:max_rows]), len(rows) > max_rows)


def _why(words: str, timeout_s: float) -> str:
    first = (words.strip().splitlines() or ["no reason given"])[0]
    if "interrupted" in first or "statement timeout" in first:
        return f"The query ran longer than {timeout_s:g} s and was stopped: narrow it or allow more time."
    if "not authorized" in first or "prohibited" in first or "readonly" in first or "read-only" in first:
        return f"Only reading queries over the views are open ({first})."
    return f"The query was not understood: {first}. The views are deals, terms, claims, mentions, documents, prices …"
