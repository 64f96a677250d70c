"""Who supplies and who pays: each party of the document is weighed for each role in each group of facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.deals.facts import Fact
from extractors.deals.features import stem
from extractors.deals.groups import Group
from extractors.deals.view import Line, Mark, View
from extractors.parties.types import PartyEntity

ROLES = ("supplier", "customer")
_TAILS = frozenset(
    (
        "bank capital partners energy power electric cloud compute ai digital data centers centres labs lab realty "
        "infrastructure credit fund funds advisors lending technologies systems semiconductor properties reit trust "
        "intelligence robotics health mining networks grid renewables solar wind utilities authority ventures asset "
        "management securities holdings estates developments land"
    ).split()
)


@dataclass(slots=True)
class Choice:
    """A party chosen for a role, where it is mentioned nearest, and how sure that is."""

    entity: PartyEntity
    mark: Mark
    chance: float


_NOUNS = frozenset(
    (
        "developer landlord owner operator miner host cloud neocloud lab laboratory startup start-up maker chipmaker "
        "utility cooperative generator producer bank lender fund funds insurer investor investors trust reit lessor "
        "tenant customer client renter buyer seller borrower issuer provider supplier vendor builder contractor broker "
        "retailer studio university hospital government ministry agency carmaker drugmaker telecoms software "
        "model models robotics company firm group subsidiary affiliate unit arm parent"
    ).split()
)
USUAL = {
    ("compute", "supplier"): ("neocloud", "hyperscaler", "hpc_landlord", "marketplace"),
    ("compute", "customer"): ("ai_lab", "hyperscaler", "enterprise", "chipmaker", "financier"),
    ("lease", "supplier"): ("hpc_landlord", "developer"),
    ("lease", "customer"): ("neocloud", "hyperscaler", "ai_lab", "chipmaker", "enterprise"),
    ("power", "supplier"): ("power",),
    ("power", "customer"): ("hyperscaler", "developer", "hpc_landlord", "neocloud", "ai_lab"),
    ("hardware", "supplier"): ("chipmaker", "server_maker"),
    ("hardware", "customer"): ("neocloud", "hyperscaler", "ai_lab", "telecom", "enterprise", "hpc_landlord"),
    ("financing", "supplier"): ("financier", "chipmaker"),
    ("financing", "customer"): ("neocloud", "developer", "hpc_landlord", "ai_lab"),
    ("acquisition", "customer"): ("financier", "developer", "hpc_landlord", "neocloud", "hyperscaler", "chipmaker"),
    ("build", "supplier"): ("hyperscaler", "developer", "neocloud", "hpc_landlord", "ai_lab"),
    ("build", "customer"): ("ai_lab", "hyperscaler"),
}
TRADES = {
    noun: segment
    for segment, nouns in {
        "neocloud": "neocloud cloud",
        "hpc_landlord": "landlord miner ex-miner developer host lessor",
        "ai_lab": "lab startup start-up unicorn",
        "chipmaker": "chipmaker",
        "hyperscaler": "hyperscaler",
        "server_maker": "manufacturer integrator distributor reseller vendor",
        "power": "utility generator producer cooperative co-op",
        "financier": "bank lender fund insurer financier creditor backer",
        "enterprise": "retailer studio carrier university hospital bank",
    }.items()
    for noun in nouns.split()
}
_CALLED = frozenset(
    (
        "landlord tenant lender borrower buyer seller operator startup start-up lab miner developer provider maker "
        "vendor supplier customer client utility bank fund investor insurer chipmaker neocloud hyperscaler contractor "
        "builder owner host lessor lessee manufacturer carrier cooperative university county city ministry newcomer "
        "renter off-taker issuer purchaser generator producer partner financier backer distributor integrator reseller"
    ).split()
)
Entities = Sequence[tuple[PartyEntity, list[Mark]]]


def entities_of(view: View) -> Entities:
    """The named parties of a document with all their mentions, in order of first mention."""
    found: dict[int, tuple[PartyEntity, list[Mark]]] = {}
    for mark in view.parties:
        assert mark.party is not None
        entity = mark.party.entity
        if not entity.unnamed:
            found.setdefault(entity.entity_id, (entity, []))[1].append(mark)
    return list(found.values())


def role_options(view: View, group: Group, parties: Entities) -> list[dict[str, float]]:
    """The features of each party, and at the end those of nobody."""
    kind = group.kind
    nearest = sorted(_line_gap(group, marks) for _, marks in parties)
    core = core_parties(group, parties)
    often = sorted(-len(marks) for _, marks in parties)
    ages = [_age(group, marks) for _, marks in parties]
    recent = sorted(ages)
    options = []
    for number, (entity, marks) in enumerate(parties):
        found: dict[str, float] = {}
        _add_entity(view, entity, marks, number, kind, found)
        gap = _line_gap(group, marks)
        found[f"gap={min(gap, 5)}"] = 1.0
        found[f"gap={min(gap, 5)}|rank{min(nearest.index(gap), 3)}"] = 1.0
        reach = min(gap, 3)
        rank = min(often.index(-len(marks)), 3)
        age = min(recent.index(ages[number]), 4)
        found[f"often={rank}"] = 1.0
        found[f"often={rank}|{reach}"] = 1.0
        found[f"often={rank}|{kind}"] = 1.0
        found[f"age={age}|{reach}"] = 1.0
        found[f"age={age}|{kind}"] = 1.0
        found[f"age={age}|often={rank}"] = 1.0
        found[f"order={min(number, 3)}|{reach}"] = 1.0
        inside = f"core={number in core}|{min(len(core), 3)}"
        found[inside] = 1.0
        found[f"{inside}|{kind}"] = 1.0
        close = _close_marks(group, marks)
        for mark in close:
            _add_mention(view, group, mark, kind, found)
        if not close:
            _add_far(view, group, marks, kind, found)
        if view.opinions is not None:
            found |= view.opinions.of_party(entity.entity_id, group.facts)
        options.append(found)
    nobody = {
        "nobody": 1.0,
        f"nobody|{kind}": 1.0,
        f"nobody|{min(len(parties), 4)}": 1.0,
        f"nobody|gap{nearest[0]}": 1.0,
    }
    unnamed = [mark for mark in view.parties if mark.party and mark.party.entity.unnamed]
    near = any(mark.sentence == fact.item.sentence for mark in unnamed for fact in group.facts)
    nobody[f"nobody|unnamed{near}|{kind}"] = 1.0
    lines = {fact.item.sentence for fact in group.facts}
    for mark in unnamed:
        where = "near" if mark.sentence in lines else "far"
        for frame in mark.party.frames if mark.party else ():
            nobody[f"nobody|{where}:frame={frame}|{kind}"] = 1.0
        nobody[f"nobody|{where}:role={mark.party.role if mark.party else ''}|{kind}"] = 1.0
    if view.opinions is not None:
        nobody |= view.opinions.of_party(None, group.facts)
    options.append(nobody)
    return options


def _line_gap(group: Group, marks: Sequence[Mark]) -> int:
    return min(abs(mark.sentence - fact.item.sentence) for mark in marks for fact in group.facts)


def _age(group: Group, marks: Sequence[Mark]) -> int:
    """How many words before the last fact's line began a party was last mentioned; far for one not yet mentioned."""
    end = max(fact.item.token for fact in group.facts)
    before = [mark.token for mark in marks if mark.token <= end]
    return end - before[-1] if before else 1_000_000 + marks[0].token


