"""Logs: no address of a person, one line a request, and no error that a stranger can cause."""

from __future__ import annotations

import asyncio
import logging
import re

import httpx2
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from chatsite.ops import logs
from sotto.client import Client
from tests.client.acting import PASSWORD
from tests.live import LiveServer
from tests.vectors.making import cast

V4, V6 = "203.0.113.77", "2001:db8::77"


async def test_fault_no_address_of_a_person_is_in_any_log(tmp_path):
    """At every level: of requests, errors, refused hosts, and sockets that open, fail and end."""
    with LiveServer(tmp_path / "data", LOG_LEVEL="DEBUG") as server:
        async with Client(server.url) as ada:
            await ada.account.sign_up("ada.logged", PASSWORD, cast()["ada"].keys)
            await ada.rooms.open(await ada.rooms.create("Garden"))
        await asyncio.to_thread(_strangers, server.url)
        server.stop()
        text = server.log.read_text()
    assert V4 not in text
    assert V6 not in text
    assert "in-the-query" not in text
    assert "127.0.0.1" not in text.replace(server.url, ""), "also not as the socket's peer"
    assert "evil.example" not in text
    assert not re.search(r" (ERROR|CRITICAL) ", text)
    lines = [line for line in text.splitlines() if "sotto.request" in line]
    assert sum("GET none 400" in line for line in lines) == 2
    assert sum("GET none 404" in line for line in lines) == 2
    about_sockets = re.findall("^.*(?:WebSocket|connection (?:open|closed)).*$", text, re.M)
    assert about_sockets == []


def _strangers(url: str) -> None:
    """Requests and sockets that are answered, refused, and broken."""
    for address in (V4, V6):
        from_there = {"X-Forwarded-For": address}
        with httpx2.Client(base_url=url, headers=from_there) as http:
            assert http.get("/accounts/login/").status_code == 200
            assert http.get("/nothing").status_code == 404
            assert http.get("/", headers={"Host": "evil.example"}).status_code == 400
            assert http.post("/accounts/login/").status_code == 403
        ws = url.replace("http", "ws")
        with connect(f"{ws}/ws/?token=in-the-query", additional_headers=from_there) as socket:
            socket.send("no json")
        with pytest.raises(InvalidStatus):
            connect(f"{ws}/elsewhere/", additional_headers=from_there)
    with pytest.raises(httpx2.HTTPError):
        httpx2.get(url, headers={"X-Bad": "\0"})


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("from 203.0.113.77:51234 now", "from [address] now"),
        ("from 203.0.113.77, 10.0.0.1.", "from [address], [address]."),
        ("from [2001:db8::77]:443", "from [[address]]:443"),
        ("peer ::1", "peer [address]"),
        ("at 06:34:41 in messaging.store:12", "at 06:34:41 in messaging.store:12"),
        ("GET api/v1/rooms 200 1.25 ms", "GET api/v1/rooms 200 1.25 ms"),
        ("version 5.2.8, 3.11.14", "version 5.2.8, 3.11.14"),
    ],
)
def test_addresses_are_hidden_and_nothing_else(said, written):
    hidden = logs.without_addresses(None, "", {"event": said, "timestamp": "10.0.0.1"})
    assert hidden == {"event": written, "timestamp": "10.0.0.1"}


@pytest.mark.parametrize("kind", ["DisallowedHost", "SuspiciousOperation", "csrf"])
def test_what_strangers_cause_is_no_error(kind):
    """Sentry's integration asks the same question before it reports."""
    assert not logging.getLogger(f"django.security.{kind}").isEnabledFor(logging.ERROR)
