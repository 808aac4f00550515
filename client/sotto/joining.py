"""Joins a room by a link: at once, or by knocking and waiting."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from sotto.api import ApiError
from sotto.log_api import TRIES, LogApi
from sotto.protocol.encoding import WireError, field_of, unb64
from sotto.protocol.event_builder import make_join
from sotto.protocol.events import invite_proof, parse_event
from sotto.protocol.identity import Identity
from sotto.protocol.invite_link import Link, open_card, open_item
from sotto.protocol.knock import make_knock
from sotto.protocol.log import extend_log
from sotto.protocol.profile import Profile, read_profile
from sotto.protocol.room_state import RoomState
from sotto.protocol.signing import verify
from sotto.room import Message, Room

POLL_INTERVAL = 2.0  # seconds


@dataclass(frozen=True, slots=True)
class Preview:
    """The room behind a link. `state` is None if members decide who joins."""

    room: str
    profile: Profile
    inviter: str
    state: RoomState | None


async def preview(log_api: LogApi, link: Link) -> Preview:
    """The room that a link leads to. Its log is verified as far as the server shows it.

    Raises:
        WireError: the log does not contain this link.
    """
    found = await log_api.api.get(f"chatrooms/join/{link.iid}")
    log_api.trust.learn(field_of(found, "identities", list))
    events, card = field_of(found, "events", list), field_of(found, "card", str)
    first = parse_event(field_of(events[0] if events else None, "event", str))
    if first["t"] == "invite":
        inviter = _lone_invite(log_api, events, link)
        return Preview(first["room"], _profile(link, first["room"], card), inviter.name, None)
    state = extend_log(None, events, log_api.trust.known)
    while found.get("more") is True:
        found = await log_api.api.get(f"chatrooms/join/{link.iid}", after=state.seq)
        log_api.trust.learn(field_of(found, "identities", list))
        more = field_of(found, "events", list)
        if not more:
            raise WireError("an answer of another shape")
        state = extend_log(state, more, log_api.trust.known)
        events += more
    invite = state.invites.get(link.iid)
    if invite is None or invite.ipk != link.ipk:
        raise WireError("the log does not know this link")
    inviter = _author(log_api, parse_event(events[invite.seq]["event"])["kid"])
    return Preview(state.room, _profile(link, state.room, card), inviter.name, state)


def _author(log_api: LogApi, kid: str) -> Identity:
    identity = log_api.trust.known.get(kid)
    if identity is None:
        raise WireError("a link by nobody")
    return identity


def _lone_invite(log_api: LogApi, events: list[dict[str, str]], link: Link) -> Identity:
    """The author of an invitation: the server shows nothing else of a room whose members decide."""
    if len(events) != 1:
        raise WireError("more than an invitation")
    event = parse_event(events[0]["event"])
    inviter = _author(log_api, event["kid"])
    if inviter.uid != event["by"] or (event["iid"], event["ipk"]) != (link.iid, link.ipk):
        raise WireError("an invitation by another link")
    verify(inviter.ed, "event", events[0]["event"], field_of(events[0], "sig", str))
    verify(unb64(link.ipk, 32), "invite", invite_proof(event), event["pop"])
    return inviter


def _profile(link: Link, room: str, card: str) -> Profile:
    try:
        return read_profile(open_card(link, room, card))
    except WireError:
        return Profile("")


async def join(log_api: LogApi, link: Link) -> tuple[Preview, bool]:
    """Join, or knock if members decide.

    Returns:
        The room behind the link, and true if the account was not a member before.
    """
    for _ in range(TRIES):
        seen = await preview(log_api, link)
        try:
            if seen.state is None:
                await knock(log_api, seen.room, link)
            elif log_api.me.uid in seen.state.members:
                return seen, False
            else:
                join = make_join(seen.state, log_api.author(), link)
                await log_api.api.post(f"chatrooms/join/{link.iid}", dict(join))
            return seen, True
        except ApiError as error:
            if error.code == "already_member":
                return seen, False
            if error.code == "clock":
                log_api.clock.set(error.extra.get("now"))
            elif error.code != "head":
                raise
    raise ApiError("head", "This room is changing too quickly. Try again.")


async def knock(log_api: LogApi, room: str, link: Link | None = None) -> None:
    """Ask to be let in by a link, or without one as a member whose keys are new."""
    where = f"chatrooms/join/{link.iid}" if link is not None else f"chatrooms/{room}"
    given = make_knock(room, log_api.author(), link)
    if link is None:
        del given["isig"]
    await log_api.api.post(f"{where}/knock", given)


async def wait_for_answer(log_api: LogApi, link: Link) -> None:
    """Wait for a member's answer.

    Raises:
        ApiError: `refused`.
    """
    while True:
        state = (await log_api.api.get(f"chatrooms/join/{link.iid}/knock")).get("state")
        if state == "member":
            return
        if state != "waiting":
            raise ApiError("refused", "Nobody let you in. Your request has ended.")
        await asyncio.sleep(POLL_INTERVAL)


def messages_since_joining(room: Room, uid: str) -> list[Message]:
    """Messages that were sent while the account was joining."""
    began = room.state.spans[uid][-1].since
    ts = parse_event(room.events[began]["event"])["ts"]
    return [message for message in room.messages if message.ts >= ts]


async def fetch_link_keys(log_api: LogApi, room: Room, link: Link) -> None:
    """Fetch the keys that a link carries, and store them for this account: a link ends."""
    items: list[Any] = []
    async for page in log_api.api.pages(f"chatrooms/join/{link.iid}/items"):
        items += field_of(page, "items", list)
    taken = []
    for item in items:
        e, box = field_of(item, "e", int), field_of(item, "box", str)
        try:
            key = open_item(link.key, room.id, link.iid, e, box)
        except WireError:
            continue
        if e not in room.keys and room.accept_key(e, key):
            taken.append(e)
    await log_api.share_keys(room, taken, log_api.me.kid)
    await log_api.sync_keys(room)
    room.unlock()
