"""From a model's moves to signed events: as they should be, or spoiled."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sotto.protocol.event_builder import make_epoch as make_next
from sotto.protocol.event_builder import (
    make_event,
    make_invite,
    make_join,
    make_remove,
    make_reset,
    make_rotation,
    make_succeed,
)
from sotto.protocol.events import SignedEvent
from sotto.protocol.identity import Keys, make_identity, open_identity
from sotto.protocol.invite_link import Link
from sotto.protocol.room_state import RoomState
from tests.protocol.model import DAY, KEYS, LINKS, PEOPLE, Model, Move
from tests.vectors.making import Person, cast, chosen

WITH_EPOCH = ("epoch", "remove", "reset", "demote", "succeed")
"""Moves; a demotion is a `role` event with the keys of an epoch."""
Event = dict[str, Any]


@cache
def people() -> dict[tuple[str, int], Person]:
    """Everybody with each of their keys. Only the signing keys differ: RSA keys take long."""
    found: dict[tuple[str, int], Person] = {}
    rsa = cast()["ada"].keys.rsa
    for number, name in enumerate(PEOPLE):
        uid, prev = chosen(f"walker {number}")(16).hex(), ""
        for n in range(1, KEYS + 1):
            seed = chosen(f"walker {name} {n}")(32)
            keys = Keys(Ed25519PrivateKey.from_private_bytes(seed), rsa)
            signed = make_identity(keys, uid, name, n, prev)
            found[name, n] = Person(uid, name, keys, open_identity(signed), signed)
            prev = found[name, n].kid
    return found


@cache
def link(number: int) -> Link:
    return Link.new(chosen(f"walked link {number}"))


@cache
def every_move(who: str, n: int) -> tuple[Move, ...]:
    """All that somebody could try."""
    return tuple(_every_move(who, n))


def _every_move(who: str, n: int) -> Iterator[Move]:
    yield Move("successor", who, n)
    for t in ("profile", "leave", "epoch", "close", "disclose"):
        yield Move(t, who, n)
    for value in ("link|off", "approve|off", "link|ask", "approve|auto", "link|device"):
        yield Move("policy", who, n, value=value)
    for number in range(LINKS):
        for t in ("invite", "revoke", "join"):
            yield Move(t, who, n, link=number)
    for whom in PEOPLE:
        yield from _every_move_about(who, n, whom)


def _every_move_about(who: str, n: int, whom: str) -> Iterator[Move]:
    for value in ("", "ban"):
        yield Move("remove", who, n, whom, value=value)
    for value in ("on", "off"):
        yield Move("ban", who, n, whom, value=value)
    for t in ("demote", "successor", "succeed"):
        yield Move(t, who, n, whom)
    for role in ("owner", "moderator", "member"):
        yield Move("role", who, n, whom, value=role)
    for nth in range(1, KEYS + 1):
        yield Move("reset", who, n, whom, nth)
        yield Move("add", who, n, whom, nth)
    for number in range(LINKS):
        yield Move("add", who, n, whom, 1, number)


def likely_moves(model: Model, ts: int, *, legal: bool) -> dict[str, list[Move]]:
    """What members under their present keys, or joiners, may do now; or what they must not. By
    type, so that none is rare.
    """
    found: dict[str, list[Move]] = {}
    for who in PEOPLE:
        place = model.members.get(who)
        for n in range(1, KEYS + 1) if place is None else (place.n,):
            for move in every_move(who, n):
                if (place is not None or move.t == "join") and model.allows(move, ts) == legal:
                    found.setdefault(move.t, []).append(move)
    return found


def written(state: RoomState, move: Move, ts: int) -> SignedEvent:
    """The event of a move, whether or not it is legal."""
    author = people()[move.who, move.n].author(ts)
    whom = people().get((move.whom, move.nth))
    key = chosen(f"key {state.seq}")(32)
    if move.t == "invite":
        return make_invite(state, author, link(move.link), exp=ts + DAY, max=2)
    if move.t == "join":
        return make_join(state, author, link(move.link))
    if move.t == "epoch":
        return make_next(state, author, key)
    if move.t == "remove":
        assert whom is not None
        return make_remove(state, author, key, uid=whom.uid, ban=move.value == "ban")
    if move.t == "reset":
        assert whom is not None
        return make_reset(state, author, key, uid=whom.uid, to=whom.kid)
    if move.t == "demote":
        assert whom is not None
        return make_rotation(state, author, key, "role", uid=whom.uid, role="member")
    if move.t == "succeed":
        assert whom is not None
        return make_succeed(state, author, key, uid=whom.uid)
    return make_event(state, author, move.t, **_extra(state, move, whom))


def _extra(state: RoomState, move: Move, whom: Person | None) -> Event:
    iid = link(move.link).iid if move.link >= 0 else ""
    if move.t == "profile":
        return {"h": state.hash}
    if move.t == "revoke":
        return {"iid": iid}
    if move.t == "policy":
        join, ai = move.value.split("|")
        return {"policy": {**state.policy, "join": join, "ai": ai}}
    if move.t == "disclose":
        return {"from": 1, "to": state.seq + 1, "model": "m"}
    if move.t == "add":
        assert whom is not None
        return {"uid": whom.uid, "to": whom.kid, "iid": iid}
    if move.t == "role":
        assert whom is not None
        return {"uid": whom.uid, "role": move.value}
    if move.t == "ban":
        assert whom is not None
        return {"uid": whom.uid, "on": int(move.value == "on")}
    if move.t == "successor":
        return {"uid": whom.uid if whom is not None else ""}
    return {}


# --- spoiling: what makes any event illegal, signed by its author all the same ------------------

Spoil = Callable[[Event, RoomState], Event]
SPOILS: dict[str, Spoil] = {
    "a seq too high": lambda event, _: event | {"seq": event["seq"] + 1},
    "a seq again": lambda event, _: event | {"seq": event["seq"] - 1},
    "another prev": lambda event, _: event | {"prev": "A" * 43},
    "an older prev": lambda event, state: event | {"prev": state.hashes[-2] if state.seq else ""},
    "back in time": lambda event, state: event | {"ts": state.ts - 1},
    "another room": lambda event, _: event | {"room": event["room"][::-1]},
    "another's kid": lambda event, _: event | {"kid": people()["eve", 3].kid, "by": "0" * 32},
    "an unknown kid": lambda event, _: event | {"kid": "A" * 43},
    "a key too many": lambda event, _: event | {"x": 1},
    "a key too few": lambda event, _: dict(list(event.items())[:-1]),
    "keys turned round": lambda event, _: dict(reversed(event.items())),
    "a float": lambda event, _: event | {"ts": float(event["ts"])},
    "an unknown type": lambda event, _: event | {"t": "fanfare"},
    "a newer version": lambda event, _: event | {"v": 2},
    "a second create": lambda event, _: event | {"t": "create"},
}
OF_EPOCHS: dict[str, Spoil] = {
    "an epoch too high": lambda event, _: event | {"e": event["e"] + 1},
    "the epoch again": lambda event, _: event | {"e": event["e"] - 1},
    "other members": lambda event, _: event | {"members": "A" * 43},
    "a short commitment": lambda event, _: event | {"kcv": event["kcv"][:-1]},
}
NEWER = ("an unknown type", "a newer version")


def spoiled(signed: SignedEvent, move: Move, state: RoomState, choice: int) -> tuple[str, Any]:
    """(why it must be refused, the event)."""
    event = json.loads(signed["event"])
    ways = {**SPOILS, **(OF_EPOCHS if move.t in WITH_EPOCH else {})}
    names = [*ways, "signed by another", "changed after signing"]
    name = names[choice % len(names)]
    if name == "changed after signing":
        text = signed["event"]
        first = text.index('"room"')  # a changed t or v would be one of a newer version
        at = first + choice % (len(text) - first)
        return "illegal", {
            **signed,
            "event": text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :],
        }
    author = people()[move.who, move.n]
    if name == "signed by another":
        other = next(p for p in people().values() if p.kid != author.kid)
        return "illegal", other.sign_event(event)
    return "newer" if name in NEWER else "illegal", author.sign_event(ways[name](event, state))
