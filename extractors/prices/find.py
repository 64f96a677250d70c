"""Market prices of an accelerator-hour in sentences, bullets and lists; tables and moves stand in their own modules."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from extractors.candidates import ModelMention, Quantity, Reading, Sentence
from extractors.parties.types import PartyMention
from extractors.prices.context import DEAL_WORDS, NOT_PRICE, PRICE_WORDS, market_in
from extractors.prices.draft import HIGHEST, LOWEST, PriceDraft, priced_model
from extractors.prices.informal import find_informal
from extractors.prices.moves import find_moves
from extractors.prices.providers import Providers
from extractors.prices.tables import find_table_prices
from megawatch.market import Evidence, Market, PriceMention

_HOURLY = re.compile(
    r"(?:(?:per|/|an?|each|one) ?(?:GPU|card|chip|accelerator)?[ /-]?(?:and |per )?(?:hour|hr)\b"
    r"|\b[A-Z]{1,3}\d{2,3}[A-Z]? hour|/card/hour|\bhourly\b|(?:GPU|card|chip)[ -]hours?|by the hour|/hour\b)",
    re.IGNORECASE,
)
_STRONG = re.compile(
    r"\b(?:spot|on[- ]demand|list(?:s|ed)?|list price|marketplaces?|index|fix(?:ed|ing)|benchmark|median"
    r"|today['’]s market|open market|market (?:price|quotation|rate)|specialist clouds|specialized clouds"
    r"|asks?|asking|offers? (?:at|an)|quotes?|posted|published|elsewhere|peers|reservations|trade"
    r"|for comparison|by the hour|screens?|street price|walk in|composite|sellers|what (?:the )?market"
    r"|currently go)\b",
    re.IGNORECASE,
)
_COMPARED = re.compile(
    r"\b(?:compare[ds]?|against|versus|vs|(?<!rather )than|while|undercuts?|elsewhere|comparable|peers"
    r"|below where|for reference)\b",
    re.IGNORECASE,
)
_NOT_AFTER = re.compile(
    r"\s*(?:per|an?|/|each)?\s*(?:GB|TB|gigabyte|terabyte|token|million tokens|user|seat|month(?! ago"
    r"| earlier)|share|MW|kW|node|instance|server|gigabyte-month|IP\b|address|year(?! ago| earlier)|second"
    r"|sec\b|minute|day)\b"
    r"|\s*(?:million|billion|bn|m\b|trillion)|[%x]"
    r"|\s*(?:an hour |per hour )?(?:more|less|cheaper|dearer|apart|higher|lower)\b",
    re.IGNORECASE,
)
_UNDER = re.compile(r"\b(?:less than|under|below|beneath|above|over)\s\Z", re.IGNORECASE)
_OF_A_DEAL = re.compile(r"\bthe [A-Z][\w.]+ (?:rate|contract|deal|order|ticket)\b")
_AFTER_MODEL = re.compile(
    r"\s*(?:\)\s*)?(?:an hour|per hour|/hr|/hour|hourly|per GPU[- ]hour|per card[- ]hour|apiece"
    r"|each)?\s*(?:for|on|per|an?|is what|to rent|that [a-z ]{3,30} for)?\s*(?:an?|the|one|every|each|spot"
    r"|reserved)?\s*"
    r"(?:(?:NVIDIA|Nvidia|AMD|an hour of|hour of|spot|reserved|on-demand) )*\Z"
)
_BOTH = re.compile(r"\b(?:both|each|alike)\b")
_JOINED = re.compile(r"\s*(?:and|/|,|or)\s*(?:about |around )?\Z")


_NAMED_WITH = re.compile(r"\b[A-Z]{1,3}\d{1,3}[A-Z]?s? (?:is |was |at |: ?|, )?(?:now )?\Z")
_FOR_PARTY = re.compile(r"[\"”’]? for (?!H\d|B\d|A\d|GB|MI\d|L\d|T\d|RTX|TPU)[A-Z][a-z]")
_QUOTED = re.compile(r"\b(?:composite|index|fixing|spot|on[- ]demand|GPU rental)\b", re.IGNORECASE)


@dataclass(slots=True)
class Scene:
    """What is known while walking through a document: its models so far, its section and what was last accepted."""

    hourly: bool
    models: list[str]
    recent: list[str]
    section: Sentence | None = None
    paragraph: int = -1
    paragraph_start: int = 0
    accepted_in_paragraph: bool = False


def find_prices(reading: Reading, *, parties: Sequence[PartyMention] = ()) -> tuple[PriceMention, ...]:
    """The market prices that a document quotes, in order; deal rates, node prices and break-even rates are none.

    ``parties`` are the document's party mentions, from which providers are read; without them prices carry none.
    """
    if not reading.models or not _may_hold_prices(reading):
        return ()
    text = reading.document.text
    providers = Providers(reading, parties)
    drafts: list[PriceDraft] = []
    if _HOURLY.search(text) or _STRONG.search(text) or _HOURLY.search(reading.document.title):
        drafts = find_table_prices(reading, providers)
        covered = [(table.start, table.end) for table in reading.tables if table.part == "text"]
        drafts += _find_in_sentences(reading, providers, covered)
    drafts += find_moves(reading, providers, drafts)
    return tuple(_mention(reading, position, draft) for position, draft in enumerate(_distinct(drafts)))


def _may_hold_prices(reading: Reading) -> bool:
    """Whether anything in the document could be a price: an hourly or small amount, a table, a move, talk of hours."""
    if reading.tables or any(
        q.kind in ("gpu_rate", "percent") or (q.kind == "money" and q.value <= HIGHEST) for q in reading.quantities
    ):
        return True
    return _HOURLY.search(reading.document.text) is not None or _HOURLY.search(reading.document.title) is not None


def _distinct(drafts: list[PriceDraft]) -> list[PriceDraft]:
    seen: set[tuple[object, ...]] = set()
    kept = []
    for draft in sorted(drafts, key=lambda draft: (draft.part != "title", draft.start, draft.model)):
        key = (draft.model, draft.provider, draft.low, draft.high, draft.change, draft.market)
        if key not in seen:
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


def _find_in_sentences(reading: Reading, providers: Providers, covered: list[tuple[int, int]]) -> list[PriceDraft]:
    text = reading.document.text
    quantities = [q for q in reading.quantities if q.part == "text" and _may_be_price(q, text)]
    counts = [q for q in reading.quantities if q.part == "text" and _speaks_of_deal(q)]
    models = [m for m in reading.models if m.part == "text" and priced_model(m)]
    q_starts, m_starts, c_starts = ([x.start for x in xs] for xs in (quantities, models, counts))
    title = [m.gpu_model for m in reading.models if m.part == "title" and priced_model(m)]
    scene = Scene(
        hourly=_HOURLY.search(text) is not None or _HOURLY.search(reading.document.title) is not None,
        models=title,
        recent=title[-1:],
    )
    found: list[PriceDraft] = []
    for sentence in reading.sentences:
        if sentence.part != "text":
            continue
        _enter(scene, sentence)
        mine = models[bisect_left(m_starts, sentence.start) : bisect_left(m_starts, sentence.end)]
        inside = quantities[bisect_left(q_starts, sentence.start) : bisect_left(q_starts, sentence.end)]
        in_table = any(start <= sentence.start < end for start, end in covered)
        if not in_table and (mine or scene.recent) and scene.hourly:
            found += _read_informal(text, sentence, mine, scene, providers)
        if inside and not in_table:
            near = counts[bisect_left(c_starts, scene.paragraph_start) : bisect_right(c_starts, sentence.end)]
            found += _read_sentence(text, sentence, inside, mine, near, scene, providers)
        if mine:
            scene.recent = [m.gpu_model for m in mine]
    return found


def _read_informal(
    text: str, sentence: Sentence, models: list[ModelMention], scene: Scene, providers: Providers
) -> list[PriceDraft]:
    if NOT_PRICE.search(text, sentence.start, sentence.end) or DEAL_WORDS.search(text, sentence.start, sentence.end):
        return []
    asked = "?" in text[max(0, sentence.start - 12) : sentence.start]
    found = []
    for start, end, low, high in find_informal(text, sentence, models, spoken=asked):
        model = next(
            (m.gpu_model for m in reversed(models) if m.end <= start), scene.recent[-1] if scene.recent else None
        )
        if model is None or not LOWEST <= low <= high <= HIGHEST:
            continue
        market = market_in(text, sentence.start, sentence.end, at=start) or "unspecified"
        provider = None if market == "index" else providers.of(sentence, start, scene.paragraph_start)
        found.append(
            PriceDraft(
                model=model,
                part="text",
                start=sentence.start,
                end=end,
                low=low,
                high=high,
                market=market,
                provider=provider,
                confidence=0.6,
            )
        )
    return found


def _speaks_of_deal(quantity: Quantity) -> bool:
    """Whether a quantity near a rate makes it a deal's: many accelerators, or an amount of a million dollars and up."""
    if quantity.kind == "gpus":
        return quantity.value >= 16
    return quantity.kind == "money" and quantity.value >= 1_000_000


