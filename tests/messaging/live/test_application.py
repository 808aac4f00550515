"""The whole ASGI application: cookies, pages, REST and the socket in one process."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.conf import settings
from django.test import Client

from accounts.sign_in.sign_ins import issue_tokens
from chatsite.asgi import application
from messaging.live.lifecycle import leave
from messaging.store.orm.models import Message
from tests.base import Person
from tests.messaging.senders import Sender, Wire, cid_in

pytestmark = pytest.mark.django_db(transaction=True)
OURS = "http://localhost:8000"


@pytest_asyncio.fixture(autouse=True)
async def _hub_of_the_process(transactional_db) -> AsyncIterator[None]:
    yield
    await leave()


@pytest_asyncio.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=application)
    async with httpx2.AsyncClient(transport=transport, base_url=OURS) as client:
        yield client


def cookie_of(person: Person) -> str:
    client = Client()
    client.force_login(person.user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def page(cookie: str, origin: str = OURS) -> Wire:
    """The socket of a page, with what a browser sends by itself."""
    wire = Wire(application, origin=origin)
    del wire.scope["session"]  # the middleware's to make
    wire.scope["headers"].append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={cookie}".encode()))
    return wire


async def test_a_page_is_known_by_its_cookie(room, ada):
    async with page(await sync_to_async(cookie_of)(ada)) as hers:
        assert (await hers.event("ready"))["uid"] == ada.uid


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost.evil.example"]
)
async def test_a_cookie_is_no_use_to_a_foreign_page(ada, origin):
    async with page(await sync_to_async(cookie_of)(ada), origin) as hers:
        assert await hers.closed() == 4403
    assert (hers.accepted, hers.events) == (False, [])


async def test_a_made_up_cookie_is_nobodys(ada):
    async with page("k" * 32) as hers:
        assert await hers.closed() == 4401
    assert hers.events == []


async def test_signing_out_on_a_page_closes_its_sockets_and_no_others(room, ada, ben, http):
    mine, other = [await sync_to_async(cookie_of)(ada) for _ in range(2)]
    async with page(mine) as hers, page(other) as elsewhere:
        for wire in (hers, elsewhere):
            await wire.event("ready")
        http.cookies.set(settings.SESSION_COOKIE_NAME, mine)
        await http.get("/site.json")
        headers = {"origin": OURS, "X-CSRFToken": http.cookies["csrftoken"]}
        answer = await http.post("/accounts/logout/", headers=headers)
        assert answer.json() == {"next": "/"}
        assert await hers.closed() == 4401
        assert hers.events[-1] == {"type": "session_revoked"}
        await elsewhere.pong()


async def test_a_message_travels_between_a_page_and_a_program(room, ada, ben, http, caplog):
    """From socket to socket and to REST, with every logger at its most talkative."""
    caplog.set_level("DEBUG")
    tokens = await sync_to_async(issue_tokens)(ben.user)
    cookie = await sync_to_async(cookie_of)(ada)
    frame = Sender(ada, room).seal(ct=bytes(range(80)))
    program = Wire(application)
    del program.scope["session"]
    async with page(cookie) as hers, program as his:
        his.send({"type": "auth", "token": tokens.access})
        await his.event("ready")
        assert (await hers.ask(frame))["seq"] == 1
        [row] = (await his.event("message_receive"))["messages"]
        path = f"/api/v1/chatrooms/{room.id}/messages"
        answer = await http.get(path, headers={"authorization": f"Bearer {tokens.access}"})
        assert answer.json() == {
            "messages": [row],
            "refs": [],
            "more_refs": None,
            "around": None,
            "first": 1,
            "head": 1,
        }
        his.send({"type": "read", "room": room.id, "seq": 1})
        mark = {"type": "read", "room": room.id, "uid": ben.uid, "seq": 1}
        assert await hers.event("read", uid=ben.uid) == mark
    assert row == {"seq": 1, **{key: frame[key] for key in ("h", "iv", "ct", "sig")}}
    for secret in (frame["ct"], frame["h"], frame["sig"], cookie, tokens.access, tokens.refresh):
        assert secret not in caplog.text


async def test_a_database_that_is_away_closes_the_door_and_quotes_nothing(ada, monkeypatch, caplog):
    def away(key: str) -> None:
        raise OSError(f"SELECT … WHERE session_key = {key}")

    cookie = await sync_to_async(cookie_of)(ada)
    with monkeypatch.context() as patched:
        patched.setattr("messaging.live.handshake.ref_of_session", away)
        async with page(cookie) as hers:
            assert await hers.closed() == 1011
    async with page(cookie) as hers:
        await hers.event("ready")
    assert "socket.failed OSError" in caplog.text
    assert cookie not in caplog.text


async def test_the_ack_survives_the_process_and_the_bytes_may_come_again(room, ada):
    """A new process that remembers nothing answers the same bytes with the same number."""
    frame = Sender(ada, room).seal()
    cookie = await sync_to_async(cookie_of)(ada)
    async with page(cookie) as hers:
        await hers.event("ready")
        first = await hers.ask(frame)
    await leave()
    async with page(cookie) as hers:
        assert (await hers.event("ready"))["heads"][room.id]["msg"] == 1
        assert await hers.ask(frame) == first
    assert await Message.objects.filter(client_message_id=cid_in(frame)).acount() == 1