def heavy_lines(group: Group) -> list[int]:
    """The lines that tell most of a deal, the fullest first."""
    weight = Counter[int]()
    for fact in group.facts:
        weight[fact.item.sentence] += 2 if fact.label == "anchor" else 3
    return [line for line, _ in sorted(weight.items(), key=lambda pair: (-pair[1], pair[0]))]


def core_parties(group: Group, parties: Entities) -> frozenset[int]:
    """The places in the list of those parties that the fullest line of a deal mentions."""
    core = heavy_lines(group)[0]
    return frozenset(n for n, (_, marks) in enumerate(parties) if any(mark.sentence == core for mark in marks))


def _close_marks(group: Group, marks: Sequence[Mark]) -> list[Mark]:
    """The mentions in the lines that tell most of the deal, at most six."""
    lines = heavy_lines(group)[:4]
    return [mark for mark in marks if mark.sentence in lines][:6]


def nearest_mark(group: Group, marks: Sequence[Mark]) -> Mark:
    """The mention by name that stands nearest to the facts."""

    def distance(mark: Mark) -> tuple[bool, int, int]:
        named = mark.party is not None and mark.party.form in ("name", "ticker", "defined")
        gaps = [(abs(mark.sentence - f.item.sentence), abs(mark.token - f.item.token)) for f in group.facts]
        return (not named, *min(gaps))

    return min(marks, key=distance)


