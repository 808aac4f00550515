"""A server that lies: a real one, with a hand on its answers. Nothing it makes up is believed."""

from __future__ import annotations

import json
import secrets
from contextlib import AsyncExitStack

import httpx2
import pytest

from sotto.api import ApiError
from sotto.client import Client
from sotto.protocol.encoding import WireError, b64
from sotto.protocol.events import LogError
from sotto.room_errors import Frozen, NewerVersion
from tests.vectors.making import cast

PASSWORD = "correct horse battery staple"


class Liar(httpx2.AsyncHTTPTransport):
    """Passes requests on; `twist(path, answer)` may change what comes back, in place."""

    def __init__(self) -> None:
        super().__init__()
        self.twist = lambda path, answer: None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        raw = await response.aread()
        if response.is_success and raw:
            answer = json.loads(raw)
            self.twist(request.url.path, answer)
            raw = json.dumps(answer).encode()
        return httpx2.Response(response.status_code, content=raw, request=request)


@pytest.fixture
async def talk(server):
    """(ada, ben, ben's liar, room, link): ada has made a room and written; ben has joined."""
    tag = secrets.token_hex(4)
    async with AsyncExitStack() as stack:
        liar = Liar()
        ada = await stack.enter_async_context(Client(server.url))
        ben = await stack.enter_async_context(Client(server.url, transport=liar))
        await ada.account.sign_up(f"ada.{tag}", PASSWORD, cast()["ada"].keys)
        await ben.account.sign_up(f"ben.{tag}", PASSWORD, cast()["ben"].keys)
        room = await ada.rooms.create("Garden")
        link = await ada.room_admin.invite(room, uses=5)
        await ada.messages.send(room, "one")
        await ada.messages.send(room, "two")
        yield ada, ben, liar, room, link


def flipped(text: str) -> str:
    return ("A" if text[0] != "A" else "B") + text[1:]


async def test_a_changed_log_is_not_joined(talk):
    _, ben, liar, _, link = talk

    def twist(path, answer):
        if "/join/" in path:
            answer["events"][1]["event"] = answer["events"][1]["event"].replace(
                '"seq":1', '"seq":2'
            )

    liar.twist = twist
    with pytest.raises(LogError):
        await ben.rooms.join(link)


async def test_the_log_of_another_room_is_not_joined(talk):
    ada, ben, liar, _, link = talk
    other = await ada.rooms.create("Trap")
    async with httpx2.AsyncClient() as http:
        token = ada.session.api.access
        found = await http.get(
            f"{ada.url}/api/v1/chatrooms/{other}/log", headers={"Authorization": f"Bearer {token}"}
        )

    def twist(path, answer):
        if "/join/" in path:
            answer["room"], answer["events"] = other, found.json()["events"]

    liar.twist = twist
    with pytest.raises(WireError, match="does not know this link"):
        await ben.rooms.join(link)


async def test_somebody_elses_identity_is_nobodys(talk):
    _, ben, liar, _, link = talk

    def twist(path, answer):
        for identity in answer.get("identities", []):
            identity["body"] = identity["body"].replace('"ada.', '"eve.')

    liar.twist = twist
    with pytest.raises(LogError):
        await ben.rooms.join(link)


async def test_a_log_that_becomes_shorter_freezes_the_room(talk):
    ada, ben, liar, room, link = talk
    await ben.rooms.join(link)

    def twist(path, answer):
        if path.endswith("/log") and "events" in answer:
            answer["events"], answer["head"] = [], [1, "A" * 43]

    liar.twist = twist
    await ada.room_admin.invite(room)
    with pytest.raises(Frozen):
        async for _ in ben.messages.receive():
            pass
    liar.twist = lambda path, answer: None
    with pytest.raises(Frozen):
        await ben.messages.send(room, "never sent")


async def test_a_forged_event_freezes_the_room(talk):
    ada, ben, liar, room, link = talk
    await ben.rooms.join(link)

    def twist(path, answer):
        for entry in answer.get("events", []):
            entry["sig"] = flipped(entry["sig"])

    liar.twist = twist
    await ada.room_admin.invite(room)
    with pytest.raises(Frozen):
        async for _ in ben.messages.receive():
            pass


async def test_an_event_of_a_newer_version_makes_the_room_read_only(talk):
    ada, ben, liar, room, link = talk
    await ben.rooms.join(link)

    def twist(path, answer):
        for entry in answer.get("events", []):
            entry["event"] = entry["event"].replace('"t":"invite"', '"t":"fanfare"')

    liar.twist = twist
    await ada.room_admin.invite(room)
    with pytest.raises(NewerVersion):
        async for _ in ben.messages.receive():
            pass
    with pytest.raises(NewerVersion):
        await ben.messages.send(room, "never sent")
    assert [message.text for message in await ben.messages.history(room)][:2] == ["one", "two"]


async def test_false_keys_are_no_keys(talk):
    _, ben, liar, room, link = talk

    def twist(path, answer):
        for item in answer.get("items", []):
            item["box"] = flipped(item["box"])
        answer.update({"wraps": [{"e": 1, "to": ben.me.kid, "ct": b64(bytes(384))}]})

    liar.twist = twist
    await ben.rooms.join(link)
    assert [message.status for message in await ben.messages.history(room)] == ["locked", "locked"]
    with pytest.raises(ApiError, match="no_key"):
        await ben.messages.send(room, "never sent")


@pytest.mark.parametrize("key", ["h", "iv", "ct", "sig"])
async def test_a_changed_message_is_never_shown(talk, key):
    _, ben, liar, room, link = talk

    def twist(path, answer):
        for row in answer.get("messages", [])[:1]:
            at = row[key].index('"n":') + 4 if key == "h" else 0
            row[key] = row[key][:at] + flipped(row[key][at:]).replace("A", "2" if at else "A", 1)

    liar.twist = twist
    await ben.rooms.join(link)
    first, second = await ben.messages.history(room)
    assert (first.status, first.text, first.uid) == ("refused", "", "")
    assert second.text == "two"


async def test_a_message_left_out_is_missed(talk):
    _, ben, liar, room, link = talk

    def twist(path, answer):
        if "messages" in answer:
            answer["messages"] = [row for row in answer["messages"] if row["seq"] != 1]

    liar.twist = twist
    await ben.rooms.join(link)
    (second,) = await ben.messages.history(room)
    assert (second.text, second.missing) == ("two", True)


async def test_messages_that_changed_places_are_refused(talk):
    _, ben, liar, room, link = talk

    def twist(path, answer):
        rows = answer.get("messages", [])
        if len(rows) == 2:
            rows[0]["seq"], rows[1]["seq"] = 2, 1
            rows.reverse()

    liar.twist = twist
    await ben.rooms.join(link)
    first, second = await ben.messages.history(room)
    assert first.status == "refused"  # it has seen a message that only comes after it
    assert (second.seq, second.text) == (2, "one")  # nothing says yet that it came first


@pytest.mark.parametrize("events", [None, {}, 1, [], [1], [{}], [{"event": 1, "sig": 1}]])
async def test_an_answer_of_another_shape_is_refused(talk, events):
    _, ben, liar, _, link = talk

    def twist(path, answer):
        if "/join/" in path:
            answer["events"] = events

    liar.twist = twist
    with pytest.raises((WireError, LogError)):
        await ben.rooms.join(link)
