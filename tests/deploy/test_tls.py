"""Engines over TLS, as managed ones are: their URLs work, and a wrong certificate is refused."""

from __future__ import annotations

import asyncio
import secrets
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sotto.client import Client
from tests.client.acting import PASSWORD, heard
from tests.deploy.processes import Process
from tests.deploy.proxy import certificate, terminated
from tests.deploy.starting import AWAY, KEY, refused
from tests.engines.mongo import MongoServer
from tests.engines.redis import RedisServer
from tests.live import LiveServer, free_port
from tests.vectors.making import cast


@pytest.fixture
def authority(tmp_path) -> tuple[Path, Path]:
    return certificate(tmp_path)


@pytest.fixture
def redis(tmp_path, authority) -> Iterator[str]:
    """`host:port` of a Redis behind TLS."""
    server, port = RedisServer(tmp_path), free_port()
    server.start()
    behind = int(server.url.rsplit(":", 1)[1].split("/")[0])
    with terminated(port, behind, *authority):
        yield f"localhost:{port}"
    server.stop()


@pytest.fixture
def mongo(tmp_path, authority) -> Iterator[str]:
    trusted, key = authority
    server = MongoServer(tmp_path, "--tls-cert-file", str(trusted), "--tls-key-file", str(key))
    server.url += f"&tls=true&tlsCAFile={trusted}"
    server.start()
    yield server.url
    server.stop()


@pytest.mark.slow
async def test_two_processes_on_engines_behind_tls(tmp_path, authority, redis, mongo):
    shared = {
        "REDIS_URL": f"rediss://{redis}/0?ssl_ca_certs={authority[0]}",
        "MONGODB_URL": mongo,
        "SECRET_KEY": KEY,
    }
    tag = secrets.token_hex(4)
    with (
        LiveServer(tmp_path / "data", **shared) as left,
        LiveServer(tmp_path / "data", **shared) as right,
    ):
        worker = Process("worker", tmp_path, {**left.environment, "ALIVE_FILE": f"{tmp_path}/on"})
        worker.start()
        try:
            async with Client(left.url) as ada, Client(right.url) as ben:
                await ada.account.sign_up(f"ada.{tag}", PASSWORD, cast()["ada"].keys)
                await ben.account.sign_up(f"ben.{tag}", PASSWORD, cast()["ben"].keys)
                room = await ada.rooms.create("Garden")
                await ben.rooms.join(await ada.room_admin.invite(room))
                await ben.rooms.open(room)
                listening = asyncio.create_task(heard(ben, 1))
                await ada.messages.send(room, "by way of an event")
                assert await listening == ["by way of an event"]
            await asyncio.to_thread(worker.wait)
        finally:
            worker.stop()


@pytest.mark.slow
def test_a_redis_with_a_certificate_of_nobody_is_refused(tmp_path, redis):
    ended = refused(tmp_path / "data", REDIS_URL=f"rediss://{redis}/0", SECRET_KEY=KEY)
    assert ended.code == AWAY
    assert "REDIS_URL names a server that does not answer" in ended.lines[-1]


@pytest.mark.slow
def test_a_mongodb_with_a_certificate_of_nobody_is_refused(tmp_path, mongo):
    url = mongo.partition("&tlsCAFile=")[0]
    ended = refused(tmp_path / "data", MONGODB_URL=url)
    assert ended.code == AWAY
    assert "MONGODB_URL names a server that does not answer" in ended.lines[-1]


class WithoutTls(socketserver.BaseRequestHandler):
    """Answers as PostgreSQL does to the question for TLS where it has none."""

    def handle(self) -> None:
        self.request.recv(8)
        self.request.sendall(b"N")


@pytest.mark.slow
def test_a_postgresql_without_tls_is_refused_where_tls_is_asked_for(tmp_path):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), WithoutTls) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"postgres://sotto:hunter2@127.0.0.1:{server.server_address[1]}/sotto"
        ended = refused(tmp_path / "data", DATABASE_URL=f"{url}?sslmode=require", SECRET_KEY=KEY)
        server.shutdown()
    assert ended.code == AWAY
    assert "SSL" in ended.lines[-1]
    assert "sslmode= in DATABASE_URL" in ended.lines[-1]
    assert "hunter2" not in ended.lines[-1]


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        pytest.param("redis://h/0", None, id="no TLS"),
        pytest.param("rediss://h/0", "CERT_REQUIRED", id="TLS"),
        pytest.param("rediss://h/0?ssl_cert_reqs=none", "CERT_NONE", id="told otherwise"),
    ],
)
def test_celery_checks_the_broker_s_certificate(tmp_path, url, asked):
    """Left to itself it does not."""
    program = (
        "from chatsite.celery import app; from ssl import VerifyMode as v;"
        "ssl = app.connection_for_write().ssl or {};"
        "print(v(ssl['ssl_cert_reqs']).name if ssl else None)"
    )
    ended = refused(tmp_path, "-c", program, REDIS_URL=url, SECRET_KEY=KEY)
    assert ended.sentence == str(asked)
