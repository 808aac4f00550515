"""Who makes a room's next key, and when it should have one."""

from __future__ import annotations

import dataclasses

import pytest

from messaging.live.executor import DatabaseExecutor
from messaging.live.rotation import DAY, LEASE, Rotation, due
from rooms.memberships import MembershipSnapshot
from tests.messaging.senders import ROOM, UID, Clock

SNAPSHOT = MembershipSnapshot(
    room=ROOM,
    uid=UID,
    name="ada",
    kid="kid",
    signing_key=bytes(32),
    role="owner",
    since=1,
    epoch=3,
    open=True,
    closed=False,
    stopped=False,
    epoch_seq=5,
    epoch_ts=10 * DAY,
    head_seq=7,
    head_hash="hash",
    version=7,
    rotate_n=1000,
    rotate_days=30,
    search="server",
    generation=3,
    accepted=True,
)


class Store:
    """Counts how often it is asked where an epoch begins."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def before_epoch(self, room: str, e: int) -> int:
        self.asked.append(e)
        return 100 * e


class AtOnce(DatabaseExecutor):
    """No threads: there is nothing to wait for."""

    def __init__(self) -> None: ...

    async def run(self, function, *arguments):
        return function(*arguments)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def rotation(store, clock) -> Rotation:
    return Rotation(store, AtOnce(), clock)


def test_one_client_may_rotate_and_the_others_wait(rotation):
    assert [rotation.answer(ROOM, sid).code for sid in ("a", "b", "c", "a")] == [
        "rotate_first",
        "wait",
        "wait",
        "rotate_first",
    ]


def test_rooms_do_not_wait_for_each_other(rotation):
    assert rotation.answer(ROOM, "a").code == "rotate_first"
    assert rotation.answer("c" * 32, "b").code == "rotate_first"


def test_a_client_that_does_not_do_it_loses_its_turn(rotation, clock):
    rotation.answer(ROOM, "a")
    clock.seconds += LEASE - 0.1
    assert rotation.answer(ROOM, "b").code == "wait"
    assert rotation.answer(ROOM, "a").code == "rotate_first", "asking again does not prolong it"
    clock.seconds += 0.1
    assert rotation.answer(ROOM, "b").code == "rotate_first"
    assert rotation.answer(ROOM, "a").code == "wait"


def test_after_the_rotation_anybody_may_do_the_next(rotation):
    rotation.answer(ROOM, "a")
    rotation.renewed(ROOM)
    assert rotation.answer(ROOM, "b").code == "rotate_first"


async def test_where_an_epoch_begins_is_asked_once_for_each(rotation, store):
    for _ in range(3):
        assert await rotation.begin(SNAPSHOT) == 300
    assert await rotation.begin(dataclasses.replace(SNAPSHOT, epoch=4)) == 400
    assert store.asked == [3, 4]


@pytest.mark.parametrize(
    ("seq", "days", "policy", "expected"),
    [
        pytest.param(1299, 30, {}, False, id="neither"),
        pytest.param(1300, 0, {}, True, id="as many messages as the policy says"),
        pytest.param(301, 31, {}, True, id="more days than the policy says"),
        pytest.param(9999, 31, {"rotate_n": 0, "rotate_days": 0}, False, id="never"),
        pytest.param(9999, 30, {"rotate_n": 0}, False, id="days only"),
        pytest.param(1299, 999, {"rotate_days": 0}, False, id="messages only"),
    ],
)
def test_when_a_new_key_is_due(seq, days, policy, expected):
    membership = dataclasses.replace(SNAPSHOT, **policy)
    assert due(membership, 300, seq, SNAPSHOT.epoch_ts + days * DAY) is expected
