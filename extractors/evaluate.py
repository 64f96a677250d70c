"""How well findings agree with annotated documents, by field, by kind of source and by kind of deal.

Deals of one document are paired so that the most fields agree; then every field of every deal counts once: right,
missed, or extra (a wrong value is both missed and extra). Names agree when one begins with the words of the other,
amounts within one per cent, terms within a month, dates when the found one is at least as precise as the annotated.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import cast

from extractors.lines import Json
from megawatch.errors import ExtractionError

AMOUNTS = (
    "total_value_usd",
    "monthly_payment_usd",
    "term_months",
    "power_mw",
    "gross_power_mw",
    "option_power_mw",
    "gpu_count",
    "rate_usd_per_gpu_hour",
)
PARTIES = ("supplier", "customer")
HEADLINE = ("kind", *PARTIES, *AMOUNTS, "gpu_model", "start_date", "end_date")
SECONDARY = ("status", "site", "qualifiers")
_FORMS = frozenset(
    [
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "ltd",
        "limited",
        "plc",
        "llc",
        "lp",
        "llp",
        "co",
        "company",
        "nv",
        "ag",
        "sa",
        "se",
        "asa",
        "ab",
        "gmbh",
        "bv",
        "the",
        "holdings",
        "holding",
        "group",
        "pte",
        "pty",
        "kk",
    ]
)
_MAKERS = re.compile(
    r"\b(nvidia|amd|instinct|google|aws|amazon|intel|gpus?|chips?|accelerators?|systems?|superchips?|hopper|"
    r"blackwell ultra|blackwell|tensor core|sxm|pcie|nvl\d*)\b"
)
_EXACT_UP_TO = 14

Words = tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """Right, missed and extra answers."""

    right: int = 0
    missed: int = 0
    extra: int = 0

    def __add__(self, other: Tally) -> Tally:
        """The answers of both."""
        return Tally(self.right + other.right, self.missed + other.missed, self.extra + other.extra)

    @property
    def wanted(self) -> int:
        """How many answers the annotation holds."""
        return self.right + self.missed

    @property
    def precision(self) -> float:
        """The share of right answers among those given; 1 where none was given."""
        given = self.right + self.extra
        return self.right / given if given else 1.0

    @property
    def recall(self) -> float:
        """The share of wanted answers that were given; 1 where none was wanted."""
        return self.right / self.wanted if self.wanted else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(slots=True)
class Step:
    """Claims of about one confidence: how many, what they promised in all, how many were right."""

    claims: int = 0
    promised: float = 0.0
    right: int = 0


@dataclass(slots=True)
class Scores:
    """The scores of a set of documents, which add up."""

    documents: int = 0
    fields: dict[str, Tally] = field(default_factory=dict)
    deals: Tally = field(default_factory=Tally)
    prices: Tally = field(default_factory=Tally)
    perfect: int = 0
    negatives: int = 0
    false_deals: int = 0
    faithful: int = 0
    unfaithful: int = 0
    by_source: dict[str, Tally] = field(default_factory=dict)
    by_kind: dict[str, Tally] = field(default_factory=dict)
    reliability: dict[int, Step] = field(default_factory=dict)

    def of(self, names: Iterable[str]) -> Tally:
        """The tally of several fields together."""
        return sum((self.fields.get(name, Tally()) for name in names), Tally())

    @property
    def calibration_error(self) -> float:
        """How far confidence and share of right claims lie apart, on average over the claims (ECE, ten steps)."""
        claims = sum(step.claims for step in self.reliability.values())
        return sum(abs(step.promised - step.right) for step in self.reliability.values()) / claims if claims else 0.0

    def figures(self) -> dict[str, float]:
        """The figures that the floors are set for; ``false_deals_per_negative`` and ``unfaithful`` are ceilings."""
        return {
            "terms": self.of(HEADLINE).f1,
            "parties": self.of(PARTIES).f1,
            "amounts": self.of(AMOUNTS).f1,
            "deals": self.deals.f1,
            "prices": self.prices.f1,
            "perfect_deals": self.perfect / self.deals.wanted if self.deals.wanted else 1.0,
            "false_deals_per_negative": self.false_deals / self.negatives if self.negatives else 0.0,
            "unfaithful": float(self.unfaithful),
        }


STEPS = 10
CEILINGS = frozenset({"false_deals_per_negative", "unfaithful"})


def evaluate(gold: Iterable[Json], predicted: Mapping[str, Json]) -> Scores:
    """Scores of predictions (by document id, in the form of ``lines.write_findings``) against annotated documents."""
    total = Scores()
    for document in gold:
        _score_document(total, document, predicted.get(str(document["id"]), {}))
    return total


def read_gold(path: Path) -> list[Json]:
    """The annotated documents of a JSONL file; raises ExtractionError naming file and line where one is broken."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            try:
                found.append(json.loads(line))
            except ValueError as fault:
                raise ExtractionError(f"{path.name}, line {number} is not JSON: {fault}.") from fault
    return found


