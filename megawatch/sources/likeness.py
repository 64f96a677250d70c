"""How alike two texts are: MinHash over runs of words, so that rewrites of one wire fall into one group."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

import numpy as np
from datasketch import MinHash

PERMUTATIONS = 128
BANDS = 32
RUN = 3
MOST_WORDS = 5_000
ALIKE = 0.5
"""Least share of common runs of three words at which two texts tell the same wire."""
_WORD = re.compile(r"\w+")


def signature(text: str) -> bytes:
    """Give the MinHash signature of a text: 128 numbers of 4 bytes; of its first 5,000 words."""
    words = [found.group().lower() for _, found in zip(range(MOST_WORDS), _WORD.finditer(text), strict=False)]
    runs = {" ".join(words[at : at + RUN]) for at in range(max(1, len(words) - RUN + 1))}
    hashed = MinHash(num_perm=PERMUTATIONS, seed=1, scheme="affine32")
    hashed.update_batch([run.encode("utf-8", "replace") for run in sorted(runs)])
    return np.asarray(hashed.hashvalues, dtype="<u4").tobytes()


def likeness(one: bytes, other: bytes) -> float:
    """Estimate the share of common runs of words of two signatures, 0 to 1."""
    return float(np.mean(np.frombuffer(one, dtype="<u4") == np.frombuffer(other, dtype="<u4")))


def bands(signed: bytes) -> Iterator[tuple[int, bytes]]:
    """Give the keys under which alike texts meet: at least one in common, very likely, from a likeness of 0.5 on."""
    width = len(signed) // BANDS
    for band in range(BANDS):
        yield band, hashlib.blake2b(signed[band * width : (band + 1) * width], digest_size=8).digest()
