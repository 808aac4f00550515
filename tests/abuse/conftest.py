"""A site whose patience is short, and two people who share a room there."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import httpx2
import pytest

from sotto.client import Client
from tests.client.acting import PASSWORD
from tests.live import LiveServer
from tests.vectors.making import cast

PER_ADDRESS = 30


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
        "TMPDIR": str(data.parent / "tmp"),
    }
    (data.parent / "tmp").mkdir()
    with LiveServer(data, **limits) as server:
        yield server


@dataclass
class Household:
    """What requests need: a member's and a stranger's tokens, and the member's room."""

    room: str
    member: str
    stranger: str


@pytest.fixture(scope="session")
def household(site) -> Household:
    async def move_in() -> Household:
        keys = cast()
        async with Client(site.url) as ada, Client(site.url) as ben, asyncio.timeout(60):
            await ada.account.sign_up("ada", PASSWORD, keys["ada"].keys)
            await ben.account.sign_up("ben", PASSWORD, keys["ben"].keys)
            room = await ada.rooms.create("Garden")
        return Household(room, *(_token(site, name) for name in ("ada", "ben")))

    return asyncio.run(move_in())


def _token(site: LiveServer, name: str) -> str:
    sent = {"name": name, "password": PASSWORD}
    answer = httpx2.post(f"{site.url}/api/v1/auth/login", json=sent, timeout=30)
    return str(answer.raise_for_status().json()["access"])
