"""Whom a program believes to be who, without any server."""

from __future__ import annotations

import json

import pytest

from sotto.keys.trust import Trust
from sotto.profile.profile_dir import ProfileDir
from sotto.protocol.encoding import WireError
from sotto.protocol.identity import Identity, Keys, make_identity, open_identity
from sotto.protocol.room_state import Member, RoomState, Span
from sotto.room_errors import Namesake, OlderKeys, UnapprovedKeys
from tests.vectors.making import cast, resets

ADA, BEN = cast()["ada"], cast()["ben"]
ROOM, OTHER = "1" * 32, "2" * 32


def trusting(*people: Identity) -> Trust:
    """Trust of ada's, who has met these."""
    trust = Trust()
    trust.me = ADA.uid
    trust.learn([ADA.signed, BEN.signed])
    for identity in (ADA.identity, *people):
        trust.meet(identity)
    return trust


def learned(trust: Trust, keys: Keys, uid: str, name: str, n: int = 1, prev: str = "") -> Identity:
    signed = make_identity(keys, uid, name, n, prev)
    trust.learn([signed])
    return open_identity(signed)


def reset(trust: Trust, n: int = 2, prev: str = BEN.kid, keys: Keys | None = None) -> Identity:
    return learned(trust, keys or resets()["cleo2"].keys, BEN.uid, BEN.name, n, prev)


def second(trust: Trust) -> Identity:
    return learned(trust, cast()["dan"].keys, "d" * 32, BEN.name)


def room_with(identity: Identity, room: str = ROOM, since: int = 1, seq: int = 5) -> RoomState:
    state = RoomState(room, "group", {}, seq=seq)
    member = Member(identity.kid, "member", 1, identity.name, identity.n)
    state.members[identity.uid] = member
    state.spans[identity.uid] = [Span(identity.kid, "member", since)]
    return state


def test_hostile_an_older_key_counts_only_where_it_stood_before():
    trust = trusting(BEN.identity)
    state = room_with(BEN.identity)
    trust.heads = lambda: {ROOM: state.seq}
    trust.approve(reset(trust).kid)
    trust.must_know(BEN.identity, state)
    for elsewhere in (None, room_with(BEN.identity, OTHER), room_with(BEN.identity, since=6)):
        with pytest.raises(OlderKeys, match="ben"):
            trust.must_know(BEN.identity, elsewhere)
    again = room_with(BEN.identity, since=2)
    again.spans[BEN.uid] = [Span(BEN.kid, "member", 1, 3), Span(BEN.kid, "member", 7)]
    with pytest.raises(OlderKeys):
        trust.must_know(BEN.identity, again)
    again.spans[BEN.uid] = [Span(BEN.kid, "member", 1, 7), Span(BEN.kid, "owner", 7)]
    trust.must_know(BEN.identity, again)  # another role, all the while


def test_an_older_key_is_accepted_in_one_room_by_an_explicit_act():
    trust = trusting(BEN.identity)
    trust.approve(reset(trust).kid)
    state = room_with(BEN.identity)
    with pytest.raises(OlderKeys):
        trust.check_members(state)
    trust.accept_older(BEN.kid, state)
    trust.check_members(state)
    with pytest.raises(OlderKeys):
        trust.check_members(room_with(BEN.identity, OTHER))


def test_hostile_newer_keys_are_refused_until_they_are_approved():
    trust = trusting(BEN.identity)
    newer = reset(trust)
    with pytest.raises(UnapprovedKeys, match="ben"):
        trust.must_know(newer)
    trust.approve(newer.kid)
    trust.must_know(newer)
    with pytest.raises(WireError, match="older"):
        trust.approve(BEN.kid)
    same_number = reset(trust, keys=cast()["dan"].keys)
    with pytest.raises(UnapprovedKeys):
        trust.must_know(same_number)
    trust.approve(same_number.kid)
    trust.must_know(same_number)


def test_hostile_a_key_between_two_approved_ones_was_never_approved():
    trust = trusting(BEN.identity)
    middle = reset(trust)
    newest = reset(trust, 3, middle.kid, cast()["dan"].keys)
    trust.heads = lambda: {ROOM: 5}
    trust.approve(newest.kid)
    with pytest.raises(OlderKeys):
        trust.check_members(room_with(middle))
    trust.check_members(room_with(BEN.identity))


