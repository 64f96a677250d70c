"""Counts of accelerators: a number with a chip word or a model behind it, within one noun phrase."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from extractors.candidates import ModelMention

_CHIP = (
    r"(?:gpus?|graphics[- ]processing[- ]units?|graphics[- ]processors?|graphics[- ]cards?|graphics[- ]chips?"
    r"|accelerator cards?"
    r"|accelerators?|superchips?|processors?|chips?|cards?|tpus?|lpus?|xpus?|ai[- ]chips?|npus?)"
)
_WEAK = r"(?:units?|pieces|pcs\.?|sheets|nos\.?|parts|boards|devices|pods?|dies)"
_STOP = (
    r"(?:for|in|to|and|with|at|by|on|from|per|is|are|was|were|will|would|which|that|or|mw|megawatts?|gw"
    r"|gigawatts?|kw|years?"
    r"|months?|days?|weeks?|dollars?|euros?|nodes?|servers?|racks?|hours?|systems|percent|as|over|than|but|its"
    r"|has|have|had"
    r"|into|under|through|a|an|million|billion|times|pods|clusters?|when|while|only|using|containing|the|this"
    r"|these|price|customers?|sites?|gigabytes?|gb|gib|tb|terabytes?|bits?|watts?|nm|cores?|vcpus?|cents?"
    r"|people|employees"
    r"|engineers)"
)
_PHRASE = re.compile(
    rf"(?:[ \u00a0-]|[ \u00a0]?[×x][ \u00a0])(?P<fill>(?:of (?:the|these|those|its|our|their) )?"
    rf"(?:(?!{_STOP}[ \u00a0])[A-Za-z0-9'’®™.&/]{{1,24}}[ \u00a0-]){{0,8}}?)"
    rf"(?P<head>{_CHIP})(?![A-Za-z])(?!(?:[ -](?:hours?|hrs?|servers?|nodes?|racks?|systems?|supply|makers?"
    rf"|firms?|companies|sets?|offerings?|types?|prices?|classes|generations?|vendors?|markets?|categories"
    rf"|kinds)\b))",
    re.IGNORECASE,
)
_BEFORE_MODEL = re.compile(
    rf"(?:[ \u00a0-]?|[ \u00a0]?[×x][ \u00a0]?)(?:of (?:the|these|those|its|our|their) )?"
    rf"(?:(?!{_STOP}[ \u00a0])[A-Za-z0-9'’®™.&/*]{{1,24}}[ \u00a0-]){{0,9}}[(*]?\Z",
    re.IGNORECASE,
)
_AFTER_MODEL = re.compile(
    r"[ -]?(?:NVL\d+ )?(?:[Gg][Pp][Uu]s?[ -])?(?:racks?|servers?|nodes?|systems|trays|pods|boxes|instances"
    r"|hours?|GPU-hours?)\b"
)
_LABEL = re.compile(
    rf"(?:\b{_CHIP}|\bquantity|\bqty|\bGPU count|\bnumber of (?:gpus|accelerators|chips|units"
    rf"|cards))[*\s]{{0,3}}(?:[:=–—|×]| x|\.{{3,20}})[\s*(]*"
    r"(?:(?:more than|up to|about|approximately|approx\.?|at least|over|some|around|roughly|c\.) ?)?\Z",
    re.IGNORECASE,
)
_OF_THEM = re.compile(
    r"[ \u00a0](?:more )?of (?:them|these|those|the (?:same|cards?|chips?|things|parts|units|processors"
    r"|accelerators|gpus|latter)|its kind|each)\b",
    re.IGNORECASE,
)
_WEAK_AFTER = re.compile(rf"[ \u00a0-]{_WEAK}(?![A-Za-z])", re.IGNORECASE)


def count_after(
    text: str, end: int, models: Sequence[ModelMention], starts: Sequence[int]
) -> tuple[int, tuple[str, ...]] | None:
    """Where the counted noun phrase after a number ends and the models it names, or None where it counts no chips.

    ``models`` are the text's model mentions, ``starts`` their starts. Racks, servers, nodes and GPU-hours are no count,
    nor is a reckoning (``ten thousand cards earn $307 million``).
    """
    counted = _count_after(text, end, models, starts)
    return None if counted is not None and _EARNING.match(text, counted[0]) else counted


_EARNING = re.compile(
    r" (?:would |could |can |will |might )?(?:earns?|generates?|brings? in|yields?|returns?) (?:about "
    r"|approx\w*\.? |roughly |some )?[$€£\d]",
    re.IGNORECASE,
)


def _count_after(
    text: str, end: int, models: Sequence[ModelMention], starts: Sequence[int]
) -> tuple[int, tuple[str, ...]] | None:
    index = bisect_left(starts, end)
    model = models[index] if index < len(models) and models[index].start - end <= 70 else None
    phrase = _PHRASE.match(text, end)
    if model is not None and (phrase is None or model.start < phrase.start("head")):
        if _BEFORE_MODEL.fullmatch(text, end, model.start) is None:
            return (phrase.end(), ()) if phrase is not None and phrase.end() <= model.start else None
        if _AFTER_MODEL.match(text, model.end) and model.gpu_model not in ("CS-3", "WSE-3"):
            return None
        tail = _PHRASE.match(text, model.end)
        return (tail.end() if tail is not None and tail["fill"].count(" ") < 3 else model.end), (model.gpu_model,)
    if phrase is None:
        return None
    end = phrase.end()
    return end, _models_beside(text, end, models, index)


def _models_beside(text: str, end: int, models: Sequence[ModelMention], index: int) -> tuple[str, ...]:
    """Models right behind the noun: ``1,200-GPU (H20)``, ``9,000 cards of the type B300``."""
    if index < len(models) and re.fullmatch(
        r"s?[ ,]{0,2}(?:\(|of (?:the )?(?:type|kind|model) ?|of )?(?:NVIDIA |Nvidia |AMD )?",
        text[end : models[index].start],
    ):
        return (models[index].gpu_model,)
    return ()


def count_labelled(text: str, start: int, *, floor: int) -> bool:
    """Whether a label before the number says that it counts chips: ``GPUs: more than 100,000``."""
    return (
        text[start - 1 : start] in (" ", ":", "*", "=", "|", ".")
        and _LABEL.search(text, max(floor, start - 60), start) is not None
    )


def count_elliptic(text: str, end: int) -> int | None:
    """Where ``of them`` or ``of the chips`` behind a number ends, or None."""
    match = _OF_THEM.match(text, end)
    return None if match is None else match.end()


def count_weak(text: str, end: int) -> int | None:
    """Where ``units``, ``pieces`` or the like behind a number ends, or None: a count only where a model stands by."""
    match = _WEAK_AFTER.match(text, end)
    return None if match is None else match.end()
