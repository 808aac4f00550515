"""Illegal events about leaders: demotions, bans of former members, successors; and types that are
not texts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from sotto.protocol.event_builder import make_epoch, make_event, make_role, make_succeed
from sotto.protocol.events import SignedEvent
from tests.vectors.making import K3, cast, everyone
from tests.vectors.refusals import LATE, Case, Changes, States, changed


def illegal_about_leaders(states: States) -> Iterator[Case]:
    yield from _demotions(states)
    yield from _bans(states)
    yield from _successors(states)
    yield from _successions(states)


def _demotions(states: States) -> Iterator[Case]:
    people = everyone()
    ada, ben, cleo = (people[name] for name in ("ada", "ben", "cleo"))
    state = states["heirs"][6]
    good = make_role(state, ada.author(LATE), K3, uid=ben.uid, role="member")
    e = json.loads(good["event"])["e"]
    without = json.loads(make_epoch(states["heirs"][1], ada.author(LATE), K3)["event"])["members"]
    made: Changes = {
        "demotion: the same role": {"role": "moderator"},
        "demotion: hands the room over": {"role": "owner"},
        "demotion: of a member": {"uid": cleo.uid},
        "demotion: an epoch too high": {"e": e + 1},
        "demotion: the same epoch": {"e": e - 1},
        "demotion: a key for others": {"members": without},
        "demotion: without its epoch": {"e": None},
        "demotion: without its key": {"kcv": None},
        "demotion: an epoch and no members": {"members": None},
        "demotion: a key too many": {"ban": 0},
    }
    for name, changes in made.items():
        yield Case(name, "heirs", 7, changed(ada, good, **changes))
    by_peer = make_role(state, ben.author(LATE), K3, uid=ben.uid, role="member")
    yield Case("demotion: one's own", "heirs", 7, by_peer)
    by_member = make_role(state, cleo.author(LATE), K3, uid=ben.uid, role="member")
    yield Case("demotion: by a member", "heirs", 7, by_member)


def _bans(states: States) -> Iterator[Case]:
    people = everyone()
    ada, ben, cleo, dan = (people[name] for name in ("ada", "ben", "cleo", "dan"))
    heirs = states["heirs"]

    def ban(after: int, by: str, uid: str, on: int = 1) -> SignedEvent:
        author = people[by].author(LATE)
        return make_event(heirs[after - 1], author, "ban", uid=uid, on=on)

    for name, after, by, uid, on in (
        ("ban: by a member", 9, "cleo", dan.uid, 1),
        ("ban: by who has left", 9, "dan", dan.uid, 1),
        ("ban: of a member", 9, "ada", cleo.uid, 1),
        ("ban: of oneself", 9, "ada", ada.uid, 1),
        ("ban: of who never was a member", 9, "ada", "0" * 32, 1),
        ("ban: again", 10, "ada", dan.uid, 1),
        ("ban: lifted where there is none", 9, "ada", dan.uid, 0),
        ("ban: lifted from a member", 9, "ada", ben.uid, 0),
        ("ban: lifted by a member", 10, "cleo", dan.uid, 0),
    ):
        yield Case(name, "heirs", after, ban(after, by, uid, on))
    good = ban(9, "ada", dan.uid)
    made: Changes = {
        "ban: twice on": {"on": 2},
        "ban: on is true": {"on": True},
        "ban: on left out": {"on": None},
        "ban: of nobody": {"uid": ""},
    }
    for name, changes in made.items():
        yield Case(name, "heirs", 9, changed(ada, good, **changes))
    direct = make_event(states["direct"][4], people["ada2"].author(LATE), "ban", uid=ben.uid, on=1)
    yield Case("ban: in a direct room", "direct", 5, direct)


def _successors(states: States) -> Iterator[Case]:
    people = everyone()
    ada, cleo, dan = (people[name] for name in ("ada", "cleo", "dan"))
    heirs = states["heirs"]

    def named(after: int, by: str, uid: str) -> SignedEvent:
        return make_event(heirs[after - 1], people[by].author(LATE), "successor", uid=uid)

    for name, after, by, uid in (
        ("successor: by a moderator", 7, "ben", cleo.uid),
        ("successor: by a member", 7, "cleo", cleo.uid),
        ("successor: forgotten by a moderator", 7, "ben", ""),
        ("successor: the owner", 7, "ada", ada.uid),
        ("successor: who has left", 10, "ada", dan.uid),
        ("successor: a stranger", 7, "ada", "0" * 32),
    ):
        yield Case(name, "heirs", after, named(after, by, uid))
    good = named(7, "ada", cleo.uid)
    made: Changes = {"successor: no id": {"uid": 0}, "successor: left out": {"uid": None}}
    for name, changes in made.items():
        yield Case(name, "heirs", 7, changed(ada, good, **changes))


def _successions(states: States) -> Iterator[Case]:
    people = everyone()
    ada, ben, cleo2 = (people[name] for name in ("ada", "ben", "cleo2"))
    heirs = states["heirs"]

    def taken(after: int, by: str, uid: str) -> SignedEvent:
        return make_succeed(heirs[after - 1], people[by].author(LATE), K3, uid=uid)

    for name, after, by, uid in (
        ("succession: by another member", 23, "ben", ada.uid),
        ("succession: by the owner", 23, "ada", ada.uid),
        ("succession: to no owner", 23, "cleo2", ben.uid),
        ("succession: to oneself", 23, "cleo2", cleo2.uid),
        ("succession: nobody was named", 14, "cleo", ada.uid),
        ("succession: the name was taken back", 16, "ben", ada.uid),
        ("succession: another was named since", 19, "cleo2", ada.uid),
        ("succession: removed since", 20, "ben", ada.uid),
        ("succession: removed and let in again", 21, "ben", ada.uid),
        ("succession: again", 24, "cleo2", ada.uid),
        ("succession: named by who was owner", 26, "ben", cleo2.uid),
    ):
        yield Case(name, "heirs", after, taken(after, by, uid))
    stale = make_succeed(heirs[17], people["cleo"].author(LATE), K3, uid=ada.uid)
    yield Case("succession: by the old kid", "heirs", 18, stale)
    good = taken(23, "cleo2", ada.uid)
    event = json.loads(good["event"])
    everybody = json.loads(make_epoch(heirs[22], cleo2.author(LATE), K3)["event"])["members"]
    made: Changes = {
        "succession: with the key for the old owner": {"members": everybody},
        "succession: an epoch too high": {"e": event["e"] + 1},
        "succession: the same epoch": {"e": event["e"] - 1},
        "succession: no epoch": {"e": None, "kcv": None, "members": None},
    }
    for name, changes in made.items():
        yield Case(name, "heirs", 23, changed(cleo2, good, **changes))


def illegal_types(states: States) -> Iterator[Case]:
    """A type that is not a text is no type of a newer version: nobody can have meant it."""
    ada = cast()["ada"]
    good = make_event(states["group"][10], ada.author(LATE), "profile", h="A" * 43)
    leave = make_event(states["heirs"][12], everyone()["cleo"].author(LATE), "leave")
    made: Changes = {
        "a type in an array": {"t": ["profile"]},
        "a type in two arrays": {"t": [["profile"]]},
        "a type in an object": {"t": {"profile": "profile"}},
        "a type that is a number": {"t": 1},
        "a type that is true": {"t": True},
        "a version in an array": {"v": [1]},
        "a version that is a text": {"v": "1"},
        "a version that is true": {"v": True},
        "a version of 1.0": {"v": 1.0},
    }
    for name, changes in made.items():
        yield Case(name, "group", 11, changed(ada, good, **changes))
    yield Case(
        "leave: a type in an array", "heirs", 13, changed(everyone()["cleo"], leave, t=["leave"])
    )
    no_type = {key: value for key, value in json.loads(good["event"]).items() if key != "t"}
    yield Case("no type", "group", 11, ada.sign_event(no_type))
