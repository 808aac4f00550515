"""Writing a log step by step, and what the vectors show of a state."""

from __future__ import annotations

from typing import Any

from sotto.protocol.event_builder import (
    make_create,
    make_epoch,
    make_event,
    make_invite,
    make_join,
    make_remove,
    make_reset,
    make_role,
    make_succeed,
)
from sotto.protocol.events import SignedEvent
from sotto.protocol.invite_link import Link
from sotto.protocol.log import apply_event
from sotto.protocol.room_state import RoomState
from tests.vectors.making import (
    HOUR,
    K1,
    MINUTE,
    NONCE,
    NOW,
    POLICY,
    Person,
    chosen,
    everyone,
    identities,
)


class Script:
    """A log under way: each step checks and appends."""

    def __init__(self, people: dict[str, Person] | None = None) -> None:
        self.people = people or everyone()
        self.known = identities(self.people.values())
        self.events: list[SignedEvent] = []
        self.states: list[RoomState] = []

    @property
    def state(self) -> RoomState:
        return self.states[-1]

    @property
    def now(self) -> int:
        return NOW + len(self.events) * MINUTE

    def add(self, event: SignedEvent) -> None:
        before = self.states[-1] if self.states else None
        self.states.append(apply_event(before, event, self.known))
        self.events.append(event)

    def create(self, owner: str, label: str = "", kind: str = "group", **policy: Any) -> None:
        random = chosen(label) if label else lambda size: NONCE[:size]
        author = self.people[owner].author(self.now)
        self.add(make_create(author, {**POLICY, **policy}, K1, kind=kind, random=random))

    def event(self, by: str, t: str, **extra: Any) -> None:
        self.add(make_event(self.state, self.people[by].author(self.now), t, **extra))

    def invite(self, by: str, link: Link, *, uses: int = 1, hours: int = 24) -> None:
        author = self.people[by].author(self.now)
        self.add(make_invite(self.state, author, link, exp=self.now + hours * HOUR, max=uses))

    def join(self, who: str, link: Link) -> None:
        self.add(make_join(self.state, self.people[who].author(self.now), link))

    def let_in(self, by: str, who: str, link: Link | None = None) -> None:
        person, iid = self.people[who], link.iid if link is not None else ""
        self.event(by, "add", uid=person.uid, to=person.kid, iid=iid)

    def role(self, by: str, who: str, role: str) -> None:
        self.event(by, "role", uid=self.people[who].uid, role=role)

    def demote(self, by: str, who: str, key: bytes) -> None:
        author, uid = self.people[by].author(self.now), self.people[who].uid
        self.add(make_role(self.state, author, key, uid=uid, role="member"))

    def ban(self, by: str, who: str, *, on: bool = True) -> None:
        self.event(by, "ban", uid=self.people[who].uid, on=int(on))

    def name_successor(self, by: str, who: str | None) -> None:
        self.event(by, "successor", uid=self.people[who].uid if who else "")

    def succeed(self, by: str, owner: str, key: bytes) -> None:
        author, uid = self.people[by].author(self.now), self.people[owner].uid
        self.add(make_succeed(self.state, author, key, uid=uid))

    def policy(self, by: str, **policy: Any) -> None:
        self.event(by, "policy", policy={**self.state.policy, **policy})

    def disclose(self, by: str, first: int, last: int, model: str) -> None:
        self.event(by, "disclose", **{"from": first, "to": last, "model": model})

    def rotate(self, by: str, key: bytes) -> None:
        self.add(make_epoch(self.state, self.people[by].author(self.now), key))

    def remove(self, by: str, who: str, key: bytes, *, ban: bool = False) -> None:
        author = self.people[by].author(self.now)
        self.add(make_remove(self.state, author, key, uid=self.people[who].uid, ban=ban))

    def reset(self, by: str, to: str, key: bytes) -> None:
        author, person = self.people[by].author(self.now), self.people[to]
        self.add(make_reset(self.state, author, key, uid=person.uid, to=person.kid))


def view(state: RoomState) -> dict[str, Any]:
    """A state as the vectors show it."""
    return {
        "room": state.room,
        "kind": state.kind,
        "policy": state.policy,
        "seq": state.seq,
        "hash": state.hash,
        "ts": state.ts,
        "e": state.e,
        "open": state.open,
        "ended": state.ended,
        "g": state.g,
        "h": state.h,
        "kcv": {str(e): value for e, value in state.kcv.items()},
        "members": {
            uid: {"kid": m.kid, "role": m.role, "since": m.since, "name": m.name}
            for uid, m in sorted(state.members.items())
        },
        "bans": sorted(state.bans),
        "invites": {
            iid: {
                "ipk": i.ipk,
                "exp": i.exp,
                "max": i.max,
                "by": i.by,
                "seq": i.seq,
                "uses": i.uses,
                "ended": i.ended,
            }
            for iid, i in sorted(state.invites.items())
        },
        "disclosures": [
            {"seq": d.seq, "uid": d.uid, "from": d.first, "to": d.last, "model": d.model}
            for d in state.disclosures
        ],
        **({"successor": state.successor} if state.successor else {}),
    }


def view_at(state: RoomState) -> list[dict[str, Any]]:
    """Of each event and everybody ever a member: what held right after it."""
    return [
        {
            "seq": seq,
            "uid": uid,
            "kid": state.kid_at(seq, uid),
            "role": state.role_at(seq, uid),
            "e": state.epoch_at(seq),
        }
        for seq in range(state.seq + 1)
        for uid in sorted(state.spans)
    ]
