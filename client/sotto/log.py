"""The room's log as a state machine: a verified chain of events in, the room's state out.

Everything that a client believes of a room comes from here.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sotto.encoding import WireError, unb64
from sotto.events import (
    Event,
    LogError,
    SignedEvent,
    invite_proof,
    joiner_proof,
    members_hash,
    parse_event,
    room_id,
)
from sotto.identity import Identity
from sotto.signing import hash64, verify

THIRTY_DAYS = 30 * 24 * 3600 * 1000
MAX_OPEN_INVITES = 20


@dataclass(slots=True)
class Member:
    kid: str
    role: str
    since: int
    """The first epoch that this member is entitled to read."""
    name: str

    @property
    def leads(self) -> bool:
        return self.role in ("owner", "moderator")


@dataclass(slots=True)
class Invite:
    ipk: str
    exp: int
    max: int
    by: str
    seq: int
    uses: int = 0
    closed: bool = False
    """Revoked or voided."""

    def is_open(self, ts: int) -> bool:
        return not self.closed and self.uses < self.max and ts <= self.exp


@dataclass(slots=True)
class Mark:
    """From log event `seq` on: the epoch, and whether the room takes messages."""

    seq: int
    e: int
    open: bool


@dataclass(slots=True)
class Span:
    """A membership under `kid`, from event `since` until before event `until` (None: still)."""

    kid: str
    since: int
    until: int | None = None


@dataclass
class RoomState:
    """A room after event `seq`. `members` by uid, `kcv` by epoch, `invites` by iid."""

    room: str
    kind: str
    policy: dict[str, Any]
    seq: int = -1
    hash: str = ""
    ts: int = 0
    members: dict[str, Member] = field(default_factory=dict)
    e: int = 1
    open: bool = True
    g: int = 1
    kcv: dict[int, str] = field(default_factory=dict)
    invites: dict[str, Invite] = field(default_factory=dict)
    h: str = ""
    hashes: list[str] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    spans: dict[str, list[Span]] = field(default_factory=dict)

    def open_invites(self, ts: int) -> list[str]:
        return [iid for iid, invite in self.invites.items() if invite.is_open(ts)]

    def recipients(self) -> list[tuple[str, str]]:
        """(uid, kid) of each member: to whom keys go."""
        return sorted((uid, member.kid) for uid, member in self.members.items())

    def kid_at(self, seq: int, uid: str) -> str | None:
        """Under which kid `uid` was a member right after event `seq`."""
        for span in self.spans.get(uid, ()):
            if span.since <= seq and (span.until is None or seq < span.until):
                return span.kid
        return None

    def epoch_at(self, seq: int) -> int | None:
        """The epoch right after event `seq`, or None if the room took no messages then."""
        last = next((mark for mark in reversed(self.marks) if mark.seq <= seq), None)
        return last.e if last is not None and last.open else None


def extend_log(
    state: RoomState | None, events: Iterable[SignedEvent], identities: Mapping[str, Identity]
) -> RoomState:
    """The state after more events (None: from the beginning). LogError leaves `state` as it was.

    `identities` are verified ones by kid, and must hold whoever signed.
    """
    after = copy.deepcopy(state)
    for signed in events:
        after = _advance(after, signed, identities)
    if after is None:
        raise LogError("illegal", "an empty log")
    return after


def apply_event(
    state: RoomState | None, signed: SignedEvent, identities: Mapping[str, Identity]
) -> RoomState:
    """`extend_log` by one event."""
    return extend_log(state, [signed], identities)


def _advance(
    state: RoomState | None, signed: SignedEvent, identities: Mapping[str, Identity]
) -> RoomState:
    _must(type(signed) is dict, "not an event")
    event = parse_event(signed.get("event"))
    identity = identities.get(event["kid"])
    _must(identity is not None and identity.uid == event["by"], "a key that is not the author's")
    assert identity is not None
    _signed_by(identity.ed, "event", signed["event"], signed.get("sig", ""))
    if state is None:
        state = _begin(event, identity)
    else:
        _follow(state, event, identity)
    state.seq, state.ts = event["seq"], event["ts"]
    state.hash = hash64("event", signed["event"])
    state.hashes.append(state.hash)
    _mark(state)
    return state


def _begin(event: Event, identity: Identity) -> RoomState:
    _must((event["t"], event["seq"], event["prev"]) == ("create", 0, ""), "no beginning")
    made = room_id(event["kid"], unb64(event["nonce"], 16))
    _must(event["room"] == made, "a room id that does not follow")
    state = RoomState(event["room"], event["kind"], event["policy"])
    state.members[event["by"]] = Member(event["kid"], "owner", 1, identity.name)
    state.spans[event["by"]] = [Span(event["kid"], 0)]
    state.kcv[1] = event["kcv"]
    return state


def _follow(state: RoomState, event: Event, identity: Identity) -> None:
    _must(event["t"] != "create", "a second beginning")
    _must(event["room"] == state.room, "an event of another room")
    _must((event["seq"], event["prev"]) == (state.seq + 1, state.hash), "an event out of order")
    _must(event["ts"] >= state.ts, "an event that goes back in time")
    if event["t"] == "join":
        _join(state, event, identity)
        return
    actor = state.members.get(event["by"])
    _must(actor is not None and actor.kid == event["kid"], "an event of no member")
    assert actor is not None
    _RULES[event["t"]](state, event, actor)


def _profile(state: RoomState, event: Event, actor: Member) -> None:
    _must(actor.leads or state.kind == "direct", "a profile by no leader")
    state.h = event["h"]


def _invite(state: RoomState, event: Event, actor: Member) -> None:
    _must(state.kind == "group" and actor.leads, "an invitation by no leader")
    _must(event["iid"] not in state.invites, "an invitation twice")
    _must(event["ts"] < event["exp"] <= event["ts"] + THIRTY_DAYS, "an invitation too long")
    _must(len(state.open_invites(event["ts"])) < MAX_OPEN_INVITES, "too many invitations")
    ipk = unb64(event["ipk"], 32)
    _signed_by(ipk, "invite", invite_proof(event), event["pop"])
    state.invites[event["iid"]] = Invite(
        event["ipk"], event["exp"], event["max"], event["by"], event["seq"]
    )


def _revoke(state: RoomState, event: Event, actor: Member) -> None:
    invite = state.invites.get(event["iid"])
    _must(actor.leads, "a revocation by no leader")
    _must(invite is not None and invite.is_open(event["ts"]), "a revocation of nothing")
    assert invite is not None
    invite.closed = True


def _join(state: RoomState, event: Event, identity: Identity) -> None:
    _must(state.kind == "group" and state.policy["join"] == "link", "a join where none may")
    _must(event["by"] not in state.members, "a join of a member")
    invite = state.invites.get(event["iid"])
    _must(invite is not None and invite.is_open(event["ts"]), "a join by no open invitation")
    assert invite is not None
    proof = joiner_proof(state.room, event["iid"], event["by"], event["kid"])
    _signed_by(unb64(invite.ipk, 32), "joiner", proof, event["isig"])
    invite.uses += 1
    _let_in(state, event, identity)


def _let_in(state: RoomState, event: Event, identity: Identity) -> None:
    """ "In": reads all, or waits for an epoch that it is part of."""
    reads_all = state.policy["history"] == "all"
    since = 1 if reads_all else state.e + 1
    state.members[event["by"]] = Member(event["kid"], "member", since, identity.name)
    state.spans.setdefault(event["by"], []).append(Span(event["kid"], event["seq"]))
    state.open = state.open and reads_all


def _leave(state: RoomState, event: Event, actor: Member) -> None:
    _must(actor.role != "owner" or len(state.members) == 1, "an owner who leaves others")
    del state.members[event["by"]]
    state.spans[event["by"]][-1].until = event["seq"]
    for invite in state.invites.values():
        invite.closed = True
    state.open = False


def _epoch(state: RoomState, event: Event, _: Member) -> None:
    _must(event["e"] == state.e + 1, "an epoch out of order")
    _must(event["members"] == members_hash(state.recipients()), "an epoch for others")
    if not state.open:
        state.g = event["e"]
    state.e, state.open = event["e"], True
    state.kcv[event["e"]] = event["kcv"]


_RULES: dict[str, Callable[[RoomState, Event, Member], None]] = {
    "profile": _profile,
    "invite": _invite,
    "revoke": _revoke,
    "leave": _leave,
    "epoch": _epoch,
}


def _mark(state: RoomState) -> None:
    last = state.marks[-1] if state.marks else None
    if last is None or (last.e, last.open) != (state.e, state.open):
        state.marks.append(Mark(state.seq, state.e, state.open))


def _must(right: bool, otherwise: str) -> None:
    if not right:
        raise LogError("illegal", otherwise)


def _signed_by(ed: bytes, type_: str, body: str, sig: str) -> None:
    try:
        verify(ed, type_, body, sig)
    except WireError:
        raise LogError("illegal", "a bad signature") from None
