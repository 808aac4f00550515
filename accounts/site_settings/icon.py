"""Takes the picture of a site: a small square PNG, written anew.

Only what draws it is kept. The pixels are inflated within a bound, checked and deflated again, so
that the file that browsers get was made here: no text, no profile, nothing behind its end.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

FILE_MOST = 60 * 1024  # bytes: forms have at most 64 KiB
LEAST, MOST = 192, 512  # pixels a side
SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""By colour type: grey, colours, palette, grey with alpha, colours with alpha."""
FILTERS = 5


class BadIcon(ValueError):
    """The file is no icon that is taken; the text says what to change."""


class _Head(NamedTuple):
    width: int
    height: int
    depth: int
    colour: int
    compression: int
    filtering: int
    interlace: int


def rewritten(given: bytes) -> bytes:
    """Return the picture as a new PNG file.

    Raises:
        BadIcon: it is no PNG, is not square, too small, too large, or broken.
    """
    if len(given) > FILE_MOST:
        raise BadIcon(f"The picture has more than {FILE_MOST // 1024} KiB: make it smaller.")
    chunks = list(_chunks(given))
    head = _head_of(chunks)
    colours = b"".join(body for name, body in chunks if name == b"PLTE")
    if head.colour == 3 and not (0 < len(colours) <= 768 and len(colours) % 3 == 0):
        raise BadIcon("The picture's palette is broken.")
    pixels = _inflated(b"".join(body for name, body in chunks if name == b"IDAT"), head)
    kept = [(b"IHDR", chunks[0][1])]
    if head.colour == 3:
        clear = b"".join(body for name, body in chunks if name == b"tRNS")
        kept += [(b"PLTE", colours), *([(b"tRNS", clear[: len(colours) // 3])] if clear else [])]
    kept += [(b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b"")]
    return SIGNATURE + b"".join(_chunk(name, body) for name, body in kept)


def side_of(icon: bytes) -> int:
    """Pixels of a side of a picture that `rewritten` made."""
    return int.from_bytes(icon[16:20])


def _chunks(given: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not given.startswith(SIGNATURE):
        raise BadIcon("This is no PNG picture.")
    at, name = len(SIGNATURE), b""
    while name != b"IEND":
        if len(given) < at + 12:
            raise BadIcon("The picture ends too early.")
        size, name = struct.unpack(">I4s", given[at : at + 8])
        body, check = given[at + 8 : at + 8 + size], given[at + 8 + size : at + 12 + size]
        if len(check) < 4 or zlib.crc32(name + body) != int.from_bytes(check):
            raise BadIcon("The picture is broken.")
        yield name, body
        at += 12 + size


def _head_of(chunks: list[tuple[bytes, bytes]]) -> _Head:
    name, body = chunks[0]
    if name != b"IHDR" or len(body) != 13:
        raise BadIcon("The picture is broken.")
    head = _Head(*struct.unpack(">IIBBBBB", body))
    if head.width != head.height or not LEAST <= head.width <= MOST:
        raise BadIcon(f"The picture must be square, with {LEAST} to {MOST} pixels a side.")
    plain = (head.depth, head.compression, head.filtering, head.interlace) == (8, 0, 0, 0)
    if not plain or head.colour not in CHANNELS:
        raise BadIcon("Save the picture with 8 bits a channel, and not interlaced.")
    return head


def _inflated(packed: bytes, head: _Head) -> bytes:
    """The rows of pixels, each behind the number of its filter."""
    row = 1 + head.width * CHANNELS[head.colour]
    whole = row * head.height
    opener = zlib.decompressobj()
    try:
        pixels = opener.decompress(packed, whole + 1)
    except zlib.error:
        raise BadIcon("The picture is broken.") from None
    if len(pixels) != whole or not opener.eof:
        raise BadIcon("The picture is broken.")
    if max(pixels[::row]) >= FILTERS:
        raise BadIcon("The picture is broken.")
    return pixels


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
