"""Illegal events about a room: policy, close, disclose; what a direct room has not."""

from __future__ import annotations

from collections.abc import Iterator

from sotto.protocol.encoding import b64
from sotto.protocol.event_builder import make_epoch, make_event, make_invite, make_join
from sotto.protocol.invite_link import Link
from tests.vectors.histories import MODEL
from tests.vectors.making import HOUR, K3, chosen, everyone
from tests.vectors.refusals import LATE, Case, Changes, States, changed


def illegal_about_rooms(states: States) -> Iterator[Case]:
    yield from _policies(states)
    yield from _ends(states)
    yield from _disclosures(states)
    yield from _direct(states)


def _policies(states: States) -> Iterator[Case]:
    ada, ben, dan = (everyone()[name] for name in ("ada", "ben", "dan"))
    state = states["ranks"][7]
    good = make_event(state, ada.author(LATE), "policy", policy=state.policy)
    made: Changes = {
        "policy: another history": {"policy": {**state.policy, "history": "join"}},
        "policy: a key too many": {"policy": {**state.policy, "x": 1}},
        "policy: a key too few": {"policy": {"join": "link"}},
        "policy: keys in another order": {"policy": dict(reversed(state.policy.items()))},
        "policy: a ttl too long": {"policy": {**state.policy, "ttl": 3651}},
        "policy: an unknown search": {"policy": {**state.policy, "search": "none"}},
        "policy: left out": {"policy": None},
    }
    for name, changes in made.items():
        yield Case(name, "ranks", 8, changed(ada, good, **changes))
    for who, person in {"moderator": ben, "member": dan}.items():
        signed = make_event(state, person.author(LATE), "policy", policy=state.policy)
        yield Case(f"policy: by a {who}", "ranks", 8, signed)


def _ends(states: States) -> Iterator[Case]:
    ada, ben, cleo = (everyone()[name] for name in ("ada", "ben", "cleo"))
    before, end = states["ranks"][13], states["ranks"][19]
    for who, person in {"moderator": ada, "member": cleo}.items():
        signed = make_event(before, person.author(LATE), "close")
        yield Case(f"close: by a {who}", "ranks", 14, signed)
    good = make_event(before, ben.author(LATE), "close")
    yield Case("close: a key too many", "ranks", 14, changed(ben, good, why="x"))
    link = Link.new(chosen("after the end"))
    for name, signed in {
        "another end": make_event(end, ben.author(LATE), "close"),
        "a profile": make_event(end, ben.author(LATE), "profile", h="A" * 43),
        "an epoch": make_epoch(end, cleo.author(LATE), K3),
        "a leave": make_event(end, cleo.author(LATE), "leave"),
        "an add": make_event(end, ben.author(LATE), "add", uid=ada.uid, to=ada.kid, iid=""),
        "an invitation": make_invite(end, ben.author(LATE), link, exp=LATE + HOUR, max=1),
    }.items():
        yield Case(f"close: {name} after it", "ranks", 20, signed)


def _disclosures(states: States) -> Iterator[Case]:
    ada, cleo = everyone()["ada"], everyone()["cleo"]
    state = states["ranks"][7]
    extra = {"from": 1, "to": 9, "model": MODEL}
    good = make_event(state, ada.author(LATE), "disclose", **extra)
    made: Changes = {
        "disclose: from 0": {"from": 0},
        "disclose: backwards": {"from": 10},
        "disclose: no model": {"model": ""},
        "disclose: a long model": {"model": "m" * 65},
        "disclose: a model with a space": {"model": "a model"},
    }
    for name, changes in made.items():
        yield Case(name, "ranks", 8, changed(ada, good, **changes))
    stranger = make_event(state, cleo.author(LATE), "disclose", **extra)
    yield Case("disclose: by a stranger", "ranks", 8, stranger)
    off = make_event(states["group"][10], ada.author(LATE), "disclose", **extra)
    yield Case("disclose: with ai off", "group", 11, off)
    alone = make_event(states["on_device"][0], ada.author(LATE), "disclose", **extra)
    yield Case("disclose: with ai on the device only", "on_device", 1, alone)


def _direct(states: States) -> Iterator[Case]:
    ada, ben, dan = (everyone()[name] for name in ("ada", "ben", "dan"))
    state, link = states["direct"][1], Link.new(chosen("direct link"))
    exp = LATE + HOUR
    for name, signed in {
        "an invitation": make_invite(state, ada.author(LATE), link, exp=exp, max=1),
        "a join": make_join(state, dan.author(LATE), link),
        "a policy by who does not own it": make_event(
            state, ben.author(LATE), "policy", policy=state.policy
        ),
        "an end by who does not own it": make_event(state, ben.author(LATE), "close"),
        "an add by who does not own it": make_event(
            state, ben.author(LATE), "add", uid=dan.uid, to=dan.kid, iid=""
        ),
        "its owner leaves": make_event(state, ada.author(LATE), "leave"),
        "a profile by a stranger": make_event(state, dan.author(LATE), "profile", h=b64(bytes(32))),
    }.items():
        yield Case(f"direct: {name}", "direct", 2, signed)
