import json
from typing import Any

import pytest

from megawatch.errors import LedgerError
from megawatch.ledger.cluster_lines import cluster_lines, mentions_of


def lines(*documents: dict[str, Any]) -> list[str]:
    return [json.dumps(document) for document in documents]


def deals(*found: str) -> list[list[tuple[str, int]]]:
    return [[(one["id"], one["deal"]) for one in json.loads(line)["mentions"]] for line in found]


LEASE = {"kind": "lease", "supplier": ["Applied Digital"], "customer": "CoreWeave", "power_mw": 250}


def test_documents_in_deals_out() -> None:
    given = lines(
        {"id": "a", "published": "2025-06-02", "deals": [LEASE, {**LEASE, "power_mw": 150}]},
        {"id": "b", "published": "2025-06-03", "deals": [{**LEASE, "supplier": "Applied Digital Corporation"}]},
        {"id": "c", "deals": []},
    )
    found = list(cluster_lines([*given, "", "\n"]))
    assert deals(*found) == [[("a", 0), ("b", 0)], [("a", 1)]]
    assert len({json.loads(line)["deal_id"] for line in found}) == 2


def test_the_key_that_names_the_real_deal_is_never_read() -> None:
    first = lines(
        {"id": "a", "deals": [{**LEASE, "deal_key": "x"}]}, {"id": "b", "deals": [{**LEASE, "deal_key": "y"}]}
    )
    assert deals(*cluster_lines(first)) == [[("a", 0), ("b", 0)]]


def test_extracted_evidence_with_offsets_is_taken_too() -> None:
    evidence = {"power_mw": {"part": "text", "start": 4, "end": 10, "quote": "250 MW"}}
    (mention,) = mentions_of([{"id": "a", "deals": [{**LEASE, "evidence": evidence}]}])
    quote = next(claim.quote for claim in mention.claims if claim.stated.field == "power_mw")
    assert (quote.quote, quote.start, quote.end, quote.part) == ("250 MW", 4, 10, "text")


def test_a_long_name_counts_as_its_beginning_where_another_document_uses_that() -> None:
    long, short = {**LEASE, "supplier": "Vantreal Compute Works"}, {**LEASE, "supplier": "Vantreal"}
    assert len(list(cluster_lines(lines({"id": "a", "deals": [long]}, {"id": "b", "deals": [short]})))) == 1


@pytest.mark.parametrize("line", ["{", "[]", '{"deals": []}', "7"])
def test_a_line_that_is_no_document_is_refused_by_number(line: str) -> None:
    with pytest.raises(LedgerError, match="Line 2"):
        list(cluster_lines([*lines({"id": "a", "deals": []}), line]))


def test_a_figure_that_is_no_number_is_refused_by_document() -> None:
    with pytest.raises(LedgerError, match=r"'a'.*power_mw.*'lots'"):
        list(cluster_lines(lines({"id": "a", "deals": [{**LEASE, "power_mw": "lots"}]})))


def test_a_date_that_is_none_is_refused_by_document() -> None:
    with pytest.raises(LedgerError, match=r"'a': start_date: 'soon' is no date"):
        list(cluster_lines(lines({"id": "a", "deals": [{**LEASE, "start_date": "soon"}]})))
