"""Attachments, against the vectors and against a server that hands out something else."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO

import pytest

from sotto.protocol.attachments import CHUNK, Attachment, FileOpener, FileSealer, sealed_size
from sotto.protocol.encoding import WireError, b64, unb64
from tests.vectors.attaching import plain_of, sealed_of
from tests.vectors.making import load

VECTORS = load("attachment")


def attachment(file: dict) -> Attachment:
    return Attachment.read({"name": "a.bin", "type": "", **file})


def opened(file: dict, sealed: bytes, step: int = 10_000) -> bytes:
    """The file, out of pieces of `step` bytes, and only if all of it is good."""
    opening = FileOpener(attachment(file))
    steps = (sealed[at : at + step] for at in range(0, len(sealed), step))
    plain = b"".join(part for piece in steps for part in opening.feed(piece))
    opening.finish()
    return plain


def sealed(plain: bytes) -> tuple[bytes, dict]:
    sealing = FileSealer(BytesIO(plain), len(plain))
    return b"".join(sealing), sealing.content("a.bin", "")


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_files_of_the_vectors(case):
    stored, _ = sealed_of(case["name"])
    assert len(stored) == sealed_size(case["file"]["size"]) == case["stored"]
    assert b64(sha256(stored).digest()) == case["file"]["sha"]
    assert unb64(case.get("sealed", b64(stored))) == stored
    assert opened(case["file"], stored) == plain_of(case["file"]["size"])


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["name"])
def test_files_refused(case):
    stored, _ = sealed_of(case["of"])
    sent = b"".join(stored[start:end] for start, end in case["slices"])
    with pytest.raises(WireError):
        opened(case["file"], sent)


def test_every_file_has_a_key_and_an_id_of_its_own():
    (one, first), (other, second) = sealed(b"plums"), sealed(b"plums")
    assert first["key"] != second["key"]
    assert first["id"] != second["id"]
    assert opened(first, one) == opened(second, other) == b"plums"


@pytest.mark.parametrize("step", [1, 999, CHUNK, CHUNK + 16, 10**6])
def test_pieces_may_have_any_size(step):
    plain = plain_of(100 if step == 1 else 2 * CHUNK)
    stored, file = sealed(plain)
    assert opened(file, stored, step) == plain


def test_an_empty_piece_changes_nothing():
    stored, file = sealed(b"plums")
    opening = FileOpener(attachment(file))
    found = [part for piece in (b"", stored, b"", b"") for part in opening.feed(piece)]
    opening.finish()
    assert found == [b"plums"]


@pytest.mark.parametrize("at", [0, 40_000, CHUNK - 1, CHUNK, CHUNK + 15, CHUNK + 16, -1])
def test_a_changed_byte_is_noticed_though_the_hash_is_made_to_fit(at):
    stored, file = sealed(plain_of(CHUNK + 4))
    bad = bytearray(stored)
    bad[at] ^= 1
    with pytest.raises(WireError):
        opened({**file, "sha": b64(sha256(bad).digest())}, bytes(bad))


def test_an_endless_answer_is_refused_as_soon_as_it_is_too_long():
    _, file = sealed(b"plums")
    with pytest.raises(WireError, match="too long"):
        list(FileOpener(attachment(file)).feed(bytes(1000)))


@pytest.mark.parametrize("said", [CHUNK, CHUNK + 6])
def test_a_file_that_changes_while_it_is_read_is_not_sent(said):
    sealing = FileSealer(BytesIO(plain_of(CHUNK + 5)), said)
    with pytest.raises(OSError, match="while it was read"):
        list(sealing)


def test_what_a_message_says_beside_is_kept():
    sealing = FileSealer(BytesIO(b"x"), 1)
    list(sealing)
    found = Attachment.read(sealing.content("ü.png", "image/png", w=3, h=4))
    assert (found.name, found.type, found.extra) == ("ü.png", "image/png", {"w": 3, "h": 4})
    assert found.sealed_size == 17
