"""Frames that many sockets share: encoded and framed once, then only written.

`EXTENSION` names an entry in an ASGI scope's extensions, put there by
`chatsite.ops.websocket_protocol`: a function that takes a whole frame as bytes and writes it at
once, or says no. ASGI has no such message. Under another server (daphne) it is absent, and
everything goes the ordinary way.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

EXTENSION = "sotto.prepared"
Write = Callable[[bytes], bool]

_SMALL, _MIDDLE = 126, 1 << 16


@lru_cache(maxsize=8)
def text_frame(text: str) -> bytes:
    """A whole, final, unmasked text frame (RFC 6455, 5.2), as a server sends it."""
    payload = text.encode()
    size = len(payload)
    if size < _SMALL:
        return bytes((0x81, size)) + payload
    if size < _MIDDLE:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload
