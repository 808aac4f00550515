"""The channel layer on a real Redis hears what comes after a long silence."""

from __future__ import annotations

import asyncio

import pytest
from channels_redis.pubsub import RedisPubSubChannelLayer  # type: ignore[import-untyped]
from redis import Redis

from chatsite import engines
from tests.engines.redis import RedisServer

SILENCE = (
    7  # seconds; redis-py 8.0 ended a read after 5, and so the connection (channels_redis#422)
)


@pytest.fixture
def layers(tmp_path):
    """Two layers as the settings make them, each as in a process of its own."""
    redis = RedisServer(tmp_path)
    redis.start()
    configuration = engines.channel_layers(redis.url, "club:")["default"]["CONFIG"]
    yield redis, *(RedisPubSubChannelLayer(**configuration) for _ in range(2))
    redis.stop()


def listening(redis: RedisServer) -> set[str]:
    """The ids of the connections that subscribe."""
    with Redis.from_url(redis.url, decode_responses=True) as asked:
        return {client["id"] for client in asked.client_list(_type="pubsub")}


@pytest.mark.slow
async def test_a_silence_ends_no_connection_and_a_hint_after_it_is_heard(layers):
    redis, listener, speaker = layers
    channel = await listener.new_channel()
    await listener.group_add("sotto", channel)
    before = listening(redis)
    assert before
    async with asyncio.timeout(60):
        heard = asyncio.create_task(listener.receive(channel))
        await asyncio.sleep(SILENCE)
        await speaker.group_send("sotto", {"type": "hint"})
        assert (await heard)["type"] == "hint"
    assert before <= listening(redis)  # a hint between two connections would be lost
    await listener.flush()
    await speaker.flush()
