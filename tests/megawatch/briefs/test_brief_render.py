from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from market_of_may import AS_OF, WEEK, MemoryLedger, deal, may_ledger, term, usd

from megawatch.briefs import render as rendering
from megawatch.briefs.check import check_edition
from megawatch.briefs.render import Rendered, render
from megawatch.briefs.view import Brief, build_brief
from megawatch.errors import BriefError


class Outline(HTMLParser):
    """Start tags with their attributes, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def figures(text: str) -> list[str]:
    """Every number in a twin that is no footnote reference, in order of size."""
    text = re.sub(r"https?://\S+", " ", text)
    text = re.sub(r"\[\d+\]|\d+\. “", " ", text)
    return sorted(set(re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", text)))


def visible(html: str) -> str:
    html = re.sub(r"<(style|title)\b.*?</\1>|<sup\b.*?</sup>|<[^>]+>", " ", html, flags=re.DOTALL)
    return html.replace("&amp;", "&").replace("&#34;", '"').replace("&#39;", "'").replace("\xa0", " ")


def test_mail_is_small_and_one_column(rendered: Rendered) -> None:
    assert len(rendered.html.encode()) < 90_000
    assert "max-width:600px" in rendered.html.replace(" ", "")


def test_headings_go_down_one_step_at_a_time(rendered: Rendered) -> None:
    for html in (rendered.html, rendered.page):
        levels = [int(tag[1]) for tag, _ in Outline(html).tags if re.fullmatch(r"h[1-6]", tag)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


def test_tables_of_data_have_captions_and_scopes_and_the_others_say_they_are_layout(rendered: Rendered) -> None:
    for html in (rendered.html, rendered.page):
        outline = Outline(html)
        tables = outline.all("table")
        data = [table for table in tables if table.get("class") == "data"]
        assert len(data) == len(outline.all("caption")) > 5
        assert all(table.get("role") == "presentation" for table in tables if table not in data)
        assert all(cell.get("scope") in ("row", "col", "rowgroup") for cell in outline.all("th"))
        assert outline.all("html")[0]["lang"] == "en"


def test_every_picture_says_its_finding_and_needs_no_network(rendered: Rendered) -> None:
    outline = Outline(rendered.html)
    assert all("$" in str(image["alt"]) for image in outline.all("img"))
    assert all(str(image["src"]).startswith("cid:") for image in outline.all("img"))
    assert not outline.all("link")
    assert not outline.all("script")
    assert "@import" not in rendered.html
    assert "url(" not in rendered.html


def test_links_are_http_only(rendered: Rendered) -> None:
    for link in Outline(rendered.html).all("a"):
        assert str(link["href"]).startswith(("https://", "http://"))
    for link in Outline(rendered.page).all("a"):
        assert str(link["href"]).startswith(("https://", "http://", "#n"))


def test_links_within_the_page_lead_somewhere(rendered: Rendered) -> None:
    ids = [attrs["id"] for _, attrs in Outline(rendered.page).tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    targets = {str(link["href"])[1:] for link in Outline(rendered.page).all("a") if str(link["href"]).startswith("#")}
    assert targets <= set(ids)


def test_the_twins_hold_the_same_figures(rendered: Rendered) -> None:
    text = rendered.text.replace("-" * 72, "")
    assert figures(visible(rendered.html)) == figures(text)


def test_the_text_keeps_to_its_columns_except_for_addresses(rendered: Rendered) -> None:
    assert [line for line in rendered.text.splitlines() if len(line) > 72 and "https://" not in line] == []
    assert "\xa0" not in rendered.text
    assert not re.search("[\ue000-\uf8ff]", rendered.text + rendered.markdown)


def test_dark_and_narrow_rules_stay_in_a_sheet(rendered: Rendered) -> None:
    assert rendered.html.count("<style>") == 1
    assert "prefers-color-scheme: dark" in rendered.html
    assert "max-width: 480px" in rendered.html


def test_an_empty_week_says_so_in_three_lines() -> None:
    told = build_brief(MemoryLedger(), week=WEEK, as_of=AS_OF)
    edition = render(told)
    check_edition(edition, told)
    body = edition.text.split("25 May 2026\n")[1].split("-" * 72)[0]
    paragraphs = [line for line in body.strip().splitlines() if line.strip()]
    assert paragraphs[0] == "Nothing new reached the ledger in this week."
    assert len(Outline(edition.page).all("p")) == 3 + 2 + 1


def test_a_week_of_hundreds_of_deals_still_fits_a_mail() -> None:
    deals = tuple(
        deal(
            f"d{n}",
            "compute",
            f"Cloud {n}",
            f"Tenant {n}",
            usd("total_value_usd", f"{n + 1}000000", f"about ${n + 1} million"),
            term("power_mw", Decimal(n + 1), f"{n + 1} MW"),
            term("gpu_count", Decimal(64), "64 GPUs"),
        )
        for n in range(300)
    )
    told = build_brief(MemoryLedger(deals=deals), week=WEEK, as_of=AS_OF)
    edition = render(told)
    check_edition(edition, told)
    assert len(edition.html.encode()) < 90_000
    assert "300\xa0new deals" in edition.html
    assert edition.page.count('class="deal"') == 300
    assert "more on the page of this edition" in edition.html
    assert figures(visible(edition.html)) == figures(edition.text.replace("-" * 72, ""))


def test_all_new_deals_are_told_where_they_fit() -> None:
    deals = tuple(
        deal(f"d{n}", "build", f"Builder {n}", None, term("power_mw", Decimal(n + 10), "MW")) for n in range(60)
    )
    told = build_brief(MemoryLedger(deals=deals), week=WEEK, as_of=AS_OF)
    html = render(told).html
    assert all(f"Builder {n}<" in html.replace("</a>", "<") for n in range(60))


def test_a_template_that_names_what_is_not_there_is_an_error(brief: Brief, monkeypatch: pytest.MonkeyPatch) -> None:
    from jinja2 import DictLoader

    environment = rendering._environment()
    monkeypatch.setattr(environment, "loader", DictLoader({"broken.html.j2": "{{ brief.weather }}"}))
    monkeypatch.setattr(environment, "cache", None)
    with pytest.raises(BriefError, match=r"broken\.html\.j2.*weather"):
        rendering.fill("broken.html.j2", {"brief": brief})


def test_charts_are_png_for_mail_and_drawings_on_the_page(rendered: Rendered) -> None:
    for image in rendered.images:
        assert image.light.startswith(b"\x89PNG\r\n")
        assert image.light != image.dark
        assert len(image.light) + len(image.dark) < 60_000
        assert "var(--chart-ink" in image.svg
        assert not re.search(r"<(script|image|a)\b|href=\"(?!#)|\d{4}-\d{2}-\d{2}T", image.svg)
    assert rendered.page.count("<svg ") == len(rendered.images) == 2


def test_without_an_archive_there_are_no_links_to_it(brief: Brief) -> None:
    edition = render(brief)
    assert "/editions/" not in edition.html + edition.text
    assert "/deals/" not in edition.html


def test_prices_alone_make_no_chart() -> None:
    ledger = replace(may_ledger(), deals=(), contradictions=(), changes=(), corrections=())
    told = build_brief(ledger, week=WEEK, as_of=AS_OF)
    assert told.rate_chart is None
    edition = render(told)
    check_edition(edition, told)
    assert edition.images == ()
    assert "<img" not in edition.html
