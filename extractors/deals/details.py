"""Site, chips, status and standing of a group of facts: the fields that several deals of a document may share."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from extractors.candidates import Quantity
from extractors.deals.features import line_words, window_features
from extractors.deals.groups import Group
from extractors.deals.linear import Classifier, Ranker, softmax
from extractors.deals.view import Mark, View


@dataclass(slots=True)
class Picked:
    """A mention chosen for a field, and how sure that is."""

    mark: Mark
    chance: float


def choose_site(view: View, group: Group, ranker: Ranker) -> Picked | None:
    """The place of a group, or None where none fits."""
    if not view.sites:
        return None
    options = site_options(view, group)
    chances = softmax([ranker.score(option) for option in options])
    best = max(range(len(options)), key=lambda n: (chances[n], -n))
    return None if best == len(view.sites) else Picked(view.sites[best], chances[best])


_FINE = ("campus", "town", "county", "region", "state", "country")
_HALLS = frozenset(
    (
        "campus campuses site sites facility facilities complex park data datacenter datacenters plant station hall "
        "halls building buildings cluster factory warehouse shell hub centre center farm mine mill project property"
    ).split()
)


def site_options(view: View, group: Group) -> list[dict[str, float]]:
    """The features of each place, and at the end those of none."""
    kind = group.kind
    gaps = [_gap(group, mark) for mark in view.sites]
    ranked = sorted(set(gaps))
    lines = {fact.item.sentence for fact in group.facts}
    options = []
    for mark, gap in zip(view.sites, gaps, strict=True):
        found: dict[str, float] = {
            f"rank={min(ranked.index(gap), 4)}": 1.0,
            f"rank={min(ranked.index(gap), 4)}|{kind}": 1.0,
        }
        _add_place(group, mark, gap, found)
        _add_words(view, mark, kind, found)
        _add_rivals(view, mark, lines, kind, found)
        _add_company(view, group, mark, gap[0], found)
        if view.opinions is not None:
            found |= view.opinions.of_mark(mark, group.facts)
        options.append(found)
    options.append(
        {"none": 1.0, f"none|{kind}": 1.0, f"none|{_bucket(min(gaps))}": 1.0, f"none|{min(len(gaps), 4)}": 1.0}
    )
    return options


def _add_place(group: Group, mark: Mark, gap: tuple[int, int], found: dict[str, float]) -> None:
    site, place, kind = mark.site, _bucket(gap), group.kind
    assert site is not None
    found[f"place={place}"] = 1.0
    found[f"place={place}|{site.kind}"] = 1.0
    found[f"place={place}|{kind}"] = 1.0
    found[f"kind={site.kind}|{kind}"] = 1.0
    found[f"cue={site.cue}"] = 1.0
    found[f"cue={site.cue}|{site.kind}"] = 1.0
    found[f"part={site.part}"] = 1.0
    found["confidence"] = site.confidence
    found[f"sure={int(site.confidence * 3.99)}|{place[:4]}"] = 1.0
    same = [fact for fact in group.facts if fact.item.sentence == mark.sentence]
    found[f"after={any(fact.item.token < mark.token for fact in same)}"] = 1.0
    for fact in same:
        found[f"with={fact.label}"] = 1.0
    near = min(group.facts, key=lambda fact: abs(fact.item.token - mark.token))
    found[f"near={near.label}|{place[:4]}"] = 1.0


def _add_words(view: View, mark: Mark, kind: str, found: dict[str, float]) -> None:
    line, words, token = view.lines[mark.sentence], view.words, mark.token
    left = [words[n] if n >= line.first else "<s>" for n in (token - 1, token - 2)]
    right = [words[n] if n < line.last else "</s>" for n in (token + 1, token + 2)]
    found[f"L={left[0]}"] = 1.0
    found[f"LL={left[1]} {left[0]}"] = 1.0
    found[f"R={right[0]}"] = 1.0
    found[f"RR={right[0]} {right[1]}"] = 1.0
    found[f"halls={not _HALLS.isdisjoint(right)}"] = 1.0
    found[f"halls={not _HALLS.isdisjoint(words[max(line.first, token - 5) : token])}|before"] = 1.0
    opens = token == line.first
    found[f"dateline={opens}|{line.sentence.paragraph <= 1}|{line.sentence.kind == 'prose'}"] = 1.0
    based = any(word.endswith("based") or word in ("headquartered", "headquarters") for word in (*left, *right))
    found[f"based={based}"] = 1.0
    found[f"linekind={line.sentence.kind}"] = 1.0


def _add_rivals(view: View, mark: Mark, lines: set[int], kind: str, found: dict[str, float]) -> None:
    site = mark.site
    assert site is not None
    own = site_words(site.text)
    others = [(other, other.site) for other in view.sites if other is not mark and other.site is not None]
    again = sum(bool(own & site_words(place.text)) for _, place in others)
    found[f"again={min(again, 3)}"] = 1.0
    found[f"again={min(again, 3)}|{site.kind}"] = 1.0
    fine = _FINE.index(site.kind)
    finer = [other for other, place in others if _FINE.index(place.kind) < fine and not own & site_words(place.text)]
    found[f"finer={min(len(finer), 2)}"] = 1.0
    found[f"finer={any(other.sentence in lines for other in finer)}|near"] = 1.0
    found[f"finer={any(other.sentence == mark.sentence for other in finer)}|line"] = 1.0
    title = site_words(view.reading.document.title)
    found[f"title={bool(own & title)}"] = 1.0
    found[f"title={bool(own & title)}|{kind}"] = 1.0
    found[f"alone={not others}"] = 1.0


def _add_company(view: View, group: Group, mark: Mark, lines: int, found: dict[str, float]) -> None:
    """Whether the group's parties stand in the place's line, and its facts in the place's paragraph."""
    sentence = view.lines[mark.sentence].sentence
    present = {other.party.entity.entity_id for other in view.lines[mark.sentence].parties if other.party}
    shared = min(len(present & group.orgs), 2)
    found[f"orgs={shared}of{min(len(present), 2)}"] = 1.0
    found[f"orgs={shared}|{min(lines, 2)}"] = 1.0
    around = [view.line_of(fact.item).sentence for fact in group.facts]
    together = any(other.paragraph == sentence.paragraph and other.part == sentence.part for other in around)
    found[f"paragraph={together}|{min(lines, 3)}"] = 1.0
    texts = [other.site.text for other in view.sites if other.site is not None]
    first = texts.index(mark.site.text) if mark.site is not None else 3
    found[f"order={min(first, 3)}|{together}"] = 1.0


