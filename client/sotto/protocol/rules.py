"""The rules of docs/protocol.md, "The room log": what each event requires and changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sotto.protocol.encoding import WireError, unb64
from sotto.protocol.events import (
    Event,
    LogError,
    begins_epoch,
    invite_proof,
    joiner_proof,
    members_hash,
)
from sotto.protocol.identity import Identity
from sotto.protocol.room_state import (
    Disclosure,
    Exit,
    Invite,
    Member,
    RoomState,
    Span,
    recipients_after,
)
from sotto.protocol.signing import verify

THIRTY_DAYS = 30 * 24 * 3600 * 1000
MAX_OPEN_INVITES = 20


@dataclass(frozen=True, slots=True)
class Step:
    """The next event and its author. `identities` by kid."""

    event: Event
    actor: Member
    identities: Mapping[str, Identity]

    @property
    def by(self) -> str:
        """The uid of the event's author."""
        by: str = self.event["by"]
        return by

    def named(self) -> Identity:
        """The identity `to`, which must be that of `uid`."""
        identity = self.identities.get(self.event["to"])
        must(identity is not None, "a key that nobody knows")
        assert identity is not None
        must(identity.uid == self.event["uid"], "a key of another than named")
        return identity


def must(right: bool, otherwise: str) -> None:
    """Require a condition. Raises LogError, `illegal`, with the given text."""
    if not right:
        raise LogError("illegal", otherwise)


def signed_by(ed: bytes, type_: str, body: str, sig: str) -> None:
    """Verify a signature in an event. Raises LogError, `illegal`, if it is not valid."""
    try:
        verify(ed, type_, body, sig)
    except WireError:
        raise LogError("illegal", "a bad signature") from None


def join(state: RoomState, event: Event, identity: Identity) -> None:
    """Apply a `join`, the only event by a person who is not a member."""
    must(state.kind == "group" and state.policy["join"] == "link", "a join where none may")
    must(event["by"] not in state.members, "a join of a member")
    must(event["by"] not in state.bans, "a join of one who is banned")
    invite = _open_invite(state, event, "a join by no open invitation")
    proof = joiner_proof(state.room, event["iid"], event["by"], event["kid"])
    signed_by(unb64(invite.ipk, 32), "joiner", proof, event["isig"])
    invite.uses += 1
    _let_in(state, event["seq"], identity)


def begin_span(state: RoomState, uid: str, seq: int) -> None:
    """Record that `uid` is a member, as in `state.members` now, from event `seq` on."""
    member = state.members[uid]
    spans = state.spans.setdefault(uid, [])
    if spans and spans[-1].until is None:
        if (spans[-1].kid, spans[-1].role) == (member.kid, member.role):
            return
        spans[-1].until = seq
    spans.append(Span(member.kid, member.role, seq))


# --- one function per event type -----------------------------------------------------------------


def _profile(state: RoomState, step: Step) -> None:
    must(step.actor.leads or state.kind == "direct", "a profile by no leader")
    state.h = step.event["h"]


def _invite(state: RoomState, step: Step) -> None:
    event = step.event
    must(state.kind == "group" and step.actor.leads, "an invitation by no leader")
    must(event["iid"] not in state.invites, "an invitation twice")
    must(event["ts"] < event["exp"] <= event["ts"] + THIRTY_DAYS, "an invitation too long")
    must(len(state.open_invites(event["ts"])) < MAX_OPEN_INVITES, "too many invitations")
    signed_by(unb64(event["ipk"], 32), "invite", invite_proof(event), event["pop"])
    state.invites[event["iid"]] = Invite(
        event["ipk"], event["exp"], event["max"], event["by"], event["seq"]
    )


def _revoke(state: RoomState, step: Step) -> None:
    must(step.actor.leads, "a revocation by no leader")
    _open_invite(state, step.event, "a revocation of nothing").ended = "revoked"


def _add(state: RoomState, step: Step) -> None:
    event = step.event
    must(step.actor.leads, "an addition by no leader")
    must(event["uid"] not in state.members, "an addition of a member")
    must(state.kind == "group" or len(state.members) < 2, "a third in a direct room")
    identity = step.named()
    if event["iid"]:
        _open_invite(state, event, "an addition by no open invitation").uses += 1
    state.bans.discard(event["uid"])
    _let_in(state, event["seq"], identity)


def _remove(state: RoomState, step: Step) -> None:
    event = step.event
    member = state.members.get(event["uid"])
    must(event["uid"] != step.by, "a removal of oneself")
    must(member is not None, "a removal of no member")
    assert member is not None
    over = step.actor.role == "owner" or (
        step.actor.role == "moderator" and member.role == "member"
    )
    must(over, "a removal by one who may not")
    _begin_epoch(state, event)
    _take_out(state, event["uid"], event)
    if event["ban"]:
        state.bans.add(event["uid"])


def _leave(state: RoomState, step: Step) -> None:
    must(step.actor.role != "owner" or len(state.members) == 1, "an owner who leaves others")
    _take_out(state, step.by, step.event)
    state.open = False


def _role(state: RoomState, step: Step) -> None:
    event = step.event
    member = state.members.get(event["uid"])
    must(step.actor.role == "owner", "a role given by no owner")
    must(member is not None and event["uid"] != step.by, "a role of no other member")
    assert member is not None
    if begins_epoch(event):
        must(member.loses_rank(event["role"]), "a role with an epoch that takes no rank away")
        _begin_epoch(state, event)
        _void(state, event["ts"], by=event["uid"])
    member.role = event["role"]
    if event["role"] == "owner":
        step.actor.role, state.successor = "moderator", ""
    begin_span(state, event["uid"], event["seq"])
    begin_span(state, step.by, event["seq"])


