"""What a client believes of a server that lies: nothing that the log does not bear out."""

from __future__ import annotations

import json

import pytest

from sotto.keys.trust import Trust
from sotto.protocol.encoding import WireError, b64, unb64
from sotto.protocol.event_builder import make_epoch
from sotto.protocol.identity import Keys, make_identity, open_identity
from sotto.protocol.log import extend_log
from sotto.protocol.message import MessageError
from sotto.protocol.profile import seal_profile
from sotto.protocol.room_keys import wrap_key
from sotto.room import Me, Room
from sotto.room_errors import Frozen, NewerVersion, UnapprovedKeys
from tests.vectors.histories import profile_bytes
from tests.vectors.making import K1, K2, cast, fixed_wrap, load

LOG = load("log")
EVENTS = [
    {"event": entry["event"], "sig": entry["sig"]} for entry in LOG["logs"][load("message")["log"]]
]
HASHES = [entry["hash"] for entry in LOG["logs"][load("message")["log"]]]
ROWS = [case["row"] for case in load("message")["rows"]]
KEYS = {int(e): unb64(key) for e, key in load("message")["keys"].items()}
ROOM = json.loads(EVENTS[0]["event"])["room"]
END = [len(EVENTS) - 1, HASHES[-1]]


@pytest.fixture
def room() -> Room:
    """ben's view, before anything was read."""
    ben = cast()["ben"]
    trust = Trust()
    trust.learn(LOG["identities"])
    return Room(ROOM, Me(ben.uid, ben.name, ben.kid, ben.keys, ben.dev), trust)


@pytest.fixture
def read(room) -> Room:
    """The same with log and keys."""
    room.extend(EVENTS, END)
    for e, key in KEYS.items():
        assert room.accept_key(e, key)
    room.begin(1)
    return room


# --- the log ---


@pytest.mark.parametrize(
    "head",
    [
        pytest.param([END[0] - 1, HASHES[-2]], id="shorter"),
        pytest.param([END[0], HASHES[-2]], id="different"),
    ],
)
def test_a_log_that_lost_what_was_there_freezes(room, head):
    room.extend(EVENTS, END)
    with pytest.raises(Frozen):
        room.extend([], head)
    with pytest.raises(Frozen):
        room.check_writable()
    with pytest.raises(Frozen):
        room.extend([], END)


@pytest.mark.parametrize("head", [None, [], ["9", HASHES[-1]], [9]])
def test_an_answer_without_a_head_counts_for_nothing(room, head):
    with pytest.raises((WireError, Frozen)):
        room.extend(EVENTS, head)


def test_a_forged_event_freezes(room):
    room.extend(EVENTS[:-1], END)
    forged = {**EVENTS[-1], "sig": EVENTS[-2]["sig"]}
    with pytest.raises(Frozen):
        room.extend([forged], END)
    assert room.state.e == 2


def test_the_log_of_another_room_freezes(room):
    other = LOG["logs"]["later"]
    with pytest.raises(Frozen):
        room.extend(other, [len(other) - 1, other[-1]["hash"]])


def test_what_came_before_an_event_of_a_newer_version_is_kept(room):
    ada = cast()["ada"]
    newer = {**json.loads(EVENTS[-1]["event"]), "t": "later"}
    with pytest.raises(NewerVersion):
        room.extend([*EVENTS[:-1], ada.sign_event(newer)], END)
    assert room.state.seq == END[0] - 1
    with pytest.raises(NewerVersion):
        room.check_writable()


# --- keys ---


def test_only_wraps_that_the_log_committed_to_are_taken(room):
    ben, ada = cast()["ben"], cast()["ada"]
    room.extend(EVENTS, END)
    wrap = {"e": 1, "to": ben.kid, "ct": fixed_wrap(K2, ROOM, 1, ben)}
    room.accept_wraps(
        [
            None,
            {},
            {**wrap, "e": "1"},
            wrap,
            {**wrap, "e": 99},
            {**wrap, "ct": fixed_wrap(K1, ROOM, 2, ben)},
            {**wrap, "to": ada.kid, "ct": wrap_key(K1, ROOM, 1, ada.kid, ada.keys.spki)},
        ]
    )
    assert room.keys == {}
    assert room.missing_epochs() == [1, 2, 3]
    room.accept_wraps([{**wrap, "ct": fixed_wrap(K1, ROOM, 1, ben)}])
    assert room.keys == {1: K1}
    assert not room.accept_key(2, K1)
    assert not room.accept_key(99, K1)


def shown(room: Room) -> str:
    return room.profile.name if room.profile is not None else ""


def test_only_the_profile_that_the_log_names_is_shown(read):
    plain = profile_bytes()
    other = plain[:-3] + b'!"}'
    read.accept_profiles([None, {"e": 1, "box": seal_profile(K1, ROOM, 1, other)}])
    assert shown(read) == ""
    read.accept_profiles([{"e": 1, "box": seal_profile(K1, ROOM, 1, plain)}])
    assert shown(read) == "Garden"
    read.accept_profiles([{"e": 1, "box": seal_profile(K1, ROOM, 1, other)}, {"e": 7, "box": ""}])
    assert shown(read) == "Garden"


