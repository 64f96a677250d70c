"""Text of sources inside Markdown: shown as it is, never read as markup."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"([\\`*_\[\]#|<>~$&])")


def escape_markdown(text: str) -> str:
    r"""The text with everything that Markdown or HTML would read as markup escaped.

    >>> print(escape_markdown("[x](javascript:1) <b>"))
    \[x\](javascript:1) \<b\>
    """
    return _SPECIAL.sub(r"\\\1", text.replace("\u00a0", " "))
