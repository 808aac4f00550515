"""MongoDB at scale: starts that read no whole collection, indexes that hold only what they are for,
and two processes in one room while a majority is slow.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.monitoring import CommandListener, CommandStartedEvent

from messaging.store.append import TRIES
from messaging.store.base import Appended, Rejected
from messaging.store.mongo import indexes
from messaging.store.mongo.store import MongoStore
from summaries.store.mongo import MongoSummaries
from tests.live import ROOT, START_WITHIN
from tests.messaging.senders import ROOM, name_of, new_message

pytestmark = pytest.mark.django_db


@pytest.fixture
def database(mongo: str) -> Iterator[str]:
    name = f"test_{secrets.token_hex(6)}"
    yield name
    with MongoClient[dict[str, Any]](mongo) as client:
        client.drop_database(name)


@pytest.fixture
def store(mongo: str, database: str) -> MongoStore:
    found = MongoStore(mongo, database)
    found.prepare()
    return found


# --- starts --------------------------------------------------------------------------------------


class Listener(CommandListener):
    """The commands that a client sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.sent.append((event.command_name, dict(event.command)))

    def succeeded(self, event: object) -> None: ...

    def failed(self, event: object) -> None: ...


def test_fault_a_start_reads_no_whole_collection(mongo, database, store, monkeypatch):
    """Every query is for one document, or by the index that holds unfinished messages alone."""
    store.append([new_message(n) for n in range(1, 4)])
    listener = Listener()
    heard = partial(MongoClient, event_listeners=[listener])
    monkeypatch.setattr("messaging.store.mongo.connection.MongoClient", heard)
    again = MongoStore(mongo, database)
    again.prepare_to_serve(lambda line: pytest.fail(line))
    names = [name for name, _ in listener.sent]
    assert "createIndexes" not in names, "nothing is built where everything is there"
    for name, command in listener.sent:
        assert name not in {"count", "aggregate", "distinct"}
        if name == "find":
            assert command.get("limit") == 1 or command.get("hint") == "erasing", command
    assert any(command.get("hint") == "erasing" for _, command in listener.sent)


def test_fault_indexes_that_are_missing_are_built_beside_the_start(mongo, database, store):
    store.append([new_message()])
    store.messages.drop_index("epoch")
    store.messages.drop_index("erasing")
    said: list[str] = []
    again = MongoStore(mongo, database)
    again.prepare_to_serve(said.append)
    assert len(said) == 1
    assert "in the background: messages.epoch, messages.erasing" in said[0]
    for thread in threading.enumerate():
        if thread.name == "building indexes":
            thread.join(START_WITHIN)
    assert indexes.missing(store.connection.client[database], indexes.OTHERS) == []


def test_fault_no_message_is_taken_before_the_unique_indexes_are_there(mongo, database, store):
    store.append([new_message()])
    store.messages.drop_index("number")
    said: list[str] = []
    MongoStore(mongo, database).prepare_to_serve(said.append)
    assert said == ["Building indexes in MongoDB before messages are taken: messages.number …"]
    assert store.messages.index_information()["number"]["unique"] is True


def test_a_fresh_database_is_ready_without_a_word(mongo, database):
    MongoStore(mongo, database).prepare_to_serve(lambda line: pytest.fail(line))
    with MongoClient[dict[str, Any]](mongo) as client:
        for wanted in (indexes.UNIQUE, indexes.OTHERS):
            assert indexes.missing(client[database], wanted) == []


def test_fault_an_erasing_that_a_crash_interrupted_is_finished_at_the_start(mongo, database, store):
    store.append([new_message(1), new_message(2)])
    store.messages.update_one({"room": ROOM, "seq": 2}, {"$set": {"erasing": [1]}})
    MongoStore(mongo, database).prepare_to_serve(lambda line: None)
    erased = store.messages.find_one({"room": ROOM, "seq": 1})
    assert erased is not None
    assert erased["by"] == 2
    assert "ct" not in erased
    assert store.messages.count_documents({"erasing": {"$exists": True}}) == 0


def test_partial_indexes_replace_the_sparse_ones(store):
    messages = store.messages
    messages.create_index([("room", 1), ("re", 1)], name="references", sparse=True)
    store.prepare()
    store.prepare()
    found = messages.index_information()
    assert not {"references", "erased", "unfinished"} & found.keys()
    assert not any(index.get("sparse") for index in found.values())
    fields = {"refers": "re", "changes": "re", "tombstones": "by", "erasing": "erasing"}
    for name, field in fields.items():
        assert found[name]["partialFilterExpression"] == {field: {"$exists": True}}


def test_queries_name_the_fields_of_partial_indexes(store, mongo, database):
    """MongoDB uses a partial index only for queries that say that the field is there."""
    listener = Listener()
    client = MongoClient[dict[str, Any]](mongo, event_listeners=[listener])
    store.connection.__dict__["messages"] = client[database]["messages"]
    store.append([new_message(1), new_message(2, refers_to=(1,)), new_message(3, erase=(1,))])
    store.referring(ROOM, first=1, last=1, limit=5)
    store.changing(ROOM, [1], limit=5)
    store.changes(ROOM, limit=5)
    client.close()
    asked = [command["filter"] for name, command in listener.sent if name == "find"]
    for field in ("re", "by"):
        about = [one[field] for one in asked if isinstance(one.get(field), dict)]
        assert about
        assert all("$exists" in one for one in about)


