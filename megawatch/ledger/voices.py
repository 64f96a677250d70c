"""Who says what of one deal: claims with the standing of the documents that speak."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from megawatch.ledger.claims import Claim, DocumentStanding, Mention
from megawatch.market import KINDS, Kind, Source, Value

AUTHORITY: dict[Source, int] = {"filing": 4, "press_release": 3, "news": 2, "blog": 1}
"""A filing beats a press release, that beats a wire or other news, that beats a blog."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One claim with the standing of the document that speaks."""

    claim: Claim
    document: DocumentStanding

    @property
    def value(self) -> Value:
        """The value that the claim states."""
        return self.claim.stated.value

    @property
    def authority(self) -> int:
        """How much the kind of source counts: 4 for a filing, down to 1 for a blog."""
        return AUTHORITY[self.document.source]


def voices_by_field(mentions: Iterable[Mention]) -> dict[str, list[Voice]]:
    """Every claim of the mentions with its document, field by field."""
    found: defaultdict[str, list[Voice]] = defaultdict(list)
    for mention in mentions:
        for claim in mention.claims:
            found[claim.stated.field].append(Voice(claim, mention.document))
    return found


def groups_of(voices: Iterable[Voice]) -> int:
    """How many independent groups of sources speak: copies of one wire are one."""
    return len({voice.document.group_id for voice in voices})


def kind_of(mentions: Sequence[Mention]) -> Kind:
    """The kind of a deal: of the best sources, the one that most of them state, then the first of the guidelines."""
    kinds = (
        (claim, mention.document) for mention in mentions for claim in mention.claims if claim.stated.field == "kind"
    )
    spoken = [Voice(claim, document) for claim, document in kinds]
    heard = [voice for voice in spoken if voice.claim.reviewed] or spoken
    best = max((voice.authority for voice in heard), default=0)
    times = Counter(voice.value for voice in heard if voice.authority == best)
    return max(KINDS, key=lambda kind: (times[kind], -KINDS.index(kind)))
