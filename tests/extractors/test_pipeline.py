import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import extractors.pipeline as room
from extractors.lines import read_lines, write_findings
from extractors.pipeline import COMPONENTS, READER, build_pipeline, extract, version_of
from extractors.show import render_findings
from megawatch.errors import ExtractionError
from megawatch.market import DealMention, Document, Findings

LEASE = (
    "DENVER, March 3, 2026 - Copper Basin Data said it has signed a 15-year lease with Velora AI for 80 megawatts of "
    "critical IT load at its campus in Casper, Wyoming. The lease is worth about $1.9 billion over the term, and the "
    "tenant will move in during the fourth quarter of 2026.\n\nSeparately, Copper Basin Data borrowed $600 million "
    "from Ashgrove Capital in a five-year loan to pay for construction."
)


def document(text: str, *, title: str = "", name: str = "d") -> Document:
    return Document(id=name, title=title, text=text, published="2026-03-03")


def check(text_document: Document, findings: Findings) -> None:
    for deal in findings.deals:
        fields = [term.field for term in deal.terms]
        assert len(fields) == len(set(fields))
        assert {"kind", "status"} <= set(fields)
        assert all(term.evidence.holds_in(text_document) for term in deal.terms)
    assert all(price.evidence.holds_in(text_document) for price in findings.prices)
    assert all(left.evidence.holds_in(text_document) for left in findings.leftovers)


def of_kind(findings: Findings, kind: str) -> DealMention:
    return next(deal for deal in findings.deals if deal.value("kind") == kind)


def test_a_lease_and_a_loan_told_in_one_text() -> None:
    (findings,) = extract([document(LEASE, title="Copper Basin leases Casper campus to Velora AI")])
    lease, loan = of_kind(findings, "lease"), of_kind(findings, "financing")
    assert lease.value("power_mw") == 80
    assert lease.value("term_months") == 180
    assert lease.value("total_value_usd") == 1_900_000_000
    assert "Velora AI" in (lease.value("customer") or ())
    assert "Copper Basin Data" in (lease.value("supplier") or ())
    assert loan.value("total_value_usd") == 600_000_000
    check(document(LEASE, title="Copper Basin leases Casper campus to Velora AI"), findings)


def test_an_opinion_tells_no_deal() -> None:
    text = (
        "I have said it before: the market for computing is hot, and nobody knows where it ends. Analysts expect "
        "spending of $600 billion this year. My advice is to wait, read, and sleep well."
    )
    assert next(extract([document(text)])).deals == ()


def test_the_same_text_gives_the_same_claims() -> None:
    first, second = (write_findings(next(extract([document(LEASE)]))) for _ in range(2))
    assert first == second


def test_findings_go_out_one_for_one_in_order() -> None:
    names = [f"d{n}" for n in range(5)]
    found = list(extract(document(LEASE[: 60 * n], name=name) for n, name in enumerate(names)))
    assert [item.document_id for item in found] == names
    assert {item.extractor_version for item in found} == {version_of(READER)}


def test_a_document_that_cannot_be_read_is_named_and_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    real = room.find_prices

    def broken(reading, **more):
        if reading.document.id == "bad":
            raise RuntimeError("no reason")
        return real(reading, **more)

    monkeypatch.setattr(room, "find_prices", broken)
    faults: list[ExtractionError] = []
    found = list(extract([document(LEASE, name="bad"), document(LEASE, name="good")], on_fault=faults.append))
    assert [item.document_id for item in found] == ["bad", "good"]
    assert found[0].deals == ()
    assert found[1].deals
    assert "'bad'" in str(faults[0])


def test_the_components_of_the_pipeline() -> None:
    assert tuple(build_pipeline("trained").pipe_names) == COMPONENTS
    alone = tuple(name for name in COMPONENTS if name != "megawatch_opinions")
    assert tuple(build_pipeline("grammar").pipe_names) == alone


def test_the_shown_document_names_its_deals() -> None:
    from rich.console import Console

    console = Console(width=160, record=True, file=open("/dev/null", "w", encoding="utf-8"))  # noqa: SIM115
    source = document(LEASE)
    console.print(render_findings(source, next(extract([source]))))
    shown = console.export_text()
    assert "power_mw" in shown
    assert "80" in shown


NASTY = [
    "",
    " \n\t ",
    "\x00\x01\x02 \ufffd" * 50,
    "(" * 20_000,
    "9" * 100_000,
    "x" * 200_000,
    "\u202eتوقيع عقد إيجار بقيمة 500 مليون دولار",
    "$" * 3_000,
    "1,2,3,4,5," * 5_000,
    "a lease " * 3_000,
    "| " * 5_000,
    "$1 billion lease with Acme Corp. " * 400,
]


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_no_text_breaks_or_stalls_the_pipeline(text: str) -> None:
    start = time.process_time()
    source = document(text, title=text[:200])
    findings = next(extract([source], on_fault=pytest.fail))
    check(source, findings)
    assert time.process_time() - start < 20


PIECES = st.sampled_from(
    ["Acme Corp.", "signed", "a lease", "with", "Borealis AI", "for", "40 MW", "$1.2bn", "10 years", "H100", "in",
     "Ohio", "(the “Lease”)", ";", ".", "\n\n", "•", "|", "Q4 2026", "from", "2,000 GB200s", "the company", "it"]
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(PIECES, max_size=40).map(" ".join) | st.text(max_size=300))
def test_whatever_is_claimed_stands_in_the_text(text: str) -> None:
    source = document(text, title=text[:50])
    check(source, next(extract([source], on_fault=pytest.fail)))


def test_capacity_turned_over_to_another_is_a_deal_though_no_one_signs_or_leases() -> None:
    text = (
        "LUBBOCK, May 7 - Halyard Compute said it would turn over the full computing capacity of its Cinder 2 data "
        "center to Ostrea Labs, giving the model developer more than 90,000 Nvidia graphics processors and 0.12 GW of "
        "power.\n\nTerms were not disclosed."
    )
    [deal] = next(extract([document(text, title="Halyard hands entire Cinder 2 cluster to Ostrea")])).deals
    assert [deal.value(name) for name in ("kind", "gpu_count", "power_mw")] == ["compute", 90_000, 120]
    assert (deal.value("supplier"), deal.value("customer")) == (
        ("Halyard Compute", "Halyard"),
        ("Ostrea Labs", "Ostrea"),
    )


def test_lines_in_and_out() -> None:
    line = json.dumps({"id": "a", "title": "t", "text": LEASE, "published": "2026-03-03", "source": "news"})
    (source,) = read_lines([line, "", "  "])
    row = json.loads(write_findings(next(extract([source]))))
    assert row["id"] == "a"
    for deal in row["deals"]:
        for place in deal["evidence"].values():
            text = source.part(place["part"])
            assert text[place["start"] : place["end"]] == place["quote"]


@pytest.mark.parametrize("line", ["{", "[]", '{"id": "a"}', '"text"'])
def test_a_broken_line_is_named_and_the_rest_is_read(line: str) -> None:
    faults: list[ExtractionError] = []
    found = list(read_lines([line, '{"text": "x"}'], on_fault=faults.append))
    assert [item.text for item in found] == ["x"]
    assert "Line 1" in str(faults[0])
    with pytest.raises(ExtractionError, match="Line 1"):
        list(read_lines([line]))
