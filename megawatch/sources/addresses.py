"""When two addresses name the same page: tracking parameters, www, fragments; AMP and print views."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

TRACKING = re.compile(
    r"^(utm_\w+|fbclid|gclid|dclid|msclkid|yclid|twclid|igshid|mc_[ce]id|mkt_tok|cmpid|ncid|ocid|guccounter|"
    r"guce_\w+|_hs(enc|mi)|hsctatracking|ref_src|ref_url|sref|s_cid|smid|spm|src|ref|referrer|feature|rss|feed|"
    r"partner|taid|wt\.\w+|xtor|at_\w+|__twitter_impression|soc_\w+)$",
    re.IGNORECASE,
)
VIEW_PARAMETERS = frozenset(("amp", "print", "printable", "output", "outputtype", "view", "mode"))
VIEW_VALUES = frozenset(("", "1", "true", "yes", "amp", "print", "printable", "printer"))
_AMP_HEAD = re.compile(r"^/amp(?=/.)", re.IGNORECASE)
_VIEW_TAIL = re.compile(r"(?:/(?:amp|print)/?|[.]amp(?=[.]html?$)|[.]amp)$|[.]amp(?=[.]html?$)", re.IGNORECASE)


def address_key(url: str) -> str:
    """Give the form under which versions of one page are kept: no scheme, www, port, fragment, tracking parameter.

    >>> address_key("HTTP://www.Example.com:80/a/?utm_source=x&id=5#top")
    'example.com/a?id=5'
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return url.strip()
    if parts.scheme not in ("http", "https"):
        return url.strip()
    host = (parts.hostname or "").rstrip(".").removeprefix("www.")
    if port not in (None, 80, 443):
        host = f"{host}:{port}"
    return host + _rest(parts.path, [pair for pair in parse_qsl(parts.query, True) if not TRACKING.match(pair[0])])


def plain_address(url: str) -> str:
    """Give an address without its fragment and tracking parameters, else as it was.

    >>> plain_address("https://www.example.com/a/?utm_source=x&id=5#top")
    'https://www.example.com/a/?id=5'
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url.strip()
    pairs = [pair for pair in parts.query.split("&") if pair and not TRACKING.match(pair.partition("=")[0])]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "&".join(pairs), ""))


def own_address(url: str, canonical: str) -> str:
    """Choose between the address a page was fetched at and the one it calls its own.

    The latter is taken where it names the same page by another way (www, AMP, print, parameters), so that a site that
    gives all its pages one canonical address does not make them versions of each other.
    """
    same = canonical and view_of(canonical).partition("?")[0] == view_of(url).partition("?")[0]
    kept = view_of(canonical).partition("?")[2] if same else ""
    return plain_address(canonical if same and (kept or not view_of(url).partition("?")[2]) else url)


def view_of(url: str) -> str:
    """Give the key of the page that an AMP or print view shows, or that of the page itself.

    >>> view_of("https://amp.example.com/a/amp/?print=1")
    'example.com/a'
    """
    key = address_key(url)
    parts = urlsplit(f"//{key}")
    host = parts.netloc.removeprefix("amp.").removeprefix("m.")
    pairs = [
        (name, value)
        for name, value in parse_qsl(parts.query, True)
        if not (name.lower() in VIEW_PARAMETERS and value.lower() in VIEW_VALUES)
    ]
    return host + _rest(_AMP_HEAD.sub("", _VIEW_TAIL.sub("", parts.path)), pairs)


def _rest(path: str, pairs: list[tuple[str, str]]) -> str:
    path = path.rstrip("/")
    query = urlencode(sorted(pairs))
    return urlunsplit(("", "", path, query, ""))
