import importlib.util
import json
from pathlib import Path

import pytest

from extractors.evaluate import Tally, compare, evaluate, model_key, name_key, pair_deals, read_gold, same_party
from extractors.floors import find_falls, raise_floors, read_floors
from extractors.lines import read_lines, write_findings
from extractors.pipeline import extract
from megawatch.errors import ExtractionError
from megawatch.resources import bundled

SHARED = Path(__file__).resolve().parents[3] / "shared" / "evaluation"


def test_names_agree_without_company_forms_and_accents() -> None:
    assert name_key("Société Générale S.A.") == ("societe", "generale", "s", "a")
    assert same_party(["Applied Digital Corporation"], ["Applied Digital"])
    assert same_party(["Hut 8"], ["Hut 8 Corp."])
    assert not same_party(["Meridian Nine"], ["Nine"])


def test_chips_agree_without_maker_and_plural() -> None:
    assert model_key("NVIDIA GB200s") == model_key("GB200") == "gb200"


@pytest.mark.parametrize(
    ("name", "wanted", "given", "tally"),
    [
        ("power_mw", 100, 100.9, Tally(1, 0, 0)),
        ("power_mw", 100, 102, Tally(0, 1, 1)),
        ("term_months", 12, 13, Tally(1, 0, 0)),
        ("start_date", "2026", "2026-05", Tally(1, 0, 0)),
        ("start_date", "2026-05", "2026", Tally(0, 1, 1)),
        ("gpu_model", ["H100", "H200"], ["H100"], Tally(1, 1, 0)),
        ("site", "Reno, Nevada", "Reno", Tally(1, 0, 0)),
        ("total_value_usd", 5, None, Tally(0, 1, 0)),
        ("total_value_usd", None, 5, Tally(0, 0, 1)),
    ],
)
def test_one_field(name, wanted, given, tally) -> None:
    assert compare(name, {name: wanted}, {name: given}) == tally


def test_deals_are_paired_for_the_best_in_all() -> None:
    wanted = [
        {"kind": "lease", "supplier": ["A"], "power_mw": 10},
        {"kind": "lease", "supplier": ["A"], "power_mw": 20},
    ]
    given = [{"kind": "lease", "supplier": ["A"], "power_mw": 20}, {"kind": "lease", "supplier": ["A"]}]
    assert sorted(pair_deals(wanted, given)) == [(0, 1), (1, 0)]


def test_floors_are_kept_and_only_lowered_on_purpose(tmp_path) -> None:
    path = tmp_path / "floors.json"
    raise_floors("gold", {"terms": 0.7, "unfaithful": 0.0}, path=path)
    raise_floors("gold", {"terms": 0.6, "unfaithful": 1.0}, path=path)
    assert read_floors(path)["gold"] == {"terms": 0.7, "unfaithful": 0.0}
    assert find_falls({"terms": 0.6, "unfaithful": 1.0}, read_floors(path)["gold"]) == (
        "terms is 0.600, its floor is 0.700",
        "unfaithful is 1.000, its ceiling is 0.000",
    )
    assert raise_floors("gold", {"terms": 0.6, "unfaithful": 0.0}, lower=True, path=path)["gold"]["terms"] == 0.6


def test_a_broken_gold_line_is_named(tmp_path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text('{"id": "a"}\n{')
    with pytest.raises(ExtractionError, match=r"gold.jsonl, line 2"):
        read_gold(path)


def test_the_bundled_gold_stays_above_its_floors() -> None:
    gold = read_gold(bundled("fixtures") / "gold" / "market.jsonl")
    documents = list(read_lines(json.dumps(row) for row in gold))
    found = {item.document_id: json.loads(write_findings(item)) for item in extract(documents)}
    assert find_falls(evaluate(gold, found).figures(), read_floors()["market"]) == ()


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/evaluation is not here")
def test_the_numbers_are_those_of_the_published_scorer() -> None:
    spec = importlib.util.spec_from_file_location("score", SHARED / "score.py")
    assert spec is not None
    assert spec.loader is not None
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    gold = read_gold(SHARED / "dev-a.jsonl")
    documents = read_lines(json.dumps(row) for row in gold)
    found = {item.document_id: json.loads(write_findings(item)) for item in extract(documents)}
    theirs = score.totals([score.score_document(row, found[row["id"]]) for row in gold])
    ours = evaluate(gold, found).figures()
    for name in ("terms", "parties", "amounts", "deals", "prices"):
        assert ours[name] == pytest.approx(theirs[name][2])
    assert ours["perfect_deals"] == pytest.approx(theirs["perfect_deals"])
    assert ours["false_deals_per_negative"] == pytest.approx(theirs["false_deals_per_negative"])
