"""The log held against a few plain words of its rules: what these allow must pass, and no more."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sotto.compose import make_epoch, make_event, make_invite, make_join
from sotto.encoding import b64
from sotto.events import LogError
from sotto.identity import Keys, make_identity, open_identity
from sotto.invite import Link
from sotto.log import apply_event, extend_log
from tests.vectors.histories import group, later
from tests.vectors.making import HOUR, K2, NOW, cast, chosen, identities
from tests.vectors.script import Script

PEOPLE = cast()
KNOWN = identities(PEOPLE.values())
MOVES = ["profile", "invite", "revoke", "join", "leave", "epoch"]
STEPS = st.lists(
    st.tuples(st.sampled_from(MOVES), st.sampled_from(list(PEOPLE)), st.integers(0, 3)),
    max_size=12,
)


class Model:
    """ada's room as one would tell it: who is in, which links have how many uses left."""

    def __init__(self):
        self.members, self.links, self.open, self.e, self.g = {"ada"}, {}, True, 1, 1

    def allows(self, move, who, link):
        if move == "join":
            return who not in self.members and self.links.get(link, 0) > 0
        if who not in self.members:
            return False
        if move == "leave":
            return who != "ada" or self.members == {"ada"}
        if move == "revoke":
            return who == "ada" and self.links.get(link, 0) > 0
        if move == "invite":
            return who == "ada" and link not in self.links
        return move == "epoch" or who == "ada"

    def take(self, move, who, link, history):
        if move == "join":
            self.members.add(who)
            self.links[link] -= 1
            self.open = self.open and history == "all"
        elif move == "leave":
            self.members.discard(who)
            self.links, self.open = dict.fromkeys(self.links, 0), False
        elif move == "invite":
            self.links[link] = 2
        elif move == "revoke":
            self.links[link] = 0
        elif move == "epoch":
            self.e += 1
            self.g, self.open = self.g if self.open else self.e, True


def made(script, move, who, number):
    author = PEOPLE[who].author(script.now)
    link = Link.new(chosen(f"walk {number}"))
    if move == "invite":
        return make_invite(script.state, author, link, exp=script.now + HOUR * 24, max=2)
    if move == "join":
        return make_join(script.state, author, link)
    if move == "epoch":
        return make_epoch(script.state, author, K2)
    extra = {"profile": {"h": b64(bytes(32))}, "revoke": {"iid": link.iid}}.get(move, {})
    return make_event(script.state, author, move, **extra)


@given(STEPS, st.sampled_from(["all", "join"]))
def test_any_walk_keeps_to_the_rules(steps, history):
    script, model = Script(PEOPLE), Model()
    script.create("ada", "walk", history=history)
    for move, who, number in steps:
        event = made(script, move, who, number)
        if not model.allows(move, who, number):
            with pytest.raises(LogError):
                script.add(event)
            continue
        script.add(event)
        model.take(move, who, number, history)
        state = script.state
        assert {member.name for member in state.members.values()} == model.members
        assert (state.open, state.e, state.g) == (model.open, model.e, model.g)
        assert len(state.open_invites(script.now)) == sum(n > 0 for n in model.links.values())
    assert extend_log(None, script.events, KNOWN) == script.state


def test_a_second_key_of_a_member_is_not_the_one_the_log_knows():
    ada, dan, state = PEOPLE["ada"], PEOPLE["dan"], group().state
    keys = Keys(dan.keys.ed, ada.keys.rsa)
    other = open_identity(make_identity(keys, ada.uid, ada.name, 2, ada.kid))
    event = json.loads(make_event(state, ada.author(NOW + HOUR), "profile", h="A" * 43)["event"])
    forged = dan.sign_event({**event, "kid": other.kid})
    with pytest.raises(LogError):
        apply_event(state, forged, {**KNOWN, other.kid: other})


def test_membership_and_epochs_are_remembered_with_their_place():
    state, cleo, ben = later().state, PEOPLE["cleo"], PEOPLE["ben"]
    kids = [state.kid_at(seq, cleo.uid) for seq in range(8)]
    assert kids == [None, None, cleo.kid, cleo.kid, None, None, cleo.kid, cleo.kid]
    assert {state.kid_at(seq, ben.uid) for seq in range(8)} == {ben.kid}
    assert [state.epoch_at(seq) for seq in range(8)] == [1, 1, None, 2, None, None, None, 3]
