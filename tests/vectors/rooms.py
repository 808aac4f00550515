"""Vectors of invitations, and of logs: legal ones with the state after each event, and illegal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sotto.compose import make_create, make_epoch, make_event, make_invite, make_join
from sotto.encoding import b64
from sotto.events import SignedEvent, invite_proof, joiner_proof, members_text
from sotto.invite import Link, open_card, seal_card, seal_escrow, seal_item
from sotto.log import RoomState, apply_event
from sotto.profile import Profile, profile_hash, seal_profile, write_profile
from tests.vectors.illegal import illegal_events
from tests.vectors.making import (
    HOUR,
    K1,
    K2,
    K3,
    MINUTE,
    NONCE,
    NOW,
    POLICY,
    SECRET,
    Person,
    aad,
    cast,
    chosen,
    identities,
)


class Script:
    """A log under way: each `add` checks and appends."""

    def __init__(self, people: dict[str, Person]) -> None:
        self.people = people
        self.known = identities(people.values())
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

    def create(self, owner: str, label: str = "", **policy: Any) -> None:
        random = chosen(label) if label else lambda size: NONCE[:size]
        author = self.people[owner].author(self.now)
        self.add(make_create(author, {**POLICY, **policy}, K1, random=random))

    def event(self, by: str, t: str, **extra: Any) -> None:
        self.add(make_event(self.state, self.people[by].author(self.now), t, **extra))

    def invite(self, by: str, link: Link, *, uses: int = 1, hours: int = 24) -> None:
        author = self.people[by].author(self.now)
        self.add(make_invite(self.state, author, link, exp=self.now + hours * HOUR, max=uses))

    def join(self, who: str, link: Link) -> None:
        self.add(make_join(self.state, self.people[who].author(self.now), link))

    def rotate(self, by: str, key: bytes) -> None:
        self.add(make_epoch(self.state, self.people[by].author(self.now), key))


PROFILE = Profile("Garden", "What grows, and when – ü, 花")


def profile_bytes() -> bytes:
    return write_profile(PROFILE, chosen("profile"))


def links() -> dict[str, Link]:
    return {
        "first": Link.derive(SECRET),
        "second": Link.new(chosen("second link")),
        "third": Link.new(chosen("third link")),
    }


def group() -> Script:
    """ada's room, where new members read all: e 1 to 3, g 1 then 3."""
    script, link = Script(cast()), links()
    script.create("ada")
    script.event("ada", "profile", h=profile_hash(profile_bytes()))
    script.invite("ada", link["first"], uses=2)
    script.join("ben", link["first"])
    script.join("cleo", link["first"])
    script.rotate("ben", K2)
    script.invite("ada", link["second"])
    script.event("ada", "revoke", iid=link["second"].iid)
    script.invite("ada", link["third"], uses=5)
    script.event("cleo", "leave")
    script.rotate("ada", K3)
    return script


def later() -> Script:
    """ben's room, where new members read only what follows; cleo comes back."""
    script, link = Script(cast()), links()
    script.create("ben", "later", history="join")
    script.invite("ben", link["first"], uses=3)
    script.join("cleo", link["first"])
    script.rotate("cleo", K2)
    script.event("cleo", "leave")
    script.invite("ben", link["second"], uses=2)
    script.join("cleo", link["second"])
    script.rotate("ben", K3)
    return script


def alone() -> Script:
    """A room whose owner leaves it, alone."""
    script = Script(cast())
    script.create("cleo", "alone")
    script.event("cleo", "leave")
    return script


def crowd() -> Script:
    """A room with 20 open invitations."""
    script = Script(cast())
    script.create("ada", "crowd")
    for number in range(20):
        script.invite("ada", Link.new(chosen(f"crowd {number}")))
    return script