def _may_be_price(quantity: Quantity, text: str) -> bool:
    if (
        quantity.kind not in ("gpu_rate", "money")
        or quantity.currency != "USD"
        or quantity.rule in ("bare_magnitude", "table")
    ):
        return False
    if not LOWEST <= (quantity.high or quantity.value) <= HIGHEST or quantity.value < LOWEST:
        return False
    if quantity.per not in (None, "gpu_hour", "hour", "each", "gpu"):
        return False
    if quantity.value == int(quantity.value) and _UNDER.search(text, max(0, quantity.start - 12), quantity.start):
        return False
    figure_end = quantity.end if quantity.per is None else quantity.start + len(quantity.quote.split(" ")[0])
    return _NOT_AFTER.match(text, quantity.end) is None and _NOT_AFTER.match(text, figure_end) is None


def _enter(scene: Scene, sentence: Sentence) -> None:
    if sentence.paragraph != scene.paragraph:
        scene.paragraph, scene.paragraph_start = sentence.paragraph, sentence.start
        scene.accepted_in_paragraph = False
    heading = sentence.kind == "heading" or (
        len(sentence.quote) < 130
        and sentence.quote.rstrip("*: ").endswith(("**", ")"))
        and sentence.quote.startswith("**")
    )
    if heading or (sentence.quote.endswith((":", ":**")) and len(sentence.quote) < 160):
        scene.section = sentence


