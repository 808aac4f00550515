"""Events that no client may accept: one for each sentence of the log's rules."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sotto.protocol.encoding import b64
from sotto.protocol.event_builder import make_create, make_epoch, make_event, make_invite, make_join
from sotto.protocol.events import SignedEvent, invite_proof, joiner_proof
from sotto.protocol.invite_link import Link
from sotto.protocol.signing import sign
from tests.vectors.illegal_leaders import illegal_about_leaders, illegal_types
from tests.vectors.illegal_people import illegal_about_people
from tests.vectors.illegal_rooms import illegal_about_rooms
from tests.vectors.making import HOUR, K2, NOW, POLICY, SECRET, Person, cast, chosen
from tests.vectors.refusals import LATE, Case, Changes, States, changed


def illegal_events(states: States) -> Iterator[Case]:
    """All cases."""
    people = cast()
    yield from _chain(states, people)
    yield from _shape(states, people)
    yield from _signatures(states, people)
    yield from _beginnings(people)
    yield from _roles(states, people)
    yield from _invitations(states, people)
    yield from _joins(states, people)
    yield from _epochs(states, people)
    yield from _newer(states, people)
    yield from illegal_about_people(states)
    yield from illegal_about_rooms(states)
    yield from illegal_about_leaders(states)
    yield from illegal_types(states)


def _chain(states: States, people: dict[str, Person]) -> Iterator[Case]:
    ada, ben = people["ada"], people["ben"]
    state = states["group"][10]
    good = make_event(state, ada.author(LATE), "profile", h="A" * 43)
    made: Changes = {
        "a seq too high": {"seq": state.seq + 2},
        "a seq again": {"seq": state.seq},
        "another prev": {"prev": "A" * 43},
        "no prev": {"prev": ""},
        "the prev before": {"prev": state.hashes[-2]},
        "back in time": {"ts": state.ts - 1},
        "another room": {"room": states["later"][0].room},
        "by another": {"by": ben.uid},
        "with the kid of another": {"kid": ben.kid},
        "with an unknown kid": {"kid": "A" * 43},
    }
    for name, changes in made.items():
        yield Case(name, "group", 11, changed(ada, good, **changes))


def _shape(states: States, people: dict[str, Person]) -> Iterator[Case]:
    ada = people["ada"]
    good = make_event(states["group"][10], ada.author(LATE), "profile", h="A" * 43)
    event = json.loads(good["event"])
    made: Changes = {
        "a key too many": {"x": 1},
        "a key too few": {"h": None},
        "a short hash": {"h": "A" * 42},
        "a hash with stray bits": {"h": "A" * 42 + "B"},
        "a negative ts": {"ts": -1},
        "a float ts": {"ts": float(LATE)},
        "a boolean v": {"v": True},
        "a version as text": {"v": "1"},
        "a type as number": {"t": 1},
    }
    for name, changes in made.items():
        yield Case(name, "group", 11, changed(ada, good, **changes))
    turned = dict(reversed(event.items()))
    yield Case("keys in another order", "group", 11, ada.sign_event(turned))
    spaced = json.dumps(event)
    sig = sign(ada.keys.ed, "event", spaced)
    yield Case("with spaces", "group", 11, {"event": spaced, "sig": sig})


def _signatures(states: States, people: dict[str, Person]) -> Iterator[Case]:
    ada, ben = people["ada"], people["ben"]
    good = make_event(states["group"][10], ada.author(LATE), "profile", h="A" * 43)
    text = good["event"]
    for name, sig in {
        "signed by another": sign(ben.keys.ed, "event", text),
        "signed as another type": sign(ada.keys.ed, "invite", text),
        "signed for another body": sign(ada.keys.ed, "event", text + " "),
        "not signed": "",
        "a short signature": good["sig"][:-2],
    }.items():
        yield Case(name, "group", 11, {"event": text, "sig": sig})


def _beginnings(people: dict[str, Person]) -> Iterator[Case]:
    ada, ben = people["ada"], people["ben"]
    good = make_create(ada.author(NOW), POLICY, K2, random=chosen("begin"))
    made: Changes = {
        "create: another nonce": {"nonce": b64(bytes(16))},
        "create: another room": {"room": "0" * 32},
        "create: not at 0": {"seq": 1},
        "create: with a prev": {"prev": "A" * 43},
        "create: another kind": {"kind": "crowd"},
        "create: an unknown policy": {"policy": {**POLICY, "join": "all"}},
        "create: a policy's key too few": {"policy": {k: POLICY[k] for k in list(POLICY)[:-1]}},
        "create: a policy's key too many": {"policy": {**POLICY, "x": 1}},
        "create: n between 0 and 100": {"policy": {**POLICY, "n": 99}},
        "create: ain too low": {"policy": {**POLICY, "ain": 19}},
        "create: too many days": {"policy": {**POLICY, "days": 366}},
    }
    for name, changes in made.items():
        yield Case(name, "none", 0, changed(ada, good, **changes))
    yield Case("create: by another", "none", 0, changed(ben, good, by=ben.uid, kid=ben.kid))


def _roles(states: States, people: dict[str, Person]) -> Iterator[Case]:
    state = states["group"][10]
    ada, ben, cleo, dan = (people[name] for name in ("ada", "ben", "cleo", "dan"))
    link = Link.new(chosen("illegal"))
    exp = LATE + HOUR
    third = states["group"][8].open_invites(LATE)[0]
    again = {
        **json.loads(make_create(ada.author(LATE), POLICY, K2)["event"]),
        "nonce": b64(bytes(16)),
    }
    again |= {"room": state.room, "seq": state.seq + 1, "prev": state.hash, "kcv": "A" * 43}
    made = {
        "a second create": ada.sign_event(again),
        "profile: by a member": make_event(state, ben.author(LATE), "profile", h="A" * 43),
        "profile: by a stranger": make_event(state, dan.author(LATE), "profile", h="A" * 43),
        "profile: by who has left": make_event(state, cleo.author(LATE), "profile", h="A" * 43),
        "invite: by a member": make_invite(state, ben.author(LATE), link, exp=exp, max=1),
        "leave: by the owner of others": make_event(state, ada.author(LATE), "leave"),
        "leave: by a stranger": make_event(state, dan.author(LATE), "leave"),
        "leave: again": make_event(state, cleo.author(LATE), "leave"),
    }
    for name, signed in made.items():
        yield Case(name, "group", 11, signed)
    by_member = make_event(states["group"][8], ben.author(LATE), "revoke", iid=third)
    yield Case("revoke: by a member", "group", 9, by_member)
    for name, iid in {
        "revoke: unknown": "0" * 32,
        "revoke: used up": Link.derive(SECRET).iid,
        "revoke: voided": third,
    }.items():
        yield Case(name, "group", 11, make_event(state, ada.author(LATE), "revoke", iid=iid))
    first = Link.derive(SECRET).iid
    late = make_event(
        states["later"][1], people["ben"].author(NOW + 48 * HOUR), "revoke", iid=first
    )
    yield Case("revoke: expired", "later", 2, late)


def _invitations(states: States, people: dict[str, Person]) -> Iterator[Case]:
    ada, state = people["ada"], states["group"][10]
    link, other = Link.new(chosen("illegal")), Link.new(chosen("other"))
    good = json.loads(make_invite(state, ada.author(LATE), link, exp=LATE + HOUR, max=1)["event"])

    def proven(signer: Link = link, **changes: Any) -> SignedEvent:
        event = {**good, **changes}
        event["pop"] = sign(signer.signer, "invite", invite_proof(event))
        return ada.sign_event(event)

    month = 30 * 24 * HOUR
    moved = {**good, "seq": good["seq"] - 1}
    made = {
        "invite: an iid again": proven(iid=Link.derive(SECRET).iid),
        "invite: exp = ts": proven(exp=LATE),
        "invite: longer than 30 days": proven(exp=LATE + month + 1),
        "invite: no use": proven(max=0),
        "invite: too many uses": proven(max=1001),
        "invite: proof by another link": proven(other),
        "invite: proof for another place": ada.sign_event(
            {**good, "pop": sign(link.signer, "invite", invite_proof(moved))}
        ),
        "invite: a small point": proven(ipk=b64(b"\1" + bytes(31))),
        "invite: a point beyond p": proven(ipk=b64(b"\xff" * 31 + b"\x7f")),
    }
    for name, signed in made.items():
        yield Case(name, "group", 11, signed)
    more = make_invite(states["crowd"][20], ada.author(LATE), link, exp=LATE + HOUR, max=1)
    yield Case("invite: the 21st open one", "crowd", 21, more)


def _joins(states: States, people: dict[str, Person]) -> Iterator[Case]:
    ada, ben, cleo, dan = (people[name] for name in ("ada", "ben", "cleo", "dan"))
    first = Link.derive(SECRET)
    third = Link.new(chosen("third link"))
    opened, used, voided = states["group"][3], states["group"][8], states["group"][10]
    yield Case("join: used up", "group", 9, make_join(used, dan.author(LATE), first))
    yield Case("join: voided", "group", 11, make_join(voided, dan.author(LATE), third))
    yield Case("join: by a member", "group", 4, make_join(opened, ben.author(LATE), first))
    yield Case("join: by the owner", "group", 4, make_join(opened, ada.author(LATE), first))
    unknown = make_join(opened, dan.author(LATE), third)
    yield Case("join: an unknown invitation", "group", 4, unknown)
    late = make_join(states["later"][1], dan.author(NOW + 48 * HOUR), first)
    yield Case("join: expired", "later", 2, late)
    good = make_join(opened, dan.author(LATE), first)
    proofs = {
        "for another person": joiner_proof(opened.room, first.iid, cleo.uid, cleo.kid),
        "for another room": joiner_proof(used.room[::-1], first.iid, dan.uid, dan.kid),
        "for another invitation": joiner_proof(opened.room, third.iid, dan.uid, dan.kid),
    }
    for name, body in proofs.items():
        isig = sign(first.signer, "joiner", body)
        yield Case(f"join: proof {name}", "group", 4, changed(dan, good, isig=isig))
    right = joiner_proof(opened.room, first.iid, dan.uid, dan.kid)
    foreign = sign(third.signer, "joiner", right)
    yield Case("join: proof by another link", "group", 4, changed(dan, good, isig=foreign))


def _epochs(states: States, people: dict[str, Person]) -> Iterator[Case]:
    ada, cleo, dan = (people[name] for name in ("ada", "cleo", "dan"))
    state = states["group"][10]
    good = make_epoch(state, ada.author(LATE), K2)
    made: Changes = {
        "epoch: one too high": {"e": state.e + 2},
        "epoch: the same again": {"e": state.e},
        "epoch: members of another time": {"members": "A" * 43},
        "epoch: 0": {"e": 0},
    }
    for name, changes in made.items():
        yield Case(name, "group", 11, changed(ada, good, **changes))
    before = json.loads(make_epoch(states["group"][8], ada.author(LATE), K2)["event"])["members"]
    yield Case("epoch: also for who has left", "group", 11, changed(ada, good, members=before))
    yield Case("epoch: by a stranger", "group", 11, make_epoch(state, dan.author(LATE), K2))
    gone = make_epoch(states["group"][9], cleo.author(LATE), K2)
    yield Case("epoch: by who has left", "group", 10, gone)


def _newer(states: States, people: dict[str, Person]) -> Iterator[Case]:
    ada = people["ada"]
    good = make_event(states["group"][10], ada.author(LATE), "profile", h="A" * 43)
    made: Changes = {
        "an unknown type": {"t": "fanfare"},
        "an unknown version": {"v": 2},
        "an unknown version with other keys": {"v": 2, "h": None, "x": [1, "y"]},
    }
    for name, changes in made.items():
        yield Case(name, "group", 11, changed(ada, good, **changes), "newer")
