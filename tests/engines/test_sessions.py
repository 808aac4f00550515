"""Sign-ins over two web processes and a real Redis: ended on one, gone on the other."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial

import httpx2
import pytest
import websockets

from tests.base import PASSWORD
from tests.engines.redis import RedisServer
from tests.live import LiveServer

WITHIN = 120  # seconds, on a busy machine
NEW = "another horse, another battery"


@dataclass
class Site:
    left: LiveServer
    right: LiveServer
    redis: RedisServer


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("sessions")
    with ExitStack() as stack:
        redis = RedisServer(folder)
        redis.start()
        stack.callback(redis.stop)
        left, right = (
            stack.enter_context(LiveServer(folder / "data", REDIS_URL=redis.url)) for _ in range(2)
        )
        yield Site(left, right, redis)


class Page:
    """What a page's script sends, and the socket that it opens."""

    def __init__(self, server: LiveServer) -> None:
        self.server = server
        self.http = httpx2.Client(base_url=server.url, timeout=WITHIN)

    def headers(self) -> dict[str, str]:
        """What a page's script sends with everything that changes something."""
        self.http.get("/site.json")
        return {"origin": self.server.url, "X-CSRFToken": self.http.cookies["csrftoken"]}

    def post(self, path: str, **fields: str) -> httpx2.Response:
        """Send a form."""
        return self.http.post(path, data=fields, headers=self.headers())

    def sign_up(self, name: str) -> None:
        answer = self.post("/accounts/signup/", username=name, password1=PASSWORD)
        assert answer.json() == {"next": "/keys/"}, answer.text

    def log_in(self, name: str, password: str = PASSWORD) -> httpx2.Response:
        return self.post("/accounts/login/", login=name, password=password)

    @property
    def signed_in(self) -> bool:
        status = self.http.get("/api/v1/me").status_code
        assert status in (200, 401)
        return status == 200

    def connect(self) -> websockets.connect:
        return websockets.connect(
            self.server.url.replace("http", "ws") + "/ws/",
            origin=self.server.url,  # type: ignore[arg-type]
            additional_headers={"Cookie": f"sessionid={self.http.cookies['sessionid']}"},
        )

    @asynccontextmanager
    async def socket(self) -> AsyncIterator[websockets.ClientConnection]:
        async with self.connect() as socket:
            assert json.loads(await socket.recv())["type"] == "ready"
            yield socket


async def closed(socket: websockets.ClientConnection) -> int:
    async with asyncio.timeout(WITHIN):
        await socket.wait_closed()
    assert socket.close_code is not None
    return socket.close_code


async def refused(page: Page) -> int:
    async with page.connect() as socket:
        return await closed(socket)


@pytest.fixture
def two(site) -> tuple[str, Page, Page]:
    """Somebody in two browsers, whose sockets are on different processes."""
    name = f"zoe.{secrets.token_hex(4)}"
    left, right = Page(site.left), Page(site.right)
    left.sign_up(name)
    assert right.log_in(name).status_code == 200
    return name, left, right


@pytest.mark.slow
async def test_signing_out_elsewhere_closes_the_socket_on_the_other_process(two):
    _, left, right = two
    headers = left.headers()
    found = left.http.get("/api/v1/me/sessions").json()["sessions"]
    [there] = [one for one in found if not one["current"]]
    async with left.socket() as mine, right.socket() as other:
        path = f"/api/v1/me/sessions/{there['id']}"
        answer = await asyncio.to_thread(left.http.delete, path, headers=headers)
        assert answer.status_code == 204
        assert await closed(other) == 4401
        await mine.send('{"type":"ping"}')
        async with asyncio.timeout(WITHIN):
            assert json.loads(await mine.recv())["type"] == "pong"
    assert not right.signed_in
    assert left.signed_in


@pytest.mark.slow
async def test_another_password_closes_every_other_socket(two):
    name, left, right = two
    fields = {"old": PASSWORD, "new": NEW}
    async with left.socket() as mine, right.socket() as other:
        sending = partial(left.http.post, json=fields, headers=left.headers())
        answer = await asyncio.to_thread(sending, "/api/v1/me/password")
        assert answer.status_code == 204
        assert await closed(other) == 4401
        await mine.send('{"type":"ping"}')
        async with asyncio.timeout(WITHIN):
            assert json.loads(await mine.recv())["type"] == "pong"
    assert left.signed_in
    assert not right.signed_in
    assert Page(right.server).log_in(name).status_code == 400, "the old one is refused"
    assert Page(right.server).log_in(name, NEW).status_code == 200
    log = left.server.log.read_text()  # of both: they share a folder
    for secret in (PASSWORD, NEW, left.http.cookies["sessionid"], name):
        assert secret not in log


@pytest.mark.slow
def test_tries_are_counted_for_both_processes_together(site):
    name = f"yan.{secrets.token_hex(4)}"
    with strict(site) as first, strict(site) as second:
        answers = [
            Page(server).log_in(name, "not this one").status_code
            for server in (first, second, first, second)
        ]
    assert answers == [400, 400, 429, 429]


def strict(site: Site) -> LiveServer:
    """Another process of the site, with a limit that a test can reach."""
    return Strict(site.left.data, REDIS_URL=site.redis.url)


class Strict(LiveServer):
    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "RATE_LIMITS": "login=2/86400"}


@contextmanager
def silent(redis: RedisServer) -> Iterator[None]:
    """Redis takes connections and answers nothing."""
    os.kill(redis.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(redis.pid, signal.SIGCONT)


@pytest.mark.slow
async def test_fault_redis_is_silent_and_nobody_is_signed_out(site, two):
    name, left, right = two
    stranger = Page(site.right)
    headers = stranger.headers()
    async with left.socket() as mine:
        with silent(site.redis):
            for path in ("/settings/", "/rooms/"):
                answer = await asyncio.to_thread(left.http.get, path)
                assert answer.status_code == 200, "pages ask nobody who is signed in"
            for path in ("/site.json", "/api/v1/me"):
                answer = await asyncio.to_thread(left.http.get, path)
                assert answer.status_code == 503, path
                assert "sessionid" not in answer.headers.get("set-cookie", "")
            sent = {"login": name, "password": PASSWORD}
            sending = partial(stranger.http.post, data=sent, headers=headers)
            answer = await asyncio.to_thread(sending, "/accounts/login/")
            assert answer.status_code == 503
            assert answer.json()["error"]["code"] == "unavailable"
            await mine.send('{"type":"ping"}')
            async with asyncio.timeout(WITHIN):
                assert json.loads(await mine.recv())["type"] == "pong"
            assert await refused(left) == 1011, "and not 4401: to come again helps"
    assert left.signed_in
    assert right.signed_in
    assert stranger.log_in(name).status_code == 200
