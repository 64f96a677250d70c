"""A body read piece by piece and unpacked no further than allowed: a bomb of gigabytes costs its limit, no more."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

import httpx

from megawatch.errors import SourceError

STEP = 1 << 20


class BodyError(SourceError):
    """A body that was not taken; ``outcome`` names why."""

    def __init__(self, outcome: str, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome


def read_body(pieces: Iterable[bytes], encoding: str, most_sent: int, most: int) -> bytes:
    """Read and unpack a body; ``encoding`` is the Content-Encoding header.

    Raises BodyError with the outcomes ``too_large`` (more than ``most_sent`` bytes as sent), ``expands_too_far`` (more
    than ``most`` unpacked), ``cut_short``, ``bad_encoding`` and ``unknown_encoding``.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return b"".join(_counted(pieces, min(most_sent, most)))
    if name not in ("gzip", "x-gzip", "deflate"):
        raise BodyError("unknown_encoding", f"the body is packed as {encoding[:60]!r}, which was not asked for")
    return _unpacked(_counted(pieces, most_sent), most)


def _counted(pieces: Iterable[bytes], most: int) -> Iterable[bytes]:
    total = 0
    try:
        for piece in pieces:
            total += len(piece)
            if total > most:
                raise BodyError("too_large", f"more than {most:,} bytes were sent")
            yield piece
    except httpx.RemoteProtocolError as error:
        raise BodyError("cut_short", f"the body ended after {total:,} bytes ({error})") from error


def _unpacked(pieces: Iterable[bytes], most: int) -> bytes:
    out = bytearray()
    machine: zlib._Decompress | None = None
    for piece in pieces:
        while piece:
            machine = machine or _machine(piece)
            try:
                out += machine.decompress(piece, min(STEP, most - len(out) + 1))
            except zlib.error as error:
                raise BodyError("bad_encoding", f"the packed body cannot be unpacked ({error})") from error
            if len(out) > most:
                raise BodyError("expands_too_far", f"the body unpacks to more than {most:,} bytes")
            if machine.eof:
                piece, machine = machine.unused_data, None
                if piece[:2] != b"\x1f\x8b":
                    return bytes(out)
            else:
                piece = machine.unconsumed_tail
    if machine is not None:
        raise BodyError("cut_short", f"the packed body ended early, after {len(out):,} bytes")
    return bytes(out)


def _machine(first: bytes) -> zlib._Decompress:
    if first[:2] == b"\x1f\x8b":
        return zlib.decompressobj(31)
    packed_with_header = len(first) > 1 and first[0] & 0x0F == 8 and (first[0] * 256 + first[1]) % 31 == 0
    return zlib.decompressobj(15 if packed_with_header else -15)
