from __future__ import annotations

import doctest
import importlib
from decimal import Decimal

import pytest

from megawatch.briefs import wording
from megawatch.briefs.hygiene import plain, safe_link, short_name
from megawatch.errors import BriefError
from megawatch.market import Interval


@pytest.mark.parametrize(
    "name", ["wording", "hygiene", "facts", "markdown", "tokens", "reread", "view"], ids=lambda name: name
)
def test_examples_in_docstrings_hold(name: str) -> None:
    results = doctest.testmod(importlib.import_module(f"megawatch.briefs.{name}"))
    assert results.attempted > 0
    assert results.failed == 0


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("1250000000", "$1.25 bn"),
        ("45000000000", "$45 bn"),
        ("306600000", "$307 m"),
        ("999600000", "$1 bn"),
        ("950000", "$950,000"),
        ("1667000", "$1.67 m"),
        ("965000000000", "$965 bn"),
        ("1200000000000", "$1.2 tn"),
        ("0", "$0.00"),
        ("-250000000", "−$250 m"),
    ],
)
def test_dollars_are_rounded_to_three_digits(value: str, words: str) -> None:
    assert wording.usd(Decimal(value)).replace("\xa0", " ") == words


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        ("1", "gpus", "1 GPU"),
        ("220000", "gpus", "220,000 GPUs"),
        ("1", "months", "1 month"),
        ("36", "months", "36 months"),
        ("180", "months", "15 years"),
        ("62", "months", "62 months"),
        ("300", "mw", "300 MW"),
        ("2.1", "mw", "2.1 MW"),
        ("1200", "mw", "1,200 MW"),
        ("7.776", "usd_per_gpu_hour", "$7.78"),
        ("138.9", "usd_per_kw_month", "$138.90"),
        ("2.24", "times", "2.2 times"),
    ],
)
def test_amounts_have_their_units_and_plurals(value: str, unit: str, words: str) -> None:
    assert wording.amount(Decimal(value), unit).replace("\xa0", " ") == words


def test_an_unknown_unit_is_an_error_not_a_guess() -> None:
    with pytest.raises(BriefError, match="furlongs"):
        wording.amount(Decimal(1), "furlongs")


def test_ranges_open_on_a_side_say_so() -> None:
    assert wording.span(Interval(Decimal(2), None), "usd_per_gpu_hour") == "at least $2.00"
    assert wording.span(Interval(Decimal("7.779"), Decimal("7.781")), "usd_per_gpu_hour") == "$7.78"
    with pytest.raises(BriefError):
        wording.span(Interval(None, None), "usd")


@pytest.mark.parametrize("week", ["2026-21", "2026-W54", "2026-W00", "W21", "2026-W2１"])
def test_weeks_that_are_none_are_refused(week: str) -> None:
    with pytest.raises(BriefError, match="week"):
        wording.week_span(week)


def test_the_53rd_week_exists_in_long_years() -> None:
    assert wording.week_span("2026-W53") == ("2026-12-28", "2027-01-04")


@pytest.mark.parametrize("iso", ["2026-13", "2026-02-30", "soon", "2026-5"])
def test_dates_that_are_none_are_refused(iso: str) -> None:
    with pytest.raises(BriefError, match="ISO date"):
        wording.day(iso)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Space Exploration Technologies Corp.", "Space Exploration Technologies"),
        ("Inc.", "Inc."),
        ("SE", "SE"),
        ("Arm Holdings plc", "Arm Holdings"),
        ("Incline AI", "Incline AI"),
    ],
)
def test_legal_forms_are_left_out_of_names(name: str, said: str) -> None:
    assert short_name(name) == said


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//wire.example/x",
        "https://",
        "https://user:word@wire.example/",
        "https://wire.example/\r\nBcc: x@y.example",
        "https://wire.example/\u202egpj.exe",
        "https://" + "a" * 600 + ".example",
        "https://wire.example:99999/",
        "https://[::1/",
        "",
    ],
)
def test_addresses_that_could_harm_are_not_linked(url: str) -> None:
    assert safe_link(url) is None


def test_plain_text_keeps_letters_and_drops_what_acts() -> None:
    assert plain("Nebius\u200b \u202eGroup\u202c\x07\tN.V.", limit=80) == "Nebius Group N.V."
    assert plain("Zürich, São Paulo, 東京", limit=80) == "Zürich, São Paulo, 東京"
    assert len(plain("x" * 10_000, limit=80)) == 80
    assert plain("a" + "\u0301" * 50, limit=80) == "a\u0301\u0301"