def _read_sentence(
    text: str,
    sentence: Sentence,
    quantities: list[Quantity],
    models: list[ModelMention],
    counts: list[Quantity],
    scene: Scene,
    providers: Providers,
) -> list[PriceDraft]:
    found: list[PriceDraft] = []
    quantities = _merge_bands(text, quantities, models, scene)
    assigned = _assign_models(text, sentence, quantities, models, scene)
    for index, quantity in enumerate(quantities):
        if not assigned[index]:
            continue
        left = quantities[index - 1].end if index else sentence.start
        right = quantities[index + 1].start if index + 1 < len(quantities) else sentence.end
        if not _is_market_price(text, sentence, quantity, left, right, counts, scene, bool(found)):
            continue
        scene.accepted_in_paragraph = True
        market = _market(text, sentence, quantity, left, right, scene)
        provider = None if market == "index" else providers.of(sentence, quantity.start, scene.paragraph_start)
        for model in assigned[index]:
            found.append(
                PriceDraft(
                    model=model,
                    part="text",
                    start=min(sentence.start, quantity.start)
                    if quantity.start - sentence.start < 160
                    else quantity.hedge_start,
                    end=quantity.end,
                    low=quantity.value,
                    high=quantity.high or quantity.value,
                    market=market,
                    provider=provider,
                    hedge=quantity.hedge,
                )
            )
    return found


def _merge_bands(text: str, quantities: list[Quantity], models: list[ModelMention], scene: Scene) -> list[Quantity]:
    """The amounts with two that bound one price made one: ``as low as $1.72 and as high as $2.10``."""
    out: list[Quantity] = []
    for quantity in quantities:
        last = out[-1] if out else None
        if last is not None and last.high is quantity.high is None and last.value < quantity.value:
            gap = text[last.end : quantity.start]
            alone = len({m.gpu_model for m in models if m.start < last.start}) == 1 or (
                not models and len(set(scene.recent)) == 1
            )
            if _BAND.fullmatch(gap) or (gap == " and " and alone):
                out[-1] = replace(last, high=quantity.value, end=quantity.end, quote=text[last.start : quantity.end])
                continue
        out.append(quantity)
    return out