def test_hostile_a_second_uid_of_a_name_stops_both_until_it_is_decided():
    trust = trusting(BEN.identity)
    trust.must_know(BEN.identity)
    other = second(trust)
    for identity in (other, BEN.identity):
        with pytest.raises(Namesake, match="ben"):
            trust.must_know(identity)
    assert trust.namesakes("ben") == [other]
    trust.decide_namesake(other.uid, accepted=False)
    trust.must_know(BEN.identity)
    with pytest.raises(Namesake):
        trust.must_know(other)
    trust.decide_namesake(other.uid, accepted=True)
    trust.must_know(BEN.identity)
    trust.must_know(other)


def test_hostile_two_uids_of_one_name_in_one_room():
    trust = trusting()
    state, other = room_with(BEN.identity), second(trust)
    state.members |= room_with(other).members
    state.spans |= room_with(other).spans
    with pytest.raises(Namesake):
        trust.check_members(state)
    assert set(trust.doubts(state)) == {BEN.kid, other.kid}


def test_hostile_somebody_else_under_ones_own_name():
    trust = trusting()
    other = learned(trust, cast()["dan"].keys, "d" * 32, ADA.name)
    with pytest.raises(Namesake):
        trust.must_know(other)
    trust.decide_namesake(other.uid, accepted=False)
    trust.must_know(ADA.identity)


def test_hostile_a_known_person_under_another_name():
    trust = trusting(BEN.identity)
    renamed = learned(trust, cast()["dan"].keys, BEN.uid, "bennie", 2, BEN.kid)
    with pytest.raises(UnapprovedKeys, match="bennie"):
        trust.must_know(renamed)
    with pytest.raises(UnapprovedKeys):
        trust.approve(renamed.kid)


def test_hostile_identities_that_nobody_asked_for_pin_nothing():
    """A server adds made-up ones to any answer."""
    trust = trusting()
    reset(trust, 9)
    second(trust)
    trust.must_know(BEN.identity)


@pytest.mark.parametrize("times", [1, 2])
def test_what_was_decided_is_kept_between_runs(tmp_path, times):
    trust = trusting(BEN.identity)
    trust.heads = lambda: {ROOM: 5}
    newer, other = reset(trust), second(trust)
    trust.approve(newer.kid)
    trust.meet(other)
    trust.decide_namesake(other.uid, accepted=True)
    for _ in range(times):
        ProfileDir(tmp_path / "home").store_trust(trust.record())
        trust = Trust()
        trust.me = ADA.uid
        trust.restore(ProfileDir(tmp_path / "home").trust())
    trust.must_know(newer)
    trust.must_know(other)
    trust.must_know(BEN.identity, room_with(BEN.identity))
    with pytest.raises(OlderKeys):
        trust.must_know(BEN.identity)
    third = learned(trust, cast()["cleo"].keys, "e" * 32, BEN.name)
    with pytest.raises(Namesake):
        trust.must_know(third)


def test_of_two_keys_with_one_number_the_approved_one_is_kept(tmp_path):
    trust = trusting(BEN.identity)
    first, other = reset(trust), reset(trust, keys=cast()["dan"].keys)
    for identity in (first, other, first):
        trust.approve(identity.kid)
    ProfileDir(tmp_path / "home").store_trust(trust.record())
    again = Trust()
    again.restore(ProfileDir(tmp_path / "home").trust())
    assert again.pinned(BEN.uid) == first


def test_a_profile_of_an_older_version_keeps_older_keys_where_they_stand(tmp_path):
    home = ProfileDir(tmp_path / "home")
    trust = trusting(BEN.identity)
    newer = reset(trust)
    pins = [ADA.signed, BEN.signed, trust.signed[newer.kid]]
    (home.path / "trust.json").write_text(json.dumps({"pins": pins, "verified": [newer.kid]}))
    kept = {"head": [5, ADA.kid], "keys": {}, "sent": {}, "tip": [], "turn": 0}
    (home.path / f"rooms/{ROOM}.json").write_text(json.dumps(kept))
    again = Trust()
    again.restore(home.trust())
    again.check_members(room_with(BEN.identity))
    with pytest.raises(OlderKeys):
        again.check_members(room_with(BEN.identity, OTHER))