def log() -> dict[str, Any]:
    """Logs from the beginning, the state after each event; and what must be refused after it."""
    scripts = {"group": group(), "later": later(), "alone": alone(), "crowd": crowd()}
    return {
        "identities": [person.signed for person in cast().values()],
        "logs": {
            name: [
                {
                    **event,
                    "t": json.loads(event["event"])["t"],
                    "hash": state.hash,
                    "state": view(state),
                }
                for event, state in zip(script.events, script.states, strict=True)
            ]
            for name, script in scripts.items()
        },
        "members": [
            {
                "json": members_text(state.recipients()),
                "hash": json.loads(event["event"])["members"],
            }
            for event, state in zip(scripts["group"].events, scripts["group"].states, strict=True)
            if json.loads(event["event"])["t"] == "epoch"
        ],
        "refused": list(_refused(scripts)),
    }


def _refused(scripts: dict[str, Script]) -> Iterator[dict[str, Any]]:
    for case in illegal_events({name: script.states for name, script in scripts.items()}):
        yield {
            "name": case.name,
            "log": case.log,
            "after": case.after,
            **case.signed,
            "reason": case.reason,
        }


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
        "g": state.g,
        "h": state.h,
        "kcv": {str(e): value for e, value in state.kcv.items()},
        "members": {
            uid: {"kid": m.kid, "role": m.role, "since": m.since, "name": m.name}
            for uid, m in sorted(state.members.items())
        },
        "invites": {
            iid: {
                "ipk": i.ipk,
                "exp": i.exp,
                "max": i.max,
                "by": i.by,
                "seq": i.seq,
                "uses": i.uses,
                "closed": i.closed,
            }
            for iid, i in sorted(state.invites.items())
        },
    }


def invite() -> dict[str, Any]:
    """What a link's secret derives, both proofs, and every box that goes with a link."""
    script, link = group(), links()["first"]
    ada, ben = script.people["ada"], script.people["ben"]
    event, join = (json.loads(script.events[at]["event"]) for at in (2, 3))
    room, plain = script.state.room, profile_bytes()
    key_ctx = {"v": 1, "room": room, "iid": link.iid, "e": 1}
    card_ctx = {"v": 1, "room": room, "iid": link.iid}
    profile_ctx = {"v": 1, "room": room, "e": 1}
    card = seal_card(link, room, plain, chosen("card"))
    assert open_card(link, room, card) == plain
    return {
        "secret": b64(SECRET),
        "fragment": link.fragment,
        "fragments_refused": [
            "",
            "#",
            "#1.",
            "#2." + link.fragment[3:],
            link.fragment[:-1],
            link.fragment + "A",
            link.fragment[:-1] + "9",
            link.fragment.replace(".", ","),
        ],
        "iid": link.iid,
        "ipk": link.ipk,
        "K_inv": b64(link.key),
        "sk_inv": b64(link.signer.private_bytes_raw()),
        "room": room,
        "inviter": ada.kid,
        "joiner": {"uid": ben.uid, "kid": ben.kid},
        "pop": {"body": invite_proof(event), "sig": event["pop"]},
        "isig": {"body": joiner_proof(room, link.iid, ben.uid, ben.kid), "sig": join["isig"]},
        "key": b64(K1),
        "profile": {"name": PROFILE.name, "topic": PROFILE.topic, "avatar": PROFILE.avatar},
        "plain": b64(plain),
        "h": profile_hash(plain),
        "boxes": {
            "card": {"ctx": card_ctx, "aad": aad("card", card_ctx), "box": card},
            "item": {
                "ctx": key_ctx,
                "aad": aad("item", key_ctx),
                "box": seal_item(link.key, room, link.iid, 1, K1, chosen("item")),
            },
            "escrow": {
                "ctx": key_ctx,
                "aad": aad("escrow", key_ctx),
                "box": seal_escrow(K1, room, link.iid, 1, link.key, chosen("escrow")),
            },
            "profile": {
                "ctx": profile_ctx,
                "aad": aad("profile", profile_ctx),
                "box": seal_profile(K1, room, 1, plain, chosen("profile box")),
            },
        },
    }
