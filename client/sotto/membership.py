"""Log events about members, and knocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sotto.api import ApiError
from sotto.keys.rotation import begin_epoch, repair
from sotto.log_api import Body, LogApi
from sotto.protocol.encoding import WireError, field_of, parse_body
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


@dataclass(frozen=True, slots=True)
class Waiting:
    """A person who knocked: by the link `iid`, or after a reset of their keys if that is ""."""

    uid: str
    name: str
    kid: str
    iid: str
    ts: int

    @property
    def reset(self) -> bool:
        """True if a member asks to have new keys confirmed."""
        return not self.iid


async def find_person(log_api: LogApi, name: str) -> Identity:
    """Look a person up by their exact user name. `Trust.must_know` checks their key."""
    found = await log_api.api.get(f"users/{name}")
    signed = found.get("identity")
    if signed is None:
        raise ApiError("no_keys", "That person has not published keys yet.")
    identity = open_identity(signed)
    if (identity.uid, identity.name) != (found.get("uid"), name):
        raise WireError("the server answered with somebody else")
    log_api.trust.learn([signed])
    pinned = log_api.trust.pinned(identity.uid)
    if pinned is not None and pinned.n > identity.n:
        raise WireError("the server shows older keys than it did before")
    log_api.trust.meet(identity)
    return identity


async def add(log_api: LogApi, room: Room, identity: Identity, iid: str = "") -> None:
    """Add a person, with all keys if newcomers may read earlier messages.

    Args:
        iid: the link that they knocked by, which may have ended since; "" for none.
    """
    log_api.trust.must_know(identity)
    await log_api.sync_keys(room)

    def build(state: RoomState, author: Author) -> Body | None:
        if identity.uid in state.members:
            return None
        log_api.trust.must_know(identity, state)
        link = state.invites.get(iid)
        used = iid if link is not None and link.is_open(max(log_api.clock.now(), state.ts)) else ""
        event = make_event(state, author, "add", uid=identity.uid, to=identity.kid, iid=used)
        if state.policy["history"] != "all":
            return dict(event)
        return {**event, "wraps": log_api.wraps(room, identity.kid, sorted(room.keys))}

    await log_api.append(room, build)
    await log_api.sync(room)


async def leave(log_api: LogApi, room: Room) -> None:
    """Append a `leave` event of the account."""
    await log_api.append(room, lambda state, author: dict(make_event(state, author, "leave")))


async def remove(log_api: LogApi, room: Room, uid: str, *, ban: bool = False) -> None:
    """Remove a member and rotate the room's key; `ban` also keeps them from returning by a link."""
    if log_api.trust.undecided(uid):  # removing a namesake decides about them
        log_api.trust.decide_namesake(uid, accepted=False)

    def make(state: RoomState, author: Author, key: bytes) -> SignedEvent | None:
        return make_remove(state, author, key, uid=uid, ban=ban) if uid in state.members else None

    await begin_epoch(log_api, room, {"t": "remove", "uid": uid}, make)


async def reset(log_api: LogApi, room: Room, identity: Identity) -> None:
    """Write a member's new keys into the log."""
    log_api.trust.must_know(identity)

    def make(state: RoomState, author: Author, key: bytes) -> SignedEvent | None:
        member = state.members.get(identity.uid)
        if member is None or member.kid == identity.kid:
            return None
        return make_reset(state, author, key, uid=identity.uid, to=identity.kid)

    await begin_epoch(log_api, room, {"t": "reset", "uid": identity.uid, "to": identity.kid}, make)


async def set_role(log_api: LogApi, room: Room, uid: str, role: str) -> None:
    """Change a member's role. Demoting a leader rotates the room's key."""
    member = room.state.members.get(uid)
    if member is None or not member.loses_rank(role):
        await log_api.change(room, "role", uid=uid, role=role)
        return

    def make(state: RoomState, author: Author, key: bytes) -> SignedEvent | None:
        found = state.members.get(uid)
        lowers = found is not None and found.loses_rank(role)
        return make_role(state, author, key, uid=uid, role=role) if lowers else None

    await begin_epoch(log_api, room, {"t": "role", "uid": uid}, make)
    await repair(log_api, room)  # links that stay open need the new key, too


