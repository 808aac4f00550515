"""The stack as in production: PostgreSQL, MongoDB's protocol, Redis, a worker in a process of its
own. Retries, kill -9, and nothing readable left in any of them.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bson
import psycopg
import pytest
from psycopg import sql
from redis import Redis

from sotto.client import Client
from tests.client.acting import PASSWORD
from tests.engines.mongo import MongoServer
from tests.engines.postgres import PostgresServer
from tests.engines.redis import RedisServer
from tests.engines.site import all_engines
from tests.live import ROOT, LiveServer
from tests.summaries.acting import Talk, talk
from tests.summaries.fake import Model, model
from tests.vectors.making import cast

START_WITHIN = 60  # seconds


class Worker:
    """`celery -A chatsite worker`, as it is run in production."""

    def __init__(self, site: LiveServer, environment: dict[str, str]) -> None:
        self.log = site.data.parent / "worker.log"
        self._environment = {**site.environment, **environment}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "celery",
                    "-A",
                    "chatsite",
                    "worker",
                    "-c",
                    "1",
                    "-l",
                    "DEBUG",
                ],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


@dataclass
class Site:
    web: LiveServer
    worker: Worker
    postgres: PostgresServer
    mongo: MongoServer
    redis: RedisServer
    fake: Model


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("workers")
    with ExitStack() as stack:
        engines = stack.enter_context(all_engines(folder))
        fake = stack.enter_context(model())
        web = stack.enter_context(LiveServer(folder / "data", **engines.variables))
        worker = Worker(web, fake.environment)
        stack.callback(worker.kill)
        worker.start()
        yield Site(web, worker, engines.postgres, engines.mongo, engines.redis, fake)


@pytest.fixture
async def garden(site: Site) -> AsyncIterator[Talk]:
    site.fake.script.clear()
    people: list[Client] = []

    async def sign_up(who: str, name: str, **options) -> Client:
        client = await Client(site.web.url, **options).__aenter__()
        people.append(client)
        await client.account.sign_up(name, PASSWORD, cast()[who].keys)
        return client

    found = await talk(sign_up)
    await announced(found)
    yield found
    for client in people:
        await client.close()


async def announced(found: Talk) -> None:
    deadline = time.monotonic() + START_WITHIN
    while time.monotonic() < deadline:
        kept = await found.ada.session.api.get(f"chatrooms/{found.room}/summary")
        if kept["worker"] is not None:
            assert kept["worker"]["embedded"] is False
            return
        await asyncio.sleep(0.2)
    raise AssertionError("no worker announced itself")


@pytest.mark.slow
async def test_a_worker_on_redis_tries_again_and_brings_the_summary(site: Site, garden: Talk):
    site.fake.asked.clear()
    site.fake.script[:] = [429, 500]
    async with asyncio.timeout(90):
        made = await garden.ada.summaries.request(garden.room)
    assert made.text == site.fake.text
    assert len(site.fake.asked) == 3
    assert [one.text for one in await garden.ben.summaries.shared(garden.room)] == [made.text]


@pytest.mark.slow
async def test_fault_a_worker_killed_at_work_leaves_nothing_and_one_asks_again(site, garden):
    site.fake.script[:] = ["slow"] * 3
    asking = asyncio.create_task(garden.ada.summaries.request(garden.room))
    async with asyncio.timeout(30):
        request = await at_work(garden)
    site.worker.kill()
    await garden.ada.session.api.delete(f"chatrooms/{garden.room}/summary/{request['rid']}")
    with pytest.raises(Exception, match="cancelled"):
        await asking
    site.fake.script.clear()
    site.worker.start()
    async with asyncio.timeout(90):
        assert (await garden.ada.summaries.request(garden.room)).text == site.fake.text


async def at_work(garden: Talk):
    """ada's request, once a worker has begun it."""
    while True:
        kept = await garden.ada.session.api.get(f"chatrooms/{garden.room}/summary")
        for request in kept["requests"]:
            if request["state"] == "working":
                return request
        await asyncio.sleep(0.05)


