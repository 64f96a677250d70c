"""Confidence says how often such a claim is right."""

from itertools import pairwise
from pathlib import Path

import pytest

from extractors.deals.calibration import calibrate, read_calibration, share
from extractors.deals.linear import WEIGHTS
from extractors.evaluate import evaluate
from megawatch.errors import LexiconError
from megawatch.market import DealMention, Evidence, Stated

STEPS = ((0.0, 0.3), (0.5, 0.6), (0.9, 0.95))
HERE = Evidence(part="text", start=0, end=5, quote="40 MW")


@pytest.mark.parametrize(
    ("raw", "right"), [(0.0, 0.3), (0.49, 0.3), (0.5, 0.6), (0.899, 0.6), (0.9, 0.95), (1.0, 0.95)]
)
def test_a_confidence_becomes_the_share_of_its_step(raw: float, right: float) -> None:
    assert share(raw, STEPS) == right


def test_only_the_confidence_of_a_measured_field_changes() -> None:
    power = Stated(field="power_mw", value=40, evidence=HERE, rule="power", confidence=0.97)
    site = Stated(field="site", value="Casper", evidence=HERE, rule="place", confidence=0.7)
    deal = calibrate(DealMention(document_id="d", position=0, terms=(power, site)), {"power_mw": STEPS})
    assert [(term.field, term.value, term.confidence) for term in deal.terms] == [
        ("power_mw", 40, 0.95),
        ("site", "Casper", 0.7),
    ]


@pytest.mark.parametrize("room", ["", "reader"])
def test_the_steps_that_travel_along_rise(room: str) -> None:
    if not (WEIGHTS / room).is_dir():
        pytest.skip(f"weights/{room} is not there")
    for steps in read_calibration(room).values():
        assert steps[0][0] == 0.0
        assert list(steps) == sorted(steps)
        assert all(low[1] < high[1] for low, high in pairwise(steps))
        assert all(0 <= right <= 1 for _, right in steps)


def test_a_missing_file_names_itself_and_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extractors.deals.calibration.WEIGHTS", tmp_path)
    with pytest.raises(LexiconError, match=r"calibration.json: .* Run training/calibrate.py"):
        read_calibration("nowhere")


def test_reliability_counts_each_claim_in_its_step() -> None:
    gold = {"id": "d", "source": "news", "deals": [{"kind": "lease", "power_mw": 40, "customer": ["Velora"]}]}
    given = {"kind": "lease", "power_mw": 40, "customer": ["Ostrea"]}
    sure = {"kind": 0.9, "power_mw": 0.92, "customer": 0.35}
    scores = evaluate([gold], {"d": {"deals": [{**given, "confidence": sure}]}})
    assert {n: (s.claims, round(s.promised, 2), s.right) for n, s in scores.reliability.items()} == {
        9: (2, 1.82, 2),
        3: (1, 0.35, 0),
    }
    assert scores.calibration_error == pytest.approx((0.18 + 0.35) / 3)
