"""The log's state machine: what is legal, what is not, and that nothing else can happen."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sotto.protocol.encoding import WireError, b64, unb64
from sotto.protocol.event_builder import make_create, make_epoch, make_event, make_invite, make_join
from sotto.protocol.events import LogError, members_hash
from sotto.protocol.identity import Keys, make_identity, open_identity
from sotto.protocol.invite_link import Link
from sotto.protocol.log import apply_event, extend_log
from sotto.protocol.room_state import RoomState
from tests.vectors.histories import group, later
from tests.vectors.making import HOUR, K1, MINUTE, NOW, POLICY, cast, chosen, identities, load
from tests.vectors.script import view, view_at

VECTORS = load("log")
KNOWN = {found.kid: found for found in map(open_identity, VECTORS["identities"])}


def signed(entry):
    return {"event": entry["event"], "sig": entry["sig"]}


@pytest.mark.parametrize("name", VECTORS["logs"])
def test_a_legal_log(name):
    state = None
    for entry in VECTORS["logs"][name]:
        state = apply_event(state, signed(entry), KNOWN)
        assert state.hash == entry["hash"]
        assert view(state) == entry["state"]
    events = [signed(entry) for entry in VECTORS["logs"][name]]
    assert extend_log(None, events, KNOWN) == state
    assert view_at(state) == VECTORS["at"][name]


def before(case) -> RoomState | None:
    entries = VECTORS["logs"].get(case["log"], [])[: case["after"]]
    return extend_log(None, map(signed, entries), KNOWN) if entries else None


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["name"])
def test_an_illegal_event(case):
    state = before(case)
    untouched = copy.deepcopy(state)
    with pytest.raises(LogError) as caught:
        apply_event(state, signed(case), KNOWN)
    assert caught.value.reason == case["reason"]
    assert state == untouched


def test_members_are_hashed_in_the_order_of_their_uids():
    for case in VECTORS["members"]:
        members = [(uid, kid) for uid, kid in json.loads(case["json"])]
        assert members_hash(members[::-1]) == case["hash"]


@pytest.mark.parametrize("name", VECTORS["logs"])
def test_no_event_can_be_changed_left_out_or_moved(name):
    events = [signed(entry) for entry in VECTORS["logs"][name]]
    for at in range(len(events)):
        without = events[:at] + events[at + 1 :]
        if at + 1 < len(events):
            with pytest.raises(LogError):
                extend_log(None, without, KNOWN)
        raw = bytearray(unb64(events[at]["sig"]))
        raw[at] ^= 1
        changed = {**events[at], "sig": b64(bytes(raw))}
        with pytest.raises(LogError):
            extend_log(None, [*events[:at], changed], KNOWN)


def test_an_empty_log_is_none():
    with pytest.raises(LogError):
        extend_log(None, [], KNOWN)


def test_a_second_key_of_a_member_is_not_the_one_the_log_knows():
    ada, dan, state = cast()["ada"], cast()["dan"], group().state
    keys = Keys(dan.keys.ed, ada.keys.rsa)
    other = open_identity(make_identity(keys, ada.uid, ada.name, 2, ada.kid))
    event = json.loads(make_event(state, ada.author(NOW + HOUR), "profile", h="A" * 43)["event"])
    forged = dan.sign_event({**event, "kid": other.kid})
    with pytest.raises(LogError):
        apply_event(state, forged, {**KNOWN, other.kid: other})


def test_membership_and_epochs_are_remembered_with_their_place():
    state, cleo, ben = later().state, cast()["cleo"], cast()["ben"]
    kids = [state.kid_at(seq, cleo.uid) for seq in range(8)]
    assert kids == [None, None, cleo.kid, cleo.kid, None, None, cleo.kid, cleo.kid]
    assert {state.kid_at(seq, ben.uid) for seq in range(8)} == {ben.kid}
    assert [state.epoch_at(seq) for seq in range(8)] == [1, 1, None, 2, None, None, None, 3]


# --- whatever the members do ---

ACTIONS = st.tuples(
    st.sampled_from(["ada", "ben", "cleo"]),
    st.sampled_from(["profile", "invite", "revoke", "join", "leave", "epoch", "stale"]),
    st.integers(0, 3),
)


class Play:
    """Members who try everything; a log that takes only what is legal."""

    def __init__(self, history: str) -> None:
        self.people = {name: cast()[name] for name in ("ada", "ben", "cleo")}
        self.known = identities(self.people.values())
        author = self.people["ada"].author(NOW)
        policy = {**POLICY, "history": history}
        self.events = [make_create(author, policy, K1, random=chosen("play"))]
        self.state = extend_log(None, self.events, self.known)
        self.links = [Link.new(chosen(f"play {number}")) for number in range(4)]

    def act(self, who: str, what: str, number: int) -> None:
        person, state = self.people[who], self.state
        author = person.author(NOW + len(self.events) * MINUTE)
        link = self.links[number]
        if what == "profile":
            event = make_event(state, author, "profile", h=person.kid)
        elif what == "invite":
            event = make_invite(state, author, link, exp=author.now + HOUR, max=number + 1)
        elif what == "revoke":
            event = make_event(state, author, "revoke", iid=link.iid)
        elif what == "join":
            event = make_join(state, author, link)
        elif what == "leave":
            event = make_event(state, author, "leave")
        elif what == "epoch":
            event = make_epoch(state, author, chosen(f"key {state.e}")(32))
        else:
            event = self.events[number % len(self.events)]
        try:
            self.state = apply_event(state, event, self.known)
        except LogError:
            return
        self.events.append(event)

    def check(self, before: RoomState) -> None:
        """What must hold after every step, whatever was tried."""
        state = self.state
        gone = set(before.members) - set(state.members)
        assert len(gone) <= 1
        assert state.e - before.e in (0, 1)
        assert state.g <= state.e
        assert set(state.kcv) == set(range(1, state.e + 1))
        assert state.seq + 1 == len(state.hashes) == len(self.events)
        if gone:
            assert not state.open
            assert not state.open_invites(state.ts)
        if state.members:
            assert [m.role for m in state.members.values()].count("owner") == 1
        for invite in state.invites.values():
            assert invite.uses <= invite.max
        for uid, member in state.members.items():
            assert state.kid_at(state.seq, uid) == member.kid
            assert 1 <= member.since <= state.e + 1
        for uid in gone:
            assert state.kid_at(state.seq, uid) is None
            assert state.kid_at(before.seq, uid) is not None


@given(st.sampled_from(["all", "join"]), st.lists(ACTIONS, max_size=25))
def test_whatever_members_try_the_rules_hold(history, actions):
    play = Play(history)
    for action in actions:
        before = play.state
        play.act(*action)
        play.check(before)
    assert extend_log(None, play.events, play.known) == play.state


@given(st.data())
def test_a_changed_event_never_passes(data):
    """Any change of one character, signed anew or not."""
    entries = VECTORS["logs"]["group"]
    at = data.draw(st.integers(1, len(entries) - 1))
    state = extend_log(None, map(signed, entries[:at]), KNOWN)
    text = entries[at]["event"]
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(min_codepoint=32, max_codepoint=126))
    if text[place] != other:
        changed = {"event": text[:place] + other + text[place + 1 :], "sig": entries[at]["sig"]}
        with pytest.raises(LogError):
            apply_event(state, changed, KNOWN)


@given(st.text())
def test_what_is_no_event_is_refused(text):
    with pytest.raises(LogError):
        apply_event(None, {"event": text, "sig": ""}, KNOWN)
    with pytest.raises(WireError):
        open_identity({"body": text, "sig": ""})
