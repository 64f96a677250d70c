"""Gathering the surface forms of a document into organisations: short names, known companies, owners of a surname."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from extractors.parties.judge import Tally
from extractors.parties.vocabulary import is_everyday
from megawatch.lexicons.companies import Company, fold_name

LEAST = 0.3
DOES_SOMETHING = 1.0
PLAIN = tuple(
    (
        "ing ings tion tions sion sions ment ments ness ity ities ance ence ible able ous ive ly less ful ally ised "
        "ized ated ists isms ology ier iest ures ants ents"
    ).split()
)


@dataclass(slots=True)
class Cluster:
    """Surface forms that name one thing.

    ``key`` is the folded fullest form; ``nouns`` are words by which the text describes it ("landlord", "denver");
    ``unnamed`` clusters hold one description and no name.
    """

    key: tuple[str, ...]
    tallies: list[Tally] = field(default_factory=list)
    extra_names: list[str] = field(default_factory=list)
    ticker: str | None = None
    nouns: set[str] = field(default_factory=set)
    parents: list[str] = field(default_factory=list)
    publisher: bool = False
    unnamed: bool = False
    total_bonus: float = 0.0
    weight: float = 0.5

    @property
    def company(self) -> Company | None:
        """The known company among the forms, that of the fullest form first."""
        return next((tally.company for tally in self.tallies if tally.company is not None), None)

    @property
    def total(self) -> Tally:
        """Everything that speaks for each reading, over all forms."""
        sum_of = Tally(text=self.tallies[0].text, words=self.tallies[0].words, known=self.tallies[0].known)
        for tally in self.tallies:
            sum_of.add(tally)
        sum_of.org += self.total_bonus
        return sum_of

    @property
    def names(self) -> tuple[str, ...]:
        """All forms, fullest first."""
        forms = [tally.text for tally in self.tallies]
        forms = [form for form in forms if form != self.ticker] + self.extra_names or forms
        return tuple(dict.fromkeys(sorted(forms, key=lambda form: (-len(form.split()), -len(form)))))


@lru_cache(maxsize=16384)
def key_of(name: str) -> tuple[str, ...]:
    """The words by which two forms of a name are compared."""
    return tuple(fold_name(name).split())


def gather(tallies: Iterable[Tally]) -> list[Cluster]:
    """Join forms of which one begins the other, and forms of one known company; surnames join their person."""
    clusters: list[Cluster] = []
    by_first: dict[str, list[Cluster]] = {}
    by_company: dict[str, Cluster] = {}
    for tally in sorted(tallies, key=lambda tally: (-len(key_of(tally.text)), -tally.firm)):
        key = key_of(tally.text)
        if not key:
            continue
        home = by_company.get(tally.company.id) if tally.company else None
        home = home or _home(key, tally, by_first.get(key[0], []))
        if home is None:
            home = Cluster(key)
            clusters.append(home)
            by_first.setdefault(key[0], []).append(home)
        home.tallies.append(tally)
        if tally.company:
            by_company.setdefault(tally.company.id, home)
    return _without_surnames(clusters)


def _home(key: tuple[str, ...], tally: Tally, rivals: list[Cluster]) -> Cluster | None:
    fitting = [rival for rival in rivals if rival.key[: len(key)] == key and _may_join(tally, rival)]
    exact = [rival for rival in fitting if rival.key == key]
    if exact:
        return exact[0]
    if tally.known == "company" and tally.company is not None:
        fitting = [rival for rival in fitting if rival.company is None or rival.company.id == tally.company.id]
    return max(fitting, key=lambda rival: sum(form.firm for form in rival.tallies), default=None)


def _may_join(tally: Tally, rival: Cluster) -> bool:
    if tally.company and rival.company and tally.company.id != rival.company.id:
        return False
    if tally.company is None and tally.place >= 1.5 and tally.place > tally.org:
        return False
    return (tally.known == "site") == (rival.tallies[0].known == "site")


def _without_surnames(clusters: list[Cluster]) -> list[Cluster]:
    surnames = Counter(
        cluster.key[-1] for cluster in clusters if len(cluster.key) > 1 and cluster.total.kind == "person"
    )
    for cluster in clusters:
        if len(cluster.key) == 1 and surnames[cluster.key[0]] and not cluster.company:
            cluster.tallies[0].person += 6.0
    return clusters


def is_organisation(cluster: Cluster, *, formal: bool = False) -> bool:
    """Whether a cluster is to be handed on as a party; a ``formal`` text capitalises its defined terms too."""
    total = cluster.total
    if total.kind != "org" or total.org < LEAST:
        return False
    if total.known == "company":
        return True
    everyday = all(is_everyday(word) for word in cluster.key)
    if not everyday:
        return not _only_opens(cluster, total)
    if all(segment.headline for tally in cluster.tallies for segment in tally.segments) and cluster.company is None:
        return False
    if len(cluster.key) > 1:
        return total.org >= ((1.0 if formal else 0.3) if total.firm else 3.0)
    return total.org >= (1.2 if total.firm else 3.0)


def _only_opens(cluster: Cluster, total: Tally) -> bool:
    """Whether a single word has the ending of plain English, opens a sentence wherever it stands, and does nothing."""
    word = cluster.key[0]
    return (
        len(cluster.key) == 1
        and not total.firm
        and total.org < DOES_SOMETHING
        and len(word) > 6
        and word.endswith(PLAIN)
    )


def weight_of(cluster: Cluster) -> float:
    """How sure an organisation is one, from 0 to 1."""
    total = cluster.total
    against = max(total.person, total.place, total.thing)
    return round(max(0.05, min(1.0, 0.2 + (total.org - 0.5 * against) / 8)), 3)
