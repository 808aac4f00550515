"""Messages: encrypted for a room and bound to their sender, their place and the room's log."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sotto.protocol.boxes import IV_BYTES, gcm_open, gcm_seal, pad, unpad
from sotto.protocol.content import read_content, write_content
from sotto.protocol.encoding import (
    Random,
    Schema,
    WireError,
    b64,
    encode_body,
    hash64,
    ident,
    integer,
    one_of,
    or_empty,
    pair,
    parse_body,
    unb64,
)
from sotto.protocol.identity import Identity
from sotto.protocol.room_keys import message_key
from sotto.protocol.room_state import RoomState
from sotto.protocol.signing import digest, pae, sign, verify
from sotto.protocol.signing import hash64 as hash_of

HEADER: Schema = {
    "v": one_of(1),
    "room": ident,
    "e": integer(1),
    "uid": ident,
    "kid": hash64,
    "dev": ident,
    "n": integer(1),
    "pm": or_empty(hash64),
    "lh": pair(integer(), hash64),
    "sh": pair(integer(), or_empty(hash64)),
    "cid": ident,
    "ts": integer(),
}

StoredMessage = Mapping[str, Any]
"""A message as the server stores it: {"seq", "h", "iv", "ct", "sig", "re"?}; once it is erased, a
tombstone {"seq", "h", "iv", "sha", "sig", "del", "re"?}, where `sha` is the b64 SHA-256 of the ct
and `del` the seq of the deletion."""


class MessageError(Exception):
    """A message that is refused, or (`ahead`) refers to log events that must be fetched first."""

    def __init__(self, reason: Literal["refused", "ahead"], detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Header:
    """A message's header. `lh`: the newest log event that its sender had verified. `sh`: the newest
    message that they had, (0, "") for none. `ts` in ms.
    """

    room: str
    e: int
    uid: str
    kid: str
    dev: str
    n: int
    pm: str
    lh: tuple[int, str]
    sh: tuple[int, str]
    cid: str
    ts: int

    @property
    def text(self) -> str:
        """The header as a canonical body, which the message's signature covers."""
        values: dict[str, Any] = {"v": 1}
        for key in list(HEADER)[1:]:
            value = getattr(self, key)
            values[key] = list(value) if isinstance(value, tuple) else value
        return encode_body(values)


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A sealed message ready to send, and its id."""

    h: str
    iv: str
    ct: str
    sig: str
    id: str


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """A stored message with its parsed header, unverified. `s` is what the signature covers."""

    header: Header
    id: str
    s: bytes


def seal_message(
    header: Header,
    key: bytes,
    ed: Ed25519PrivateKey,
    content: Mapping[str, Any],
    random: Random = os.urandom,
) -> NewMessage:
    """Encrypt and sign a content.

    Args:
        key: the key of epoch `header.e`.
    """
    h, iv = header.text, random(IV_BYTES)
    parse_body(h, HEADER)
    mk = message_key(key, header.room, header.e, header.uid, header.dev, header.n)
    ct = gcm_seal(mk, iv, pad(write_content(content)), pae("message", h.encode("ascii")))
    s = _sealed(h, iv, sha256(ct).digest())
    return NewMessage(h, b64(iv), b64(ct), sign(ed, "sealed", s), hash_of("sealed", s))


def check_stored(value: Any) -> StoredMessage:
    """Check the form of a stored message; header, signature and ciphertext are checked later. Keys
    of a newer server pass.

    Raises:
        WireError: it has another form.
    """
    if type(value) is not dict:
        raise WireError("not a message")
    integer(1)(value.get("seq"))
    sealed = "sha" if is_tombstone(value) else "ct"
    if any(type(value.get(key)) is not str for key in ("h", "iv", sealed, "sig")):
        raise WireError("not a message")
    if is_tombstone(value):
        integer(1)(value.get("del"))
    return value


def is_tombstone(row: StoredMessage) -> bool:
    """True for an erased message's tombstone: it verifies, but cannot be decrypted."""
    return "sha" in row


def parse_message(row: StoredMessage) -> ParsedMessage:
    """Parse a stored message's header, without checking its signature.

    Raises:
        WireError: it is malformed.
    """
    h = row.get("h")
    found = parse_body(h, HEADER)
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in found.items()
        if key != "v"
    }
    s = _sealed(str(h), unb64(row.get("iv"), IV_BYTES), _ct_hash(row))
    return ParsedMessage(Header(**values), hash_of("sealed", s), s)


def verify_message(
    row: StoredMessage, opened: ParsedMessage, state: RoomState, identities: Mapping[str, Identity]
) -> None:
    """Verify one message against the log.

    Raises:
        MessageError: it is refused, or `ahead`.
    """
    header = opened.header
    _must(header.room == state.room, "a message of another room")
    seq, at = header.lh
    if seq > state.seq:
        raise MessageError("ahead", "a message that knows more of the log")
    _must(state.hashes[seq] == at, "a message that saw another log")
    _must(state.kid_at(seq, header.uid) == header.kid, "a message of no member")
    _must(state.epoch_at(seq) == header.e, "a message of another epoch")
    _must(header.sh[0] < row["seq"], "a message that knows its future")
    _must((header.sh[0] == 0) == (header.sh[1] == ""), "a message that knows nothing")
    _must((header.n == 1) == (header.pm == ""), "a message out of its sender's chain")
    identity = identities.get(header.kid)
    _must(identity is not None and identity.uid == header.uid, "an unknown sender")
    assert identity is not None
    try:
        verify(identity.ed, "sealed", opened.s, row.get("sig", ""))
    except WireError:
        raise MessageError("refused", "a bad signature") from None


def decrypt_message(row: StoredMessage, header: Header, key: bytes) -> dict[str, Any]:
    """Decrypt the content of a verified message.

    Raises:
        WireError: it does not open, or is malformed.
    """
    mk = message_key(key, header.room, header.e, header.uid, header.dev, header.n)
    return decrypt_with(row, mk)


def decrypt_with(row: StoredMessage, mk: bytes) -> dict[str, Any]:
    """Decrypt a message with its own key, which opens no other one.

    Raises:
        WireError: it does not open, or is malformed.
    """
    aad = pae("message", str(row["h"]).encode("ascii"))
    padded = gcm_open(mk, unb64(row.get("iv"), IV_BYTES), unb64(row.get("ct")), aad)
    return read_content(unpad(padded))


def _ct_hash(row: StoredMessage) -> bytes:
    if not is_tombstone(row):
        return sha256(unb64(row.get("ct"))).digest()
    if "ct" in row:  # the signature would cover another ciphertext
        raise WireError("a tombstone of what is still there")
    return unb64(row["sha"], 32)


def _sealed(h: str, iv: bytes, hashed: bytes) -> bytes:
    """s, 76 bytes. `hashed` is the SHA-256 of the ciphertext."""
    return digest("message", h.encode("ascii")) + iv + hashed


def _must(right: bool, otherwise: str) -> None:
    if not right:
        raise MessageError("refused", otherwise)
