"""Equity has no tenor: months or an end told beside a round of shares are those of the loan beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from megawatch.market import DealMention, Document, Stated

TENORS = frozenset({"term_months", "end_date"})
_EQUITY_BEHIND = re.compile(
    r"\s*(?:of |in )?(?:[a-z-]+ ){0,2}(?:Series [A-H]\b|equity\b|(?:funding |financing )?round\b|shares?\b"
    r"|common stock\b|private placement\b)"
)
_DEBT = re.compile(r"\b(?:debt|loans?|notes?|bonds?|facility|facilities|credit|convertible|secured)\b", re.IGNORECASE)


def drop_tenors_of_equity(deals: Sequence[DealMention], document: Document) -> list[DealMention]:
    """The deals, a financing by equity alone without months and end.

    >>> text = "A $240 million Series C and a $650 million loan of six years."
    >>> release = Document(id="d", title="", text=text, source="news", publisher="The Ledger")
    >>> _is_equity("$240 million", release), _is_equity("$650 million", release)
    (True, False)
    """
    return [_without(deal) if _sells_shares(deal, document) else deal for deal in deals]


def _sells_shares(deal: DealMention, document: Document) -> bool:
    total = deal.get("total_value_usd")
    return (
        deal.value("kind") == "financing" and isinstance(total, Stated) and _is_equity(total.evidence.quote, document)
    )


def _is_equity(figure: str, document: Document) -> bool:
    """Whether the words behind a figure, wherever the text has it, speak of shares and never of debt."""
    behind = [document.text[m.end() : m.end() + 40] for m in re.finditer(re.escape(figure), document.text)]
    told = [words for words in behind if _EQUITY_BEHIND.match(words)]
    return bool(told) and not any(_DEBT.search(words[: _reach(words)]) for words in behind)


def _reach(words: str) -> int:
    """How far words speak of the figure before them: up to the next figure or stop."""
    stop = re.search(r"[.,;$]| and ", words)
    return stop.start() if stop else len(words)


def _without(deal: DealMention) -> DealMention:
    return replace(deal, terms=tuple(term for term in deal.terms if term.field not in TENORS))
