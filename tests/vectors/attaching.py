"""Vectors of attachments: files of telling sizes, and what a server may not pass off as one."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from typing import Any

from sotto.protocol.attachments import CHUNK, SEALED_CHUNK, FileSealer
from sotto.protocol.encoding import b64
from tests.vectors.making import chosen

_SIZES = {
    "nothing": 0,
    "one byte": 1,
    "a few bytes": 40,
    "a chunk but a byte": CHUNK - 1,
    "a chunk": CHUNK,
    "a chunk and a byte": CHUNK + 1,
    "two chunks": 2 * CHUNK,
    "three chunks": 2 * CHUNK + 40,
}
_SHOWN = 100  # bytes: longer ones are told by their hash
_THREE = "three chunks"
Slices = list[list[int]]


def attachment() -> dict[str, Any]:
    return {
        "chunk": CHUNK,
        "cases": [_case(name) for name in _SIZES],
        "refused": [_refusal(name, *what) for name, what in _refused().items()],
    }


def plain_of(size: int) -> bytes:
    """The file of a case: the i-th byte is i modulo 251."""
    return bytes(i % 251 for i in range(size))


def sealed_of(name: str) -> tuple[bytes, dict[str, Any]]:
    """What the server has of a case, and the message's `file`."""
    size = _SIZES[name]
    sealing = FileSealer(BytesIO(plain_of(size)), size, chosen(f"file {name}"))
    sealed = b"".join(sealing)
    return sealed, sealing.content("a.bin", "")


def _case(name: str) -> dict[str, Any]:
    sealed, file = sealed_of(name)
    case = {"name": name, "file": _told(file), "stored": len(sealed)}
    return case | ({"sealed": b64(sealed)} if len(sealed) <= _SHOWN else {})


def _told(file: dict[str, Any]) -> dict[str, Any]:
    return {key: file[key] for key in ("id", "key", "size", "sha")}


def _refused() -> dict[str, tuple[str, Slices, dict[str, Any]]]:
    """Of which case, which slices of it, and what the message says otherwise."""
    one, two = SEALED_CHUNK, 2 * SEALED_CHUNK
    end = len(sealed_of(_THREE)[0])
    other = sealed_of("a chunk")[1]
    return {
        "without its end": (_THREE, [[0, end - 1]], {}),
        "without its last chunk": (_THREE, [[0, two]], {}),
        "without its last chunk, and shorter": (_THREE, [[0, two]], {"size": 2 * CHUNK}),
        "without its first chunk": (_THREE, [[one, end]], {}),
        "without its first chunk, and shorter": (_THREE, [[one, end]], {"size": CHUNK + 40}),
        "only its last chunk, and shorter": (_THREE, [[two, end]], {"size": 40}),
        "two chunks exchanged": (_THREE, [[one, two], [0, one], [two, end]], {}),
        "a chunk twice, and longer": (
            _THREE, [[0, one], [0, one], [one, end]], {"size": 3 * CHUNK + 40},
        ),
        "a byte more": (_THREE, [[0, end], [0, 1]], {}),
        "a byte less of a byte": ("one byte", [[0, 16]], {"size": 0}),
        "no chunk at all": ("nothing", [], {}),
        "another key": (_THREE, [[0, end]], {"key": other["key"]}),
        "another id": (_THREE, [[0, end]], {"id": other["id"]}),
        "another hash": (_THREE, [[0, end]], {"sha": other["sha"]}),
        "said to be longer": (_THREE, [[0, end]], {"size": 2 * CHUNK + 41}),
        "said to be shorter": (_THREE, [[0, end]], {"size": 2 * CHUNK + 39}),
        "a chunk said to be two": ("a chunk", [[0, one]], {"size": CHUNK + 1}),
    }  # fmt: skip


def _refusal(name: str, of: str, slices: Slices, changed: dict[str, Any]) -> dict[str, Any]:
    """With a hash that fits, unless that is what is wrong: then it is not what refuses."""
    sealed, file = sealed_of(of)
    sent = b"".join(sealed[start:end] for start, end in slices)
    told = {**_told(file), "sha": b64(sha256(sent).digest()), **changed}
    return {"name": name, "of": of, "slices": slices, "file": told}
