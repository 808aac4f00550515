"""The room's log as a state machine: a verified chain of events in, the room's state out.

Everything that a client knows of a room comes from here. rules.py has what an event of each type
requires and changes.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping

from sotto.protocol.encoding import unb64
from sotto.protocol.events import Event, LogError, SignedEvent, parse_event, room_id
from sotto.protocol.identity import Identity
from sotto.protocol.room_state import Mark, Member, RoomState
from sotto.protocol.rules import RULES, Step, begin_span, join, must, signed_by
from sotto.protocol.signing import hash64


def extend_log(
    state: RoomState | None, events: Iterable[SignedEvent], identities: Mapping[str, Identity]
) -> RoomState:
    """The state after more events.

    Args:
        state: the state before them; None for a log's beginning. It is not changed.
        identities: verified identities by kid, of everybody who signed or is named.

    Raises:
        LogError: an event is illegal or of a newer version.
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
    must(type(signed) is dict, "not an event")
    event = parse_event(signed.get("event"))
    identity = identities.get(event["kid"])
    must(identity is not None and identity.uid == event["by"], "a key that is not the author's")
    assert identity is not None
    signed_by(identity.ed, "event", signed["event"], signed.get("sig", ""))
    if state is None:
        state = _begin(event, identity)
    else:
        _follow(state, event, identities)
    state.seq, state.ts = event["seq"], event["ts"]
    state.hash = hash64("event", signed["event"])
    state.hashes.append(state.hash)
    _mark(state)
    return state


def _begin(event: Event, identity: Identity) -> RoomState:
    must((event["t"], event["seq"], event["prev"]) == ("create", 0, ""), "no beginning")
    made = room_id(event["kid"], unb64(event["nonce"], 16))
    must(event["room"] == made, "a room id that does not follow")
    state = RoomState(event["room"], event["kind"], event["policy"])
    state.members[identity.uid] = Member(identity.kid, "owner", 1, identity.name, identity.n)
    begin_span(state, identity.uid, 0)
    state.kcv[1] = event["kcv"]
    return state


def _follow(state: RoomState, event: Event, identities: Mapping[str, Identity]) -> None:
    must(event["t"] != "create", "a second beginning")
    must(event["room"] == state.room, "an event of another room")
    must((event["seq"], event["prev"]) == (state.seq + 1, state.hash), "an event out of order")
    must(event["ts"] >= state.ts, "an event that goes back in time")
    must(not state.ended, "an event after the last")
    if event["t"] == "join":
        join(state, event, identities[event["kid"]])
        return
    actor = state.members.get(event["by"])
    must(actor is not None and actor.kid == event["kid"], "an event of no member")
    assert actor is not None
    RULES[event["t"]](state, Step(event, actor, identities))


def _mark(state: RoomState) -> None:
    last = state.marks[-1] if state.marks else None
    if last is None or (last.e, last.open) != (state.e, state.open):
        state.marks.append(Mark(state.seq, state.e, state.open))