def _gap(group: Group, mark: Mark) -> tuple[int, int]:
    return min((abs(mark.sentence - f.item.sentence), abs(mark.token - f.item.token)) for f in group.facts)


def _bucket(gap: tuple[int, int]) -> str:
    if gap[0] == 0:
        return f"line{next((n for n, step in enumerate((4, 10, 20)) if gap[1] <= step), 3)}"
    return f"far{min(gap[0], 4)}"


def model_marks(view: View) -> dict[str, list[Mark]]:
    """The chips of a document with their mentions."""
    found: dict[str, list[Mark]] = {}
    for mark in view.models:
        assert mark.model is not None
        found.setdefault(mark.model.gpu_model, []).append(mark)
    return found


def model_features(view: View, group: Group, model: str, marks: Sequence[Mark]) -> list[str]:
    """Whether a chip belongs to a group: what can be seen."""
    kind = group.kind
    near = min(marks, key=lambda mark: _gap(group, mark))
    place = _bucket(_gap(group, near))
    counts = [f for f in group.labels.get("count", ()) if isinstance(f.item.payload, Quantity)]
    tied = any(model in f.item.payload.models for f in counts if isinstance(f.item.payload, Quantity))
    found = [
        f"place={place}",
        f"place={place}|{kind}",
        f"kind={kind}",
        f"tied={tied}",
        f"tied={tied}|counts={bool(counts)}|{kind}",
        f"models={min(len(model_marks(view)), 4)}|{place}",
        f"counts={bool(counts)}|{place}",
        f"anchor={any(f.label == 'anchor' and f.item.sentence == near.sentence for f in group.facts)}",
        f"rate={'rate' in group.labels}|{kind}",
    ]
    token = near.token
    line = view.lines[near.sentence]
    found += [f"w:{name}" for name in window_features(view.words, token, line) if name[:2] in ("L0", "R0", "L1", "R1")]
    if view.opinions is not None:
        found += view.opinions.of_chip(marks, group.facts)
    return found


LIKELY, IN_A_ROW = 0.5, 0.2
_ROW = re.compile(r"s?(?:,|,? and|/| plus|,? &|,? as well as) ?(?:[a-z]+ |NVIDIA |Nvidia |AMD )?")


def choose_models(view: View, group: Group, classifier: Classifier) -> list[tuple[str, Mark, float]]:
    """The chips of a group, each with its nearest mention and how sure it is.

    Chips told in a row (``H100, H200 and newer GB200 chips``) stand by one another: a likely one takes
    the doubtful along.
    """
    every = {name: marks for name, marks in model_marks(view).items() if not all(_is_priced(view, m) for m in marks)}
    chances = {
        name: classifier.probabilities(model_features(view, group, name, marks)).get("yes", 0.0)
        for name, marks in every.items()
    }
    likely = {name for name, chance in chances.items() if chance >= LIKELY}
    for row in _rows(view):
        if likely & set(row):
            likely |= {name for name in row if chances.get(name, 0.0) >= IN_A_ROW}
    nearest = {name: min(every[name], key=lambda mark: _gap(group, mark)) for name in likely}
    return [(name, nearest[name], chances[name]) for name in every if name in likely]


