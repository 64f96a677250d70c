"""How alike two texts are: MinHash over runs of words, so that rewrites of one wire fall into one group."""

from __future__ import annotations

import re
import zlib

import numpy as np
from datasketch import MinHash

PERMUTATIONS = 128
BANDS = 16
BAND_ROWS = 3
RUN = 3
MOST_WORDS = 5_000
ALIKE = 0.5
"""Least share of common runs of three words at which two texts tell the same wire."""
MOST_CHARACTERS = 100_000
_WORD = re.compile(rb"[0-9a-z\x80-\xff]+")
_PUNCTUATION = dict.fromkeys(map(ord, "“”‘’«»–—•…·¶§\u00a0\u2009\u202f"), " ")
_FACTORS = tuple(np.uint64(odd) for odd in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))
_MIXERS = np.array([0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB], dtype=np.uint64)
_BAND_SALTS = np.arange(1, BANDS + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
_PERMUTATIONS = MinHash(num_perm=PERMUTATIONS, seed=1, scheme="affine32").permutations


def signature(text: str) -> bytes:
    """Give the MinHash signature of a text: 128 numbers of 4 bytes; of its first 5,000 words."""
    plain = text[:MOST_CHARACTERS].lower().translate(_PUNCTUATION).encode("utf-8", "replace")
    numbers = np.fromiter(map(zlib.crc32, _WORD.findall(plain)[:MOST_WORDS]), dtype=np.uint64)
    if len(numbers) >= RUN:
        parts = [numbers[at : len(numbers) - RUN + 1 + at] * factor for at, factor in enumerate(_FACTORS)]
        numbers = np.bitwise_xor.reduce(parts) >> np.uint64(32)
    hashed = MinHash(permutations=_PERMUTATIONS, num_perm=PERMUTATIONS, seed=1, scheme="affine32", hashfunc=int)
    hashed.update_batch(numbers.tolist())
    return np.asarray(hashed.hashvalues, dtype="<u4").tobytes()


def likeness(one: bytes, other: bytes) -> float:
    """Estimate the share of common runs of words of two signatures, 0 to 1."""
    return float(np.mean(np.frombuffer(one, dtype="<u4") == np.frombuffer(other, dtype="<u4")))


def bands(signed: bytes) -> list[int]:
    """Give the keys under which alike texts meet: at a likeness of 0.5, nearly nine in ten share at least one."""
    rows = np.frombuffer(signed, dtype="<u4")[: BANDS * BAND_ROWS].astype(np.uint64).reshape(BANDS, BAND_ROWS)
    mixed = (rows * _MIXERS).sum(axis=1, dtype=np.uint64) ^ _BAND_SALTS
    return [int(key) for key in mixed.view(np.int64)]
