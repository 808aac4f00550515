"""Coming into a room by a link: at once, or by knocking and waiting."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from sotto.api import ApiError, part
from sotto.log_api import TRIES, Logbook
from sotto.protocol.encoding import WireError, unb64
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

ASK_AGAIN = 2.0  # seconds


@dataclass(frozen=True, slots=True)
class Preview:
    """What a link leads to. `state` is None where its holder has to knock."""

    room: str
    profile: Profile
    inviter: str
    state: RoomState | None


async def preview(book: Logbook, link: Link) -> Preview:
    """The room that a link leads to: what there is of its log is checked, and knows this link."""
    found = await book.api.get(f"chatrooms/join/{link.iid}")
    book.trust.learn(part(found, "identities", list))
    events, card = part(found, "events", list), part(found, "card", str)
    first = parse_event(part(events[0] if events else None, "event", str))
    if first["t"] == "invite":
        inviter = _lone_invite(book, events, link)
        return Preview(first["room"], _profile(link, first["room"], card), inviter.name, None)
    state = extend_log(None, events, book.trust.known)
    while found.get("more") is True:
        found = await book.api.get(f"chatrooms/join/{link.iid}", after=state.seq)
        book.trust.learn(part(found, "identities", list))
        more = part(found, "events", list)
        if not more:
            raise WireError("an answer of another shape")
        state = extend_log(state, more, book.trust.known)
        events += more
    invite = state.invites.get(link.iid)
    if invite is None or invite.ipk != link.ipk:
        raise WireError("the log does not know this link")
    inviter = _author(book, parse_event(events[invite.seq]["event"])["kid"])
    return Preview(state.room, _profile(link, state.room, card), inviter.name, state)


def _author(book: Logbook, kid: str) -> Identity:
    identity = book.trust.known.get(kid)
    if identity is None:
        raise WireError("a link by nobody")
    return identity


def _lone_invite(book: Logbook, events: list[dict[str, str]], link: Link) -> Identity:
    """All that is shown of a room whose members decide: the invitation, by whom it is."""
    if len(events) != 1:
        raise WireError("more than an invitation")
    event = parse_event(events[0]["event"])
    inviter = _author(book, event["kid"])
    if inviter.uid != event["by"] or (event["iid"], event["ipk"]) != (link.iid, link.ipk):
        raise WireError("an invitation by another link")
    verify(inviter.ed, "event", events[0]["event"], part(events[0], "sig", str))
    verify(unb64(link.ipk, 32), "invite", invite_proof(event), event["pop"])
    return inviter


def _profile(link: Link, room: str, card: str) -> Profile:
    try:
        return read_profile(open_card(link, room, card))
    except WireError:
        return Profile("")


async def join(book: Logbook, link: Link) -> tuple[Preview, bool]:
    """Become a member, or knock where the members decide; then wait with `until_let_in`.

    Whether one was none before.
    """
    for _ in range(TRIES):
        seen = await preview(book, link)
        try:
            if seen.state is None:
                await knock(book, seen.room, link)
            elif book.me.uid in seen.state.members:
                return seen, False
            else:
                join = make_join(seen.state, book.author(), link)
                await book.api.post(f"chatrooms/join/{link.iid}", dict(join))
            return seen, True
        except ApiError as error:
            if error.code == "already_member":
                return seen, False
            if error.code == "clock":
                book.clock.set(error.extra.get("now"))
            elif error.code != "head":
                raise
    raise ApiError("head", "The room is too busy.")


async def knock(book: Logbook, room: str, link: Link | None = None) -> None:
    """Ask to be let in; without a link as a member whose keys are new."""
    where = f"chatrooms/join/{link.iid}" if link is not None else f"chatrooms/{room}"
    given = make_knock(room, book.author(), link)
    if link is None:
        del given["isig"]
    await book.api.post(f"{where}/knock", given)


async def until_let_in(book: Logbook, link: Link) -> None:
    """Wait for a member's answer; ApiError if it is no."""
    while True:
        state = (await book.api.get(f"chatrooms/join/{link.iid}/knock")).get("state")
        if state == "member":
            return
        if state != "waiting":
            raise ApiError("refused", "Nobody let you in, and the knock is gone.")
        await asyncio.sleep(ASK_AGAIN)


def since_joining(room: Room, uid: str) -> list[Message]:
    """What was sent while one was coming in."""
    began = room.state.spans[uid][-1].since
    ts = parse_event(room.events[began]["event"])["ts"]
    return [message for message in room.messages if message.ts >= ts]


async def take_items(book: Logbook, room: Room, link: Link) -> None:
    """The keys that a link carries. Kept for oneself, too: a link ends."""
    items: list[Any] = []
    async for page in book.api.pages(f"chatrooms/join/{link.iid}/items"):
        items += part(page, "items", list)
    taken = []
    for item in items:
        e, box = part(item, "e", int), part(item, "box", str)
        try:
            key = open_item(link.key, room.id, link.iid, e, box)
        except WireError:
            continue
        if e not in room.keys and room.take_key(e, key):
            taken.append(e)
    await book.give(room, taken, book.me.kid)
    await book.sync_keys(room)
    room.unlock()
