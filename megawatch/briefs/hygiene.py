"""Text and addresses from sources, made fit to print: nothing that a reader's program could act on passes."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urlsplit, urlunsplit

NAME_LIMIT = 80
TITLE_LIMIT = 160
QUOTE_LIMIT = 320
URL_LIMIT = 500

_SPACES = re.compile(r"\s+")
# Controls, formats (bidi, zero width, soft hyphen), surrogates, private use and unassigned code points.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_LEGAL_FORM = re.compile(
    r",?\s+(?:Inc|Incorporated|Corp|Corporation|LLC|L\.L\.C|Ltd|Limited|Pty Ltd"
    r"|plc|PLC|N\.V|S\.A|SAS|SE|AG|GmbH|LP|L\.P)\.?$"
)
_PATH_SAFE = "/:@!$&'()*+,;=-._~%"


def plain(text: str, *, limit: int) -> str:
    r"""One line of printable text of at most ``limit`` characters; a cut is shown by an ellipsis.

    >>> plain("a\r\nBcc: x\u202e\u200b", limit=20)
    'a Bcc: x'
    >>> plain("abcdef", limit=4)
    'abc…'
    """
    line = _SPACES.sub(" ", text[: limit * 8])
    line = "".join(char for char in line if unicodedata.category(char) not in _UNPRINTABLE)
    line = _calm_marks(_SPACES.sub(" ", line)).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def short_name(name: str) -> str:
    """A company's name without its legal form, as it is said.

    >>> short_name("Halyard Compute, Inc."), short_name("Larrikin Health AI Pty Ltd"), short_name("Nebius Group N.V.")
    ('Halyard Compute', 'Larrikin Health AI', 'Nebius Group')
    """
    shortened = _LEGAL_FORM.sub("", name)
    return shortened if len(shortened) >= 2 else name


def _calm_marks(line: str) -> str:
    """No more than two combining marks on one letter: stacks of them would write over the neighbouring lines."""
    kept: list[str] = []
    marks = 0
    for char in line:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= 2:
            kept.append(char)
    return "".join(kept)


def safe_link(url: str) -> str | None:
    r"""The address if it is http or https with a host and nothing odd in it, percent-encoded; else None.

    >>> safe_link("https://wire.example/a b?q=<1>")
    'https://wire.example/a%20b?q=%3C1%3E'
    >>> safe_link("javascript:alert(1)") is safe_link("https://user@host/") is None
    True
    """
    text = url.strip()
    if not text or len(text) > URL_LIMIT or any(unicodedata.category(char) in _UNPRINTABLE for char in text):
        return None
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = parts.port
    except (ValueError, UnicodeError):
        return None
    if parts.scheme.lower() not in ("http", "https") or not re.fullmatch(r"[a-z0-9.\-]+", host) or "@" in parts.netloc:
        return None
    netloc = host if port is None else f"{host}:{port}"
    path, query, fragment = (quote(part, safe=_PATH_SAFE + "?") for part in (parts.path, parts.query, parts.fragment))
    return urlunsplit((parts.scheme.lower(), netloc, path, query, fragment))