@pytest.mark.slow
async def test_canary_a_whole_run_leaves_nothing_readable(site: Site, garden: Talk):
    """In databases, in Redis, in the queue, in any log at its most talkative: while it waits, and
    afterwards.
    """
    words = ["marmalade nightingale", "pomegranate", "persimmon", "lychee"]
    site.fake.text, before = f"They spoke of a {words[1]}.", site.fake.text
    await garden.ada.rooms.create(f"{words[2]} hall", f"of {words[2]}s")
    await garden.ben.files.send(garden.room, b"a lychee", name="lychee.txt", body="the lychee file")
    for n in range(3):
        await garden.ben.messages.send(garden.room, f"the {words[0]} sings, number {n}")
    await searched(garden, "nightingale marmal", 3)
    site.fake.script[:] = [500, "slow", 401]
    asking = asyncio.create_task(garden.ada.summaries.request(garden.room))
    async with asyncio.timeout(60):
        while not asking.done():
            assert_unreadable(site, words)
            await asyncio.sleep(0.3)
    assert "401" not in str(asking.exception())
    site.fake.script.clear()
    async with asyncio.timeout(60):
        made = await garden.ada.summaries.request(garden.room)
    assert words[1] in made.text
    assert words[0] in str(site.fake.asked[-1]), "the model was shown it"
    site.fake.text = before
    await searched(garden, "lychee", 1)
    assert_the_scan_sees(site, garden)
    assert_unreadable(site, [*words, "sk-canary-key"], on_disk=True)


async def searched(garden: Talk, query: str, many: int) -> None:
    for order in ("newest", "relevance"):
        hits = [one async for one in garden.ada.search.messages(garden.room, query, order=order)]
        assert len(hits) == many


def assert_the_scan_sees(site: Site, garden: Talk) -> None:
    """Every place that is looked through shows something that is meant to be there."""
    seen = {where: hay for where, hay in left_behind(site) if garden.room.encode() in hay}
    for place in ("postgres chatrooms", "mongo messages", "mongo chat_summaries", "redis"):
        assert any(where.startswith(place) for where in seen), f"{place}: {sorted(seen)}"


def assert_unreadable(site: Site, words: list[str], *, on_disk: bool = False) -> None:
    secrets_ = [form for word in words for form in forms(word.encode())]
    looked_at = 0
    for where, hay in (*left_behind(site), *(files_of_engines(site) if on_disk else ())):
        looked_at += 1
        for secret in secrets_:
            assert secret.lower() not in hay.lower(), f"{where} holds {secret!r}"
    assert looked_at > 5


def left_behind(site: Site) -> Iterator[tuple[str, bytes]]:
    yield from files_in(site.web.data)
    yield from ((str(log), log.read_bytes()) for log in (site.web.log, site.worker.log))
    yield from rows_of(site.postgres)
    yield from documents_of(site.mongo)
    with Redis.from_url(site.redis.url) as client:
        for key in client.scan_iter("*"):
            kept = values_of(client, key)
            dumped = client.dump(key) or b""
            yield f"redis {key!r}", b"\n".join([key, dumped, *kept, *map(unwrapped, kept)])


def files_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield str(path), path.read_bytes()


def files_of_engines(site: Site) -> Iterator[tuple[str, bytes]]:
    """As they lie on the disk: what was deleted is there for a while, and what goes ahead of the
    tables in the log.
    """
    for folder in (site.postgres.folder, site.mongo.folder):
        with suppress(FileNotFoundError):  # a file that the engine has just let go
            yield from files_in(folder)


def rows_of(server: PostgresServer) -> Iterator[tuple[str, bytes]]:
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    with psycopg.connect(server.url) as connection:
        for (name,) in connection.execute(tables).fetchall():
            copying = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(name))
            with connection.cursor().copy(copying) as rows:
                yield f"postgres {name}", b"".join(bytes(row) for row in rows)


def documents_of(server: MongoServer) -> Iterator[tuple[str, bytes]]:
    with server.client() as client:
        for database in client.list_database_names():
            for name in client[database].list_collection_names():
                found = client[database][name].find()
                yield f"mongo {name}", b"\n".join(bson.encode(one) for one in found)


def values_of(client: Any, key: bytes) -> list[bytes]:
    kind = client.type(key)
    if kind == b"list":
        return client.lrange(key, 0, -1)
    if kind == b"hash":
        return [part for pair in client.hgetall(key).items() for part in pair]
    if kind == b"zset":
        return client.zrange(key, 0, -1)
    if kind == b"set":
        return list(client.smembers(key))
    assert kind in (b"string", b"none"), f"{key!r} is a {kind!r}: look into those, too"
    return [client.get(key) or b""]


def unwrapped(message: bytes) -> bytes:
    """The body of a message of Celery's, which lies there in base64."""
    try:
        return base64.b64decode(json.loads(message)["body"])
    except (ValueError, KeyError, TypeError):
        return b""


def forms(secret: bytes) -> list[bytes]:
    """As it is, and as base64 and hex would show it, whatever stands before it."""
    found = [secret, secret.hex().encode()]
    for shift in range(3):
        coded = base64.b64encode(bytes(shift) + secret)
        found.append(coded[4 if shift else 0 : -4])
    return found