def _add_entity(
    view: View, entity: PartyEntity, marks: Sequence[Mark], number: int, kind: str, found: dict[str, float]
) -> None:
    found[f"publisher={entity.publisher}|{kind}"] = 1.0
    found["weight"] = entity.weight
    found[f"weight={int(entity.weight * 3.99)}"] = 1.0
    found[f"count={min(len(marks), 5)}"] = 1.0
    found[f"order={min(number, 3)}"] = 1.0
    if entity.segment:
        found[f"segment={entity.segment}|{kind}"] = 1.0
    trades = trades_of(entity)
    for role in ROLES if trades else ():
        usual = not trades.isdisjoint(USUAL.get((kind, role), ()))
        found[f"usual={role}|{usual}|{entity.segment is not None}"] = 1.0
    tail = entity.name.lower().rstrip(".").split()[-1:]
    if tail and tail[0] in _TAILS:
        found[f"tail={tail[0]}"] = 1.0
        found[f"tail={tail[0]}|{kind}"] = 1.0
    for word in sorted(_described(view, marks)):
        found[f"near={word}|{kind}"] = 1.0
    for noun in entity.nouns:
        if noun in _CALLED:
            found[f"called={noun}|{kind}"] = 1.0
    for mark in marks:
        if mark.party is not None and mark.party.role:
            found[f"role={mark.party.role}|{kind}"] = 1.0
        for frame in mark.party.frames if mark.party is not None else ():
            found[f"frame={frame}|{kind}"] = 1.0
        if view.lines[mark.sentence].sentence.kind == "title":
            before = mark.token == view.lines[mark.sentence].first
            found[f"title|{before}|{kind}"] = 1.0


def trades_of(entity: PartyEntity) -> set[str]:
    """The segments of a party: that of the lexicon, or those its descriptions speak of."""
    return {entity.segment} if entity.segment else {TRADES[noun] for noun in entity.nouns if noun in TRADES}


def _described(view: View, marks: Sequence[Mark]) -> set[str]:
    found: set[str] = set()
    for mark in marks[:12]:
        line = view.lines[mark.sentence]
        found.update(view.words[max(line.first, mark.token - 4) : min(line.last, mark.token + 8)])
    return found & _NOUNS


def _add_mention(view: View, group: Group, mark: Mark, kind: str, found: dict[str, float]) -> None:
    line, words, token = view.lines[mark.sentence], view.words, mark.token
    for frame in mark.party.frames if mark.party is not None else ():
        found[f"near:frame={frame}|{kind}"] = 1.0
        found[f"near:frame={frame}|L={words[token - 1] if token > line.first else '<s>'}"] = 1.0
    header = view.columns.get((mark.party.part, mark.party.start)) if mark.party is not None else None
    for word in (header or "").split():
        found[f"col={word}"] = 1.0
        found[f"col={word}|{kind}"] = 1.0
    left = [words[n] if n >= line.first else "<s>" for n in (token - 1, token - 2, token - 3)]
    right = [words[n] if n < line.last else "</s>" for n in range(token + 1, token + 5)]
    if right[0] == "'" and right[1] == "s":
        right = [*right[2:], "</s>", "</s>"]
        found["possessive"] = 1.0
        found[f"possessive|{kind}"] = 1.0
    for tag, value in (
        ("L", left[0]),
        ("LL", f"{left[1]} {left[0]}"),
        ("R", right[0]),
        ("RR", f"{right[0]} {right[1]}"),
        ("LR", f"{left[0]}_{right[0]}"),
    ):
        found[f"{tag}={value}"] = 1.0
        found[f"{tag}={value}|{kind}"] = 1.0
    for word in right:
        found[f"r={stem(word)}|{kind}"] = 1.0
    _add_triggers(view, line, mark, kind, found)
    facts = [fact for fact in group.facts if fact.item.sentence == mark.sentence]
    anchors = [fact for fact in facts if fact.label == "anchor"]
    for tag, chosen in (("a", anchors), ("f", [fact for fact in facts if fact.label != "anchor"])):
        if chosen:
            _add_path(view, tag, mark, min(chosen, key=lambda fact: abs(fact.item.token - token)), kind, found)