def _ban(state: RoomState, step: Step) -> None:
    uid, on = step.event["uid"], step.event["on"] == 1
    must(state.kind == "group" and step.actor.leads, "a ban by no leader")
    must(uid in state.spans and uid not in state.members, "a ban of no former member")
    must((uid in state.bans) != on, "a ban that changes nothing")
    if on:
        state.bans.add(uid)
    else:
        state.bans.discard(uid)


def _successor(state: RoomState, step: Step) -> None:
    uid = step.event["uid"]
    must(step.actor.role == "owner", "a successor named by no owner")
    must(not uid or (uid in state.members and uid != step.by), "a successor who is no other member")
    state.successor = uid


def _succeed(state: RoomState, step: Step) -> None:
    event = step.event
    owner = state.members.get(event["uid"])
    must(step.by == state.successor, "a succession by nobody who was named")
    must(owner is not None and owner.role == "owner", "a succession to no owner")
    _begin_epoch(state, event)
    _take_out(state, event["uid"], event)
    step.actor.role, state.successor = "owner", ""
    begin_span(state, step.by, event["seq"])


def _policy(state: RoomState, step: Step) -> None:
    policy = step.event["policy"]
    must(step.actor.role == "owner", "a policy by no owner")
    must(policy["history"] == state.policy["history"], "a policy that changes history")
    if policy["join"] != state.policy["join"]:
        _void(state, step.event["ts"])
    state.policy = policy


def _epoch(state: RoomState, step: Step) -> None:
    _begin_epoch(state, step.event)


def _reset(state: RoomState, step: Step) -> None:
    event = step.event
    member = state.members.get(event["uid"])
    must(member is not None and event["uid"] != step.by, "a reset of no other member")
    assert member is not None
    identity = step.named()
    must(identity.n > member.n, "a reset to a key that is not newer")
    must(_may_reset(state, step.actor, member), "a reset by one who may not")
    _begin_epoch(state, event)
    member.kid, member.name, member.n = identity.kid, identity.name, identity.n
    begin_span(state, event["uid"], event["seq"])
    _void(state, event["ts"])


def _may_reset(state: RoomState, actor: Member, member: Member) -> bool:
    if state.kind == "direct":
        return True
    if member.role != "owner":
        return actor.leads
    alone = all(other.role != "moderator" for other in state.members.values())
    return actor.role == "moderator" or alone


def _close(state: RoomState, step: Step) -> None:
    must(step.actor.role == "owner", "an end by no owner")
    state.ended, state.open = True, False


def _disclose(state: RoomState, step: Step) -> None:
    event = step.event
    must(state.policy["ai"] in ("ask", "auto"), "a disclosure where none may")
    must(1 <= event["from"] <= event["to"], "a disclosure of nothing")
    state.disclosures.append(
        Disclosure(event["seq"], step.by, event["from"], event["to"], event["model"])
    )


RULES: dict[str, Callable[[RoomState, Step], None]] = {
    "profile": _profile,
    "invite": _invite,
    "revoke": _revoke,
    "add": _add,
    "remove": _remove,
    "leave": _leave,
    "role": _role,
    "ban": _ban,
    "successor": _successor,
    "succeed": _succeed,
    "policy": _policy,
    "epoch": _epoch,
    "reset": _reset,
    "close": _close,
    "disclose": _disclose,
}


# --- shared effects ------------------------------------------------------------------


def _open_invite(state: RoomState, event: Event, otherwise: str) -> Invite:
    invite = state.invites.get(event["iid"])
    must(invite is not None and invite.is_open(event["ts"]), otherwise)
    assert invite is not None
    return invite


def _let_in(state: RoomState, seq: int, identity: Identity) -> None:
    """Effect "In": a new member reads all, or waits for the next epoch."""
    reads_all = state.policy["history"] == "all"
    since = 1 if reads_all else state.e + 1
    state.members[identity.uid] = Member(identity.kid, "member", since, identity.name, identity.n)
    begin_span(state, identity.uid, seq)
    state.exits.pop(identity.uid, None)
    state.open = state.open and reads_all


def _take_out(state: RoomState, uid: str, event: Event) -> None:
    """Effect "Out". Also voids all open invitations: a former member may know the links."""
    del state.members[uid]
    if state.successor == uid:
        state.successor = ""
    state.spans[uid][-1].until = event["seq"]
    state.exits[uid] = Exit(event["t"], event["by"], event["ts"], event.get("ban") == 1)
    _void(state, event["ts"])


def _void(state: RoomState, ts: int, by: str | None = None) -> None:
    """Void open invitations: all, or those of one person."""
    for iid in state.open_invites(ts):
        if by is None or state.invites[iid].by == by:
            state.invites[iid].ended = "voided"


def _begin_epoch(state: RoomState, event: Event) -> None:
    """Effect "E", for the members after the event. Call it before the event's own effect."""
    must(event["e"] == state.e + 1, "an epoch out of order")
    members = recipients_after(state, event)
    must(event["members"] == members_hash(members), "an epoch for others")
    if event["t"] != "epoch" or not state.open:
        state.g = event["e"]
    state.e, state.open = event["e"], True
    state.kcv[event["e"]] = event["kcv"]
