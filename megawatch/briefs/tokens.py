"""Signed tokens that let one address be unsubscribed, and nothing else."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from megawatch.errors import BriefError

_PURPOSE = b"megawatch unsubscribe\x00"
SHORTEST_KEY = 16


def sign_address(address: str, *, key: str) -> str:
    """The token for an address, safe in a path. Raises BriefError where the key is too short to be a secret."""
    if len(key) < SHORTEST_KEY:
        raise BriefError(f"The unsubscribe key is shorter than {SHORTEST_KEY} characters: set a longer one.")
    body = address.encode()
    return f"{_coded(body)}.{_coded(_mac(body, key))}"


def read_address(token: str, *, key: str) -> str | None:
    """The address that a token was signed for; None where the token is not ours.

    >>> read_address(sign_address("reader@desk.example", key="k" * 16), key="k" * 16)
    'reader@desk.example'
    """
    try:
        body, mac = (base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split("."))
        address = body.decode()
    except (ValueError, binascii.Error):
        return None
    genuine = hmac.compare_digest(mac, _mac(body, key)) and token == f"{_coded(body)}.{_coded(mac)}"
    return address if genuine else None


def _mac(body: bytes, key: str) -> bytes:
    return hmac.new(key.encode(), _PURPOSE + body, hashlib.sha256).digest()


def _coded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