# --- messages ---


def test_messages_are_read_in_order(read):
    taken = [read.add(row) for row in ROWS]
    assert {message.status for message in taken} == {"ok", "newer"}
    assert not any(message.missing or message.other_view for message in taken)
    assert taken[0].text == "hello"
    assert read.add(ROWS[0]) is None
    assert read.last == read.highest[0] == len(ROWS)


def test_a_hole_is_shown_and_the_message_stays(read):
    read.add(ROWS[0])
    later = read.add(ROWS[2])
    assert (later.status, later.missing) == ("ok", True)


def test_a_message_moved_to_another_place_does_not_pass(read):
    read.add(ROWS[0])
    assert read.add({**ROWS[0], "seq": 2}).status == "refused"


def test_a_changed_message_shows_nothing(read):
    ct = unb64(ROWS[0]["ct"])
    message = read.add({**ROWS[0], "ct": b64(ct[:-1] + bytes([ct[-1] ^ 1]))})
    assert (message.status, message.text, message.uid) == ("refused", "", "")
    assert read.add({**ROWS[1], "h": "{}"}).status == "refused"
    assert read.highest[0] == 1  # the last one that has an id


def test_a_message_ahead_of_the_log_waits_for_it(room):
    room.extend(EVENTS[:1], [0, HASHES[0]])
    room.accept_key(1, K1)
    room.begin(1)
    with pytest.raises(MessageError) as caught:
        room.add(ROWS[0])
    assert caught.value.reason == "ahead"
    assert room.last == 0
    room.extend(EVENTS[1:], END)
    assert room.add(ROWS[0]).text == "hello"


def test_a_message_that_stays_ahead_is_refused(room):
    room.extend(EVENTS[:1], [0, HASHES[0]])
    room.begin(1)
    assert room.add(ROWS[0], patient=False).status == "refused"


def test_a_message_opens_when_its_key_comes(room):
    room.extend(EVENTS, END)
    room.begin(1)
    assert room.add(ROWS[0]).status == "locked"
    assert room.unlock() == []
    room.accept_key(1, K1)
    (opened,) = room.unlock()
    assert opened.text == room.messages[0].text == "hello"


def test_another_message_where_ones_own_was_acknowledged_freezes(read):
    read.acknowledged(1, "A" * 43)
    with pytest.raises(Frozen):
        read.add(ROWS[0])


def test_an_acknowledgement_of_another_message_freezes(read):
    read.add(ROWS[0])
    with pytest.raises(Frozen):
        read.acknowledged(1, "A" * 43)


# --- whose keys ---


def reset_of(person, keys: Keys) -> dict[str, str]:
    return make_identity(keys, person.uid, person.name, 2, person.kid)


def test_new_keys_of_a_person_are_not_believed_before_they_are_approved(room):
    ada, dan = cast()["ada"], cast()["dan"]
    signed = reset_of(ada, dan.keys)
    later = open_identity(signed)
    room.trust.learn([signed, None, {"body": "{}", "sig": ""}])
    room.extend(EVENTS, END)
    room.check_writable()
    assert room.trust.doubt(room.trust.known[ada.kid]) == ""
    assert room.trust.doubt(later) == "newer"
    room.trust.heads = lambda: {room.id: room.state.seq}
    room.state.members[ada.uid].kid = later.kid
    with pytest.raises(UnapprovedKeys, match="ada"):
        room.check_writable()
    room.trust.approve(later.kid)
    room.check_writable()
    room.state.members[ada.uid].kid = ada.kid  # it came before, and stands here since
    room.check_writable()
    assert room.trust.doubt(room.trust.known[ada.kid]) == "older"


def test_a_program_may_be_told_to_accept_resets():
    ada, dan = cast()["ada"], cast()["dan"]
    trust = Trust(accept_resets=True)
    later = open_identity(reset_of(ada, dan.keys))
    other = open_identity(make_identity(cast()["cleo"].keys, ada.uid, ada.name))
    trust.learn([ada.signed, reset_of(ada, dan.keys)])
    trust.meet(ada.identity)
    trust.must_know(later)
    with pytest.raises(UnapprovedKeys):
        trust.must_know(other)  # another first identity of the same person follows from nothing
    assert trust.pinned(ada.uid) == later


def test_a_rotation_names_the_members_of_the_log_and_nobody_else():
    known = {found.kid: found for found in map(open_identity, LOG["identities"])}
    state = extend_log(None, EVENTS, known)
    event = make_epoch(state, cast()["ada"].author(state.ts), K1)
    assert extend_log(state, [event], known).e == state.e + 1
    assert [uid for uid, _ in state.recipients()] == sorted(
        cast()[name].uid for name in ("ada", "ben")
    )
