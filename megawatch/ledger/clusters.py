"""One deal from many documents: which mentions are one agreement.

- **Blocking.** Mentions are compared only where ``blocking`` lets one find the other: by both parties, or by one party
  and a figure of about the same size or a word of the site. So a new document concerns few others, however large the
  ledger and however many deals a company has.
- **Deciding.** ``likeness`` gives each pair points with reasons. Two mentions of one document are two deals.
- **Clustering.** Pairs are joined best first, by the average over all pairs between two groups; a veto between any two
  members keeps groups apart. Ties are broken by ids, so the order of arrival does not matter. As a join needs a pair
  of ``SAME`` points, groups never reach beyond what such pairs connect: ``concerned`` finds exactly that neighbourhood.
- **Judgements** of a review come first: ``same`` joins whatever the points say, ``different`` is a veto.

A sum over several deals states a total that none of them states, so it joins none. An expansion states other megawatts,
another total or another start, and stays a deal of its own (``chains`` links it).
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from megawatch.ledger.blocking import Keys, are_comparable, keys_of
from megawatch.ledger.claims import Mention
from megawatch.ledger.likeness import CANDIDATE, SAME, Profile, Verdict, compare, profile_of
from megawatch.market import content_id

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a person decided about two mentions: they are one deal, or they are not."""

    verdict: Literal["same", "different"]
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two mentions of different deals that may be one: for review."""

    left: str
    right: str
    score: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cluster:
    """The mentions of one deal, by id in order, why they were joined, and what else may belong to it."""

    mention_ids: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()


def blocking_keys(mention: Mention, *, reading: Reading | None = None) -> frozenset[str]:
    """Texts by which a mention is found; store them beside it.

    ``mention:<id>`` is among them, so that judgements find their mentions.
    """
    return (reading or Reading()).keys(mention).told | {f"mention:{mention.mention_id}"}


def sought_keys(mention: Mention, *, reading: Reading | None = None) -> frozenset[str]:
    """The blocking keys of mentions that may be one deal with this one."""
    return (reading or Reading()).keys(mention).asked


def same_deal(a: Mention, b: Mention) -> Verdict:
    """Whether two mentions are one deal, with the points and reasons; symmetric."""
    return Reading().verdict(a, b)


def cluster(
    mentions: Iterable[Mention], *, judgements: Iterable[Judgement] = (), reading: Reading | None = None
) -> tuple[Cluster, ...]:
    """The deals among the mentions; each mention is in exactly one. Independent of the order of both arguments.

    ``reading`` keeps what was worked out of the same mentions before.
    """
    by_id = {mention.mention_id: mention for mention in mentions}
    judged = tuple(judgements)
    groups = _Groups(by_id, _verdicts(by_id, reading or Reading(), judged))
    groups.judge(judged)
    groups.join_best_first()
    return groups.clusters()


def concerned(
    new: Iterable[Mention],
    find: Callable[[frozenset[str]], Iterable[Mention]],
    *,
    judgements: Iterable[Judgement] = (),
    reading: Reading | None = None,
) -> tuple[Mention, ...]:
    """The new mentions and every known one whose deal they may change; clustering exactly these equals a full run.

    ``find`` gives the mentions of the ledger that have one of the keys.
    """
    reading, judged = reading or Reading(), _judged_partners(judgements)
    seen = {mention.mention_id: mention for mention in new}
    wave, asked, near = list(seen.values()), set[str](), dict[str, Mention]()
    while wave:
        by_key = _by_key(wave, reading, judged)
        unasked = frozenset(by_key.keys() - asked)
        asked |= unasked
        near |= {one.mention_id: one for one in (find(unasked) if unasked else ()) if one.mention_id not in seen}
        wave = [one for one in near.values() if _is_linked(one, by_key, reading)]
        for one in wave:
            seen[one.mention_id] = near.pop(one.mention_id)
    return tuple(seen[mention_id] for mention_id in sorted(seen))


def deal_key(mentions: Sequence[Mention]) -> str:
    """The id that a deal of these mentions is given: from its earliest mention, so that later ones do not change it."""
    first = min(mentions, key=lambda one: (one.document.known_from, one.document.published or "", one.mention_id))
    return content_id("deal", first.mention_id)


def _by_key(
    wave: Iterable[Mention], reading: Reading, judged: Mapping[str, frozenset[str]]
) -> Mapping[str, list[Mention]]:
    found: defaultdict[str, list[Mention]] = defaultdict(list)
    for one in wave:
        for key in reading.keys(one).asked:
            found[key].append(one)
        for other in judged.get(one.mention_id, ()):
            found[f"mention:{other}"].append(one)
    return found


def _is_linked(one: Mention, by_key: Mapping[str, list[Mention]], reading: Reading) -> bool:
    if f"mention:{one.mention_id}" in by_key:
        return True  # A judgement names it beside a mention of the wave.
    return any(reading.is_near(one, other) for key in reading.keys(one).told if key in by_key for other in by_key[key])


def _judged_partners(judgements: Iterable[Judgement]) -> Mapping[str, frozenset[str]]:
    partners: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for judgement in judgements:
        partners[judgement.left] |= {judgement.right}
        partners[judgement.right] |= {judgement.left}
    return partners


def _verdicts(by_id: Mapping[str, Mention], reading: Reading, judgements: Iterable[Judgement]) -> dict[Pair, Verdict]:
    """The verdicts on pairs that near pairs and judgements connect; between others nothing is ever joined."""
    return {
        (left, right): reading.compared(by_id[left], by_id[right])
        for names in _neighbourhoods(by_id, reading, judgements)
        for left, right in combinations(sorted(names), 2)
        if reading.is_pair(by_id[left], by_id[right])
    }


def _neighbourhoods(
    by_id: Mapping[str, Mention], reading: Reading, judgements: Iterable[Judgement]
) -> Iterable[list[str]]:
    homes = {name: [name] for name in by_id}
    for one in judgements:
        if one.left in homes and one.right in homes:
            _unite(homes, one.left, one.right)
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(by_id):
        keys = reading.keys(by_id[name])
        for other in {other for key in keys.asked if key in found for other in found[key]}:
            if homes[name] is not homes[other] and reading.is_near(by_id[name], by_id[other]):
                _unite(homes, name, other)
        for key in keys.told:
            found[key].append(name)
    return {id(names): names for names in homes.values()}.values()


def _unite(homes: dict[str, list[str]], one: str, other: str) -> None:
    large, small = sorted((homes[one], homes[other]), key=len, reverse=True)
    if large is not small:
        large += small
        homes.update(dict.fromkeys(small, large))


class Reading:
    """Profiles, keys and verdicts of one run, each worked out once; mentions of equal profile share their verdicts."""

    def __init__(self) -> None:
        self._profiles: dict[str, tuple[int, Profile]] = {}
        self._numbers: dict[Profile, int] = {}
        self._keys: dict[int, Keys] = {}
        self._verdicts: dict[tuple[int, int], Verdict] = {}

    def profile(self, mention: Mention) -> tuple[int, Profile]:
        """The profile of a mention and a number that equal profiles share."""
        found = self._profiles.get(mention.mention_id)
        if found is None:
            profile = profile_of(mention)
            found = self._numbers.setdefault(profile, len(self._numbers)), profile
            self._profiles[mention.mention_id] = found
        return found

    def keys(self, mention: Mention) -> Keys:
        """The blocking keys of a mention."""
        number, profile = self.profile(mention)
        found = self._keys.get(number)
        if found is None:
            found = self._keys[number] = keys_of(profile)
        return found

    def verdict(self, a: Mention, b: Mention) -> Verdict:
        """The verdict on two mentions, with what blocking and documents say first."""
        if a.document.document_id == b.document.document_id:
            return Verdict(False, 0, ((0, "one document tells each deal once"),), vetoed=True)
        if not self.is_pair(a, b):
            return Verdict(False, 0, ((0, "nothing in common"),), vetoed=True)
        return self.compared(a, b)

    def is_pair(self, a: Mention, b: Mention) -> bool:
        """Whether two mentions of different documents have enough in common to be compared."""
        if a.document.document_id == b.document.document_id:
            return False
        return are_comparable(self.profile(a)[1], self.profile(b)[1], self.keys(a), self.keys(b))

    def is_near(self, a: Mention, b: Mention) -> bool:
        """Whether two mentions may be one deal."""
        if not self.is_pair(a, b):
            return False
        verdict = self.compared(a, b)
        return not verdict.vetoed and verdict.score >= CANDIDATE

    def compared(self, a: Mention, b: Mention) -> Verdict:
        """The verdict on two mentions by their profiles alone."""
        (first, left), (second, right) = self.profile(a), self.profile(b)
        pair = (first, second) if first <= second else (second, first)
        found = self._verdicts.get(pair)
        if found is None:
            found = self._verdicts[pair] = compare(left, right)
        return found


def _halves(mention: Mention) -> tuple[int, int]:
    suppliers, customers = bool(mention.supplier_ids), bool(mention.customer_ids)
    return int(suppliers and not customers), int(customers and not suppliers)


class _Groups:
    """Groups of mentions under way: sums of points between them, and who may not be joined."""

    def __init__(self, by_id: Mapping[str, Mention], verdicts: Mapping[Pair, Verdict]) -> None:
        self.members = {name: [name] for name in sorted(by_id)}
        self.verdicts = verdicts
        self.documents = {name: {mention.document.document_id} for name, mention in by_id.items()}
        self.halves = {name: _halves(mention) for name, mention in by_id.items()}
        self.reasons: defaultdict[str, list[str]] = defaultdict(list)
        self.points: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self.apart: defaultdict[str, set[str]] = defaultdict(set)
        for (left, right), verdict in verdicts.items():
            self._set(left, right, verdict)

    def _set(self, left: str, right: str, verdict: Verdict) -> None:
        if verdict.vetoed:
            self.apart[left].add(right)
            self.apart[right].add(left)
        else:
            self.points[left][right] = self.points[right][left] = verdict.score

    def judge(self, judgements: Iterable[Judgement]) -> None:
        """Apply what a person decided: the joins first, then the vetoes, which stand against points alone."""
        home = {name: name for name in self.members}
        ordered = sorted(judgements, key=lambda one: (*sorted((one.left, one.right)), one.verdict))
        known = [one for one in ordered if one.left in home and one.right in home]
        for one in known:
            if one.verdict == "same" and home[one.left] != home[one.right]:
                kept = self._join(*sorted((home[one.left], home[one.right])), reason="a person judged them one deal")
                home.update(dict.fromkeys(self.members[kept], kept))
        for one in known:
            if one.verdict == "different":
                left, right = home[one.left], home[one.right]
                self.apart[left].add(right)
                self.apart[right].add(left)

    def join_best_first(self) -> None:
        """Join the two groups of the highest average again and again, down to ``SAME``."""
        queue = [self._offer(left, right) for left in self.points for right in self.points[left] if left < right]
        heapq.heapify(queue)
        while queue:
            average, left, right, size = heapq.heappop(queue)
            if -average < SAME:
                return
            stale = left not in self.members or right not in self.members or max(1, self._pairs(left, right)) != size
            if stale or not self._may_join(left, right):
                continue
            kept = self._join(left, right, reason=self._why(left, right))
            for other in self.points[kept]:
                heapq.heappush(queue, self._offer(*sorted((kept, other))))

    def clusters(self) -> tuple[Cluster, ...]:
        """The groups as they stand, each with the reasons and the pairs that nearly joined it to another."""
        near: defaultdict[str, list[Candidate]] = defaultdict(list)
        for groups, candidate in sorted(self._candidates().items()):
            for group in groups:
                near[group].append(candidate)
        return tuple(
            Cluster(tuple(sorted(names)), tuple(self.reasons[group]), tuple(near[group]))
            for group, names in sorted(self.members.items())
        )

    def _candidates(self) -> dict[Pair, Candidate]:
        # The best pair of each two groups; not where some document tells both, which says that they are two.
        home = {name: group for group, names in self.members.items() for name in names}
        found: dict[Pair, Candidate] = {}
        for (left, right), verdict in sorted(self.verdicts.items()):
            one, other = sorted((home[left], home[right]))
            near = one != other and not verdict.vetoed and verdict.score >= CANDIDATE and self._may_join(one, other)
            if near and ((one, other) not in found or found[one, other].score < verdict.score):
                found[one, other] = Candidate(left, right, verdict.score, verdict.reasons)
        return found

    def _pairs(self, left: str, right: str) -> int:
        # Who names the supplier alone and who names the customer alone have nothing to disagree on: such pairs count
        # neither for nor against.
        (one, other), (another, last) = self.halves[left], self.halves[right]
        return len(self.members[left]) * len(self.members[right]) - one * last - other * another

    def _offer(self, left: str, right: str) -> tuple[float, str, str, int]:
        size = max(1, self._pairs(left, right))
        return -self.points[left][right] / size, left, right, size

    def _may_join(self, left: str, right: str) -> bool:
        return right not in self.apart[left] and not self.documents[left] & self.documents[right]

    def _why(self, left: str, right: str) -> str:
        pairs = [(min(a, b), max(a, b)) for a in self.members[left] for b in self.members[right]]
        best = max((pair for pair in pairs if pair in self.verdicts), key=lambda one: (self.verdicts[one].score, one))
        return f"{best[0]} and {best[1]}: {', '.join(self.verdicts[best].reasons)}"

    def _join(self, kept: str, gone: str, *, reason: str) -> str:
        self.members[kept] += self.members.pop(gone)
        self.documents[kept] |= self.documents.pop(gone)
        gained = self.halves.pop(gone)
        self.halves[kept] = self.halves[kept][0] + gained[0], self.halves[kept][1] + gained[1]
        self.reasons[kept] += [*self.reasons.pop(gone, []), reason]
        for other, points in self.points.pop(gone, {}).items():
            del self.points[other][gone]
            if other != kept:
                total = self.points[kept].get(other, 0) + points
                self.points[kept][other] = self.points[other][kept] = total
        for other in self.apart.pop(gone, set()):
            self.apart[other].discard(gone)
            self.apart[other].add(kept)
            self.apart[kept].add(other)
        return kept
