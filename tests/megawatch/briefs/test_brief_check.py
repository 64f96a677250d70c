from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from market_of_may import AS_OF, SPACEX, WEEK, may_ledger

from megawatch.briefs.check import check_edition
from megawatch.briefs.facts import Fact
from megawatch.briefs.render import Rendered, render
from megawatch.briefs.reread import check_fact, read_numbers
from megawatch.briefs.view import Brief, build_brief
from megawatch.errors import BriefError
from megawatch.ledger.open import Ledger


def test_an_edition_that_tells_the_ledger_leaves(brief: Brief, rendered: Rendered) -> None:
    assert check_edition(rendered, brief, ledger=may_ledger()) > 300


def test_the_bundled_editions_leave(gold: Ledger) -> None:
    for week, day in (("2026-W20", "2026-05-18"), ("2026-W21", "2026-05-25")):
        told = build_brief(gold, week=week, as_of=day)
        assert check_edition(render(told), told, ledger=gold) > 100


def in_html(old: str, new: str) -> Callable[[Rendered], Rendered]:
    def change(rendered: Rendered) -> Rendered:
        assert old in rendered.html, old
        return replace(rendered, html=rendered.html.replace(old, new, 1))

    return change


def in_text(old: str, new: str) -> Callable[[Rendered], Rendered]:
    def change(rendered: Rendered) -> Rendered:
        assert old in rendered.marked_text, old
        marked = rendered.marked_text.replace(old, new, 1)
        plain = re.sub("\ue000[^\ue001]*\ue001|\ue002", "", marked)
        return replace(rendered, marked_text=marked, text=plain)

    return change


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (in_html("300\xa0MW", "301\xa0MW"), "301 mw"),
        (in_html("300\xa0MW", "300\xa0GW"), "300 gw"),
        (in_html("$1.25\xa0bn", "$1.25\xa0m"), "1.25 m"),
        (in_html("$7.5\xa0bn", "$45\xa0bn"), "45 bn"),
        (in_html("220,000\xa0GPUs", "20,000\xa0GPUs"), "20,000"),
        (in_html("July\xa02026", "June\xa02026"), "june"),
        (in_html("July\xa02026", "July\xa02027"), "2027"),
        (in_html(">Bloom Energy to Nebius<", ">Bloom Energy to Nscale<"), "nscale"),
        (in_html("Mistral AI", "Mistral AI and Meta"), "meta"),
        (in_html("down 16\xa0%", "up 16\xa0%"), "16"),
        (in_html('<p class="meta"', '<p>12 further deals</p><p class="meta"'), "12"),
        (in_html("What matters this week", "What mattered to 7 readers"), "7"),
        (in_html('alt="Chart of rates', 'alt="Chart 50 of rates'), "50"),
        (in_text("$7.75–$7.81", "$7.57–$7.81"), "7.57"),
        (in_text("36 months", "36 GPUs"), "36"),
        (in_text("Bit Digital to Boosteroid", "Bit Digital to Anthropic"), "anthropic"),
        (in_text("21 May 2026", "22 May 2026"), "22"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_no_row_holds_does_not_leave(
    change: Callable[[Rendered], Rendered], named: str, brief: Brief, rendered: Rendered
) -> None:
    with pytest.raises(BriefError) as caught:
        check_edition(change(rendered), brief)
    assert named in str(caught.value).replace("\xa0", " ").casefold()


def test_a_figure_of_one_deal_beside_another_is_found(brief: Brief, rendered: Rendered) -> None:
    foreign = rendered.html.replace("328\xa0MW", "300\xa0MW", 1)
    with pytest.raises(BriefError, match="300"):
        check_edition(replace(rendered, html=foreign), brief)


def test_a_footnote_of_another_row_is_found(brief: Brief, rendered: Rendered) -> None:
    row = brief.new[0]
    last = brief.notes[-1].number.words
    own = row.terms[0].notes[0]
    changed = rendered.page.replace(f'<a href="#n{own}">{own}</a>', f'<a href="#n{last}">{last}</a>')
    with pytest.raises(BriefError, match=f"Footnote {last}"):
        check_edition(replace(rendered, page=changed), brief)


def test_a_text_changed_after_rendering_is_found(brief: Brief, rendered: Rendered) -> None:
    with pytest.raises(BriefError, match="plain twin"):
        check_edition(replace(rendered, text=rendered.text + " "), brief)


def test_a_ledger_that_says_otherwise_now_is_found(brief: Brief, rendered: Rendered) -> None:
    ledger = may_ledger()
    terms = tuple(replace(t, value=Decimal(301)) if t.field == "power_mw" else t for t in SPACEX.terms)
    ledger.deals = (replace(SPACEX, terms=terms), *ledger.deals[1:])
    with pytest.raises(BriefError, match="300"):
        check_edition(rendered, brief, ledger=ledger)


@pytest.mark.parametrize(
    ("words", "raw"),
    [
        ("$1.25\xa0bn", "1260000000"),
        ("$45\xa0bn", "45600000000"),
        ("220,000\xa0GPUs", "220001"),
        ("$7.78", "7.786"),
        ("36\xa0months", "37"),
        ("15\xa0years", "179"),
        ("2.4\xa0times", "2.46"),
    ],
)
def test_words_that_round_wrongly_are_found(words: str, raw: str) -> None:
    with pytest.raises(BriefError, match="correct its wording"):
        check_fact(Fact(words=words, row="deals/x/y", raw=(Decimal(raw),)))


@pytest.mark.parametrize(
    ("kind", "words", "raw"), [("date", "May 2026", "2026-06"), ("date", "soon", "2026"), ("name", "Acme", "Apex")]
)
def test_dates_and_names_are_read_back_too(kind: str, words: str, raw: str) -> None:
    with pytest.raises(BriefError, match="correct its wording"):
        check_fact(Fact(words=words, row="deals/x/y", kind=kind, raw=(raw,)))  # type: ignore[arg-type]


def test_numbers_are_read_with_the_width_of_their_rounding() -> None:
    assert list(read_numbers("$1.25\xa0bn")) == [(Decimal("1250000000"), Decimal("5000000"))]
    assert [value for value, _ in read_numbers("15\xa0years and 1,024\xa0GPUs")] == [Decimal(180), Decimal(1024)]


def test_the_same_brief_renders_to_the_same_bytes(rendered: Rendered) -> None:
    again = render(build_brief(may_ledger(), week=WEEK, as_of=AS_OF), base_url="https://brief.example")
    assert again == rendered
