"""Fixtures that every part uses: the cast, a live server, and a limiter that starts empty."""

from __future__ import annotations

import gc
import os
import sqlite3
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpcore2
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.serialization import load_der_private_key
from django.core.management.commands import flush, migrate
from django.db import connections
from hypothesis import settings as hypothesis_settings
from playwright.async_api import Browser

from sotto.protocol import identity
from tests.browser.people import Browsers, Stage
from tests.dev import DevServer, await_demo
from tests.live import COUNTING, LiveServer, empty_database, run_folder

if TYPE_CHECKING:  # fixtures import the site when it has been set up
    from chatsite.lib.bus_events import Event

hypothesis_settings.register_profile("default", max_examples=50, deadline=None)
hypothesis_settings.register_profile("slow", max_examples=2000, deadline=None)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


HERE = Path(__file__).parent
IN_ONE_LOOP = [HERE / name for name in ("browser", "daphne", "firefox", "hostile", "webkit")]
"""Folders whose tests share an event loop, because a browser belongs to the loop it began in."""
SLOW_TIMEOUT = 1800
"""Seconds that a test of `make slow` may take; the others' limit stands in pyproject.toml."""
MIGRATED = {"django_content_type", "auth_permission"}
"""Tables that migrations fill, and no test."""


def pytest_configure(config: pytest.Config) -> None:
    """Make what the processes of a run share, before the first of them starts. Tables are made
    while they collect the tests.
    """
    run_folder()
    if hasattr(config, "workerinput"):
        os.environ.pop(COUNTING, None)  # programs that tests start are not counted: it takes long
    elif config.getoption("dist", "no") != "no":
        threading.Thread(target=empty_database).start()
    gc.disable()  # collecting makes many objects, and all of them stay


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.hookimpl(trylast=True)  # after the folders have marked their own
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give the tests with browsers their loop, and leave the slow tests to `make slow`."""
    for item in items:
        if not set(IN_ONE_LOOP).isdisjoint(item.path.parents):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
    slow = [item for item in items if item.get_closest_marker("slow")]
    if os.environ.get("SOTTO_SLOW") == "1":
        for item in slow:
            item.add_marker(pytest.mark.timeout(SLOW_TIMEOUT), append=False)
        return
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if not item.get_closest_marker("slow")]


@pytest.fixture(scope="session", autouse=True)
def _keys_read_quickly() -> Iterator[None]:
    """Read each RSA key once per process: testing its primes takes half a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(identity, "load_der_private_key", cache(load_der_private_key))
        yield


@pytest.fixture(scope="session", autouse=True)
def _certificates_read_once() -> Iterator[None]:
    """Read the system's certificates once per process: every HTTP client of a test would read
    them anew, which takes longer than its requests.
    """
    read = httpcore2.default_ssl_context

    @cache
    def read_once(_file: str | None) -> ssl.SSLContext:
        return read()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            httpcore2,
            "default_ssl_context",
            lambda **_: read_once(os.environ.get("SSL_CERT_FILE")),
        )
        yield


@pytest.fixture(autouse=True)
def _site_settings_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin with no settings of the admin, and read none until a test asks: a look every few
    seconds would be a query more in whichever test runs then.
    """
    from accounts.site_settings import current

    monkeypatch.setattr(current, "held", current.Held(at=float("inf")))


@pytest.fixture(scope="session", autouse=True)
def _quick_flush() -> Iterator[None]:
    """Keep content types and permissions when a test that committed is cleared away: Django would
    write all of them anew each time, which takes longer than most of these tests.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush, "sql_flush", _flush_rows_of_tests)
        patch.setattr(flush, "emit_post_migrate_signal", lambda *_, **__: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def _migrate_once() -> Iterator[None]:
    """Copy the run's migrated database into that of this process, if it is SQLite's in memory."""
    migrated = migrate.Command.handle

    def handle(command: Any, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if connection.vendor != "sqlite":
            migrated(command, *args, **options)
            return
        connection.ensure_connection()
        with closing(sqlite3.connect(empty_database())) as source:
            source.backup(connection.connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrate.Command, "handle", handle)
        yield


def _flush_rows_of_tests(
    style: Any, connection: Any, reset_sequences: bool = True, allow_cascade: bool = False
) -> list[str]:
    """`django.core.management.sql.sql_flush`, but for the tables that migrations have filled."""
    found = connection.introspection.django_table_names(only_existing=True, include_views=False)
    tables = [name for name in found if name not in MIGRATED]
    return connection.ops.sql_flush(
        style, tables, reset_sequences=reset_sequences, allow_cascade=allow_cascade
    )


@pytest.fixture(autouse=True)
def _fresh_limits() -> Iterator[None]:
    from django.core.cache import caches

    from accounts.intrusion import places, slow_down
    from chatsite.lib import ratelimit, task_queue, windows

    yield
    for one in caches.all():  # those of forms
        one.clear()
    ratelimit.get_limiter().forget()
    ratelimit.here.forget()
    windows.get_windows().forget()
    slow_down.slowed.forget()
    task_queue.queue.forget()
    places.recent.forget()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """One for all tests of a process that use people and rooms of their own."""
    data = tmp_path_factory.mktemp("server") / "data"
    with LiveServer(data, DJANGO_SETTINGS_MODULE="tests.live_settings") as running:
        yield running


@pytest.fixture(scope="session")
def dev_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevServer]:
    """`make dev`, with its demo made."""
    with DevServer(tmp_path_factory.mktemp("dev")) as running:
        await_demo(running)
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browsers() -> AsyncIterator[Browsers]:
    """Where the process's browser comes from."""
    async with Browsers() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def browser(browsers: Browsers) -> Browser:
    """The Chromium of all tests of a process: contexts share nothing."""
    return await browsers.get()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[LiveServer]:
    """One for a journey that stops it, or reads what it left behind."""
    with LiveServer(tmp_path / "data") as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def stage(server: LiveServer, browser: Browser) -> AsyncIterator[Stage]:
    async with Stage(server, browser) as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="session")
async def own_stage(own_server: LiveServer, browser: Browser) -> AsyncIterator[Stage]:
    async with Stage(own_server, browser) as stage:
        yield stage


@pytest.fixture
def published(monkeypatch) -> list[Event]:
    """The events that are published to all processes once a transaction has committed."""
    events: list[Event] = []

    async def heard(event: Event, *, origin: str = "") -> None:
        events.append(event)

    monkeypatch.setattr("chatsite.lib.pubsub.apublish", heard)
    return events


def _person(name: str):
    from tests.base import person

    return person(name)


@pytest.fixture
def ada(db):
    return _person("ada")


@pytest.fixture
def ben(db):
    return _person("ben")


@pytest.fixture
def cleo(db):
    return _person("cleo")


@pytest.fixture
def people(ada, ben, cleo):
    """Everybody, with published identities."""
    return [someone.publish() for someone in (ada, ben, cleo)]
