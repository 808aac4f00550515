"""The socket's door: who may come in, and who is shown out."""

from __future__ import annotations

from importlib import import_module

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest

from accounts.models import SignIn
from accounts.sign_in.sign_ins import issue_tokens, revoke_tokens
from messaging.consumers import ChatConsumer
from rooms.actions import now_ms
from tests.base import Person
from tests.messaging.senders import Wire

OURS = "http://localhost:8000"

pytestmark = pytest.mark.django_db(transaction=True)


def session_of(person: Person):
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore()
    login(request, person.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session.save()
    return request.session


# --- signing in -----------------------------------------------------------------------------------


async def test_a_program_signs_in_by_its_first_frame(app, room, ada, ben, tokens):
    async with Wire(app) as wire_:
        wire_.send({"type": "auth", "token": tokens["ada"]})
        ready = await wire_.event("ready")
    assert wire_.accepted
    assert ready["uid"] == ada.uid
    assert abs(ready["now"] - now_ms()) < 60_000
    assert ready["heads"] == {room.id: {"log": room.head[0], "msg": 0, "read": 0, "unread": 0}}
    assert ready["online"] == {room.id: [ada.uid]}


async def test_a_page_signs_in_by_its_session(app, room, ada):
    session = await sync_to_async(session_of)(ada)
    async with Wire(app, origin=OURS, session=session) as wire_:
        assert (await wire_.event("ready"))["uid"] == ada.uid


async def test_a_foreign_page_is_not_let_in_by_the_session(app, ada):
    session = await sync_to_async(session_of)(ada)
    for origin in (
        "http://evil.example",
        "null",
        "http://localhost:8001",
        "https://localhost:8000",
    ):
        async with Wire(app, origin=origin, session=session) as wire_:
            assert await wire_.closed() == 4403
        assert not wire_.accepted


async def test_a_page_under_another_name_of_this_machine_is_let_in(app, ada):
    session = await sync_to_async(session_of)(ada)
    wire_ = Wire(app, origin="http://127.0.0.1:9", session=session)
    wire_.scope["headers"][0] = (b"host", b"127.0.0.1:9")
    async with wire_:
        await wire_.event("ready")


async def test_a_name_that_was_rebound_to_us_is_not_let_in(app, ada):
    session = await sync_to_async(session_of)(ada)
    wire_ = Wire(app, origin="http://evil.example", session=session)
    wire_.scope["headers"][0] = (b"host", b"evil.example")
    async with wire_:
        assert await wire_.closed() == 4403


async def test_a_cookie_without_an_origin_says_nothing(app, ada):
    session = await sync_to_async(session_of)(ada)
    async with Wire(app, session=session) as wire_:
        wire_.send({"type": "ping"})
        assert await wire_.closed() == 4401


async def test_an_ended_session_is_not_let_in(app, ada):
    session = await sync_to_async(session_of)(ada)
    await sync_to_async(session.delete)(session.session_key)
    async with Wire(app, origin=OURS, session=session) as wire_:
        assert await wire_.closed() == 4401


async def test_a_page_without_a_session_is_told_at_once(hub):
    async def mine():
        return hub

    app = ChatConsumer.as_asgi(hub=mine, auth_within=3600)
    async with Wire(app, origin=OURS) as wire_:
        assert await wire_.closed() == 4401


@pytest.mark.parametrize(
    "first",
    [
        pytest.param('{"type":"auth","token":"nonsense"}', id="a bad token"),
        pytest.param('{"type":"auth","token":"\\ud800"}', id="a token that is no text"),
        pytest.param('{"type":"auth","token":1}', id="a number"),
        pytest.param('{"type":"auth"}', id="no token"),
        pytest.param('{"type":"auth","token":"a","more":1}', id="another key"),
        pytest.param('{"type":"ping"}', id="another frame"),
        pytest.param("nonsense", id="no JSON"),
    ],
)
async def test_another_first_frame_does_not_sign_in(app, transactional_db, first):
    async with Wire(app) as wire_:
        wire_.send_text(first)
        assert await wire_.closed() == 4401
    assert wire_.events == []


async def test_who_does_not_sign_in_in_time_is_shown_out(hub):
    async def mine():
        return hub

    async with Wire(ChatConsumer.as_asgi(hub=mine, auth_within=0.01)) as wire_:
        assert await wire_.closed() == 4408


async def test_a_revoked_token_does_not_sign_in(app, ada, tokens):
    await SignIn.objects.all().adelete()
    async with Wire(app) as wire_:
        wire_.send({"type": "auth", "token": tokens["ada"]})
        assert await wire_.closed() == 4401


# --- signing out ----------------------------------------------------------------------------------


async def test_signing_out_closes_the_program_and_no_other(app, join, room, ada, ben):
    tokens = await sync_to_async(issue_tokens)(ada.user)
    async with join(ada) as other, join(ben) as his:
        async with Wire(app) as wire_:
            wire_.send({"type": "auth", "token": tokens.access})
            await wire_.event("ready")
            await sync_to_async(revoke_tokens)(tokens.refresh)
            assert await wire_.closed() == 4401
            assert wire_.events[-1] == {"type": "session_revoked"}
        await other.pong()
        await his.pong()