def _score_document(total: Scores, gold: Json, predicted: Json) -> None:
    wanted, given = _rows(gold, "deals"), _rows(predicted, "deals")
    pairs = pair_deals(wanted, given)
    left, right = {i for i, _ in pairs}, {j for _, j in pairs}
    rows = [(wanted[i], given[j]) for i, j in pairs]
    rows += [(deal, {}) for i, deal in enumerate(wanted) if i not in left]
    rows += [({}, deal) for j, deal in enumerate(given) if j not in right]
    for one, other in rows:
        _score_pair(total, one, other, source=str(gold.get("source", "news")))
    total.documents += 1
    total.deals += Tally(len(pairs), len(wanted) - len(pairs), len(given) - len(pairs))
    total.prices += _score_prices(_rows(gold, "prices"), _rows(predicted, "prices"))
    if not wanted and not _rows(gold, "prices"):
        total.negatives += 1
        total.false_deals += len(given)
    _score_evidence(total, gold, given)


def _rows(document: Json, name: str) -> list[Json]:
    return cast("list[Json]", document.get(name) or [])


def _score_pair(total: Scores, wanted: Json, given: Json, *, source: str) -> None:
    faults = 0
    for name in (*HEADLINE, *SECONDARY):
        found = compare(name, wanted, given)
        total.fields[name] = total.fields.get(name, Tally()) + found
        if name in HEADLINE:
            faults += found.missed + found.extra
            kind = str(wanted.get("kind") or given.get("kind"))
            total.by_source[source] = total.by_source.get(source, Tally()) + found
            total.by_kind[kind] = total.by_kind.get(kind, Tally()) + found
    total.perfect += bool(wanted) and not faults
    for name, confidence in cast("dict[str, float]", given.get("confidence") or {}).items():
        if name in HEADLINE or name in SECONDARY:
            found = compare(name, wanted, given)
            step = total.reliability.setdefault(min(int(confidence * STEPS), STEPS - 1), Step())
            step.claims += 1
            step.promised += confidence
            step.right += bool(found.right and not found.extra)


def compare(name: str, wanted: Json, given: Json) -> Tally:
    """The tally of one field of a pair of deals; either may be empty."""
    one, other = wanted.get(name), given.get(name)
    if name in ("gpu_model", "qualifiers"):
        left, right = (_model_set(one), _model_set(other)) if name == "gpu_model" else (_pairs(one), _pairs(other))
        return Tally(len(left & right), len(left - right), len(right - left))
    has, gave = one not in (None, "", [], {}), other not in (None, "", [], {})
    if has and gave:
        return Tally(1, 0, 0) if _agrees(name, one, other) else Tally(0, 1, 1)
    return Tally(0, int(has), int(gave))


def _pairs(value: object) -> set[object]:
    return set(cast("dict[str, object]", value or {}).items())


def _model_set(value: object) -> set[object]:
    return {model_key(model) for model in _listed(value)}


def _listed(value: object) -> list[object]:
    return [] if value in (None, "", []) else value if isinstance(value, list) else [value]


def _agrees(name: str, one: object, other: object) -> bool:
    if name in PARTIES:
        return same_party(one, other)
    if name in AMOUNTS:
        return _close(one, other, slack=1.0 if name == "term_months" else 0.0)
    if name in ("start_date", "end_date"):
        return str(other).startswith(str(one))
    if name == "site":
        left, right = _site_words(one), _site_words(other)
        return bool(left & right) and len(left & right) >= 0.5 * min(len(left), len(right))
    return one == other


def _site_words(site: object) -> set[str]:
    return {word for word in re.findall(r"[a-z0-9]+", str(site).lower()) if len(word) > 2}


