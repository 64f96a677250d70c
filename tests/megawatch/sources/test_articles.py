"""Article bodies on thirty pages of differing layouts, beside their true text."""

import re
from collections import Counter
from statistics import mean

import pytest
from layouts import Page, pages

from megawatch.sources.articles import Article, read_article

PAGES = pages()


def tokens(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+|[^\w\s]", text))


def token_f1(found: str, true: str) -> float:
    ours, theirs = tokens(found), tokens(true)
    return 2 * (ours & theirs).total() / max(1, ours.total() + theirs.total())


def article_of(page: Page) -> Article:
    return read_article(page.body, content_type=page.content_type, url="https://paper.example/story")


def test_there_are_thirty_layouts_of_which_twenty_hold_tables() -> None:
    assert len({page.name for page in PAGES}) == 30
    assert sum(bool(page.story.tables) for page in PAGES) >= 18


def test_token_f1_over_all_pages_is_at_least_the_goal() -> None:
    assert mean(token_f1(article_of(page).text, page.story.text) for page in PAGES) >= 0.97


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_gives_its_text_its_tables_its_title_and_its_date(page: Page) -> None:
    article = article_of(page)
    assert token_f1(article.text, page.story.text) >= 0.95
    assert [table for table in page.story.tables if f"\n\n{table}\n\n" not in f"\n\n{article.text}\n\n"] == []
    assert article.title == page.story.title
    assert article.published == page.story.day
