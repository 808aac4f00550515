"""The pool of connections to PostgreSQL: who waits gives its connection back, and nobody stalls."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import psutil
import psycopg
import pytest

from tests.base import PASSWORD
from tests.deploy.starting import AWAY, CONFIG, refused
from tests.engines.postgres import PostgresServer, empty_database, postgres_server
from tests.engines.redis import RedisServer
from tests.live import ROOT, SECRET_KEY, LiveServer
from tests.messaging.live.test_live import connect
from tests.messaging.members import Member
from tests.messaging.senders import Sender

MOST, OF_SOCKETS_AND_LOCK = 2, 6
PEOPLE = 4
WITHIN = 30  # seconds, on a busy machine
FID = "e" * 32


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="module")
def server(postgres, tmp_path_factory) -> Iterator[LiveServer]:
    """A process whose requests have two connections at a time."""
    folder = tmp_path_factory.mktemp("pool") / "data"
    with LiveServer(
        folder,
        DATABASE_URL=postgres.url,
        DATABASE_POOL_MAX=str(MOST),
        DATABASE_POOL_TIMEOUT="10",
    ) as running:
        yield running


@pytest.fixture
def redis(tmp_path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


def connections(url: str) -> int:
    """How many there are to the database, without the one that asks."""
    with psycopg.connect(url) as database:
        mine = "FROM pg_stat_activity WHERE datname = current_database()"
        [found] = database.execute(f"SELECT COUNT(*) - 1 {mine}").fetchone() or (0,)
    return int(found)


def eventually(holds: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + WITHIN
    while not (result := holds()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)
    return result


# --- many at once --------------------------------------------------------------------------------


def sign_in_and_read(member: Member, room: Any) -> list[int]:
    signing = {"name": member.name, "password": PASSWORD}
    answers = [member.http.post("auth/login", json=signing)]
    paths = ("chatrooms", f"chatrooms/{room.id}/messages", f"chatrooms/{room.id}/keys")
    answers += [member.http.get(path) for path in paths]
    return [answer.status_code for answer in answers]


async def send_many(server: LiveServer, member: Member, room: Any) -> list[int]:
    sender = Sender(member, room)  # type: ignore[arg-type]
    async with connect(server, member) as wire:
        seqs = []
        for _ in range(5):
            await wire.send(sender.seal())
            seqs.append((await wire.event("ack"))["seq"])
        return seqs


@pytest.mark.slow
async def test_two_connections_are_enough_to_send_read_and_sign_in_at_once(server, postgres):
    people = [Member(server) for _ in range(PEOPLE)]
    rooms = [who.create_room() for who in people]
    with ThreadPoolExecutor(2 * PEOPLE) as threads:
        loop = asyncio.get_running_loop()
        pairs = list(zip(people, rooms, strict=True)) * 2
        reading = [loop.run_in_executor(threads, sign_in_and_read, *pair) for pair in pairs]
        writing = [send_many(server, *pair) for pair in pairs[:PEOPLE]]
        sent = await asyncio.gather(*writing)
        read = await asyncio.gather(*reading)
    assert read == [[200] * 4] * len(read)
    assert sent == [[1, 2, 3, 4, 5]] * PEOPLE
    assert connections(postgres.url) <= MOST + OF_SOCKETS_AND_LOCK


@pytest.mark.slow
def test_slow_uploads_hold_no_connection(server):
    ada = Member(server)
    room = ada.create_room()
    head = "\r\n".join(
        [
            f"PUT /api/v1/chatrooms/{room.id}/files/{{fid}} HTTP/1.1",
            "Host: localhost",
            f"Authorization: Bearer {ada.access}",
            "Content-Type: application/octet-stream",
            "Content-Length: 200000",
            "",
            "x" * 100,
        ]
    )
    lines = [socket.create_connection(("localhost", server.port)) for _ in range(MOST + 2)]
    try:
        for line in lines:
            line.sendall(head.format(fid=secrets.token_hex(16)).encode())
        eventually(lambda: holders_of(server) >= len(lines))
        for _ in range(4):
            assert ada.http.get("chatrooms", timeout=5).status_code == 200
    finally:
        for line in lines:
            line.close()


def holders_of(server: LiveServer) -> int:
    """Connections that programs have with the server."""
    port = server.port
    there = psutil.Process(server.pid).net_connections("tcp")
    return sum(one.laddr.port == port and one.status == "ESTABLISHED" for one in there)


@pytest.mark.slow
def test_slow_readers_of_a_file_hold_no_connection(server):
    ada = Member(server)
    room = ada.create_room()
    about = {"Content-Type": "application/octet-stream"}
    content = secrets.token_bytes(16 * 1024 * 1024)
    ada.http.put(f"chatrooms/{room.id}/files/{FID}", content=content, headers=about)
    asks = f"GET /api/v1/chatrooms/{room.id}/files/{FID} HTTP/1.1\r\nHost: localhost\r\n"
    lines = [socket.create_connection(("localhost", server.port)) for _ in range(MOST + 2)]
    try:
        for line in lines:
            line.sendall(f"{asks}Authorization: Bearer {ada.access}\r\n\r\n".encode())
            assert line.recv(12) == b"HTTP/1.1 200"
        for _ in range(4):
            assert ada.http.get("chatrooms", timeout=5).status_code == 200
    finally:
        for line in lines:
            line.close()


@contextmanager
def rooms_locked(url: str) -> Iterator[None]:
    """Nobody can read rooms for as long as this lasts."""
    with psycopg.connect(url) as database:
        database.execute("LOCK TABLE chatrooms IN ACCESS EXCLUSIVE MODE")
        yield
        database.rollback()


def waiting_for_the_lock(url: str) -> int:
    with psycopg.connect(url) as database:
        locks = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted"
        [found] = database.execute(locks).fetchone() or (0,)
    return int(found)


@pytest.mark.slow
def test_who_gets_no_connection_in_time_is_told_to_try_again(postgres, tmp_path):
    variables = {"DATABASE_POOL_MAX": "2", "DATABASE_POOL_TIMEOUT": "0.5"}
    with (
        empty_database(postgres.url) as url,
        LiveServer(tmp_path / "data", DATABASE_URL=url, **variables) as server,
    ):
        ada = Member(server)
        room = ada.create_room()
        with ThreadPoolExecutor(2) as threads:
            with rooms_locked(url):
                busy = [threads.submit(ada.history, room) for _ in range(2)]
                eventually(lambda: waiting_for_the_lock(url) >= 2)
                answer = ada.http.get("me/sessions")
                page = httpx2.get(f"{server.url}/accounts/login/", follow_redirects=True)
            assert [one.result(WITHIN) for one in busy] == [[], []]
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
        assert answer.headers["retry-after"] == "5"
        assert page.status_code == 200, "a page that asks nothing needs no connection"
        assert ada.http.get("me/sessions").status_code == 200


# --- restarts, forks -----------------------------------------------------------------------------


@pytest.mark.slow
async def test_fault_connections_that_a_restart_has_cut_are_replaced(tmp_path):
    with postgres_server() as postgres:
        variables = {"DATABASE_URL": postgres.url, "DATABASE_POOL_TIMEOUT": "1"}
        with LiveServer(tmp_path / "data", **variables) as server:
            ada = Member(server)
            room = ada.create_room()
            postgres.stop()
            assert ada.http.get("chatrooms").status_code == 503
            postgres.start()
            eventually(lambda: ada.http.get("chatrooms").status_code == 200)
            assert ada.history(room) == []


class Worker:
    """Two children of `celery -A chatsite worker`."""

    def __init__(self, server: LiveServer, log: Path) -> None:
        command = ["celery", "-A", "chatsite", "worker", "-c", "2", "-l", "INFO"]
        self.log = log
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env=server.environment,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    @property
    def children(self) -> list[psutil.Process]:
        return psutil.Process(self._process.pid).children()

    def stop(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


OLD_SPENDING = """
from datetime import date
from summaries.models import Spending
Spending.objects.create(room="{room}", day=date(2020, 1, 1))
from chatsite.celery import app
app.send_task("tidy")
"""


@pytest.mark.slow
def test_fault_children_of_a_worker_share_no_connection(postgres, redis, tmp_path):
    """Also those that are forked later, when the worker's own threads have connections."""
    with empty_database(postgres.url) as url:
        variables = {"DATABASE_URL": url, "REDIS_URL": redis.url}
        with LiveServer(tmp_path / "data", **variables) as server:
            of_server = connections(url)
            worker = Worker(server, tmp_path / "worker.log")
            try:
                for room in ("a" * 32, "b" * 32, "c" * 32):
                    server.manage("shell", "-v0", "-c", OLD_SPENDING.format(room=room))
                    eventually(lambda: spendings(url) == 0)
                    [first, *_] = eventually(lambda: worker.children)
                    first.kill()
                assert connections(url) - of_server <= 5
            finally:
                worker.stop()
    assert "OperationalError" not in worker.log.read_text()


