"""The consumer as Channels' own test client drives it, without uvicorn and its extension."""

from __future__ import annotations

import json

import pytest
from channels.testing import WebsocketCommunicator

from accounts.intrusion import slow_down
from messaging.consumers import ChatConsumer
from tests.messaging.senders import Sender

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def consumer(hub):
    async def mine():
        return hub

    return ChatConsumer.as_asgi(hub=mine)


async def signed_in(consumer, token: str) -> WebsocketCommunicator:
    communicator = WebsocketCommunicator(consumer, "/ws/")
    assert (await communicator.connect())[0]
    await communicator.send_json_to({"type": "auth", "token": token})
    await next_of(communicator, "ready")
    return communicator


async def next_of(communicator: WebsocketCommunicator, type_: str) -> dict:
    """The next event of a type. Queued events come as one array."""
    while True:
        value = json.loads(await communicator.receive_from(timeout=10))
        for event in value if isinstance(value, list) else [value]:
            if event["type"] == type_:
                return event


async def test_a_message_goes_from_one_communicator_to_another(consumer, room, ada, ben, tokens):
    hers = await signed_in(consumer, tokens["ada"])
    his = await signed_in(consumer, tokens["ben"])
    frame = Sender(ada, room).seal()
    await hers.send_json_to(frame)
    assert (await next_of(hers, "ack"))["seq"] == 1
    [row] = (await next_of(his, "message_receive"))["messages"]
    assert row == {"seq": 1, **{key: frame[key] for key in ("h", "iv", "ct", "sig")}}
    await hers.disconnect()
    await his.disconnect()


async def test_a_binary_frame_closes_the_socket(consumer, room, tokens):
    communicator = await signed_in(consumer, tokens["ada"])
    await communicator.send_to(bytes_data=b"\x00")
    output = await communicator.receive_output(timeout=10)
    while output["type"] != "websocket.close":
        output = await communicator.receive_output(timeout=10)
    assert output["code"] == 1003
    await communicator.wait(timeout=10)


async def test_a_frame_that_does_not_sign_in_closes_the_socket(consumer, transactional_db):
    communicator = WebsocketCommunicator(consumer, "/ws/")
    assert (await communicator.connect())[0]
    await communicator.send_json_to({"type": "ping"})
    assert await communicator.receive_output(timeout=10) == {
        "type": "websocket.close",
        "code": 4401,
    }
    await communicator.wait(timeout=10)


async def test_sockets_of_a_network_that_is_slowed_down_have_no_turns(
    consumer, room, tokens, monkeypatch, settings
):
    monkeypatch.setattr(slow_down.slowed, "holds", lambda network: True)
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "slowed": (1, 60), "slowed_network": (1, 60)}
    for _ in range(3):
        communicator = await signed_in(consumer, tokens["ada"])
        await communicator.disconnect()
        stranger = WebsocketCommunicator(consumer, "/ws/")
        assert (await stranger.connect())[0]
        await stranger.send_json_to({"type": "auth", "token": "made.up.token"})
        refused = await stranger.receive_output(timeout=10)
        assert refused == {"type": "websocket.close", "code": 4401}
        await stranger.wait(timeout=10)


async def test_the_hub_forgets_a_socket_that_disconnects(consumer, hub, room, tokens):
    communicator = await signed_in(consumer, tokens["ada"])
    assert hub.head(hub.connections()[0], room.id) == 0
    await communicator.disconnect()
    assert hub.connections() == []
