"""Attachments: files under keys of their own, encrypted in chunks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, BinaryIO

from sotto.protocol.boxes import KEY_BYTES, TAG_BYTES, gcm_open, gcm_seal
from sotto.protocol.content import FILE
from sotto.protocol.encoding import Random, WireError, b64, new_id, unb64

CHUNK = 65_536
SEALED_CHUNK = CHUNK + TAG_BYTES


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a message names.

    `key` and `sha` are b64; `size` is the file's, in bytes. `name` and `type` are what the sender
    claims: a name may contain a path, a type may be wrong. `extra` may have `w`, `h` (pixels) and
    `ms`.
    """

    id: str
    key: str
    size: int
    name: str
    type: str
    sha: str
    extra: dict[str, int] = field(default_factory=dict)
    room: str = ""

    @classmethod
    def read(cls, given: dict[str, Any], room: str = "") -> Attachment:
        """Parse the `file` of a content.

        Raises:
            WireError: it has another form.
        """
        FILE(given)
        words = {key: given[key] for key in ("id", "key", "size", "name", "type", "sha")}
        extra = {str(key): int(given[key]) for key in ("w", "h", "ms") if key in given}
        return cls(**words, extra=extra, room=room)

    @property
    def sealed_size(self) -> int:
        """The size of the sealed file, in bytes."""
        return sealed_size(self.size)


def chunks_of(size: int) -> int:
    """The number of chunks of a file of `size` bytes; at least one."""
    return max(1, -(-size // CHUNK))


def sealed_size(size: int) -> int:
    """The size of a sealed file, in bytes."""
    return size + TAG_BYTES * chunks_of(size)


class FileSealer:
    """Seals a file under a fresh key. Iterate once for the sealed chunks, then call `content`.

    Args:
        source: the file.
        size: its size in bytes.

    Raises:
        OSError: while iterating, if the file has another size.
    """

    def __init__(self, source: BinaryIO, size: int, random: Random = os.urandom) -> None:
        self.id = new_id(random)
        self.key = random(KEY_BYTES)
        self.size = size
        self._source = source
        self._hash = sha256()

    def __iter__(self) -> Iterator[bytes]:
        many, left = chunks_of(self.size), self.size
        for at in range(many):
            plain = self._source.read(min(left, CHUNK))
            left -= len(plain)
            if len(plain) < CHUNK and left:
                raise OSError("The file got shorter while it was read")
            sealed = gcm_seal(self.key, _iv(at, many), plain, bytes.fromhex(self.id))
            self._hash.update(sealed)
            yield sealed
        if self._source.read(1):
            raise OSError("The file got longer while it was read")

    def content(self, name: str, type_: str, **extra: int) -> dict[str, Any]:
        """The `file` of a message's content, after all chunks were made."""
        return {
            "id": self.id,
            "key": b64(self.key),
            "size": self.size,
            "name": name,
            "type": type_,
            "sha": b64(self._hash.digest()),
            **extra,
        }


class FileOpener:
    """Opens a sealed file from pieces of any size.

    Use none of its bytes before `finish` has returned: only then is the file verified as a whole.
    """

    def __init__(self, file: Attachment) -> None:
        self._sha = file.sha
        self._key = unb64(file.key, KEY_BYTES)
        self._aad = bytes.fromhex(file.id)
        self._many = chunks_of(file.size)
        self._left = file.sealed_size
        self._held = b""
        self._at = 0
        self._hash = sha256()

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """The bytes of the chunks that this piece completes.

        Raises:
            WireError: a chunk does not open, or the file is too long.
        """
        self._left -= len(piece)
        if self._left < 0:
            raise WireError("a file too long")
        self._hash.update(piece)
        held = self._held + piece
        whole = len(held) - len(held) % SEALED_CHUNK
        self._held = held[whole:]
        for at in range(0, whole, SEALED_CHUNK):
            yield self._open(held[at : at + SEALED_CHUNK])
        if self._left == 0 and self._held:
            last, self._held = self._held, b""
            yield self._open(last)

    def finish(self) -> None:
        """Verify the file as a whole.

        Raises:
            WireError: it is incomplete, or not the file that the message names.
        """
        if self._left:
            raise WireError("a file too short")
        if b64(self._hash.digest()) != self._sha:
            raise WireError("another file")

    def _open(self, sealed: bytes) -> bytes:
        plain = gcm_open(self._key, _iv(self._at, self._many), sealed, self._aad)
        self._at += 1
        return plain


def _iv(at: int, many: int) -> bytes:
    return bytes(7) + at.to_bytes(4, "big") + bytes([at == many - 1])