@pytest.mark.parametrize("many", [1, 50])
def test_queries_of_first_messages_do_not_grow_with_them(store, mongo, database, many):
    listener = Listener()
    client = MongoClient[dict[str, Any]](mongo, event_listeners=[listener])
    store.connection.__dict__["messages"] = client[database][store.messages.name]
    store.connection.__dict__["chains"] = client[database][store.chains.name]
    store.append([new_message(1, uid=f"{n:032x}", room=f"{n % 7:032x}") for n in range(many)])
    # The rooms' ends; of the devices their last messages, those expired, and twice how many.
    assert [name for name, _ in listener.sent] == ["aggregate"] * 5 + ["insert"]
    client.close()


# --- two processes -------------------------------------------------------------------------------


class SlowMajority:
    """The messages as one process sees them while another one writes to the same room, and a
    majority confirms late: reads with majority concern do not find what is not confirmed yet,
    unique indexes do. `rival` writes before each of our inserts, `busy` times.
    """

    def __init__(self, messages: Collection[dict[str, Any]], busy: int) -> None:
        self._messages = messages
        self.busy = busy
        self.unconfirmed: list[int] = []
        self.barriers = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._messages, name)

    def with_options(self, **options: Any) -> Collection[dict[str, Any]]:
        assert options["read_concern"].level == "local"
        return self._messages

    def find_one(self, wanted: dict[str, Any], *rest: Any, **options: Any) -> Any:
        hidden = {"$and": [wanted, {"seq": {"$nin": self.unconfirmed}}]}
        return self._messages.find_one(hidden, *rest, **options)

    def aggregate(self, pipeline: list[dict[str, Any]]) -> Any:
        confirmed = {"$match": {"seq": {"$nin": self.unconfirmed}}}
        for stage in pipeline:
            if union := stage.get("$unionWith"):
                union["pipeline"] = [confirmed, *union["pipeline"]]
        return self._messages.aggregate([confirmed, *pipeline])

    def insert_many(self, documents: list[dict[str, Any]], **options: Any) -> Any:
        if self.busy:
            self.busy -= 1
            self.rival(documents[0])
        return self._messages.insert_many(documents, **options)

    def rival(self, like: dict[str, Any]) -> None:
        """Another process takes the number that we are about to use, unless it did so before."""
        seq = like["seq"]
        if seq not in self.unconfirmed and not self._messages.find_one({"seq": seq}):
            other = {"uid": "e" * 32, "dev": "f" * 32, "n": seq, "cid": name_of(("rival", seq))}
            self._messages.insert_one({**like, **other, "id": name_of(("rival", seq))})
            self.unconfirmed.append(seq)

    def delete_many(self, wanted: dict[str, Any]) -> Any:
        """A write that waits for a majority: what was written before is confirmed then."""
        self.barriers += 1
        self.unconfirmed.clear()
        return self._messages.delete_many(wanted)


def slowed(store: MongoStore, busy: int) -> SlowMajority:
    slow = SlowMajority(store.messages, busy)
    store.connection.__dict__["messages"] = slow
    return slow


def test_fault_a_majority_that_is_late_does_not_make_the_store_busy(store, monkeypatch):
    """The rival's message is not confirmed before we give up; we write behind it all the same."""
    pauses: list[int] = []
    monkeypatch.setattr("messaging.store.mongo.store.backoff", pauses.append)
    slowed(store, busy=1)
    assert store.append([new_message(1), new_message(2)]) == [Appended(2), Appended(3)]
    assert len(pauses) == 1, "the next attempt knows the newest number"


def test_fault_a_rival_that_is_always_faster_is_survived(store, monkeypatch):
    pauses: list[int] = []
    monkeypatch.setattr("messaging.store.mongo.store.backoff", pauses.append)
    slow = slowed(store, busy=10)
    (outcome,) = store.append([new_message(1)])
    assert isinstance(outcome, Appended)
    assert len(pauses) <= 2 * 10 < TRIES
    assert [row.seq for row in MongoStore.page(store, ROOM, after=0)] != []
    assert slow.busy == 0


def test_fault_a_refusal_rests_on_what_a_majority_has(store, monkeypatch):
    """A message that only the primary has may be lost with it: nobody is refused because of it."""
    monkeypatch.setattr("messaging.store.mongo.store.backoff", lambda attempt: None)
    slow = slowed(store, busy=1)
    first, second = store.append(
        [new_message(1), new_message(3, previous_id=name_of("a message that is not there"))]
    )
    assert first == Appended(2)
    assert isinstance(second, Rejected)
    assert second.code == "order"
    assert slow.barriers == 1


def test_fault_a_message_that_is_there_is_confirmed_before_it_is_acknowledged(store, monkeypatch):
    """It was sent by way of another process, and no majority has it yet."""
    monkeypatch.setattr("messaging.store.mongo.store.backoff", lambda attempt: None)
    store.append([new_message(1)])
    other = slowed(store, busy=0)
    other.unconfirmed.append(1)
    (outcome,) = store.append([new_message(1)])
    assert outcome == Appended(1, fresh=False)
    assert other.barriers == 1


# --- documentation -------------------------------------------------------------------------------


def test_the_documentation_shards_every_collection_and_no_other(store, mongo, database):
    summaries = MongoSummaries(mongo, database)
    used = {*indexes.UNIQUE, *indexes.OTHERS, summaries.collection.name}
    text = (ROOT / "docs" / "operations.md").read_text()
    assert set(re.findall(r'sh\.shardCollection\("sotto\.(\w+)"', text)) == used
    assert {store.messages.name, store.chains.name} <= used


@pytest.mark.parametrize("collection", indexes.UNIQUE)
def test_unique_indexes_begin_with_the_shard_key(collection):
    for index in indexes.UNIQUE[collection]:
        assert next(iter(index.document["key"])) == "room"
