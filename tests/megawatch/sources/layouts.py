"""Thirty pages of differing layouts around six stories of our own, each with its true text.

A story is told in blocks; a layout puts a page around them, as sites do: menus, adverts, teasers, forms, comments.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path

Rows = tuple[tuple[str, ...], ...]
Block = tuple[str, str | tuple[str, ...] | Rows]


@dataclass(frozen=True)
class Story:
    title: str
    day: str
    shown: str
    author: str
    blocks: tuple[Block, ...]

    @property
    def text(self) -> str:
        return "\n\n".join(told(kind, body) for kind, body in self.blocks)

    @property
    def tables(self) -> list[str]:
        return [told(kind, body) for kind, body in self.blocks if kind == "table"]


@dataclass(frozen=True)
class Page:
    name: str
    body: bytes
    story: Story
    content_type: str = "text/html; charset=utf-8"
    dated: bool = True


def told(kind: str, body: object) -> str:
    if kind == "table":
        return "\n".join(" | ".join(row).rstrip(" |") for row in body)  # type: ignore[attr-defined]
    if kind == "list":
        return "\n".join(f"• {item}" for item in body)  # type: ignore[attr-defined]
    return str(body)


def read_stories() -> tuple[Story, ...]:
    """Six stories of our own, one a line: title, ISO day, the day as shown, author, blocks."""
    lines = (Path(__file__).parent / "stories.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(Story(**{**row, "blocks": tuple(map(tuple, row["blocks"]))}) for row in map(json.loads, lines))


STORIES = read_stories()

MENU = "".join(
    f'<li><a href="/{word.lower()}">{word}</a></li>'
    for word in ("Home", "Cloud", "Power", "Chips", "Deals", "Events", "Jobs", "Podcast", "About")
)
TEASERS = "".join(
    f'<div class="card"><a href="/s/{number}"><img src="/i/{number}.jpg" alt="picture"><h3>{words}</h3></a>'
    f"<p>{more}</p></div>"
    for number, (words, more) in enumerate(
        (
            ("Cooling fluid maker plans a second plant", "The plant is to open next spring, near the first."),
            ("A visit to the loudest building in Ohio", "Our reporter took ear plugs and a camera along."),
            ("Ten questions to ask before you buy racks", "A checklist that fits on one page, to print."),
            ("Grid operator warns of a hot summer", "Reserve margins are thinner than a year ago."),
        )
    )
)
FOOT = "<p>© 2026 The publisher. All rights reserved. <a href='/privacy'>Privacy</a> <a href='/terms'>Terms</a></p>"
COOKIES = "We use cookies to make this site work and to measure its use. Choose what you allow."
PROMO = "Get the five stories that matter in your inbox every Monday morning, free of charge."


def html_of(story: Story, *, paragraph: str = "p", heading: str = "h2") -> list[str]:
    return [block_html(kind, body, paragraph, heading) for kind, body in story.blocks]


def block_html(kind: str, body: object, paragraph: str = "p", heading: str = "h2") -> str:
    if kind == "table":
        head, *rows = body  # type: ignore[misc]
        cells = "".join(f"<th>{escape(cell)}</th>" for cell in head)
        lines = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>" for row in rows)
        return f"<table><thead><tr>{cells}</tr></thead><tbody>{lines}</tbody></table>"
    if kind == "list":
        return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in body) + "</ul>"  # type: ignore[attr-defined]
    tag = {"p": paragraph, "h": heading, "quote": "blockquote"}[kind]
    return f"<{tag}>{escape(str(body))}</{tag}>"


def head_of(story: Story, *, meta: bool = True, more: str = "", charset: str = "utf-8") -> str:
    dated = f'<meta property="article:published_time" content="{story.day}T09:30:00-04:00">' if meta else ""
    named = f'<meta property="og:title" content="{escape(story.title)}">' if meta else ""
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="{charset}">'
        f"<title>{escape(story.title)} | The Paper</title>"
        f"{named}{dated}{more}</head>"
    )


def semantic(s: Story) -> str:
    return (
        f"{head_of(s)}<body><header><nav><ul>{MENU}</ul></nav></header><main><article><h1>{s.title}</h1>"
        f"<p class='byline'>By {s.author}</p><time datetime='{s.day}T09:30:00-04:00'>{s.shown}</time>"
        f"{''.join(html_of(s))}</article></main><aside>{TEASERS}</aside><footer>{FOOT}</footer></body></html>"
    )


def div_soup(s: Story) -> str:
    return (
        f"{head_of(s)}<body><div id='top'><div class='menu'><ul>{MENU}</ul></div>"
        f"</div><div id='wrap'><div class='col1'>"
        f"<div class='story'><h1>{s.title}</h1><div class='date'>{s.shown}</div><div class='storybody'>"
        f"{''.join(html_of(s))}</div></div></div><div class='col2 sidebar'>{TEASERS}</div></div>"
        f"<div id='footer'>{FOOT}</div></body></html>"
    )


def table_layout(s: Story) -> str:
    return (
        f"{head_of(s, meta=False)}<body><table width=100% border=0><tr><td colspan=2><b>The Paper</b></td></tr><tr>"
        f"<td class=left><ul>{MENU}</ul></td><td class=main><h1>{s.title}</h1><p><i>{s.shown}</i></p>"
        f"{''.join(html_of(s))}</td></tr><tr><td colspan=2>{FOOT}</td></tr></table></body></html>"
    )


def drawn_by_script(s: Story) -> str:
    facts = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "WebSite", "name": "The Paper"},
            {
                "@type": "NewsArticle",
                "headline": s.title,
                "datePublished": f"{s.day}T22:30:00-07:00",
                "publisher": {"@type": "Organization", "name": "The Paper"},
                "articleBody": s.text,
            },
        ],
    }
    return (
        f"{head_of(s, meta=False)}<body><div id='root'></div><script type='application/ld+json'>{json.dumps(facts)}"
        f"</script><noscript>Please switch on JavaScript.</noscript></body></html>"
    )


def amp(s: Story) -> str:
    return (
        f"<!doctype html><html amp lang=en><head><meta charset=utf-8><title>{s.title}</title><link rel=canonical "
        f"href='https://paper.example/story'><script async src='https://cdn.example/v0.js'></script></head><body>"
        f"<amp-sidebar id=sb><ul>{MENU}</ul></amp-sidebar><article class=amp-article><header><h1>{s.title}</h1>"
        f"<time datetime='{s.day}'>{s.shown}</time></header><amp-ad width=300 height=250></amp-ad>"
        f"<div class=amp-content>{''.join(html_of(s))}</div></article><footer>{FOOT}</footer></body></html>"
    )


def wire(s: Story) -> str:
    return (
        f"{head_of(s)}<body><div class='nav-bar'><ul>{MENU}</ul></div><div role='main'><div class='release-head'>"
        f"<h1>{s.title}</h1><p class='release-date'>{s.shown} 09:30 ET</p></div><div class='main-body-container'>"
        f"{''.join(html_of(s))}<p class='tools'><a href='#print'>Print</a> <a href='#mail'>E-mail</a></p></div></div>"
        f"<div class='footer-links'><ul>{MENU}</ul>{FOOT}</div></body></html>"
    )


def blog_with_comments(s: Story) -> str:
    comments = "".join(
        f"<li class='comment'><p>{words}</p></li>"
        for words in ("First to say it: chips are the new oil.", "Great post, thank you!", "Who pays for the water?")
    )
    return (
        f"{head_of(s)}<body class='single'><div id='page'><header id='masthead'><a href='/'>The Paper</a></header>"
        f"<div id='primary'><article class='post hentry'><h1 class='entry-title'>{s.title}</h1>"
        f"<div class='entry-meta'>Posted on <a href='/d'>"
        f"<time class='entry-date' datetime='{s.day}'>{s.shown}</time></a>"
        f"</div><div class='entry-content'>{''.join(html_of(s))}</div></article><div id='comments'><h2>3 thoughts</h2>"
        f"<ol class='comment-list'>{comments}</ol><form><textarea></textarea></form></div></div>"
        f"<div id='secondary' class='widget-area'>{TEASERS}</div></div></body></html>"
    )


def sidebar_first(s: Story) -> str:
    return (
        f"{head_of(s)}<body><div class='sidebar'><h4>Popular</h4>{TEASERS}</div><div class='content-area'><h1>{s.title}"
        f"</h1><div class='article-body'>{''.join(html_of(s))}</div></div>{FOOT}</body></html>"
    )


def cookie_wall(s: Story) -> str:
    return (
        f"{head_of(s)}<body><div id='cookie-banner' class='cookie-consent' role='dialog'>"
        f"<p>{COOKIES}</p><button>Accept all"
        f"</button><button>Refuse</button></div><nav><ul>{MENU}</ul></nav><article><h1>{s.title}</h1>"
        f"{''.join(html_of(s))}</article><footer>{FOOT}</footer></body></html>"
    )


def promo_between(s: Story) -> str:
    parts = html_of(s)
    form = (
        f"<div class='newsletter-signup'><h3>Newsletter</h3><p>{PROMO}</p><form><input name=mail><button>Sign up"
        f"</button></form></div>"
    )
    return (
        f"{head_of(s)}<body><nav><ul>{MENU}</ul></nav><main><h1>{s.title}</h1><div class='article__body'>"
        f"{''.join(parts[:2])}{form}{''.join(parts[2:])}</div></main><footer>{FOOT}</footer></body></html>"
    )


def related_between(s: Story) -> str:
    parts = html_of(s)
    box = (
        "<aside class='related-inline'><h4>Read also</h4><ul><li>"
        "<a href='/a'>Cooling fluid maker plans a second plant</a>"
        "</li><li><a href='/b'>Grid operator warns of a hot summer</a></li></ul></aside>"
    )
    return (
        f"{head_of(s)}<body><article><h1>{s.title}</h1>{parts[0]}{box}{''.join(parts[1:])}</article>"
        f"<section class='more-stories'><h2>More stories</h2>{TEASERS}</section></body></html>"
    )


def break_paragraphs(s: Story) -> str:
    parts = [block_html(kind, body) if kind in ("table", "list") else escape(str(body)) for kind, body in s.blocks]
    return (
        f"{head_of(s, meta=False)}<body><ul>{MENU}</ul><h1>{s.title}</h1><div class='date'>{s.shown}</div>"
        f"<div class='text'>{'<br><br>'.join(parts)}</div><div class='foot'>{FOOT}</div></body></html>"
    )


def heading_in_div(s: Story) -> str:
    return (
        f"{head_of(s)}<body><div class='hdr'><a href='/'>The Paper</a></div><div class='headline'>{s.title}</div>"
        f"<div class='body-copy'>{''.join(html_of(s, heading='h3'))}</div><div class='ftr'>{FOOT}</div></body></html>"
    )


def adverts_between(s: Story) -> str:
    advert = (
        "<div class='ad advertisement'><span>Advertisement</span><p>Chillers, thirty percent off this week</p></div>"
    )
    return (
        f"{head_of(s)}<body><nav><ul>{MENU}</ul></nav><main><article><h1>{s.title}"
        f"</h1>{advert.join(html_of(s))}</article>"
        f"</main><footer>{FOOT}</footer></body></html>"
    )


def nested_sections(s: Story) -> str:
    inner = "".join(f"<section><div><div>{part}</div></div></section>" for part in html_of(s))
    return (
        f"{head_of(s)}<body><div class='shell'><header><ul>{MENU}</ul></header><main><div><div class='article'>"
        f"<h1>{s.title}</h1>{inner}</div></div></main><footer>{FOOT}</footer></div></body></html>"
    )


def divs_for_paragraphs(s: Story) -> str:
    return (
        f"{head_of(s)}<body><div class='nav'><ul>{MENU}</ul></div><article><h1>{s.title}</h1>"
        f"{''.join(html_of(s, paragraph='div'))}</article><div class='footer'>{FOOT}</div></body></html>"
    )


def scripts_everywhere(s: Story) -> str:
    noise = (
        "<script>var shown = '<p>not this</p>';</script><style>.x{color:red}</style>"
        "<noscript><img src='/pixel.gif' alt=''></noscript><svg><text>drawn</text></svg>"
    )
    return (
        f"{head_of(s, more=noise.split('<noscript>')[0])}<body>{noise}<nav>"
        f"<ul>{MENU}</ul></nav><article><h1>{s.title}</h1>"
        f"{noise.join(html_of(s))}</article>{noise}<footer>{FOOT}</footer></body></html>"
    )


def old_hand_written(s: Story) -> str:
    parts = [block_html(kind, body).replace("</p>", "").replace("<p>", "<P>") for kind, body in s.blocks]
    return (
        f"<HTML><HEAD><TITLE>{s.title}</TITLE></HEAD><BODY BGCOLOR=white><A HREF=/>Back</A><HR><H1>{s.title}</H1>"
        f"<I>{s.shown}</I>{''.join(parts)}<HR><ADDRESS>Webmaster</ADDRESS></BODY></HTML>"
    )


def author_and_tags(s: Story) -> str:
    return (
        f"{head_of(s)}<body><header><ul>{MENU}</ul></header><article itemscope itemtype='https://schema.org/Article'>"
        f"<h1 itemprop='headline'>{s.title}</h1><div class='social-share'>"
        f"<a href='#'>Share</a><a href='#'>Post</a></div>"
        f"<div itemprop='articleBody'>{''.join(html_of(s))}</div><div class='tags'><a href='/t/1'>power</a>"
        f"<a href='/t/2'>cloud</a></div><div class='author-bio'>"
        f"<p>{s.author} writes about buildings that hum.</p></div>"
        f"</article><footer>{FOOT}</footer></body></html>"
    )


def investor_page(s: Story) -> str:
    return (
        f"{head_of(s, meta=False)}<body><div class='module_nav'><ul>{MENU}</ul>"
        f"</div><div class='module module-details'>"
        f"<div class='module_container'><h1 class='module_title'>{s.title}</h1><div class='module_date-time'>"
        f"<span class='module_date-text'>{s.shown}</span></div>"
        f"<div class='module_body'>{''.join(html_of(s))}</div></div>"
        f"</div><div class='module_subscribe'><h2>E-mail alerts</h2><form>"
        f"<label>Your address</label><input></form></div>"
        f"<footer>{FOOT}</footer></body></html>"
    )


def spanned_paragraphs(s: Story) -> str:
    parts = [
        f"<p><span><span style='font-size:11pt'>{escape(str(body))}</span></span></p>"
        if kind in ("p", "quote")
        else block_html(kind, body)
        for kind, body in s.blocks
    ]
    return (
        f"{head_of(s)}<body><nav><ul>{MENU}</ul></nav><div class='xn-content'><h1>{s.title}</h1>{''.join(parts)}</div>"
        f"<footer>{FOOT}</footer></body></html>"
    )


def captioned_pictures(s: Story) -> str:
    figure = (
        "<figure><img src='/hall.jpg' alt='a hall'><figcaption>A hall at dusk. Picture: the owner</figcaption></figure>"
    )
    parts = html_of(s)
    return (
        f"{head_of(s)}<body><nav><ul>{MENU}</ul></nav><article><h1>{s.title}</h1>{parts[0]}{figure}{''.join(parts[1:])}"
        f"</article><footer>{FOOT}</footer></body></html>"
    )


def hidden_parts(s: Story) -> str:
    return (
        f"{head_of(s)}<body><div style='display:none'><p>Loading the player, please wait a moment.</p></div><article>"
        f"<h1>{s.title}</h1>{''.join(html_of(s))}</article><div hidden><p>A dialog that nobody opened.</p></div>"
        f"<div class='modal' aria-hidden='true'><p>{PROMO}</p></div></body></html>"
    )


def next_story_below(s: Story) -> str:
    return (
        f"{head_of(s)}<body><main><article class='current'><h1>{s.title}</h1>{''.join(html_of(s))}</article></main>"
        f"<div class='up-next'><h2>Up next</h2><div class='teaser'><a href='/n'>"
        f"<h3>Grid operator warns of a hot summer</h3>"
        f"</a></div></div><footer>{FOOT}</footer></body></html>"
    )


def print_view(s: Story) -> str:
    return (
        f"{head_of(s, meta=False)}<body onload='window.print()'><p>The Paper</p><h1>{s.title}</h1><p>{s.shown}</p>"
        f"{''.join(html_of(s))}</body></html>"
    )


def padded_table(s: Story) -> str:
    parts = [
        block_html(kind, body)
        .replace("<table>", "<div class='table-wrap'><table class='financial' cellspacing=0>")
        .replace("</table>", "</table></div>")
        .replace("</td><td>", "</td><td></td><td><p>")
        .replace("</th><th>", "</th><th></th><th><p>")
        for kind, body in s.blocks
    ]
    return (
        f"{head_of(s)}<body><nav><ul>{MENU}</ul></nav><article><h1>{s.title}</h1>{''.join(parts)}</article>"
        f"<footer>{FOOT}</footer></body></html>"
    )


def subscribe_wall_below(s: Story) -> str:
    return (
        f"{head_of(s)}<body><nav><ul>{MENU}</ul></nav><article><h1>{s.title}</h1><div class='content'>"
        f"{''.join(html_of(s))}</div></article><div class='paywall'><h2>Read on with a subscription</h2>"
        f"<p>Already a reader? <a href='/login'>Log in</a></p></div><footer>{FOOT}</footer></body></html>"
    )


LAYOUTS: tuple[tuple[Callable[[Story], str], int], ...] = (
    (semantic, 0),
    (div_soup, 1),
    (table_layout, 2),
    (drawn_by_script, 3),
    (amp, 5),
    (wire, 2),
    (blog_with_comments, 4),
    (sidebar_first, 1),
    (cookie_wall, 0),
    (promo_between, 3),
    (related_between, 2),
    (break_paragraphs, 4),
    (heading_in_div, 0),
    (adverts_between, 1),
    (nested_sections, 5),
    (divs_for_paragraphs, 3),
    (scripts_everywhere, 4),
    (old_hand_written, 5),
    (author_and_tags, 1),
    (investor_page, 2),
    (spanned_paragraphs, 0),
    (captioned_pictures, 3),
    (hidden_parts, 4),
    (next_story_below, 5),
    (print_view, 1),
    (padded_table, 2),
    (subscribe_wall_below, 3),
)
UNDATED = ("heading_in_div", "sidebar_first")


def pages() -> tuple[Page, ...]:
    found = [Page(layout.__name__, layout(STORIES[at]).encode(), STORIES[at]) for layout, at in LAYOUTS]
    western = semantic(STORIES[4]).replace('charset="utf-8"', 'charset="windows-1252"').encode("cp1252")
    found.append(Page("windows_1252", western, STORIES[4], "text/html"))
    wide = semantic(STORIES[5]).encode("utf-16")
    found.append(Page("utf_16", wide, STORIES[5], "text/html; charset=utf-16"))
    nordic = wire(STORIES[5]).replace('charset="utf-8"', 'charset="iso-8859-1"').encode("latin-1", "xmlcharrefreplace")
    found.append(Page("latin_1_in_the_header", nordic, STORIES[5], "text/html; charset=ISO-8859-1"))
    return tuple(found)