def _close(one: object, other: object, *, slack: float) -> bool:
    try:
        left, right = float(str(one)), float(str(other))
    except ValueError:
        return False
    return abs(left - right) <= max(0.01 * abs(left), slack)


@cache
def name_key(name: str) -> Words:
    """The words of a party's name without case, accents, punctuation and company forms."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain.replace("&", " and ").replace("'s", ""))
    return tuple(word for word in words if word not in _FORMS) or tuple(words)


def same_party(one: object, other: object) -> bool:
    """Whether a name of the one begins with the words of a name of the other, or the other way round."""
    keys = [(name_key(str(g)), name_key(str(p))) for g in _listed(one) for p in _listed(other)]
    return any(_begins(left, right) or _begins(right, left) for left, right in keys)


def _begins(short: Words, long: Words) -> bool:
    return bool(short) and long[: len(short)] == short


def model_key(model: object) -> str:
    """A chip's name without maker, generation and punctuation."""
    text = re.sub(r"[^a-z0-9]", "", _MAKERS.sub(" ", str(model).lower()))
    return re.sub(r"(\d)s$", r"\1", text) or re.sub(r"[^a-z0-9]", "", str(model).lower())


def likeness(wanted: Json, given: Json) -> float:
    """How much two deals agree; 0 where no party and no amount does."""
    tallies = {name: compare(name, wanted, given) for name in HEADLINE}
    right = {name for name, found in tallies.items() if found.right}
    if not right & {*PARTIES, *AMOUNTS}:
        return 0.0
    score = sum(found.right for found in tallies.values()) + len(right & set(PARTIES))
    return score - 0.01 * sum(found.extra for found in tallies.values())


def pair_deals(wanted: Sequence[Json], given: Sequence[Json]) -> list[tuple[int, int]]:
    """The pairing (annotated, found) of the greatest likeness in all; nearest first where there are many."""
    table = [[likeness(one, other) for other in given] for one in wanted]
    return _greedy(table) if len(given) > _EXACT_UP_TO else _exact(table)


def _greedy(table: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    ranked = sorted(((s, i, j) for i, row in enumerate(table) for j, s in enumerate(row) if s > 0), reverse=True)
    pairs: list[tuple[int, int]] = []
    for _, i, j in ranked:
        if all(i != a and j != b for a, b in pairs):
            pairs.append((i, j))
    return pairs


def _exact(table: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    @cache
    def best(i: int, taken: int) -> tuple[float, tuple[tuple[int, int], ...]]:
        if i == len(table):
            return 0.0, ()
        top = best(i + 1, taken)
        for j, score in enumerate(table[i]):
            if score > 0 and not taken >> j & 1:
                rest = best(i + 1, taken | 1 << j)
                if score + rest[0] > top[0]:
                    top = (score + rest[0], ((i, j), *rest[1]))
        return top

    return list(best(0, 0)[1])


def _score_prices(wanted: Sequence[Json], given: Sequence[Json]) -> Tally:
    left, right = list(given), 0
    for price in wanted:
        hit = next((other for other in left if _same_price(price, other)), None)
        if hit is not None:
            left.remove(hit)
            right += 1
    return Tally(right, len(wanted) - right, len(left))


def _same_price(wanted: Json, given: Json) -> bool:
    if model_key(wanted.get("gpu_model")) != model_key(given.get("gpu_model")):
        return False
    if wanted.get("provider") and not same_party(wanted["provider"], given.get("provider")):
        return False
    for name in ("low_usd_per_gpu_hour", "high_usd_per_gpu_hour", "change_percent"):
        one, other = wanted.get(name), given.get(name)
        if isinstance(one, int | float) and not (
            isinstance(other, int | float) and abs(one - other) <= max(0.01 * abs(one), 0.005)
        ):
            return False
    return True


def _score_evidence(total: Scores, gold: Json, deals: Sequence[Json]) -> None:
    text = str(gold.get("text") or "")
    both = f"{gold.get('title') or ''}\n{text}"
    for deal in deals:
        evidence = cast("dict[str, Json]", deal.get("evidence") or {})
        for name in HEADLINE:
            if deal.get(name) in (None, "", [], {}):
                continue
            quote = str(evidence.get(name, {}).get("quote", ""))
            holds = bool(quote) and quote in both
            total.faithful += holds
            total.unfaithful += not holds
