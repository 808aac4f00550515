"""Who belongs to a room and as what: events by its leaders, and whoever waits at the door."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sotto.api import ApiError, part
from sotto.log_api import Body, Logbook
from sotto.protocol.encoding import WireError, parse_body
from sotto.protocol.event_builder import (
    Author,
    make_event,
    make_remove,
    make_reset,
    make_role,
    make_succeed,
)
from sotto.protocol.events import SignedEvent
from sotto.protocol.identity import Identity, open_identity
from sotto.protocol.knock import SCHEMA, Knock, open_knock
from sotto.protocol.room_state import RoomState
from sotto.room import Room
from sotto.rotation import begin_epoch, mend


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who knocked: with `iid` by that link, without after a reset of their keys."""

    uid: str
    name: str
    kid: str
    iid: str
    ts: int

    @property
    def reset(self) -> bool:
        return not self.iid


async def find_person(book: Logbook, name: str) -> Identity:
    """Somebody by their exact user name. Their keys may be new: see `Trust.must_know`."""
    found = await book.api.get(f"users/{name}")
    signed = found.get("identity")
    if signed is None:
        raise ApiError("no_keys", "That person has no keys yet.")
    identity = open_identity(signed)
    if (identity.uid, identity.name) != (found.get("uid"), name):
        raise WireError("the server answered with somebody else")
    book.trust.learn([signed])
    pinned = book.trust.pinned(identity.uid)
    if pinned is not None and pinned.n > identity.n:
        raise WireError("the server shows older keys than it did before")
    book.trust.meet(identity)
    return identity


async def add(book: Logbook, room: Room, identity: Identity, iid: str = "") -> None:
    """Take somebody in; with all keys held, where newcomers may read what was before."""
    book.trust.must_know(identity)
    await book.sync_keys(room)

    def build(state: RoomState, author: Author) -> Body | None:
        if identity.uid in state.members:
            return None
        book.trust.must_know(identity, state)
        event = make_event(state, author, "add", uid=identity.uid, to=identity.kid, iid=iid)
        if state.policy["history"] != "all":
            return dict(event)
        return {**event, "wraps": book.wraps(room, identity.kid, sorted(room.keys))}

    await book.append(room, build)
    await book.sync(room)


async def leave(book: Logbook, room: Room) -> None:
    await book.append(room, lambda state, author: dict(make_event(state, author, "leave")))


async def remove(book: Logbook, room: Room, uid: str, *, ban: bool = False) -> None:
    if book.trust.undecided(uid):  # who removes the second person of a name has decided
        book.trust.settle_namesake(uid, accepted=False)

    def make(state: RoomState, author: Author, key: bytes) -> SignedEvent | None:
        return make_remove(state, author, key, uid=uid, ban=ban) if uid in state.members else None

    await begin_epoch(book, room, {"t": "remove", "uid": uid}, make)


async def reset(book: Logbook, room: Room, identity: Identity) -> None:
    """Give a member their new keys in the log."""
    book.trust.must_know(identity)

    def make(state: RoomState, author: Author, key: bytes) -> SignedEvent | None:
        member = state.members.get(identity.uid)
        if member is None or member.kid == identity.kid:
            return None
        return make_reset(state, author, key, uid=identity.uid, to=identity.kid)

    await begin_epoch(book, room, {"t": "reset", "uid": identity.uid, "to": identity.kid}, make)


async def set_role(book: Logbook, room: Room, uid: str, role: str) -> None:
    """Give a member another role. Taking a leader's rank away gives the room a new key."""
    member = room.state.members.get(uid)
    if member is None or not member.loses_rank(role):
        await book.change(room, "role", uid=uid, role=role)
        return

    def make(state: RoomState, author: Author, key: bytes) -> SignedEvent | None:
        found = state.members.get(uid)
        lowers = found is not None and found.loses_rank(role)
        return make_role(state, author, key, uid=uid, role=role) if lowers else None

    await begin_epoch(book, room, {"t": "role", "uid": uid}, make)
    await mend(book, room)  # links that stay open need the new key, too


async def ban(book: Logbook, room: Room, uid: str, *, on: bool = True) -> None:
    """Keep a former member from coming back by a link, or let them again."""
    await book.sync(room)

    def build(state: RoomState, author: Author) -> Body | None:
        if uid in state.members or (uid in state.bans) == on:
            return None
        return dict(make_event(state, author, "ban", uid=uid, on=int(on)))

    await book.append(room, build)
    await book.sync(room)


async def take_over(book: Logbook, room: Room) -> None:
    """Become owner in place of one whose account has ended, as the successor that they named."""
    owner = next((uid for uid, m in room.state.members.items() if m.role == "owner"), "")

    def make(state: RoomState, author: Author, key: bytes) -> SignedEvent | None:
        if state.successor != author.uid:
            raise ApiError("forbidden", "The owner has not named you as successor.")
        return make_succeed(state, author, key, uid=owner)

    await begin_epoch(book, room, {"t": "succeed", "uid": owner}, make)


async def set_policy(book: Logbook, room: Room, changes: dict[str, Any]) -> None:
    def build(state: RoomState, author: Author) -> Body:
        policy = {key: changes.get(key, value) for key, value in state.policy.items()}
        return dict(make_event(state, author, "policy", policy=policy))

    if unknown := set(changes) - set(room.state.policy):
        raise WireError(f"no policy knows {', '.join(sorted(unknown))}")
    await book.append(room, build)
    await book.sync(room)


async def waiting(book: Logbook, room: Room) -> list[Waiting]:
    """Who knocked and may be let in, as far as it can be checked."""
    await book.sync(room)
    found = await book.api.get(f"chatrooms/{room.id}/knocks")
    checked = []
    for given in part(found, "knocks", list):
        try:
            checked.append(_checked(book, room, given))
        except WireError:
            continue
    return checked


def _checked(book: Logbook, room: Room, given: Any) -> Waiting:
    signed = part(given, "identity", dict)
    identity = open_identity(signed)
    knock = _opened(room, given, identity)
    if knock.room != room.id:
        raise WireError("a knock at another door")
    member = room.state.members.get(knock.uid)
    if (member is not None) == bool(knock.iid):
        raise WireError("a knock that leads nowhere")
    if member is not None and identity.n <= member.n:
        raise WireError("a knock with keys that are not newer")
    book.trust.learn([signed])
    return Waiting(knock.uid, identity.name, knock.kid, knock.iid, knock.ts)


def _opened(room: Room, given: Any, identity: Identity) -> Knock:
    inner = {key: part(given, key, str) for key in ("body", "sig", "isig")}
    iid = parse_body(inner["body"], SCHEMA)["iid"]
    invite = room.state.invites.get(iid)
    if iid and invite is None:
        raise WireError("a knock by no invitation")
    return open_knock(inner, identity, invite)


async def let_in(book: Logbook, room: Room, uid: str) -> None:
    """Answer a knock: take the person in, or write their new keys into the log."""
    for knock in await waiting(book, room):
        if knock.uid == uid:
            identity = book.trust.known[knock.kid]
            if knock.reset:
                await reset(book, room, identity)
            else:
                await add(book, room, identity, knock.iid)
            return
    raise ApiError("not_found", "Nobody of that name is waiting.")
