"""Dates at the precision of the text; vague and relative ones as the annotation guidelines decide."""

import pytest

from extractors.quantities import find_dates

PUBLISHED = "2026-06-11"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on May 14, 2026", "2026-05-14"),
        ("on 1 April 2028", "2028-04-01"),
        ("by 2029-09-30", "2029-09-30"),
        ("due 12/31/2037", "2037-12-31"),
        ("begin 01.07.2027", "2027-07-01"),
        ("from 2026.01.01 on", "2026-01-01"),
        ("not later than 2026 year 11 month 30 day", "2026-11-30"),
        ("from May 2026", "2026-05"),
        ("in nov 2026", "2026-11"),
        ("Apr-26", "2026-04"),
        ("in December of '27", "2027-12"),
        ("in June twenty twenty-eight", "2028-06"),
        ("in the fourth quarter of 2025", "2025-Q4"),
        ("Q1 twenty-seven", "2027-Q1"),
        ("live 3Q26", "2026-Q3"),
        ("from Q2 27", "2027-Q2"),
        ("live 2026-Q4", "2026-Q4"),
        ("2028's first quarter", "2028-Q1"),
        ("in the September quarter of 2026", "2026-Q3"),
        ("in the second half of 2027", "2027-H2"),
        ("2H27", "2027-H2"),
        ("late 2026", "2026-H2"),
        ("towards the end of 2028", "2028-H2"),
        ("in early 2027", "2027"),
        ("by mid-2026", "2026"),
        ("in the spring of 2033", "2033"),
        ("until the end of 2032", "2032"),
        ("the last day of 2039", "2039-12-31"),
        ("through 2042", "2042"),
        ("FY29", "2029"),
    ],
)
def test_dates_at_the_precision_of_the_text(text: str, value: str) -> None:
    assert [date.value for date in find_dates(text, part="text", published=None)] == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("capacity arrives next January", "2027-01"),
        ("since last November", "2025-11"),
        ("starts in the third quarter", "2026-Q3"),
        ("the fourth quarter of this year", "2026-Q4"),
        ("the first quarter of next year", "2027-Q1"),
        ("starting next month", "2026-07"),
        ("due by June", "2026-06"),
        ("it will open in May", "2027-05"),
        ("it opened in May", "2026-05"),
        ("beginning this past March", "2026-03"),
        ("First pallets hit the dock by end-October", "2026-10"),
        ("starting around Labor Day", "2026-09"),
        ("handed over next spring", "2027"),
        ("signed yesterday", "2026-06-10"),
        ("moved in on Monday", "2026-06-08"),
        ("from 1 September", "2026-09-01"),
        ("before the year is out", "2026"),
    ],
)
def test_relative_dates_are_resolved_from_the_day_of_publishing(text: str, value: str) -> None:
    (date,) = find_dates(text, part="text", published=PUBLISHED)
    assert (date.value, date.relative) == (value, True)


def test_relative_dates_are_declined_without_a_day_of_publishing() -> None:
    assert find_dates("starting next month, in May, this year", part="text", published=None) == ()


def test_a_year_stated_once_holds_for_the_months_before_it() -> None:
    dates = find_dates("in May and June 2026", part="text", published="2027-01-05")
    assert [date.value for date in dates] == ["2026-05", "2026-06"]


def test_the_words_before_a_date_tell_its_role() -> None:
    text = "Signed on March 3, 2026, it begins in May 2026 and runs until May 2029."
    assert [date.cue for date in find_dates(text, part="text", published=None)] == ["signing", "start", "end"]


def test_a_dateline_is_marked() -> None:
    first, second = find_dates("DALLAS, June 2, 2025 — It opens on July 1, 2025.", part="text", published=None)
    assert (first.dateline, second.dateline) == (True, False)


@pytest.mark.parametrize(
    "text", ["2,048 GPUs", "2030 GPUs", "version 3.11.2", "February 31, 2026 is no day", "may 5 be it"]
)
def test_what_is_no_date(text: str) -> None:
    assert [date.value for date in find_dates(text, part="text", published=None) if date.precision == "day"] == []
