"""The small market with hostile text in every field that comes from a source."""

from __future__ import annotations

import dataclasses
from typing import Any

from market_of_may import MemoryLedger, may_ledger

from megawatch.market import Change, Contradiction, Deal, Price, Quote, SourceHealth, Term

ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "Acme\r\nBcc: victim@desk.example\r\n\r\nBody",
    "\u202emoc.live\u202c\u2066\u200b\u0000\u0007 Cloud",
    "N" * 10_000,
    '=HYPERLINK("https://evil.example","x")',
    "[link](javascript:alert(1)) `code` **bold** | cell | <b>",
    "{{ brief.week }} {% raw %} ${7*7} %s",
    "</title></style><style>*{display:none}</style>",
    "A\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301 Zalgo \ue000d1\ue001 \ufffe\ud800",
    "$E=mc^2$ \\frac{1}{2} _a_",
    " -- &amp; &#x3C;script&#x3E; %0d%0aSet-Cookie: a=b",
)
LINKS = (
    "javascript:alert(1)",
    "data:text/html,<script>",
    "https://ok.example/\r\nX: y",
    "file:///etc/passwd",
    'http://a"onclick=x',
)


class _Poison:
    def __init__(self) -> None:
        self.turn = 0

    def text(self) -> str:
        self.turn += 1
        return ATTACKS[self.turn % len(ATTACKS)]

    def link(self) -> str:
        self.turn += 1
        return LINKS[self.turn % len(LINKS)]


def hostile_ledger() -> MemoryLedger:
    """Every name, title, quote, publisher, link, site, reason, flag and detail replaced by an attack."""
    poison = _Poison()
    ledger = may_ledger()

    def quote(old: Quote) -> Quote:
        return dataclasses.replace(
            old, title=poison.text(), publisher=poison.text(), quote=poison.text(), url=poison.link()
        )

    def term(old: Term) -> Term:
        value: Any = old.value
        if isinstance(value, tuple):
            value = (poison.text(), poison.text())
        elif old.field == "site":
            value = poison.text()
        reason = poison.text() if old.reason else ""
        return dataclasses.replace(old, value=value, reason=reason, quotes=tuple(map(quote, old.quotes)))

    def deal(old: Deal) -> Deal:
        return dataclasses.replace(old, terms=tuple(map(term, old.terms)), flags=(poison.text(),))

    def price(old: Price) -> Price:
        provider = poison.text() if old.provider else None
        return dataclasses.replace(old, gpu_model=poison.text(), provider=provider, quote=quote(old.quote))

    def change(old: Change) -> Change:
        return dataclasses.replace(old, quotes=tuple(map(quote, old.quotes)))

    def clash(old: Contradiction) -> Contradiction:
        return dataclasses.replace(old, explanation=poison.text(), quotes=tuple(map(quote, old.quotes)))

    def health(old: SourceHealth) -> SourceHealth:
        return dataclasses.replace(old, publisher=poison.text(), detail=poison.text(), outcome=old.outcome)

    return MemoryLedger(
        deals=tuple(map(deal, ledger.deals)),
        prices=tuple(map(price, ledger.prices)),
        contradictions=tuple(map(clash, ledger.contradictions)),
        changes=tuple(map(change, ledger.changes)),
        corrections=tuple(map(change, ledger.corrections)),
        health=tuple(map(health, ledger.health)),
    )
