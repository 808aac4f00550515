"""Reports of abuse: one message, opened for those who handle it, with the proof of who wrote it
(docs/protocol.md, "Reports").
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from sotto.protocol.boxes import KEY_BYTES, open_box, pad, seal, unpad
from sotto.protocol.encoding import (
    Random,
    Schema,
    WireError,
    b64,
    encode_body,
    hash64,
    ident,
    integer,
    new_id,
    one_of,
    pair,
    parse_body,
    strict_json,
    unb64,
    utf8,
)
from sotto.protocol.identity import Identity
from sotto.protocol.message import (
    Header,
    MessageError,
    StoredMessage,
    check_stored,
    decrypt_with,
    is_tombstone,
    parse_message,
    verify_message,
)
from sotto.protocol.room_keys import message_key, oaep_open, oaep_seal
from sotto.protocol.room_state import RoomState
from sotto.protocol.signing import pae, rsa_key_id, sign, verify

REASONS = ("spam", "abuse", "illegal", "other")
MAX_NOTE = 1000
"""Characters that a report's note may have."""
MAX_RECEIVERS = 100
ROOM = "room"
"""The `for` of a report to a room's leaders; others are for the site's report key."""


def _receiver(value: Any) -> None:
    if value != ROOM:
        hash64(value)


SCHEMA: Schema = {
    "v": one_of(1),
    "rid": ident,
    "room": ident,
    "uid": ident,
    "kid": hash64,
    "for": _receiver,
    "seq": integer(1),
    "id": hash64,
    "lh": pair(integer(), hash64),
    "ts": integer(),
    "box": hash64,
}


@dataclass(frozen=True, slots=True)
class Report:
    """A report's signed body. `receiver`: "room", or the hash (rk) of the site's report key. `uid`
    and `kid` are the reporter's; `seq` and `id` the message's. `lh`: the newest log event that the
    reporter had verified. `ts` in ms.
    """

    rid: str
    room: str
    uid: str
    kid: str
    receiver: str
    seq: int
    id: str
    lh: tuple[int, str]
    ts: int
    box: str

    @property
    def context(self) -> dict[str, Any]:
        """The context that the box is bound to."""
        place = {"room": self.room, "uid": self.uid, "seq": self.seq, "id": self.id}
        return {"v": 1, "rid": self.rid, **place}


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The content of a report's box: the key of one message, why it is reported, and a note."""

    mk: bytes
    why: str
    note: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A report of which everything was verified. `content` is the message's."""

    report: Report
    header: Header
    content: dict[str, Any]
    why: str
    note: str


def report_key_id(spki: str) -> str:
    """The id (rk) of a site's report key (SPKI, b64).

    Raises:
        WireError: it is not such a key.
    """
    return rsa_key_id(spki)


def receivers(state: RoomState, author: str) -> list[str]:
    """The kids of the leaders who get a report about a message of `author`: all but the author, and
    of more than 100 the first. A direct room has none.
    """
    if state.kind == "direct":
        return []
    leaders = ((uid, one) for uid, one in state.members.items() if one.leads)
    return sorted(one.kid for uid, one in leaders if uid != author)[:MAX_RECEIVERS]


def seal_report(
    row: StoredMessage,
    key: bytes,
    to: Mapping[str, bytes],
    *,
    receiver: str,
    reporter: tuple[str, str, Ed25519PrivateKey],
    lh: tuple[int, str],
    ts: int,
    why: str,
    note: str = "",
    random: Random = os.urandom,
) -> dict[str, Any]:
    """Seal and sign a report of one message.

    Args:
        row: the message as it is stored, verified.
        key: of the message's epoch. Only the message's own key goes into the report.
        to: the RSA keys (SPKI) by kid, or the site's by its rk.
        receiver: "room" or rk.
        reporter: uid, kid and signing key.
        lh: the newest verified log event.
        ts: ms.

    Returns:
        {body, sig, box, keys: [{to, ct}]}.
    """
    _check_words(why, note)
    opened = parse_message(row)
    header = opened.header
    mk = message_key(key, header.room, header.e, header.uid, header.dev, header.n)
    decrypt_with(row, mk)
    uid, kid, ed = reporter
    rid, secret = new_id(random), random(KEY_BYTES)
    place = {"room": header.room, "uid": uid, "seq": row["seq"], "id": opened.id}
    plain = json.dumps({"mk": b64(mk), "why": why, "note": note}, ensure_ascii=False)
    box = seal(secret, "report", {"v": 1, "rid": rid, **place}, pad(plain.encode("utf-8")), random)
    named = {"v": 1, "rid": rid, "room": header.room, "uid": uid, "kid": kid, "for": receiver}
    said = {"seq": row["seq"], "id": opened.id, "lh": list(lh), "ts": ts, "box": _hash(box)}
    body = encode_body({**named, **said})
    parse_report(body)
    keys = [
        {"to": one, "ct": b64(oaep_seal(spki, report_label(rid, header.room, one), secret))}
        for one, spki in sorted(to.items())
    ]
    return {"body": body, "sig": sign(ed, "report", body), "box": box, "keys": keys}


