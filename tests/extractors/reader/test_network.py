"""The trained reader weighs candidates; the same text gives the same claims, alone or among others."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from extractors.deals.opinions import KINDS, LABELS
from extractors.lines import write_findings
from extractors.pipeline import LONGEST, Reader, build_pipeline, extract, read_findings, read_view, version_of
from extractors.reader import network
from extractors.reader.nodes import nodes_of
from megawatch.errors import ExtractionError, LexiconError
from megawatch.market import Document

LEASE = (
    "Copper Basin Power said on Monday that it had leased 40 MW of critical IT load at its campus in Casper, Wyoming, "
    "to Velora AI for 10 years. The lease is worth about $600 million. "
    "Copper Basin had revenue of $90 million last year."
)
LOAN = "Tarn Cloud said it had closed a $300 million loan led by Marlowe Credit Partners to buy GPUs."


def document(text: str, *, name: str = "d", title: str = "") -> Document:
    return Document(id=name, title=title, text=text, source="news", publisher="The Ledger", published="2026-05-20")


@pytest.fixture(scope="module")
def opinions() -> dict[str, dict[str, float]]:
    view = read_view(document(LEASE))
    found = network.read_network().read(view)
    rows = {}
    for row, node in enumerate(nodes_of(view)):
        quote = getattr(node, "quote", "") or node.site.text  # type: ignore[union-attr]
        rows[quote] = {label: float(found.labels[row, LABELS.index(label)]) for label in LABELS}
        rows[quote]["lease"] = float(found.kinds[row, KINDS.index("lease")])
    return rows


@pytest.mark.parametrize(
    ("quote", "label"), [("40 MW", "power"), ("10 years", "term"), ("$600 million", "total"), ("leased", "anchor")]
)
def test_a_figure_states_its_field(opinions: dict[str, dict[str, float]], quote: str, label: str) -> None:
    assert opinions[quote][label] > opinions[quote]["none"]
    assert max(LABELS, key=opinions[quote].__getitem__) == label


def test_revenue_states_nothing(opinions: dict[str, dict[str, float]]) -> None:
    assert opinions["$90 million"]["none"] > opinions["$90 million"]["total"]


def test_a_lease_is_known_as_one(opinions: dict[str, dict[str, float]]) -> None:
    assert opinions["40 MW"]["lease"] > -0.7


def test_a_candidate_states_only_what_its_type_can(opinions: dict[str, dict[str, float]]) -> None:
    assert all(opinions["40 MW"][label] < -20 for label in ("total", "monthly", "term", "count", "anchor", "site"))


def test_the_deal_of_a_text() -> None:
    (deal,) = read_findings(document(LEASE), reader="trained").deals
    assert {term.field: term.value for term in deal.terms if term.field != "site"} == {
        "kind": "lease",
        "status": "signed",
        "supplier": ("Copper Basin Power", "Copper Basin"),
        "customer": ("Velora AI",),
        "power_mw": Decimal(40),
        "term_months": Decimal(120),
        "total_value_usd": Decimal(600_000_000),
    }


def test_a_lender_supplies() -> None:
    (deal,) = read_findings(document(LOAN), reader="trained").deals
    found = {term.field: term.value for term in deal.terms}
    assert (found["kind"], found["supplier"], found["customer"]) == (
        "financing",
        ("Marlowe Credit Partners",),
        ("Tarn Cloud",),
    )


def test_a_text_reads_alike_alone_among_others_and_again() -> None:
    texts = [LEASE, LOAN, f"{LEASE}\n\n{LOAN}", "Nothing here."]
    documents = [document(text, name=str(n)) for n, text in enumerate(texts)]
    together = [write_findings(found) for found in extract(documents, reader="trained")]
    alone = [write_findings(read_findings(one, reader="trained")) for one in documents]
    assert together == alone
    assert together == [write_findings(found) for found in extract(documents, reader="trained")]


def test_a_document_of_many_candidates_is_weighed_in_stretches() -> None:
    view = read_view(document("\n\n".join(f"{LEASE.replace('40 MW', f'{40 + n} MW')}" for n in range(90))))
    opinions = network.read_network().read(view)
    nodes = nodes_of(view)
    assert len(nodes) > network.MANY
    rows = [n for n, node in enumerate(nodes) if getattr(node, "type", "") == "power"]
    assert len(rows) == 90
    assert all(opinions.labels[n, LABELS.index("power")] > opinions.labels[n, 0] for n in rows)
    near, far = opinions.links(rows[:1], [rows[0], rows[-1]])[0]
    assert near > far


def test_a_text_longer_than_any_it_was_taught_is_left_to_the_grammar() -> None:
    long = f"{LEASE}\n\n" + "The hall stands beside a railway. " * 90
    assert len(read_view(document(long)).words) > LONGEST
    both = [read_findings(document(long), reader=reader).deals for reader in ("trained", "grammar")]
    assert both[0] == both[1]
    assert (
        read_findings(document(LEASE), reader="trained").deals != read_findings(document(LEASE), reader="grammar").deals
    )


def test_claims_say_which_reader_made_them() -> None:
    readers: tuple[Reader, ...] = ("trained", "grammar")
    versions = {reader: read_findings(document(LOAN), reader=reader).extractor_version for reader in readers}
    assert versions == {"trained": version_of("trained"), "grammar": version_of("trained") + "g"}


def test_without_the_model_the_grammar_still_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "MODEL", tmp_path / "model")
    network.read_network.cache_clear()
    try:
        with pytest.raises(LexiconError, match="run make model, install Megawatch again, or read with --reader"):
            network.read_network()
        with pytest.raises(ExtractionError, match=r"Document 'd' could not be read .*--reader grammar"):
            read_findings(document(LEASE), reader="trained")
        faults: list[ExtractionError] = []
        assert [found.deals for found in extract([document(LEASE)], reader="trained", on_fault=faults.append)] == [()]
        assert len(faults) == 1
        assert json.loads(write_findings(read_findings(document(LEASE), reader="grammar")))["deals"]
    finally:
        network.read_network.cache_clear()


def test_the_reader_is_a_component_of_the_pipeline() -> None:
    assert "megawatch_opinions" in build_pipeline("trained").pipe_names
    assert "megawatch_opinions" not in build_pipeline("grammar").pipe_names