_BAND = re.compile(r",? (?:and|to) (?:as high as|up to|as much as|a high of) ")


def _assign_models(
    text: str, sentence: Sentence, quantities: list[Quantity], models: list[ModelMention], scene: Scene
) -> list[list[str]]:
    """For each amount the models it prices: the one right behind it, the nearest before it, or the last spoken of."""
    if (
        not models
        and len(quantities) == len(scene.recent) > 1
        and _JOINED.match(text[quantities[0].end : quantities[1].start])
    ):
        return [[model] for model in scene.recent]
    out: list[list[str]] = []
    for index, quantity in enumerate(quantities):
        right = quantities[index + 1].start if index + 1 < len(quantities) else sentence.end
        left = quantities[index - 1].end if index else sentence.start
        behind = next((m for m in models if quantity.end <= m.start < min(right, quantity.end + 48)), None)
        before = [m for m in models if left <= m.start < quantity.start]
        if quantity.models and quantity.kind == "gpu_rate":
            out.append([quantity.models[0]])
        elif (
            behind is not None
            and _AFTER_MODEL.fullmatch(text[quantity.end : behind.start])
            and not (before and index == 0 and len(models) == len(quantities) and behind is not models[0])
        ):
            out.append([behind.gpu_model])
        elif before:
            shared = len(before) > 1 and (
                _BOTH.search(text, before[0].end, quantity.start) or _shared(text, before, quantity)
            )
            out.append([m.gpu_model for m in before] if shared else [before[-1].gpu_model])
        elif index and out[-1]:
            out.append(out[-1])
        elif scene.recent:
            out.append(scene.recent[-1:])
        elif behind is not None:
            out.append([behind.gpu_model])
        else:
            out.append([])
    return out


def _shared(text: str, models: list[ModelMention], quantity: Quantity) -> bool:
    """Whether the last two models are named together right before the amount: ``H200s and B200s at $3``."""
    pair = text[models[-2].end : models[-1].start]
    return pair.strip() in ("and", "/", "or", ",") and quantity.start - models[-1].end < 24


def _is_market_price(
    text: str,
    sentence: Sentence,
    quantity: Quantity,
    left: int,
    right: int,
    counts: list[Quantity],
    scene: Scene,
    follows: bool,
) -> bool:
    hourly = quantity.kind == "gpu_rate" or quantity.per in ("gpu_hour", "hour")
    if not hourly and not scene.hourly and not _QUOTED.search(text, scene.paragraph_start, quantity.start):
        return False
    if _FOR_PARTY.match(text, quantity.end) or "half an hour" in text[left : quantity.start]:
        return False
    if _OF_A_DEAL.search(sentence.quote) and not _COMPARED.search(text, left, quantity.start):
        return False
    if NOT_PRICE.search(text, sentence.start, min(sentence.end, quantity.end + 40)):
        return False
    compared = _COMPARED.search(text, left, quantity.start) is not None
    if DEAL_WORDS.search(text, sentence.start, min(sentence.end, quantity.end + 60)) and not compared and not follows:
        return False
    strong = _STRONG.search(text, left, right) is not None
    if counts and not (strong or compared or follows or _STRONG.search(text, scene.paragraph_start, quantity.start)):
        return False
    if any(left <= count.start < quantity.start for count in counts) and not strong:
        return False
    if hourly or follows or scene.accepted_in_paragraph:
        return True
    if _NAMED_WITH.search(text, max(0, quantity.start - 40), quantity.start):
        return True
    if PRICE_WORDS.search(text, scene.paragraph_start, sentence.end):
        return True
    section = scene.section
    return sentence.kind in ("bullet", "row", "heading") or (
        section is not None and PRICE_WORDS.search(section.quote) is not None
    )


def _market(text: str, sentence: Sentence, quantity: Quantity, left: int, right: int, scene: Scene) -> Market:
    start = left if left > sentence.start and market_in(text, left, right, at=quantity.start) else sentence.start
    market = market_in(text, start, right, at=quantity.start)
    if market is None and scene.paragraph_start < sentence.start:
        market = market_in(text, scene.paragraph_start, sentence.start, at=sentence.start)
    if market is None and scene.section is not None:
        section = scene.section
        market = market_in(text, section.start, section.end, at=section.end)
    return market or "unspecified"
