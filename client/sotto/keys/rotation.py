"""Key rotation, and completing what another member's rotation left undone."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from sotto.invitations import extended_links
from sotto.log_api import Body, LogApi
from sotto.protocol.encoding import WireError, field_of
from sotto.protocol.event_builder import Author, make_epoch
from sotto.protocol.events import SignedEvent
from sotto.protocol.profile import seal_profile
from sotto.protocol.room_keys import wrap_key
from sotto.protocol.room_state import RoomState, recipients_after
from sotto.room import Room

Make = Callable[[RoomState, Author, bytes], SignedEvent | None]
"""Returns the event that begins an epoch with this key; None if nothing is left to do."""


async def rotate(log_api: LogApi, room: Room, *, only_closed: bool = False) -> None:
    """Begin a new epoch. Its key goes to the members in the verified log and nobody else.

    Args:
        only_closed: do nothing if the room takes messages again.
    """
    before = room.state.e

    def make(state: RoomState, author: Author, key: bytes) -> SignedEvent | None:
        if state.e > before or (only_closed and state.open):
            return None
        return make_epoch(state, author, key)

    await begin_epoch(log_api, room, {"t": "epoch"}, make)


async def begin_epoch(log_api: LogApi, room: Room, what: dict[str, Any], make: Make) -> None:
    """Write an event that begins an epoch, with the wraps and boxes that belong to it.

    Args:
        what: the event's `t`, `uid` and `to`, which decide who gets the key.
    """
    await log_api.sync_keys(room)
    key = os.urandom(32)

    def build(state: RoomState, author: Author) -> Body | None:
        event = make(state, author, key)
        return None if event is None else {**event, **_beside(log_api, room, what, key, author.now)}

    await log_api.append(room, build)
    await log_api.sync(room)
    if room.accept_key(room.state.e, key):
        room.wrapped_epochs.add(room.state.e)
        room.profile_epochs.add(room.state.e)
    else:
        await log_api.sync_keys(room)  # another member's rotation came first


def _beside(log_api: LogApi, room: Room, what: dict[str, Any], key: bytes, now: int) -> Body:
    state, e = room.state, room.state.e + 1
    body: Body = {"wraps": []}
    for _, kid in recipients_after(state, what):
        identity = log_api.trust.known[kid]
        log_api.trust.must_know(identity, state)
        ct = wrap_key(key, room.id, e, kid, identity.rsa)
        body["wraps"].append({"e": e, "to": kid, "ct": ct})
    if room.profile_plain is not None:
        body["profile"] = {"e": e, "box": seal_profile(key, room.id, e, room.profile_plain)}
    if what["t"] == "epoch":
        body["invites"] = extended_links(room, e, key, now)
    return body


async def repair(log_api: LogApi, room: Room) -> bool:
    """Store missing wraps to this account, and the boxes that the present epoch lacks.

    Returns:
        True if anything was missing.
    """
    await log_api.sync_keys(room)
    e, key = room.state.e, room.keys.get(room.state.e)
    member = room.state.members.get(log_api.me.uid)
    if key is None or room.state.ended or member is None or member.kid != log_api.me.kid:
        return False
    unkept = [old for old in room.keys if old >= member.since and old not in room.wrapped_epochs]
    if unkept:
        await log_api.share_keys(room, unkept, log_api.me.kid)
    body: Body = {}
    if room.profile_plain is not None and e not in room.profile_epochs:
        body["profile"] = {"e": e, "box": seal_profile(key, room.id, e, room.profile_plain)}
    invites = extended_links(room, e, key, log_api.clock.now())
    if invites:
        body["invites"] = invites
    if body:
        await log_api.api.post(f"chatrooms/{room.id}/boxes", body)
        room.profile_epochs.add(e)
    return bool(body or unkept)


async def missing(log_api: LogApi, room: Room) -> dict[str, list[int]]:
    """Epochs whose key members are entitled to and lack, by uid."""
    held: dict[str, Any] = {}
    async for page in log_api.api.pages(f"chatrooms/{room.id}/wraps"):
        held |= field_of(page, "wraps", dict)
    lacks = {}
    for uid, member in room.state.members.items():
        there = held.get(member.kid, [])
        if type(there) is not list:
            raise WireError("an answer of another shape")
        entitled = range(member.since, room.state.e + 1)
        lacks[uid] = [e for e in entitled if e not in there]
    return {uid: epochs for uid, epochs in lacks.items() if epochs}


async def hand_over(log_api: LogApi, room: Room) -> int:
    """Give members the keys that they lack and this account has; returns how many."""
    given = 0
    for uid, lacks in (await missing(log_api, room)).items():
        kid = room.state.members[uid].kid
        epochs = [e for e in lacks if e in room.keys]
        if epochs and not log_api.trust.doubt(log_api.trust.known[kid], room.state):
            await log_api.share_keys(room, epochs, kid)
            given += len(epochs)
    return given
