"""Facts told of one agreement are put together, one after the other in the order of the text.

Each fact either joins one of the groups there are or opens a new one; a ranker chooses by nearness, the fields already
filled, the kind of deal, the parties around, and the small words that say "the same" or "another".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from extractors.deals.facts import Fact
from extractors.deals.features import stem
from extractors.deals.linear import Ranker
from extractors.deals.view import View

NEW = -1
_STEPS = (3, 6, 10, 16, 25, 40)
_TURNS = frozenset(
    (
        "; another second separately separate while also other third earlier previously meanwhile different whereas "
        "then both each same"
    ).split()
)
_THE = frozenset(("the this that its their these those").split())
_A = frozenset(("a an another second third new separate further two").split())


@dataclass(slots=True)
class Group:
    """Facts of one agreement, with what they have in common."""

    facts: list[Fact] = field(default_factory=list)
    kinds: dict[str, float] = field(default_factory=dict)
    orgs: set[int] = field(default_factory=set)
    labels: dict[str, list[Fact]] = field(default_factory=dict)
    turn: int = 0
    settled: str = ""
    chance: float = 1.0

    def add(self, fact: Fact, *, turn: int) -> None:
        """Take a fact in."""
        self.facts.append(fact)
        weight = 2.0 if fact.label == "anchor" else 1.0
        for kind, chance in fact.kinds.items():
            self.kinds[kind] = self.kinds.get(kind, 0.0) + weight * chance
        self.orgs |= fact.orgs
        if fact.label != "anchor":
            self.labels.setdefault(fact.label, []).append(fact)
        self.turn = turn

    @property
    def kind(self) -> str:
        """The kind that was settled on, or else the one that most of its facts speak of."""
        return self.settled or max(sorted(self.kinds), key=self.kinds.__getitem__)


def group_facts(view: View, facts: Sequence[Fact], ranker: Ranker) -> list[Group]:
    """The groups of facts, in order of their first fact."""
    groups: list[Group] = []
    for turn, fact in enumerate(facts):
        options = group_options(view, fact, groups)
        best = max(range(len(options)), key=lambda n: (ranker.score(options[n]), -n))
        if best == len(groups):
            groups.append(Group())
        groups[best].add(fact, turn=turn)
    return groups


def group_options(view: View, fact: Fact, groups: Sequence[Group]) -> list[dict[str, float]]:
    """The features of joining each group, and at the end those of opening a new one."""
    ranked = sorted(range(len(groups)), key=lambda n: -groups[n].turn)
    recency = {n: place for place, n in enumerate(ranked)}
    options = [_join(view, fact, group, recency[n]) for n, group in enumerate(groups)]
    options.append(_open(view, fact, groups, groups[ranked[0]] if ranked else None))
    return options


def _join(view: View, fact: Fact, group: Group, recency: int) -> dict[str, float]:
    near = min(group.facts, key=lambda other: _distance(view, fact, other))
    found: dict[str, float] = {f"recent={min(recency, 4)}": 1.0}
    place = _place(view, fact, near)
    found[f"place={place}"] = 1.0
    found[f"place={place}|{fact.item.type}"] = 1.0
    found[f"pair={fact.label}|{near.label}|{place[:4]}"] = 1.0
    found[f"recent={min(recency, 4)}|{place[:4]}"] = 1.0
    _compare_fields(fact, group, near, found)
    _compare_kinds(fact, group.kinds, found)
    _compare_orgs(view, fact, group, found)
    if near.item.sentence == fact.item.sentence:
        for word in _between(view, fact, near):
            found[f"mid={word}"] = 1.0
    if view.opinions is not None:
        found |= view.opinions.joins(fact, group.facts)
    for cue in _cues(view, fact):
        found[f"j:{cue}"] = 1.0
        found[f"j:{cue}|{min(recency, 2)}"] = 1.0
    return found


def _open(view: View, fact: Fact, groups: Sequence[Group], latest: Group | None) -> dict[str, float]:
    found: dict[str, float] = {"new": 1.0, f"new|{fact.label}": 1.0, f"new#{min(len(groups), 4)}": 1.0}
    if latest is None:
        return found
    sim = max(_likeness(fact.kinds, group.kinds) for group in groups)
    found["newsim"] = sim
    found["newsimlast"] = _likeness(fact.kinds, latest.kinds)
    seen = set().union(*(group.orgs for group in groups))
    found[f"newseen={min(len(fact.orgs - seen), 2)}of{min(len(fact.orgs), 2)}"] = 1.0
    last = latest.facts[-1]
    found[f"newplace={_place(view, fact, last)}"] = 1.0
    found[f"newclash={fact.label in latest.labels}"] = 1.0
    found[f"newclash={fact.label in latest.labels}|{_place(view, fact, last)[:4]}"] = 1.0
    found[f"newpart={fact.item.part}"] = 1.0
    kind = max(sorted(fact.kinds), key=fact.kinds.__getitem__)
    found[f"newkind={kind}|{kind == latest.kind}"] = fact.kinds[kind]
    if view.opinions is not None:
        found |= view.opinions.opens(fact, [group.facts for group in groups])
    for cue in _cues(view, fact):
        found[f"n:{cue}"] = 1.0
    return found


def _distance(view: View, fact: Fact, other: Fact) -> tuple[int, int]:
    return abs(fact.item.sentence - other.item.sentence), abs(fact.item.token - other.item.token)


def _place(view: View, fact: Fact, near: Fact) -> str:
    if fact.item.part != near.item.part:
        return "title"
    gap = abs(fact.item.token - near.item.token)
    if fact.item.sentence == near.item.sentence:
        return f"line{next((n for n, step in enumerate(_STEPS) if gap <= step), len(_STEPS))}"
    paragraphs = abs(_paragraph(view, fact) - _paragraph(view, near))
    lines = abs(fact.item.sentence - near.item.sentence)
    if paragraphs == 0:
        return f"para{min(lines, 4)}"
    return f"far{min(paragraphs, 4)}"


def _paragraph(view: View, fact: Fact) -> int:
    return view.line_of(fact.item).sentence.paragraph


def _compare_fields(fact: Fact, group: Group, near: Fact, found: dict[str, float]) -> None:
    if fact.label == "anchor":
        if near.label == "anchor":
            found[f"lemma={near.item.lemma == fact.item.lemma}"] = 1.0
        return
    rivals = group.labels.get(fact.label)
    if not rivals:
        found[f"free={fact.label}"] = 1.0
        return
    same = any(rival.value == fact.value for rival in rivals)
    close = any(rival.item.sentence == fact.item.sentence for rival in rivals)
    found[f"rival={same}"] = 1.0
    found[f"rival={same}|{close}"] = 1.0
    found[f"rival={same}|{fact.label}"] = 1.0


def _likeness(left: Mapping[str, float], right: Mapping[str, float]) -> float:
    total = sum(right.values()) or 1.0
    return sum(chance * right.get(kind, 0.0) / total for kind, chance in left.items())


def _compare_kinds(fact: Fact, kinds: Mapping[str, float], found: dict[str, float]) -> None:
    sim = _likeness(fact.kinds, kinds)
    found["sim"] = sim
    found[f"sim{int(sim * 4.99)}"] = 1.0
    found[f"sim|{fact.item.type}"] = sim


def _compare_orgs(view: View, fact: Fact, group: Group, found: dict[str, float]) -> None:
    shared = len(fact.orgs & group.orgs)
    found[f"orgs={min(shared, 2)}of{min(len(fact.orgs), 2)}"] = 1.0
    left = _nearest_org(view, fact)
    if left is not None:
        found[f"leftorg={left in group.orgs}"] = 1.0


def _nearest_org(view: View, fact: Fact) -> int | None:
    found = None
    for mark in view.line_of(fact.item).parties:
        if mark.token < fact.item.token and mark.party is not None:
            found = mark.party.entity.entity_id
    return found


def _between(view: View, fact: Fact, near: Fact) -> set[str]:
    first, last = sorted((fact.item.token, near.item.token))
    words = set(view.words[first + 1 : last])
    found = words & _TURNS
    found.update(word for word in words if word[0] == "<" or word in ("and", ",", ":", "—", "but", "–", "which", "."))
    return found


def _cues(view: View, fact: Fact) -> list[str]:
    line = view.line_of(fact.item)
    words = view.words
    found = [f"turn={word}" for word in set(words[line.first : line.last]) & _TURNS]
    before = words[max(line.first, fact.item.token - 3) : fact.item.token]
    if fact.item.type == "trigger":
        found.append(f"det={_determiner(before)}")
        found.append(f"lemma={fact.item.lemma}")
    first = [other for other in line.items if other.type != "trigger"]
    found.append(f"kind={line.sentence.kind}")
    if first and first[0] is fact.item:
        found.append(f"first={line.sentence.kind}")
    found.append(f"start={stem(words[line.first])}" if line.last > line.first else "start=")
    return found


def _determiner(before: Sequence[str]) -> str:
    for word in reversed(before):
        if word in _THE:
            return "the"
        if word in _A:
            return "a"
    return "none"
