"""Illegal events about members: add, remove, role, reset, and a join of one who is banned."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sotto.protocol.event_builder import make_epoch, make_event, make_join, make_remove, make_reset
from sotto.protocol.events import SignedEvent
from sotto.protocol.invite_link import Link
from sotto.protocol.room_state import RoomState
from tests.vectors.making import HOUR, K3, NOW, SECRET, Person, chosen, everyone
from tests.vectors.refusals import LATE, Case, Changes, States, changed


def illegal_about_people(states: States) -> Iterator[Case]:
    yield from _adds(states)
    yield from _removals(states)
    yield from _roles(states)
    yield from _resets(states)
    yield from _resets_by_whom(states)


def _add(state: RoomState, by: Person, who: Person, iid: str = "", ts: int = LATE) -> SignedEvent:
    return make_event(state, by.author(ts), "add", uid=who.uid, to=who.kid, iid=iid)


def _adds(states: States) -> Iterator[Case]:
    people = everyone()
    ada, ben, cleo, dan = (people[name] for name in ("ada", "ben", "cleo", "dan"))
    first, second = Link.derive(SECRET).iid, Link.new(chosen("second link")).iid
    ranks, group = states["ranks"], states["group"]
    good = _add(ranks[7], ada, cleo)
    for name, changes in {
        "add: with the kid of another": {"to": dan.kid},
        "add: with an unknown kid": {"to": "A" * 43},
        "add: no id of an invitation": {"iid": "0"},
        "add: a key too many": {"role": "member"},
    }.items():
        yield Case(name, "ranks", 8, changed(ada, good, **changes))
    yield Case("add: by a member", "ranks", 8, _add(ranks[7], dan, cleo))
    yield Case("add: by a stranger", "ranks", 8, _add(ranks[7], cleo, cleo))
    yield Case("add: of a member", "ranks", 8, _add(ranks[7], ada, dan))
    yield Case("add: of oneself", "ranks", 8, _add(ranks[7], ada, ada))
    yield Case("add: of a member under a new kid", "ranks", 8, _add(ranks[7], ada, people["ben2"]))
    yield Case("add: by a voided invitation", "ranks", 8, _add(ranks[7], ada, cleo, first))
    yield Case("add: by an unknown invitation", "ranks", 8, _add(ranks[7], ada, cleo, second))
    yield Case("add: by a used invitation", "group", 6, _add(group[5], ada, dan, first))
    yield Case("add: by a revoked invitation", "group", 8, _add(group[7], ada, dan, second))
    late = _add(states["later"][1], ben, dan, first, NOW + 48 * HOUR)
    yield Case("add: by an expired invitation", "later", 2, late)
    third = _add(states["direct"][1], ada, cleo)
    yield Case("add: a third in a direct room", "direct", 2, third)
    again = make_join(ranks[8], cleo.author(LATE), Link.new(chosen("second link")))
    yield Case("join: banned", "ranks", 9, again)
    approve = make_join(states["waiting"][1], dan.author(LATE), Link.derive(SECRET))
    yield Case("join: where each is approved", "waiting", 2, approve)


def _remove(state: RoomState, by: Person, who: Person) -> SignedEvent:
    return make_remove(state, by.author(LATE), K3, uid=who.uid)


def _removals(states: States) -> Iterator[Case]:
    people = everyone()
    ada, ben, cleo, dan = (people[name] for name in ("ada", "ben", "cleo", "dan"))
    state = states["ranks"][6]
    two = states["ranks"][13]
    yield Case("remove: by a member", "ranks", 7, _remove(state, cleo, dan))
    yield Case("remove: by a stranger", "ranks", 8, _remove(states["ranks"][7], cleo, dan))
    yield Case("remove: oneself", "ranks", 7, _remove(state, ada, ada))
    yield Case("remove: a moderator removes oneself", "ranks", 7, _remove(state, ben, ben))
    yield Case("remove: the owner by a moderator", "ranks", 7, _remove(state, ben, ada))
    yield Case("remove: a new owner by the old", "ranks", 14, _remove(two, ada, ben))
    yield Case("remove: the owner by a member", "ranks", 7, _remove(state, cleo, ada))
    gone = _remove(states["ranks"][7], ada, cleo)
    yield Case("remove: who is out already", "ranks", 8, gone)
    equal = _remove(states["renewed"][12], people["ben2"], people["ada3"])
    yield Case("remove: the owner in a room with resets", "renewed", 13, equal)
    peer = _remove(states["renewed"][16], ben, people["cleo2"])
    yield Case("remove: a moderator by a moderator", "renewed", 17, peer)
    other = _remove(states["direct"][1], ben, ada)
    yield Case("remove: the owner of a direct room", "direct", 2, other)
    good = _remove(state, ben, cleo)
    before = json.loads(make_epoch(state, ben.author(LATE), K3)["event"])["members"]
    made: Changes = {
        "remove: with the key for who is removed": {"members": before},
        "remove: with the key for nobody": {"members": "A" * 43},
        "remove: an epoch too high": {"e": state.e + 2},
        "remove: the same epoch": {"e": state.e},
        "remove: no epoch": {"e": None, "kcv": None, "members": None},
        "remove: a ban of 2": {"ban": 2},
        "remove: a ban of true": {"ban": True},
        "remove: a ban left out": {"ban": None},
    }
    for name, changes in made.items():
        yield Case(name, "ranks", 7, changed(ben, good, **changes))


def _roles(states: States) -> Iterator[Case]:
    people = everyone()
    ada, ben, cleo, dan = (people[name] for name in ("ada", "ben", "cleo", "dan"))
    state = states["ranks"][7]

    def role(by: Person, who: Person, name: str) -> SignedEvent:
        return make_event(state, by.author(LATE), "role", uid=who.uid, role=name)

    made = {
        "role: by a moderator": role(ben, dan, "moderator"),
        "role: by a member": role(dan, ben, "member"),
        "role: a moderator takes over": role(ben, ada, "member"),
        "role: of the owner alone": role(ada, ada, "moderator"),
        "role: of oneself": role(ben, ben, "owner"),
        "role: of no member": role(ada, cleo, "moderator"),
        "role: an unknown one": changed(ada, role(ada, dan, "member"), role="king"),
        "role: by who was owner": make_event(
            states["ranks"][14], ada.author(LATE), "role", uid=dan.uid, role="member"
        ),
    }
    for name, signed in made.items():
        after = 15 if name == "role: by who was owner" else 8
        yield Case(name, "ranks", after, signed)


def _reset(state: RoomState, by: Person, to: Person) -> SignedEvent:
    return make_reset(state, by.author(LATE), K3, uid=to.uid, to=to.kid)


def _resets(states: States) -> Iterator[Case]:
    """What a reset must be like."""
    people = everyone()
    ben, cleo, dan, cleo2 = (people[name] for name in ("ben", "cleo", "dan", "cleo2"))
    state = states["renewed"][4]
    good = _reset(state, ben, cleo2)
    before = json.loads(make_epoch(state, ben.author(LATE), K3)["event"])["members"]
    made: Changes = {
        "reset: with the key for the old kid": {"members": before},
        "reset: with the kid of another": {"to": people["ada2"].kid},
        "reset: with an unknown kid": {"to": "A" * 43},
        "reset: to the kid there is": {"to": cleo.kid},
        "reset: an epoch too high": {"e": state.e + 2},
        "reset: no epoch": {"e": None, "kcv": None, "members": None},
        "reset: a key too many": {"role": "owner"},
    }
    for name, changes in made.items():
        yield Case(name, "renewed", 5, changed(ben, good, **changes))
    yield Case("reset: the same kid again", "renewed", 5, _reset(state, ben, cleo))
    after = states["renewed"][11]
    ada3 = people["ada3"]
    yield Case("reset: back to an older kid", "renewed", 12, _reset(after, ada3, cleo))
    older = _reset(after, people["cleo2"], people["ada2"])
    yield Case("reset: of the owner to an older kid", "renewed", 12, older)
    yield Case("reset: of no member", "alone", 1, _reset(states["alone"][0], cleo, people["ben2"]))
    stale = make_event(states["renewed"][5], cleo.author(LATE), "leave")
    yield Case("reset: the old kid speaks", "renewed", 6, stale)
    yield Case("reset: by a stranger", "renewed", 5, _reset(state, dan, cleo2))


def _resets_by_whom(states: States) -> Iterator[Case]:
    people = everyone()
    cleo, cleo2, ada2 = (people[name] for name in ("cleo", "cleo2", "ada2"))
    state, renewed = states["renewed"][4], states["renewed"]
    own = _reset(state, cleo, cleo2)
    yield Case("reset: one's own, by the old kid", "renewed", 5, own)
    new = _reset(state, cleo2, cleo2)
    yield Case("reset: one's own, by the new kid", "renewed", 5, new)
    of_moderator = _reset(state, cleo, people["ben2"])
    yield Case("reset: of a moderator by a member", "renewed", 5, of_moderator)
    of_owner = _reset(state, cleo, ada2)
    yield Case("reset: of the owner by a member, with a moderator", "renewed", 5, of_owner)
    of_member = _reset(renewed[10], cleo2, people["ben2"])
    yield Case("reset: of a member by a member", "renewed", 11, of_member)
    mine = _reset(states["direct"][1], people["ada"], ada2)
    yield Case("reset: one's own in a direct room", "direct", 2, mine)