def parse_report(body: Any) -> Report:
    """Parse a report's signed body.

    Raises:
        WireError: it is malformed.
    """
    found = parse_body(body, SCHEMA)
    return Report(
        rid=found["rid"],
        room=found["room"],
        uid=found["uid"],
        kid=found["kid"],
        receiver=found["for"],
        seq=found["seq"],
        id=found["id"],
        lh=(found["lh"][0], found["lh"][1]),
        ts=found["ts"],
        box=found["box"],
    )


def verify_report(
    given: Mapping[str, Any], report: Report, state: RoomState, identities: Mapping[str, Identity]
) -> None:
    """Verify who reported: a member at the log event that the report names.

    Args:
        given: {body, sig, box}.

    Raises:
        WireError: it is forged, changed, or of another room.
        MessageError: `ahead`, if it refers to log events that must be fetched first.
    """
    _must(report.room == state.room, "a report of another room")
    seq, at = report.lh
    if seq > state.seq:
        raise MessageError("ahead", "a report that knows more of the log")
    _must(state.hashes[seq] == at, "a report that saw another log")
    _must(state.kid_at(seq, report.uid) == report.kid, "a report of no member")
    identity = identities.get(report.kid)
    _must(identity is not None and identity.uid == report.uid, "an unknown reporter")
    assert identity is not None
    _must(_hash(given.get("box")) == report.box, "another box")
    verify(identity.ed, "report", str(given.get("body")), str(given.get("sig")))


def open_disclosure(report: Report, box: Any, ct: Any, to: str, rsa: RSAPrivateKey) -> Disclosure:
    """Open a verified report's box.

    Args:
        ct: the report's key, sealed to `to`, b64.
        to: the reader's kid, or the site's rk.

    Raises:
        WireError: it does not open, or holds something else.
    """
    secret = oaep_open(rsa, report_label(report.rid, report.room, to), unb64(ct))
    found = strict_json(utf8(unpad(open_box(secret, "report", report.context, box))))
    _must(type(found) is dict, "not a report")
    why, note = found.get("why"), found.get("note")
    _check_words(why, note)
    return Disclosure(unb64(found.get("mk"), KEY_BYTES), why, note)


def open_reported(
    report: Report,
    row: Any,
    disclosure: Disclosure,
    state: RoomState,
    identities: Mapping[str, Identity],
    keys: Mapping[int, bytes] | None = None,
) -> Opened:
    """Verify the reported message as any other, and open it with its own key.

    Args:
        row: the message, as the server kept it with the report.
        keys: of epochs, by a member who has them: then the message's key must follow from them.

    Raises:
        WireError: it is another message than the one reported, or the key is not its key.
        MessageError: the message is refused, or `ahead`.
    """
    stored = check_stored(row)
    _must(not is_tombstone(stored), "an erased message")
    opened = parse_message(stored)
    _must((stored["seq"], opened.id) == (report.seq, report.id), "another message")
    verify_message(stored, opened, state, identities)
    header = opened.header
    epoch = (keys or {}).get(header.e)
    if epoch is not None:
        own = message_key(epoch, header.room, header.e, header.uid, header.dev, header.n)
        _must(own == disclosure.mk, "the key of another message")
    content = decrypt_with(stored, disclosure.mk)
    return Opened(report, header, content, disclosure.why, disclosure.note)


def open_report(
    given: Mapping[str, Any],
    to: str,
    rsa: RSAPrivateKey,
    state: RoomState,
    identities: Mapping[str, Identity],
    keys: Mapping[int, bytes] | None = None,
) -> Opened:
    """All steps: `given` is {body, sig, box, key, row}.

    Raises:
        WireError: as the steps.
        MessageError: as the steps.
    """
    report = parse_report(given.get("body"))
    _must(report.receiver == ROOM or report.receiver == to, "a report to somebody else")
    verify_report(given, report, state, identities)
    disclosure = open_disclosure(report, given.get("box"), given.get("key"), to, rsa)
    return open_reported(report, given.get("row"), disclosure, state, identities, keys)


def once(reports: Sequence[Opened]) -> list[Opened]:
    """The reports, each number once: a server may show one again."""
    found: dict[str, Opened] = {}
    for opened in reports:
        found.setdefault(opened.report.rid, opened)
    return list(found.values())


def _check_words(why: Any, note: Any) -> None:
    _must(type(why) is str and why in REASONS, "a reason that is not known")
    _must(type(note) is str and len(note) <= MAX_NOTE, "a note of the wrong length")
    _must(not any("\ud800" <= letter <= "\udfff" for letter in note), "half a letter")


def _hash(box: Any) -> str:
    return b64(sha256(unb64(box)).digest())


def report_label(rid: str, room: str, to: str) -> bytes:
    """The OAEP label, which binds a report's key to report, room and reader."""
    context = {"v": 1, "rid": rid, "room": room, "to": to}
    return pae("report", encode_body(context).encode("ascii"))


def _must(right: bool, otherwise: str) -> None:
    if not right:
        raise WireError(otherwise)
