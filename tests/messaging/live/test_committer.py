"""Group commit: durable first, then acknowledged, many at once."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio
from django.conf import settings
from django.db import OperationalError, connection

from chatsite.lib.errors import Unavailable
from messaging.live.committer import MAX_BATCH, Committer
from messaging.live.executor import DatabaseExecutor
from messaging.store.base import Appended, NewMessage, Outcome, Rejected
from messaging.store.orm.store import OrmStore
from tests.messaging.senders import new_message, number, until


class Engine:
    """A store whose writes take as long as the test wants, and fail when it wants."""

    def __init__(self) -> None:
        self.batches: list[list[NewMessage]] = []
        self.may_write = threading.Event()
        self.fails: Exception | None = None
        self._seq = 0

    def append(self, batch: Sequence[NewMessage]) -> list[Outcome]:
        self.batches.append(list(batch))
        assert self.may_write.wait(10)
        if self.fails is not None:
            raise self.fails
        return [self._one(item) for item in batch]

    def _one(self, item: NewMessage) -> Outcome:
        if item.chain_number == 0:
            return Rejected("order")
        self._seq += 1
        return Appended(self._seq)


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest_asyncio.fixture
async def committer(engine) -> AsyncIterator[Committer]:
    writer = DatabaseExecutor(1, "test")
    committer = Committer(engine, writer)
    yield committer
    engine.may_write.set()
    await committer.close()
    writer.close()


async def test_nothing_is_acknowledged_before_the_write_is_done(engine, committer):
    ack = committer.append(new_message(1))
    await until(lambda: engine.batches)
    assert not ack.done()
    engine.may_write.set()
    assert await ack == Appended(1)


async def test_what_arrives_during_a_write_goes_into_the_next_one(engine, committer):
    acks = [committer.append(new_message(1))]
    await until(lambda: engine.batches)
    acks += [committer.append(new_message(n)) for n in range(2, 50)]
    engine.may_write.set()
    assert [outcome.seq for outcome in await asyncio.gather(*acks)] == list(range(1, 50))
    assert [len(batch) for batch in engine.batches] == [1, 48]


async def test_a_batch_has_an_end(engine, committer):
    acks = [committer.append(new_message(1))]
    await until(lambda: engine.batches)
    acks += [committer.append(new_message(n)) for n in range(2, MAX_BATCH + 10)]
    engine.may_write.set()
    await asyncio.gather(*acks)
    assert [len(batch) for batch in engine.batches] == [1, MAX_BATCH, 8]


async def test_each_sender_hears_of_their_own(engine, committer):
    engine.may_write.set()
    acks = [committer.append(new_message(n)) for n in (1, 0, 2)]
    assert await asyncio.gather(*acks) == [Appended(1), Rejected("order"), Appended(2)]


async def test_a_store_that_fails_acknowledges_nobody_and_recovers(engine, committer, caplog):
    engine.may_write.set()
    engine.fails = OperationalError("INSERT … VALUES ('the whole row')")
    acks = [committer.append(new_message(n)) for n in (1, 2)]
    for answer in await asyncio.gather(*acks, return_exceptions=True):
        assert isinstance(answer, Unavailable)
    engine.fails = None
    assert await committer.append(new_message(1)) == Appended(1)
    assert "OperationalError" in caplog.text
    assert "row" not in caplog.text


async def test_a_sender_who_left_holds_nobody_up(engine, committer):
    gone, here = committer.append(new_message(1)), committer.append(new_message(2))
    gone.cancel()
    engine.may_write.set()
    assert await here == Appended(2)


async def test_what_is_told_after_a_write_cannot_lose_an_ack(engine, caplog):
    def broken(messages: list[NewMessage], outcomes: list[Outcome]) -> None:
        raise RuntimeError("broken")

    writer = DatabaseExecutor(1, "test")
    committer = Committer(engine, writer, broken)
    engine.may_write.set()
    assert await committer.append(new_message(1)) == Appended(1)
    assert "commit.telling_failed RuntimeError" in caplog.text
    writer.close()


@pytest.mark.django_db(transaction=True)
async def test_an_ack_means_that_another_connection_sees_the_message():
    """By a connection of its own to the file, which knows nothing but what was committed."""
    name = connection.settings_dict["NAME"]
    writer = DatabaseExecutor(1, "test")
    committer = Committer(OrmStore(), writer)

    async def send(who: int) -> None:
        await committer.append(new_message(1, uid=number(who)))
        reader = sqlite3.connect(f"file:{name}?mode=ro", uri=True)
        try:
            found = reader.execute("SELECT uid FROM messages WHERE uid = ?", [number(who)])
            assert found.fetchall() == [(number(who),)]
        finally:
            reader.close()

    await asyncio.gather(*(send(who) for who in range(50)))
    await committer.close()
    writer.close()


@pytest.mark.django_db
def test_the_database_is_asked_to_be_durable():
    options = settings.DATABASES["default"]["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone() == (2,), "FULL: each commit reaches the disk"
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone() == ("wal",)


@pytest.mark.django_db(transaction=True)
async def test_a_broken_connection_is_replaced(caplog):
    caplog.set_level(logging.CRITICAL)
    threads = DatabaseExecutor(1, "test")
    opened: list[object] = []

    def ask() -> None:
        with connection.cursor() as cursor:
            opened.append(connection.connection)
            cursor.execute("SELECT 1")

    def fail() -> None:
        raise OperationalError

    await threads.run(ask)
    await threads.run(ask)
    with pytest.raises(OperationalError):
        await threads.run(fail)
    await threads.run(ask)
    assert opened[0] is opened[1]
    assert opened[1] is not opened[2]
    threads.close()


async def test_who_asks_whether_a_message_is_there_waits_while_it_is_on_its_way(engine, committer):
    first, second = new_message(1), new_message(2)
    written = [committer.append(first), committer.append(second)]
    asked = [
        asyncio.create_task(committer.settled(one.room, one.uid, one.client_message_id))
        for one in (first, second)
    ]
    await committer.settled(first.room, first.uid, new_message(3).client_message_id)
    await asyncio.sleep(0.05)
    assert not any(task.done() for task in asked)
    engine.may_write.set()
    await asyncio.gather(*asked)
    assert all(outcome.done() for outcome in written)
