"""Market prices of an accelerator-hour in sentences, bullets and lists; tables and moves stand in their own modules."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from itertools import pairwise

from extractors.candidates import ModelMention, Quantity, Reading, Sentence
from extractors.parties.types import PartyMention
from extractors.prices.context import DEAL_WORDS, NOT_PRICE, is_listed, market_in, usual_market
from extractors.prices.doubts import is_doubtful, is_too_cheap
from extractors.prices.draft import HIGHEST, LOWEST, PriceDraft, priced_model
from extractors.prices.informal import Ends, find_informal, holds_bare, holds_spoken
from extractors.prices.judge import STRONG, counts_hours, find_market, is_market_price, speaks_of_rents, tags_chips
from extractors.prices.moves import find_moves
from extractors.prices.places import JOINS, Place, Places
from extractors.prices.providers import Providers
from extractors.prices.tables import find_table_prices
from megawatch.market import Evidence, Market, PriceMention

_BEHIND = re.compile(
    r"(?:,(?= an hour of))?\s*(?:\)\s*)?(?:an hour|per hour|/hr|/hour|hourly|per GPU[- ]hour|per card[- ]hour|apiece"
    r"|each)?\s*(?:on[ -]demand|spot|reserved)?\s*"
    r"(?:for|on|of|per|an?|is what|to rent|that [a-z ]{3,30} for)?\s*(?:an?|the|one|every|each|spot"
    r"|reserved)?\s*"
    r"(?:(?:NVIDIA|Nvidia|AMD|an hour of|hour of|spot|reserved|on-demand) )*\Z"
)
# Cells that hold a chip with its price are read as words: "H100 $1.99 | H200 $2.49".
_MIXED = re.compile(r"[A-Z]{1,3}\d{2,3}\w*\**(?: [A-Z]\w+)?(?::| [–-])? \$\d")
_BOTH = re.compile(r"\b(?:both|each|alike)\b")
_JOINED = re.compile(r"\s*(?:and|/|,|or)\s*(?:about |around )?\Z")
_BAND = re.compile(
    r" bid(?:,| and| /) (?:and )?|,? (?:offered|asked|ask)(?: at)? |,? (?:and|to) (?:as high as|up to"
    r"|as much as|a high of) | up to "
    r"|(?: an hour| per hour)?(?:,|;| and|, and) (?:the )?(?:highest|dearest|costliest|most expensive)"
    r"(?: (?:is|was|at))? "
    r"|(?: an hour)? at (?:the )?[a-z][a-z ]{2,40} to (?=[^.;]{0,60}(?:ones?|end|clouds|sellers|providers|names)\b)"
)

# A paragraph that goes on from the price which ended the last: "The figure compares with $2.11 in May."
_TAKES_UP = re.compile(
    r"(?:That|This|It|Both|They|The (?:figure|rate|price|level|number|average|reading|same)|(?:A|One|Two|Six|Half a)"
    r" (?:week|month|quarter|year)s? (?:ago|earlier|before)|Back in|By (?:contrast|comparison))\b"
)


_OTHER_PART = re.compile(
    r"(?: an hour| per hour)? (?:for|on) the (?:older|newer|other|latter|smaller|bigger|previous|earlier)"
    r" (?:part|chip|card|one|model|generation)\b"
)


@dataclass(slots=True)
class Scene:
    """What is known while walking through a document: the models last named, the section, what was last accepted.

    ``recent`` are the models of the last sentence that names any, ``series`` those of the paragraph so far.
    """

    hourly: bool
    trades: bool
    recent: list[str]
    usual: Callable[[], Market | None] = lambda: None
    series: list[str] = field(default_factory=list)
    section: Sentence | None = None
    paragraph: int = -1
    paragraph_start: int = 0
    accepted: bool = False


def find_prices(reading: Reading, *, parties: Sequence[PartyMention] = ()) -> tuple[PriceMention, ...]:
    """The market prices that a document quotes, in order; deal rates, node prices and break-even rates are none.

    ``parties`` are the document's party mentions, from which providers are read; without them prices carry none but
    the publisher of its own list.
    """
    if not reading.models or not _may_hold_prices(reading):
        return ()
    providers = Providers(reading, parties)
    drafts = find_table_prices(reading, providers) if reading.tables else []
    drafts += _find_in_sentences(reading, providers)
    drafts += find_moves(reading, providers, drafts)
    return tuple(_mention(reading, position, draft) for position, draft in enumerate(_distinct(drafts)))


def _may_hold_prices(reading: Reading) -> bool:
    """Whether anything in the document could be a price: an hourly or small amount, a table, a move, talk of hours."""
    if reading.tables or any(
        q.kind in ("gpu_rate", "percent") or (q.kind == "money" and q.value <= HIGHEST) for q in reading.quantities
    ):
        return True
    return holds_bare(reading.document.text) or _is_hourly(reading)


def _is_hourly(reading: Reading) -> bool:
    return counts_hours(reading.document.text) or counts_hours(reading.document.title)


def _distinct(drafts: list[PriceDraft]) -> list[PriceDraft]:
    seen: set[tuple[object, ...]] = set()
    kept = []
    for draft in sorted(drafts, key=lambda draft: (draft.part != "title", draft.start, draft.end)):
        key = (draft.model, draft.provider, draft.low, draft.high, draft.change, draft.market)
        if key not in seen and not (draft.low is not None and is_too_cheap(draft.model, draft.low)):
            seen.add(key)
            kept.append(draft)
    return kept


def _mention(reading: Reading, position: int, draft: PriceDraft) -> PriceMention:
    quote = reading.document.part(draft.part)[draft.start : draft.end]
    return PriceMention(
        document_id=reading.document.id,
        position=position,
        gpu_model=draft.model,
        evidence=Evidence(part=draft.part, start=draft.start, end=draft.end, quote=quote),
        provider=draft.provider,
        market=draft.market,
        low_usd_per_gpu_hour=draft.low,
        high_usd_per_gpu_hour=draft.high,
        change_percent=draft.change,
        hedge=draft.hedge,
        confidence=draft.confidence,
    )


def _find_in_sentences(reading: Reading, providers: Providers) -> list[PriceDraft]:
    text = reading.document.text
    places = Places(reading)
    bare = holds_bare(text)
    if not bare and not places.amounts and not holds_spoken(text):
        return []
    hourly = _is_hourly(reading)
    hourly = hourly or (bool(places.amounts) and tags_chips(text))
    trades = hourly or speaks_of_rents(text, reading.document.title)
    if not trades and STRONG.search(text) is None:
        return []
    titled = [m.gpu_model for m in reading.models if m.part == "title" and priced_model(m)]
    scene = Scene(hourly=hourly, trades=trades, recent=titled[-1:])
    scene.usual = cache(partial(usual_market, reading))
    tabled = _in_tables(reading)
    found: list[PriceDraft] = []
    for sentence in reading.sentences:
        if sentence.part != "text":
            continue
        _enter(scene, sentence)
        models = places.models_in(sentence.start, sentence.end)
        if sentence.start not in tabled or _MIXED.search(sentence.quote):
            amounts = places.amounts_in(sentence)
            if scene.trades and (models or scene.recent):
                taken = {position for amount in amounts for position in range(amount.start, amount.end)}
                found += _read_informal(text, sentence, models, scene, providers, taken)
            if amounts:
                found += _read_sentence(text, sentence, amounts, models, places, scene, providers)
        if models:
            scene.recent = [m.gpu_model for m in models]
            scene.series = list(dict.fromkeys([*scene.series, *scene.recent]))
    return found


def _in_tables(reading: Reading) -> set[int]:
    """Where the sentences begin that are rows of a table."""
    tables = [table for table in reading.tables if table.part == "text"]
    rows: set[int] = set()
    index = 0
    for sentence in reading.sentences:
        if sentence.part != "text":
            continue
        while index < len(tables) and tables[index].end <= sentence.start:
            index += 1
        if index < len(tables) and tables[index].start <= sentence.start:
            rows.add(sentence.start)
    return rows


def _enter(scene: Scene, sentence: Sentence) -> None:
    if sentence.paragraph != scene.paragraph:
        scene.paragraph, scene.paragraph_start = sentence.paragraph, sentence.start
        scene.series = []
        scene.accepted = scene.accepted and _TAKES_UP.match(sentence.quote) is not None
    if len(sentence.quote) > 160:
        return
    bold = sentence.quote.startswith("**") and sentence.quote.rstrip("*: ").endswith(("**", ")"))
    if sentence.kind == "heading" or bold or sentence.quote.endswith((":", ":**")):
        scene.section = sentence


def _read_informal(
    text: str, sentence: Sentence, models: list[ModelMention], scene: Scene, providers: Providers, taken: set[int]
) -> list[PriceDraft]:
    asked = "?" in text[max(0, sentence.start - 12) : sentence.start]
    found = []

    @cache
    def sellers() -> Ends:
        named = [m for m in providers.inside(sentence) if m.form == "name"]
        return [m.end for m in named], [providers.sells(m) for m in named]

    for start, end, low, high in find_informal(text, sentence, models, spoken=asked, sellers=sellers):
        left, right = max(sentence.start, start - 120), min(sentence.end, end + 60)
        dealt = DEAL_WORDS.search(text, left, right) or "→" in text[sentence.start : start]
        if start in taken or dealt or NOT_PRICE.search(text, left, right):
            continue
        if is_doubtful(text, start, end, start=sentence.start, left=left, right=right):
            continue
        before = _models_said(text, models, start, end) or scene.recent
        if not before or not LOWEST <= low <= high <= HIGHEST:
            continue
        market = market_in(text, left, right, at=start) or (scene.usual() if is_listed(sentence) else None)
        draft = PriceDraft(
            model=before[-1], part="text", start=left, end=end, market=market or "unspecified", provider=None
        )
        draft.low, draft.high, draft.confidence = low, high, 0.6
        draft.provider = None if market == "index" else providers.of(sentence, start, scene.paragraph_start)
        found.append(draft)
    return found


def _models_said(text: str, models: list[ModelMention], start: int, end: int) -> list[str]:
    """The models that a bare figure may price, the likeliest last: one right behind it, else those before it."""
    behind = next((m for m in models if end <= m.start < end + 16), None)
    if behind is not None and _BEHIND.fullmatch(text, end, behind.start):
        return [behind.gpu_model]
    return [m.gpu_model for m in models if m.start < start]


def _read_sentence(
    text: str,
    sentence: Sentence,
    amounts: list[Quantity],
    models: list[ModelMention],
    places: Places,
    scene: Scene,
    providers: Providers,
) -> list[PriceDraft]:
    found: list[PriceDraft] = []
    amounts = _merge_bands(text, amounts, places, scene)
    paired = _paired(text, amounts, models, scene)
    before: list[str] = []
    built = places.build(sentence, amounts, paragraph=scene.paragraph_start)
    ahead = next((place.inside.gpu_model for place in built if place.inside is not None), None)
    taken = 0
    for index, place in enumerate(built):
        place = replace(place, before=tuple(m for m in place.before if m.start >= taken))
        last = before or ([ahead] if ahead and not place.before else scene.recent[-1:])
        before = [paired[index]] if paired else _models_of(text, place, last, bool(found))
        before = _other_of_two(text, place, before, scene) or before
        taken = place.behind[-1].end if _answers_behind(text, place, bool(found)) else taken
        accepted = before and is_market_price(
            text,
            place,
            hourly=scene.hourly,
            trades=scene.trades,
            follows=bool(found),
            accepted=scene.accepted,
            section=scene.section,
        )
        if accepted:
            scene.accepted = scene.trades = True
            found += _drafts(text, place, before, scene, providers)
    return found


def _drafts(text: str, place: Place, models: list[str], scene: Scene, providers: Providers) -> list[PriceDraft]:
    quantity, sentence = place.quantity, place.sentence
    named = providers.named(sentence, quantity.start, quantity.end) is not None
    market = find_market(text, place, scene.section, named=named, usual=scene.usual)
    if market == "index" and providers.averages_own(sentence, quantity.start):
        market = "unspecified"
    if market == "index":
        provider = providers.of_index(sentence, quantity.start, quantity.end)
    else:
        provider = providers.of(sentence, quantity.start, scene.paragraph_start, end=quantity.end)
    near = quantity.start - sentence.start < 160
    return [
        PriceDraft(
            model=model,
            part="text",
            start=min(sentence.start, quantity.start) if near else quantity.hedge_start,
            end=quantity.end,
            market=market,
            provider=provider,
            low=quantity.value,
            high=quantity.high or quantity.value,
            hedge=quantity.hedge,
        )
        for model in models
    ]


def _merge_bands(text: str, amounts: list[Quantity], places: Places, scene: Scene) -> list[Quantity]:
    """The amounts with two that bound one price made one: ``as low as $1.72 and as high as $2.10``."""
    out: list[Quantity] = []
    for quantity in amounts:
        last = out[-1] if out else None
        if last is not None and last.high is quantity.high is None and last.value < quantity.value:
            again = len(out) > 1 and out[-2].high is not None and text[last.start - 5 : last.start] == "from "
            gap = text[last.end : quantity.start]
            floor = max(out[-2].end if len(out) > 1 else 0, last.start - 300)
            named = {m.gpu_model for m in places.models_in(floor, last.start)}
            apart = places.models_in(last.start, quantity.end + 12)
            alone = not apart and (len(named) == 1 or (not named and len(set(scene.recent)) == 1))
            band = _BAND.match(text, last.end)
            if (
                (band is not None and band.end() == quantity.start)
                or (gap == " and " and alone)
                or (gap == " to " and again)
            ):
                out[-1] = replace(last, high=quantity.value, end=quantity.end, quote=text[last.start : quantity.end])
                continue
        out.append(quantity)
    return out


def _paired(text: str, amounts: list[Quantity], models: list[ModelMention], scene: Scene) -> list[str]:
    """The models to which the amounts answer one by one, else none.

    They were named before (``the same cards go for $1.49 and $3.35``) or stand in a row in front of the amounts
    (``H100, H200 and B200 at $2, $3 and $5``).
    """
    if len(amounts) < 2 or any(_JOINED.match(text[a.end : b.start]) is None for a, b in pairwise(amounts)):
        return []
    if not models:
        return next((named for named in (scene.recent, scene.series) if len(amounts) == len(named)), [])
    row = [m for m in models if m.start < amounts[0].start]
    joined = all(JOINS.fullmatch(text[a.end : b.start].removeprefix("s")) for a, b in pairwise(row))
    apart = len({m.gpu_model for m in row}) == len(row) == len(models)
    return [m.gpu_model for m in row] if len(row) == len(amounts) and joined and apart else []


def _other_of_two(text: str, place: Place, models: list[str], scene: Scene) -> list[str]:
    """The other of the two models spoken of, for ``against $4.90 for the older part``, else none."""
    if _OTHER_PART.match(text, place.quantity.end, place.right) is None:
        return []
    others = [model for model in scene.series if [model] != models]
    return others if len(others) == 1 else []


def _answers_behind(text: str, place: Place, follows: bool) -> bool:
    """Whether an amount prices the models right behind it."""
    if not place.behind or place.inside is not None or (place.before and not follows):
        return False
    return _BEHIND.fullmatch(text[place.quantity.end : place.behind[0].start]) is not None


def _models_of(text: str, place: Place, last: list[str], follows: bool) -> list[str]:
    """The models that an amount prices: one in its words, right behind it, nearest before it, else the last ones."""
    quantity, before, behind = place.quantity, place.before, place.behind
    if place.inside is not None:
        return [place.inside.gpu_model]
    if _answers_behind(text, place, follows):
        return [m.gpu_model for m in behind]
    if before:
        pair = len(before) > 1 and JOINS.fullmatch(text[before[-2].end : before[-1].start]) is not None
        shared = len(before) > 1 and _BOTH.search(text, before[0].end, quantity.start) is not None
        if shared or (pair and quantity.start - before[-1].end < 24):
            return [m.gpu_model for m in before]
        return [before[-1].gpu_model]
    return last or [m.gpu_model for m in behind]
