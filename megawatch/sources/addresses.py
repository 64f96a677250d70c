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
