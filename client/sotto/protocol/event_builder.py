"""Builds signed log events."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sotto.protocol.encoding import Random, b64, encode_body
from sotto.protocol.events import (
    Event,
    SignedEvent,
    invite_proof,
    joiner_proof,
    members_hash,
    parse_event,
    room_id,
)
from sotto.protocol.invite_link import Link
from sotto.protocol.room_keys import kcv
from sotto.protocol.room_state import RoomState, recipients_after
from sotto.protocol.signing import sign


@dataclass(frozen=True, slots=True)
class Author:
    """The signer of events and the time. `now` is in ms, by the server's clock."""

    uid: str
    kid: str
    ed: Ed25519PrivateKey
    now: int


def make_event(state: RoomState, author: Author, t: str, **extra: object) -> SignedEvent:
    """The next event of a log.

    Args:
        extra: the event's own fields, in the order of its schema.
    """
    return _signed({**_head(state, author, t), **extra}, author)


def make_create(
    author: Author,
    policy: dict[str, Any],
    key: bytes,
    *,
    kind: str = "group",
    random: Random = os.urandom,
) -> SignedEvent:
    """The first event of a new room, whose id follows from the author's kid and a fresh nonce."""
    nonce = random(16)
    room = room_id(author.kid, nonce)
    event: Event = {
        "v": 1,
        "t": "create",
        "room": room,
        "seq": 0,
        "prev": "",
        "ts": author.now,
        "by": author.uid,
        "kid": author.kid,
        "kind": kind,
        "nonce": b64(nonce),
        "policy": policy,
        "kcv": kcv(key, room, 1),
    }
    return _signed(event, author)


def make_epoch(state: RoomState, author: Author, key: bytes) -> SignedEvent:
    """An event that begins the next epoch for the present members."""
    return make_rotation(state, author, key, "epoch")


def make_remove(
    state: RoomState, author: Author, key: bytes, *, uid: str, ban: bool = False
) -> SignedEvent:
    """An event that removes a member and begins an epoch of the others."""
    return make_rotation(state, author, key, "remove", uid=uid, ban=int(ban))


def make_reset(state: RoomState, author: Author, key: bytes, *, uid: str, to: str) -> SignedEvent:
    """An event that gives a member the new kid `to` and begins an epoch without the old one."""
    return make_rotation(state, author, key, "reset", uid=uid, to=to)


def make_role(state: RoomState, author: Author, key: bytes, *, uid: str, role: str) -> SignedEvent:
    """An event that changes a member's role. A demotion begins an epoch, so that what they write
    for an older one no longer counts as a leader's.
    """
    member = state.members.get(uid)
    if member is not None and member.loses_rank(role):
        return make_rotation(state, author, key, "role", uid=uid, role=role)
    return make_event(state, author, "role", uid=uid, role=role)


def make_succeed(state: RoomState, author: Author, key: bytes, *, uid: str) -> SignedEvent:
    """An event that makes the author owner in place of `uid` and begins an epoch without them."""
    return make_rotation(state, author, key, "succeed", uid=uid)


def make_invite(state: RoomState, author: Author, link: Link, *, exp: int, max: int) -> SignedEvent:  # noqa: A002 (the protocol's word)
    """An event that opens an invitation until `exp` (ms, server's clock), for `max` people."""
    event = _head(state, author, "invite")
    event |= {"iid": link.iid, "ipk": link.ipk, "exp": exp, "max": max}
    event["pop"] = sign(link.signer, "invite", invite_proof(event))
    return _signed(event, author)


def make_join(state: RoomState, author: Author, link: Link) -> SignedEvent:
    """An event by which the holder of a link joins."""
    proof = joiner_proof(state.room, link.iid, author.uid, author.kid)
    isig = sign(link.signer, "joiner", proof)
    return make_event(state, author, "join", iid=link.iid, isig=isig)


def make_rotation(
    state: RoomState, author: Author, key: bytes, t: str, **extra: object
) -> SignedEvent:
    """The next event of a log, of a type that begins an epoch with `key`."""
    e = state.e + 1
    members = members_hash(recipients_after(state, {"t": t, **extra}))
    commitment = kcv(key, state.room, e)
    return make_event(state, author, t, **extra, e=e, kcv=commitment, members=members)


def _head(state: RoomState, author: Author, t: str) -> Event:
    return {
        "v": 1,
        "t": t,
        "room": state.room,
        "seq": state.seq + 1,
        "prev": state.hash,
        "ts": max(author.now, state.ts),
        "by": author.uid,
        "kid": author.kid,
    }


def _signed(event: Event, author: Author) -> SignedEvent:
    text = encode_body(event)
    parse_event(text)
    return {"event": text, "sig": sign(author.ed, "event", text)}
