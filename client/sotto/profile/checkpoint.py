"""A room's verified log between runs, sealed: the next run goes on from there.

It only saves the work of reading the log again. The newest event that was verified is in the room's
record, too, and a checkpoint that is damaged, of another version or older is as good as none.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from sotto.protocol.boxes import hkdf, open_box, seal
from sotto.protocol.encoding import WireError, b64, strict_json, unb64
from sotto.protocol.profile import profile_hash, read_profile
from sotto.protocol.room_state import (
    Disclosure,
    Exit,
    Invite,
    Mark,
    Member,
    RoomState,
    Span,
)
from sotto.room_log import Me, RoomLog

VERSION = 1


def seal_checkpoint(room: RoomLog) -> dict[str, Any]:
    """A room's verified log as a file's content. Only the account's own keys make or open it."""
    value = {
        "state": write_state(room.state),
        "events": room.events,
        "identities": [room.trust.signed[kid] for kid in sorted(_kids(room.state))],
        "profile": b64(room.profile_plain) if room.profile_plain is not None else "",
    }
    plain = json.dumps(value, separators=(",", ":")).encode()
    return {"box": seal(_key(room.me, room.id), "checkpoint", _context(room.me, room.id), plain)}


def restore_checkpoint(room: RoomLog, found: dict[str, Any] | None) -> None:
    """Fill a new room from a checkpoint. One that does not open, or contradicts the head that the
    room's record has, is ignored.
    """
    try:
        if found is not None:
            _restore(room, found)
    except (WireError, LookupError, TypeError, ValueError):
        return


def _restore(room: RoomLog, found: dict[str, Any]) -> None:
    key, context = _key(room.me, room.id), _context(room.me, room.id)
    value = strict_json(open_box(key, "checkpoint", context, found["box"]).decode())
    state = read_state(value["state"])
    known = room.known_head
    if known is not None and known[0] <= state.seq and state.hashes[known[0]] != known[1]:
        return
    room.trust.learn(value["identities"])
    if _kids(state) <= room.trust.known.keys():
        room.restore_log(state, value["events"])
        _restore_profile(room, unb64(value["profile"]))


def _restore_profile(room: RoomLog, plain: bytes) -> None:
    if plain and profile_hash(plain) == room.state.h:
        room.profile, room.profile_plain = read_profile(plain), plain


def _kids(state: RoomState) -> set[str]:
    return {span.kid for spans in state.spans.values() for span in spans}


def _key(me: Me, room: str) -> bytes:
    return hkdf(me.keys.seed, bytes.fromhex(room), "sotto/profile/checkpoint")


def _context(me: Me, room: str) -> dict[str, Any]:
    return {"v": VERSION, "room": room, "kid": me.kid}


def write_state(state: RoomState) -> dict[str, Any]:
    """A room's state as JSON."""
    return asdict(state) | {"bans": sorted(state.bans)}


def read_state(value: dict[str, Any]) -> RoomState:
    """The inverse of `write_state`.

    Raises:
        LookupError, TypeError, ValueError: it is of another version.
    """
    made = {
        "members": {uid: Member(**member) for uid, member in value["members"].items()},
        "kcv": {int(e): kcv for e, kcv in value["kcv"].items()},
        "invites": {iid: Invite(**invite) for iid, invite in value["invites"].items()},
        "bans": set(value["bans"]),
        "disclosures": [Disclosure(**one) for one in value["disclosures"]],
        "marks": [Mark(**mark) for mark in value["marks"]],
        "spans": {uid: [Span(**one) for one in spans] for uid, spans in value["spans"].items()},
        "exits": {uid: Exit(**one) for uid, one in value["exits"].items()},
    }
    return RoomState(**{**value, **made})
