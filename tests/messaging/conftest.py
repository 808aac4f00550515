"""A room with members, a hub of its own for each test, and sockets to it."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
import pytest_asyncio
from channels.layers import channel_layers
from django.conf import settings
from django.db import connection

from chatsite.lib.origins import SiteOriginValidator
from messaging.consumers import ChatConsumer
from messaging.live.hub import Hub
from messaging.store import get_store
from messaging.store.base import MessageStore
from tests.base import Person, RoomScript, create_room
from tests.engines.mongo import mongo_url
from tests.messaging.engines import ORM, Engine, Mongo, Table
from tests.messaging.senders import Wire
from tests.published import ada, ben, cleo

__all__ = ["ada", "ben", "cleo"]

Join = Callable[..., AbstractAsyncContextManager[Wire]]


@pytest.fixture(autouse=True)
def _fresh_process():
    """What a process remembers must not outlive the database of a test."""
    get_store.cache_clear()
    channel_layers.backends.clear()
    shutil.rmtree(settings.DATA_DIR / "files", ignore_errors=True)
    yield
    get_store.cache_clear()


@pytest.fixture(scope="session")
def mongo(tmp_path_factory) -> Iterator[str]:
    """The address of a MongoDB."""
    with mongo_url(tmp_path_factory.mktemp("mongo")) as url:
        yield url


@pytest.fixture
def engine(request) -> Iterator[Engine]:
    """The embedded one, if a test does not ask for others."""
    if getattr(request, "param", ORM) == ORM:
        yield Table()
        return
    found = Mongo(request.getfixturevalue("mongo"), f"test_{secrets.token_hex(6)}")
    yield found
    found.drop()


@pytest.fixture
def store(engine) -> MessageStore:
    return engine.another()


@pytest.fixture
def transactional_db(transactional_db):
    """Setting up and clearing away need not reach the disk; what the hub's threads write does."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")
    return transactional_db


@pytest.fixture
def room(ada, ben) -> RoomScript:
    """ada's, with ben."""
    script = create_room(ada)
    script.admit(ada, ben)
    return script


@pytest_asyncio.fixture
async def hub(store) -> AsyncIterator[Hub]:
    hub = Hub(store, pause=lambda people: 0.0)
    await hub.start()
    yield hub
    await hub.stop()


@pytest.fixture
def tokens(ada, ben, cleo) -> dict[str, str]:
    return {someone.name: someone.token() for someone in (ada, ben, cleo)}


@pytest_asyncio.fixture
async def join(hub, tokens) -> Join:
    """`async with join(ada) as wire`: a program of ada's, signed in."""

    async def mine() -> Hub:
        return hub

    @asynccontextmanager
    async def joined(person: Person) -> AsyncIterator[Wire]:
        async with Wire(ChatConsumer.as_asgi(hub=mine)) as wire:
            wire.send({"type": "auth", "token": tokens[person.name]})
            await wire.event("ready")
            yield wire

    return joined


@pytest_asyncio.fixture
async def elsewhere(engine, hub) -> AsyncIterator[Hub]:
    """The hub of another process, with a store of its own on the same database."""
    other = Hub(engine.another(), pause=lambda people: 0.0)
    await other.start()
    yield other
    await other.stop()


@pytest.fixture
def app(hub):
    async def mine():
        return hub

    return SiteOriginValidator(ChatConsumer.as_asgi(hub=mine))
