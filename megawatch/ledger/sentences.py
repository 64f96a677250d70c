"""The sentence around a passage, kept with each claim so that a quote can be shown where it stands."""

from __future__ import annotations

import re

LONGEST = 600
# A full stop after these ends no sentence. They are looked for behind it, so that few places are looked at.
_SHORT = "".join(
    rf"(?<!\b{word}[.!?])" for word in ("Mr", "Ms", "Dr", "Inc", "Corp", "Ltd", "Co", "No", r"U\.S", r"U\.K")
)
_END = re.compile(r"[.!?]" + _SHORT + r"[\"”’')\]]*\s+(?=[A-Z0-9“\"'(\[$€£])|\n")


def sentence_around(text: str, start: int, end: int) -> str:
    """The sentence (or sentences) of ``text`` that hold ``text[start:end]``; cut to 600 characters around it.

    >>> sentence_around("It rained. The lease is for 300 MW. Then it stopped.", 28, 34)
    'The lease is for 300 MW.'
    """
    window = max(0, start - LONGEST)
    begin = max((found.end() for found in _END.finditer(text, window, start)), default=window)
    after = _END.search(text, end)
    finish = min(len(text), end + LONGEST) if after is None else after.end()
    return _fit(text, begin, finish, start, end)


def _fit(text: str, begin: int, finish: int, start: int, end: int) -> str:
    spare = max(0, LONGEST - (end - start))
    left = max(begin, start - spare // 2)
    right = min(finish, max(end, left + LONGEST))
    return text[left:right].strip()
