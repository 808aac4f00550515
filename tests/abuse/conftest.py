"""A site whose patience is short, and two people who share a room there."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from math import inf
from time import monotonic

import httpx2
import pytest

from sotto.client import Client
from tests.client.acting import PASSWORD
from tests.live import LiveServer
from tests.vectors.making import cast

PER_ADDRESS = 30
TOKENS_USED_FOR = 300  # seconds of the fifteen minutes that they are valid


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Strangers come from 127.0.0.1, which is no trusted proxy here. Requests have one turn."""
    data = tmp_path_factory.mktemp("edges") / "data"
    limits = {
        "TRUSTED_PROXIES": "192.0.2.1",
        "CONNECTIONS_PER_ADDRESS": str(PER_ADDRESS),
        "HEADERS_WITHIN": "1",
        "BODY_WINDOW": "1",
        "REQUESTS_AT_ONCE": "1",
        "SOCKETS_PER_PERSON": "3",
        "RATE_LIMITS": "reset_link=30/600",
        "TMPDIR": str(data.parent / "tmp"),
    }
    (data.parent / "tmp").mkdir()
    with LiveServer(data, **limits) as server:
        yield server


@dataclass
class Household:
    """A room, and tokens of its member and of a stranger."""

    room: str
    member: str = ""
    stranger: str = ""
    _renewed: float = -inf

    def renew_tokens(self, site: LiveServer) -> None:
        """Give them some minutes more, however long ago the tests began."""
        if monotonic() - self._renewed > TOKENS_USED_FOR:
            self.member, self.stranger = (_token(site, name) for name in ("ada", "ben"))
            self._renewed = monotonic()


@pytest.fixture
def household(site, household_of_the_run) -> Household:
    household_of_the_run.renew_tokens(site)
    return household_of_the_run


@pytest.fixture(scope="session")
def household_of_the_run(site) -> Household:
    async def move_in() -> str:
        keys = cast()
        async with Client(site.url) as ada, Client(site.url) as ben, asyncio.timeout(60):
            await ada.account.sign_up("ada", PASSWORD, keys["ada"].keys)
            await ben.account.sign_up("ben", PASSWORD, keys["ben"].keys)
            return await ada.rooms.create("Garden")

    return Household(asyncio.run(move_in()))


def _token(site: LiveServer, name: str) -> str:
    sent = {"name": name, "password": PASSWORD}
    answer = httpx2.post(f"{site.url}/api/v1/auth/login", json=sent, timeout=30)
    return str(answer.raise_for_status().json()["access"])
