"""Two log machines and one model: whatever people try, all three say the same of it."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sotto.protocol.event_builder import make_create
from sotto.protocol.events import LogError
from sotto.protocol.log import apply_event
from sotto.protocol.room_state import RoomState, recipients_after
from tests.protocol.model import Model, Move
from tests.protocol.moves import every_move, likely_moves, people, spoiled, written
from tests.vectors.making import HOUR, K1, MINUTE, NOW, POLICY, chosen, identities
from tests.vectors.script import view, view_at

CASES = 2_000 if os.environ.get("SOTTO_SLOW") == "1" else 300
OFTEN = {
    "legal": ("add", "join", "join", "role", "role", "successor", "invite", "invite"),
    "spoiled": ("join", "remove", "reset"),
    "illegal": ("add", "add", "remove", "remove", "role", "reset", "reset", "reset", "join"),
}
"""Types that are drawn more often than others, so that rooms fill up and ranks meet."""
PAUSES = (0, MINUTE, HOUR, 13 * HOUR)
KNOWN = identities(people().values())
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["legal"] * 6 + ["illegal"] * 4 + ["stranger", "spoiled"]),
        st.integers(0, 239),
        st.integers(0, 2**16 - 1),
        st.sampled_from(PAUSES),
    ),
    min_size=20,
    max_size=80,
)


class Play:
    """A history under way, judged by the model and by the Python machine."""

    def __init__(self, kind: str, history: str, join: str) -> None:
        self.model = Model(kind, history, join)
        self.now = NOW
        policy = {**POLICY, "history": history, "join": join}
        ada = people()["ada", 1].author(NOW)
        first = make_create(ada, policy, K1, kind=kind, random=chosen("walk"))
        self.state = apply_event(None, first, KNOWN)
        self.events: list[Any] = [first]
        self.verdicts: list[dict[str, Any]] = [{"state": shown(self.state)}]

    def step(self, mode: str, kind: int, choice: int, pause: int) -> None:
        self.now += pause
        move = self._move(mode, kind, choice)
        if move is None:
            return
        event = written(self.state, move, self.now)
        if mode == "spoiled":
            wanted, event = spoiled(event, move, self.state, kind + choice)
        else:
            wanted = "" if self.model.allows(move, self.now) else "illegal"
        self._judge(event, move, wanted)

    def _move(self, mode: str, kind: int, choice: int) -> Move | None:
        if mode == "stranger":
            anything = every_move(*list(people())[kind % len(people())])
            return anything[choice % len(anything)]
        likely = likely_moves(self.model, self.now, legal=mode != "illegal")
        if mode != "illegal":
            for t, rarely in (("close", 32), ("leave", 8 * (4 - len(self.model.members)))):
                if rarely > 0 and choice % rarely:
                    likely.pop(t, None)  # or most rooms would soon be empty
        names = [*likely, *(t for t in OFTEN[mode] if t in likely)]
        if not names:
            return None
        moves = likely[names[kind % len(names)]]
        nearly = [move for move in moves if self._nearly_joins(move)]
        return (nearly or moves)[choice % len(nearly or moves)]

    def _nearly_joins(self, move: Move) -> bool:
        """Whether only a ban keeps somebody out: that comes too seldom by itself."""
        return move.who in self.model.bans and self.model.opens(move.link, self.now)

    def _judge(self, event: Any, move: Move, wanted: str) -> None:
        before, refused = self.state, ""
        try:
            self.state = apply_event(before, event, KNOWN)
        except LogError as error:
            refused = error.reason
        assert refused == wanted, (move, event)
        self.events.append(event)
        if refused:
            self.verdicts.append({"refused": refused})
            return
        self.model.take(move, self.now)
        self.verdicts.append({"state": shown(self.state)})
        self._hold(before, json.loads(event["event"]))

    def _hold(self, before: RoomState, event: dict[str, Any]) -> None:
        """What must hold after each event, and for whom a key is."""
        members = {uid: (m.kid, m.role) for uid, m in self.state.members.items()}
        places = {
            people()[name, place.n].uid: (people()[name, place.n].kid, place.role)
            for name, place in self.model.members.items()
        }
        assert members == places
        roles = [role for _, role in members.values()]
        assert roles.count("owner") == (1 if members else 0)
        assert (self.state.e, self.state.g) == (self.model.e, self.model.g)
        assert (self.state.open, self.state.ended) == (self.model.open, self.model.ended)
        if "members" in event:
            wraps = recipients_after(before, event)
            assert wraps == sorted((uid, kid) for uid, (kid, _) in places.items())
            assert all(m.since <= self.state.e for m in self.state.members.values())


def shown(state: RoomState) -> dict[str, Any]:
    """As machine.mjs shows a state."""
    marks = [{"seq": mark.seq, "e": mark.e, "open": mark.open} for mark in state.marks]
    return {**view(state), "marks": marks, "at": view_at(state)}


@pytest.mark.slow
@settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(["group", "group", "group", "direct"]),
    st.sampled_from(["all", "join"]),
    st.sampled_from(["link", "approve"]),
    STEPS,
)
def test_whatever_people_try_both_machines_say_the_same(javascript, kind, history, join, steps):
    play = Play(kind, history, join)
    for step in steps:
        play.step(*step)
    signed = [person.signed for person in people().values()]
    (verdicts,) = javascript.call("histories", identities=signed, logs=[play.events])
    for python, browser in zip(play.verdicts, verdicts, strict=True):
        assert browser == python


def test_a_history_walks_through_every_type():
    """Or the test above would say little."""
    seen: set[str] = set()
    for start in range(60):
        play = Play("group", "all", "link")
        for at in range(40):
            kind, *choice = chosen(f"{start} {at}")(3)
            play.step("legal", kind, int.from_bytes(choice, "big"), MINUTE)
        seen |= {json.loads(event["event"])["t"] for event in play.events}
    assert len(seen) == 17