def _add_triggers(view: View, line: Line, mark: Mark, kind: str, found: dict[str, float]) -> None:
    """The deal words before and after a mention, whether or not they open the deal: ``rents … from <org>``."""
    left = [item for item in line.items if item.type == "trigger" and item.token < mark.token][-2:]
    right = [item for item in line.items if item.type == "trigger" and item.token > mark.token][:2]
    for n, item in enumerate(reversed(left)):
        between = view.words[item.token + 1 : mark.token]
        link = next((word for word in reversed(between[-4:]) if word in _PREPOSITIONS), "-")
        orgs = min(sum(word.startswith("<org") for word in between), 1)
        found[f"tl{n}={item.lemma}|{link}"] = 1.0
        found[f"tl{n}={item.lemma}|{link}|{orgs}|{kind}"] = 1.0
        found[f"tlf={item.quote.lower()}|{link}"] = 1.0
    for n, item in enumerate(right):
        between = view.words[mark.token + 1 : item.token]
        orgs = min(sum(word.startswith("<org") for word in between), 1)
        passive = any(word in _PASSIVE for word in between[-2:])
        link = view.words[mark.token - 1] if mark.token > line.first else "<s>"
        found[f"tr{n}={item.lemma}|{orgs}"] = 1.0
        found[f"tr{n}={item.lemma}|{orgs}|{kind}"] = 1.0
        found[f"tr{n}={item.lemma}|{passive}|{link if link in _PREPOSITIONS else '-'}"] = 1.0
        found[f"trf={item.quote.lower()}|{orgs}"] = 1.0


def _add_far(view: View, group: Group, marks: Sequence[Mark], kind: str, found: dict[str, float]) -> None:
    start = min(fact.item.token for fact in group.facts)
    before = [mark for mark in marks if mark.token < start]
    if not before:
        found[f"far=after|{kind}"] = 1.0
        return
    mark = before[-1]
    line = view.lines[mark.sentence]
    lines = min(view.line_of(group.facts[0].item).sentence.index - line.sentence.index, 4)
    subject = mark.token - line.first < 3
    others = sum(mark.token < other.token < start for other in view.parties)
    right = view.words[mark.token + 1] if mark.token + 1 < line.last else "</s>"
    found[f"far={lines}|{subject}|{kind}"] = 1.0
    found[f"far|others{min(others, 4)}|{kind}"] = 1.0
    found[f"far|R={right}|{kind}"] = 1.0
    left = view.words[mark.token - 1] if mark.token > line.first else "<s>"
    found[f"far|L={left}|{kind}"] = 1.0


def _add_path(view: View, tag: str, mark: Mark, fact: Fact, kind: str, found: dict[str, float]) -> None:
    name = fact.item.lemma or fact.label
    gap = fact.item.token - mark.token
    side = "before" if gap > 0 else "after"
    first, last = sorted((fact.item.token, mark.token))
    between = [stem(word) for word in view.words[first + 1 : last]]
    near = next((n for n, step in enumerate((2, 5, 10, 20)) if abs(gap) <= step), 4)
    found[f"{tag}:{side}{near}|{kind}"] = 1.0
    found[f"{tag}:{side}|{name}|{kind}"] = 1.0
    found[f"{tag}:{side}|{name}"] = 1.0
    orgs = sum(word.startswith("<org") for word in between)
    found[f"{tag}:{side}|orgs{min(orgs, 2)}|{kind}"] = 1.0
    if len(between) <= 5:
        found[f"{tag}:{side}|{name}|{' '.join(between)}"] = 1.0
    preposition = next((word for word in reversed(between) if word in _PREPOSITIONS), "") if side == "after" else ""
    found[f"{tag}:{side}|{name}|{preposition}|{kind}"] = 1.0
    found[f"{tag}:{side}|{preposition}|{kind}"] = 1.0


_PASSIVE = frozenset("is are was were be been being".split())
_PREPOSITIONS = frozenset(("with from to by for of between and at").split())