def spendings(url: str) -> int:
    with psycopg.connect(url) as database:
        [found] = database.execute("SELECT COUNT(*) FROM summary_spending").fetchone() or (1,)
    return int(found)


# --- before a process starts ---------------------------------------------------------------------


@pytest.mark.slow
def test_all_processes_together_need_no_more_than_there_is(postgres, redis, tmp_path):
    with empty_database(postgres.url) as url:
        variables = {"DATABASE_URL": url, "REDIS_URL": redis.url, "SECRET_KEY": SECRET_KEY}
        with LiveServer(tmp_path / "data", **variables, DATABASE_POOL_MAX="60"):
            second = refused(tmp_path / "second", **variables, DATABASE_POOL_MAX="60")
            assert second.code == AWAY
            assert "may need 132, this one 66 of them" in second.sentence
            alone = refused(tmp_path / "third", **variables, DATABASE_POOL_MAX="200")
            assert alone.code == CONFIG
            assert "lower DATABASE_POOL_MAX" in alone.sentence


def test_a_pool_that_could_not_be_filled_is_refused(tmp_path):
    bad = {"DATABASE_POOL_MIN": "3", "DATABASE_POOL_MAX": "2"}
    ended = refused(tmp_path, DATABASE_URL="postgres://u@localhost/x", SECRET_KEY=SECRET_KEY, **bad)
    assert (ended.code, ended.sentence.count("DATABASE_POOL_MIN")) == (CONFIG, 1)
