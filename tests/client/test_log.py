"""The log as a state machine: legal events move the room, others are refused and move nothing."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sotto.compose import make_epoch, make_event, make_invite, make_join
from sotto.encoding import b64
from sotto.events import LogError, members_hash
from sotto.identity import Keys, make_identity, open_identity
from sotto.invite import Link
from sotto.log import apply_event, extend_log

from tests.vectors.making import HOUR, K2, MINUTE, NOW, cast, chosen, identities, load
from tests.vectors.rooms import Script, view

LOG = load("log")
PEOPLE = cast()
KNOWN = identities(PEOPLE.values())
NAMES = list(PEOPLE)


def signed(entry):
    return {"event": entry["event"], "sig": entry["sig"]}


def state_after(log, count):
    return extend_log(None, map(signed, LOG["logs"][log][:count]), KNOWN) if count else None


@pytest.mark.parametrize("log", LOG["logs"])
def test_a_legal_log_moves_the_room_event_by_event(log):
    state = None
    for entry in LOG["logs"][log]:
        state = apply_event(state, signed(entry), KNOWN)
        assert view(state) == entry["state"]


@pytest.mark.parametrize("case", [pytest.param(c, id=c["name"]) for c in LOG["refused"]])
def test_an_illegal_event_is_refused_and_moves_nothing(case):
    state = state_after(case["log"], case["after"])
    before = copy.deepcopy(state)
    with pytest.raises(LogError) as caught:
        apply_event(state, signed(case), KNOWN)
    assert caught.value.reason == case["reason"]
    assert state == before


def test_a_changed_character_anywhere_is_refused():
    entry = LOG["logs"]["group"][1]
    state = state_after("group", 1)
    text = entry["event"]
    for at in range(len(text)):
        changed = text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :]
        with pytest.raises(LogError):
            apply_event(state, {"event": changed, "sig": entry["sig"]}, KNOWN)


def test_an_event_left_out_or_turned_round_is_refused():
    events = [signed(entry) for entry in LOG["logs"]["group"]]
    for at in range(len(events) - 1):
        with pytest.raises(LogError):
            extend_log(None, events[:at] + events[at + 1 :], KNOWN)
        with pytest.raises(LogError):
            extend_log(None, [*events[:at], events[at + 1], events[at]], KNOWN)


@pytest.mark.parametrize(
    "entry",
    [{}, {"event": 1, "sig": ""}, {"event": "{}", "sig": "A" * 86}, {"event": "[]", "sig": "x"}],
)
def test_what_is_no_event_is_refused(entry):
    with pytest.raises(LogError) as caught:
        apply_event(None, entry, KNOWN)
    assert caught.value.reason == "illegal"


def test_an_author_whose_identity_is_not_known_is_refused():
    with pytest.raises(LogError):
        apply_event(None, signed(LOG["logs"]["group"][0]), {})


def test_a_log_without_events_is_none():
    with pytest.raises(LogError):
        extend_log(None, [], KNOWN)


def test_an_event_by_an_identity_of_the_same_person_with_other_keys_is_refused():
    """A second kid of ada's is hers, and yet not the one the log knows her by."""
    ada = PEOPLE["ada"]
    keys = Keys(PEOPLE["dan"].keys.ed, ada.keys.rsa)
    other = open_identity(make_identity(keys, ada.uid, ada.name, 2, ada.kid))
    state = state_after("group", 11)
    event = json.loads(make_event(state, ada.author(NOW + HOUR), "profile", h="A" * 43)["event"])
    forged = PEOPLE["dan"].sign_event({**event, "kid": other.kid})
    with pytest.raises(LogError):
        apply_event(state, forged, {**KNOWN, other.kid: other})


def test_membership_is_remembered_with_its_place():
    state = state_after("later", 8)
    cleo, ben = PEOPLE["cleo"], PEOPLE["ben"]
    kids = [state.kid_at(seq, cleo.uid) for seq in range(8)]
    assert kids == [None, None, cleo.kid, cleo.kid, None, None, cleo.kid, cleo.kid]
    assert {state.kid_at(seq, ben.uid) for seq in range(8)} == {ben.kid}
    assert [state.epoch_at(seq) for seq in range(8)] == [1, 1, None, 2, None, None, None, 3]


# --- any walk through the rules ------------------------------------------------------------------

MOVES = ["profile", "invite", "revoke", "join", "leave", "epoch"]
STEP = st.tuples(st.sampled_from(MOVES), st.sampled_from(NAMES), st.integers(0, 3))


class Model:
    """A few plain words of the rules, against which the machine's verdict is held."""

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


def make(script, move, who, number):
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


@settings(max_examples=25, deadline=None)
@given(st.lists(STEP, max_size=12), st.sampled_from(["all", "join"]))
def test_any_walk_keeps_to_the_rules(steps, history):
    script, model = Script(PEOPLE), Model()
    script.create("ada", "walk", history=history)
    for move, who, number in steps:
        event = make(script, move, who, number)
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
    assert script.state.ts <= NOW + len(script.events) * MINUTE


def test_the_hash_of_members_does_not_depend_on_their_order():
    pairs = [(person.uid, person.kid) for person in PEOPLE.values()]
    assert members_hash(pairs) == members_hash(pairs[::-1])