async def ban(log_api: LogApi, room: Room, uid: str, *, on: bool = True) -> None:
    """Keep a former member from returning by a link, or lift that. Idempotent."""
    await log_api.sync(room)

    def build(state: RoomState, author: Author) -> Body | None:
        if uid in state.members or (uid in state.bans) == on:
            return None
        return dict(make_event(state, author, "ban", uid=uid, on=int(on)))

    await log_api.append(room, build)
    await log_api.sync(room)


async def take_over(log_api: LogApi, room: Room) -> None:
    """Become owner in place of one whose account has ended and who named this account."""
    owner = next((uid for uid, m in room.state.members.items() if m.role == "owner"), "")

    def make(state: RoomState, author: Author, key: bytes) -> SignedEvent | None:
        if state.successor != author.uid:
            raise ApiError("forbidden", "The owner has not named you as successor.")
        return make_succeed(state, author, key, uid=owner)

    await begin_epoch(log_api, room, {"t": "succeed", "uid": owner}, make)


async def set_policy(log_api: LogApi, room: Room, changes: dict[str, Any]) -> None:
    """Change fields of a room's policy.

    Raises:
        WireError: a field is not part of a policy.
    """

    def build(state: RoomState, author: Author) -> Body:
        policy = {key: changes.get(key, value) for key, value in state.policy.items()}
        return dict(make_event(state, author, "policy", policy=policy))

    if unknown := set(changes) - set(room.state.policy):
        raise WireError(f"no policy knows {', '.join(sorted(unknown))}")
    await log_api.append(room, build)
    await log_api.sync(room)


async def disclose(log_api: LogApi, room: Room, first: int, last: int, model: str) -> None:
    """Record in the log that messages `first` to `last` will be shown to a model."""
    await log_api.change(room, "disclose", **_disclosure(first, last, model))


def _disclosure(first: int, last: int, model: str) -> dict[str, str | int]:
    return {"from": first, "to": last, "model": model}


async def waiting(log_api: LogApi, room: Room) -> list[Waiting]:
    """The valid knocks of a room."""
    await log_api.sync(room)
    found = await log_api.api.get(f"chatrooms/{room.id}/knocks")
    checked = []
    for given in field_of(found, "knocks", list):
        try:
            checked.append(_checked(log_api, room, given))
        except WireError:
            continue
    return checked


def _checked(log_api: LogApi, room: Room, given: Any) -> Waiting:
    signed = field_of(given, "identity", dict)
    identity = open_identity(signed)
    knock = _opened(room, given, identity)
    if knock.room != room.id:
        raise WireError("a knock at another door")
    member = room.state.members.get(knock.uid)
    if (member is not None) == bool(knock.iid):
        raise WireError("a knock that leads nowhere")
    if member is not None and identity.n <= member.n:
        raise WireError("a knock with keys that are not newer")
    log_api.trust.learn([signed])
    return Waiting(knock.uid, identity.name, knock.kid, knock.iid, knock.ts)


def _opened(room: Room, given: Any, identity: Identity) -> Knock:
    inner = {key: field_of(given, key, str) for key in ("body", "sig", "isig")}
    iid = parse_body(inner["body"], SCHEMA)["iid"]
    invite = room.state.invites.get(iid)
    if iid and invite is None:
        raise WireError("a knock by no invitation")
    return open_knock(inner, identity, invite)


async def let_in(log_api: LogApi, room: Room, uid: str) -> None:
    """Answer a knock: add the person, or write their new keys into the log."""
    for knock in await waiting(log_api, room):
        if knock.uid == uid:
            identity = log_api.trust.known[knock.kid]
            if knock.reset:
                await reset(log_api, room, identity)
            else:
                await add(log_api, room, identity, knock.iid)
            return
    raise ApiError("not_found", "That person is not waiting.")