def _rows(view: View) -> list[list[str]]:
    """The chips that a text names in a row, by name."""
    rows: list[list[str]] = []
    last = None
    for chip in (mark.model for mark in view.models if mark.model is not None):
        text = view.reading.document.part(chip.part)
        if last is not None and last.part == chip.part and _ROW.fullmatch(text, last.end, chip.start):
            rows[-1].append(chip.gpu_model)
        else:
            rows.append([chip.gpu_model])
        last = chip
    return [row for row in rows if len(row) > 1]


_PRICED = re.compile(
    r"\$\d[\d.]*(?:\s?[–-]\s?\$?\d[\d.]*)? (?:for|on) (?:an? |the )?(?:[A-Z]+\d+[/, ]+(?:and |or )?)*$"
)


def _is_priced(view: View, mark: Mark) -> bool:
    """Whether a chip stands behind a price of its own: ``around $6-$7 for H200/B200``."""
    assert mark.model is not None
    text = view.reading.document.part(mark.model.part)
    return _PRICED.search(text[max(0, mark.model.start - 60) : mark.model.start]) is not None


def status_features(view: View, group: Group) -> list[str]:
    """The words around the deal words of a group."""
    anchors = [fact for fact in group.facts if fact.label == "anchor"]
    lines = sorted({fact.item.sentence for fact in anchors or group.facts})
    found = [f"kind={group.kind}", f"source={view.reading.document.source}", f"anchors={min(len(anchors), 3)}"]
    for number in lines:
        found += [f"s={word}" for word in line_words(view, view.lines[number])]
    for fact in anchors:
        line = view.line_of(fact.item)
        found += window_features(view.words, fact.item.token, line, prefix="w:")
        found.append(f"lemma={fact.item.lemma}")
        found.append(f"lemma={fact.item.lemma}|{group.kind}")
    if view.opinions is not None:
        found += view.opinions.of_group(group.facts)["status"]
    return sorted(set(found))


def group_features(view: View, group: Group, groups: Sequence[Group]) -> list[str]:
    """Whether a group is a deal at all: what can be seen."""
    kind = group.kind
    anchors = [fact for fact in group.facts if fact.label == "anchor"]
    total = sum(group.kinds.values())
    surest = max((fact.chance for fact in group.facts if fact.label != "anchor"), default=0.0)
    anchor = max((fact.chance for fact in anchors), default=0.0)
    found = [
        f"kind={kind}",
        f"anchors={min(len(anchors), 4)}",
        f"fields={min(len(group.labels), 5)}",
        f"fields={min(len(group.labels), 3)}|anchors={min(len(anchors), 2)}",
        f"sure={int(surest * 9.99)}",
        f"anchor={int(anchor * 9.99)}",
        f"share={int(4.99 * group.kinds[kind] / total)}",
        f"source={view.reading.document.source}",
        f"groups={min(len(groups), 6)}",
        f"orgs={min(len(group.orgs), 3)}",
        f"mass={min(int(2 * sum(f.chance for f in group.facts)), 12)}",
        f"title={all(f.item.part == 'title' for f in group.facts)}",
    ]
    found += [f"label={label}" for label in sorted(group.labels)]
    found += [f"label={label}|{kind}" for label in sorted(group.labels)]
    found += [f"lemma={lemma}" for lemma in sorted({f.item.lemma for f in anchors})]
    for number in sorted({fact.item.sentence for fact in group.facts})[:4]:
        found += [f"s={word}" for word in line_words(view, view.lines[number])]
    if view.opinions is not None:
        found += view.opinions.of_group(group.facts)["deal"]
    return sorted(set(found))


def kind_features(view: View, group: Group) -> list[str]:
    """What a group says of its kind: the first guesses, its deal words, its fields and the words of its lines."""
    total = sum(group.kinds.values()) or 1.0
    ranked = sorted(group.kinds, key=lambda kind: (-group.kinds[kind], kind))
    found = [f"{kind}={int(group.kinds[kind] / total * 9.99)}" for kind in ranked]
    found += [f"top={ranked[0]}", f"top={ranked[0]}|{ranked[1]}"]
    for label, facts in sorted(group.labels.items()):
        found += [f"label={label}", f"label={label}|{ranked[0]}"]
        best = max(facts, key=lambda fact: fact.chance)
        found.append(f"{label}:{max(sorted(best.kinds), key=best.kinds.__getitem__)}")
    for fact in group.facts:
        if fact.label == "anchor":
            found += [f"lemma={fact.item.lemma}", f"form={fact.item.quote.lower()}"]
    for number in sorted({fact.item.sentence for fact in group.facts}):
        found += [f"s={word}" for word in line_words(view, view.lines[number])]
    found.append(f"models={bool(view.models)}")
    if view.opinions is not None:
        found += view.opinions.of_group(group.facts)["kind"]
    return sorted(set(found))


def site_words(site: str) -> set[str]:
    """The words of a place that count when two spellings are compared."""
    return {word for word in re.findall(r"[a-z0-9]+", site.lower()) if len(word) > 2}


def best_label(chances: Mapping[str, float]) -> tuple[str, float]:
    """The likeliest label and how sure it is."""
    label = max(sorted(chances), key=chances.__getitem__)
    return label, chances[label]
