"""Admission caches memberships: they follow the log, and expire after seconds."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

import pytest

from chatsite.lib.errors import NotFound, Refused
from messaging.live import admission as module
from messaging.live.admission import (
    CLOCK_SLACK,
    SNAPSHOT_AGE,
    Admission,
    parse_message,
    verified_message,
)
from messaging.live.frames import send_of
from tests.base import person
from tests.messaging.live.test_rotation import SNAPSHOT
from tests.messaging.senders import ROOM, UID, Clock, Sender, name_of, until

NOW = 1_700_000_000_000


class Database:
    """Answers at once, or when the test lets it; counts the questions."""

    def __init__(self) -> None:
        self.snapshots = {UID: SNAPSHOT}
        self.version = SNAPSHOT.version
        self.hashes = {6: name_of("six")}
        self.asked: list[str] = []
        self.queries = 0
        self.open = asyncio.Event()
        self.open.set()

    def membership_snapshots(self, asked):
        self.asked += ["membership"] * len(asked)
        return {(uid, room): self.snapshots[uid] for uid, room in asked if uid in self.snapshots}

    def room_versions(self, rooms):
        self.asked += ["version"] * len(rooms)
        return dict.fromkeys(rooms, self.version)

    def log_hash(self, room: str, seq: int) -> str | None:
        self.asked.append("hash")
        return self.hashes.get(seq)

    async def run(self, function, *arguments):
        self.queries += 1
        answer = function(*arguments)
        await self.open.wait()
        return answer


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(monkeypatch) -> Database:
    database = Database()
    monkeypatch.setattr(module, "membership_snapshots", database.membership_snapshots)
    monkeypatch.setattr(module, "room_versions", database.room_versions)
    monkeypatch.setattr(module, "log_hash", database.log_hash)
    return database


@pytest.fixture
def admission(database, clock) -> Admission:
    return Admission(database, clock)


def header(**changes: Any) -> dict[str, Any]:
    """As much of one as admission looks at, of a message that fits."""
    fitting = {
        "room": ROOM,
        "e": SNAPSHOT.epoch,
        "kid": SNAPSHOT.kid,
        "lh": [SNAPSHOT.head_seq, SNAPSHOT.head_hash],
        "ts": NOW,
    }
    return {**fitting, **changes}


# --- the cache -----------------------------------------------------------------------------------


async def test_a_membership_is_read_once_in_a_while(admission, database, clock):
    for _ in range(3):
        assert await admission.membership(UID, ROOM) == SNAPSHOT
    assert database.asked == ["version", "membership"]


async def test_the_room_s_version_is_read_again_and_the_membership_if_it_moved(
    admission, database, clock
):
    await admission.membership(UID, ROOM)
    clock.seconds += SNAPSHOT_AGE
    database.asked.clear()
    assert await admission.membership(UID, ROOM) == SNAPSHOT
    assert database.asked == ["version"]
    clock.seconds += SNAPSHOT_AGE
    database.version += 1
    del database.snapshots[UID]
    with pytest.raises(NotFound):
        await admission.membership(UID, ROOM)


async def test_many_who_come_at_once_are_looked_up_together(admission, database):
    others = [f"{n:032x}" for n in range(20)]
    database.snapshots |= dict.fromkeys(others, SNAPSHOT)
    await asyncio.gather(*(admission.membership(uid, ROOM) for uid in others))
    assert database.asked.count("membership") == len(others)
    assert database.queries < 2 + 3, "of the version, and of snapshots"


async def test_a_moved_log_empties_the_room(admission, database):
    await admission.membership(UID, ROOM)
    del database.snapshots[UID]
    admission.room_changed(ROOM)
    with pytest.raises(NotFound):
        await admission.membership(UID, ROOM)


async def test_who_had_no_membership_may_come_in_at_once(admission, database):
    membership = database.snapshots.pop(UID)
    with pytest.raises(NotFound):
        await admission.membership(UID, ROOM)
    database.snapshots[UID] = membership
    assert await admission.membership(UID, ROOM) == membership


async def test_what_was_read_while_the_log_moved_is_not_kept(admission, database):
    """The old answer arrives after the event: it must not be believed for seconds."""
    with pytest.raises(NotFound):
        await admission.membership("0" * 32, ROOM)
    database.asked.clear()
    database.open.clear()
    reading = asyncio.create_task(admission.membership(UID, ROOM))
    await until(lambda: "membership" in database.asked)
    del database.snapshots[UID]
    admission.room_changed(ROOM)
    database.open.set()
    assert await reading == SNAPSHOT
    with pytest.raises(NotFound):
        await admission.membership(UID, ROOM)


@pytest.mark.parametrize(
    "newer",
    [
        pytest.param({"e": 4}, id="a new epoch"),
        pytest.param({"kid": "another"}, id="a new key"),
        pytest.param({"lh": [8, "hash"]}, id="a longer log"),
    ],
)
async def test_a_sender_who_knows_more_makes_it_look_again(admission, database, newer):
    await admission.membership(UID, ROOM)
    database.snapshots[UID] = dataclasses.replace(SNAPSHOT, epoch=4, head_seq=8, version=8)
    database.version = 8
    assert (await admission.membership_for(UID, header(**newer))).epoch == 4


async def test_a_closed_room_is_looked_at_again(admission, database):
    database.snapshots[UID] = dataclasses.replace(SNAPSHOT, open=False)
    await admission.membership(UID, ROOM)
    database.snapshots[UID] = dataclasses.replace(SNAPSHOT, version=SNAPSHOT.version + 1)
    database.version += 1
    assert (await admission.membership_for(UID, header())).open


async def test_a_sender_who_knows_as_much_costs_no_look(admission, database):
    await admission.membership_for(UID, header())
    await admission.membership_for(UID, header(lh=[6, "hash"]))
    assert database.asked == ["version", "membership"]


# --- what fits -----------------------------------------------------------------------------------


async def reject_reason(admission: Admission, membership=SNAPSHOT, **changes: Any) -> str | None:
    problem = await admission.reject_reason(membership, header(**changes), NOW)
    return problem.code if problem else None


async def test_what_fits_is_not_objected_to(admission, database):
    assert await reject_reason(admission) is None
    assert await reject_reason(admission, lh=[6, name_of("six")]) is None
    assert await reject_reason(admission, lh=[6, name_of("six")]) is None
    assert database.asked == ["hash"], "a log never changes"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"e": 2}, id="the epoch before"),
        pytest.param({"e": 4}, id="an epoch to come"),
        pytest.param({"kid": "another"}, id="another key"),
        pytest.param({"lh": [7, "another"]}, id="another newest event"),
        pytest.param({"lh": [6, "another"]}, id="another older event"),
        pytest.param({"lh": [8, "hash"]}, id="an event to come"),
        pytest.param({"lh": [4, "hash"]}, id="an event before the epoch"),
    ],
)
async def test_what_is_of_another_time_is_stale(admission, database, changes):
    database.hashes[4] = "hash"
    problem = await admission.reject_reason(SNAPSHOT, header(**changes), NOW)
    assert problem is not None
    assert (problem.code, problem.extra) == ("stale", {"head": SNAPSHOT.head_seq})


async def test_a_closed_room_asks_for_a_key_whatever_is_sent(admission, database):
    closed = dataclasses.replace(SNAPSHOT, open=False)
    assert await reject_reason(admission, closed) == "rotate_first"
    assert await reject_reason(admission, closed, e=2, ts=0) == "rotate_first"


async def test_a_room_that_was_closed_for_good_says_so(admission, database):
    ended = dataclasses.replace(SNAPSHOT, open=False, closed=True)
    assert await reject_reason(admission, ended) == "room_closed"
    assert await reject_reason(admission, ended, e=2, ts=0) == "room_closed"


async def test_a_room_that_the_operator_stopped_takes_nothing_and_goes_on_when_told(
    admission, database, clock
):
    stopped = dataclasses.replace(SNAPSHOT, stopped=True, version=-1 - SNAPSHOT.version)
    assert await reject_reason(admission, stopped) == "room_stopped"
    assert not (await admission.membership(UID, ROOM)).stopped
    for now in (stopped, SNAPSHOT):
        database.version, database.snapshots = now.version, {UID: now}
        clock.seconds += SNAPSHOT_AGE
        assert (await admission.membership(UID, ROOM)).stopped == now.stopped


@pytest.mark.parametrize("by", [-1, 1])
async def test_five_minutes_and_no_more(admission, by):
    assert await reject_reason(admission, ts=NOW + by * CLOCK_SLACK) is None
    problem = await admission.reject_reason(SNAPSHOT, header(ts=NOW + by * (CLOCK_SLACK + 1)), NOW)
    assert problem is not None
    assert (problem.code, problem.extra) == ("clock", {"now": NOW})


# --- the message ----------------------------------------------------------------------------------


def test_a_draft_is_what_was_sent(room, ada):
    sender = Sender(ada, room)
    frame = {**sender.seal(), "re": [4, 2], "tokens": {"g": 1, "t": [5, 9]}}
    message = parse_message(send_of(frame), ada.uid)
    ed = ada.key.public_key().public_bytes_raw()
    verified = verified_message(
        message, dataclasses.replace(SNAPSHOT, signing_key=ed, generation=1), NOW
    )
    sealed = (verified.header, verified.iv, verified.ciphertext, verified.signature)
    assert sealed == tuple(frame[key] for key in ("h", "iv", "ct", "sig"))
    assert (
        verified.message_id,
        verified.chain_number,
        verified.previous_id,
        verified.stored_ms,
    ) == (sender.last, 1, "", NOW)
    assert (verified.refers_to, verified.generation, verified.tokens) == ((4, 2), 1, (5, 9))
    assert verified.erase == ()


@pytest.mark.parametrize(("role", "leads"), [("owner", 1), ("moderator", 1), ("member", 0)])
def test_a_draft_says_whether_its_sender_leads(room, ada, role, leads):
    message = parse_message(send_of({**Sender(ada, room).seal(), "erase": [3, 1]}), ada.uid)
    ed = ada.key.public_key().public_bytes_raw()
    verified = verified_message(
        message, dataclasses.replace(SNAPSHOT, signing_key=ed, role=role), NOW
    )
    assert (verified.erase, verified.leads) == ((3, 1), bool(leads))


def test_a_room_searched_on_devices_stores_no_tokens(room, ada):
    frame = {**Sender(ada, room).seal(), "tokens": {"g": 1, "t": [5, 9]}}
    ed = ada.key.public_key().public_bytes_raw()
    membership = dataclasses.replace(SNAPSHOT, signing_key=ed, search="device")
    verified = verified_message(parse_message(send_of(frame), ada.uid), membership, NOW)
    assert (verified.generation, verified.tokens) == (0, ())


def test_another_key_than_the_seats_is_refused(room, ada):
    message = parse_message(send_of(Sender(ada, room).seal()), ada.uid)
    other = person("dora").key.public_key().public_bytes_raw()
    with pytest.raises(Refused) as refused:
        verified_message(message, dataclasses.replace(SNAPSHOT, signing_key=other), NOW)
    assert refused.value.code == "bad_message"


@pytest.mark.parametrize("g", [2, 2**31, 2**53 - 1])
def test_tokens_of_a_generation_to_come_are_refused(room, ada, g):
    """Generations are epochs; and one beyond a column's reach would fail everybody's batch."""
    frame = {**Sender(ada, room).seal(), "tokens": {"g": g, "t": [1]}}
    with pytest.raises(Refused) as refused:
        parse_message(send_of(frame), ada.uid)
    assert refused.value.code == "bad_message"


def test_hostile_tokens_under_an_older_search_key_are_refused(room, ada):
    """Removed members hold that key."""
    frame = {**Sender(ada, room).seal(), "tokens": {"g": 1, "t": [5]}}
    membership = dataclasses.replace(
        SNAPSHOT, signing_key=ada.key.public_key().public_bytes_raw(), epoch=2, generation=2
    )
    with pytest.raises(Refused) as refused:
        verified_message(parse_message(send_of(frame), ada.uid), membership, NOW)
    assert refused.value.code == "bad_message"
