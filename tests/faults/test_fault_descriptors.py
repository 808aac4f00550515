"""File descriptors that run short: sockets are refused in time, everything else goes on."""

from __future__ import annotations

import asyncio
import re
import resource
from contextlib import ExitStack

import httpx2
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from chatsite.ops.descriptors import SPARE, Descriptors
from sotto.client import Client
from tests.client.acting import PASSWORD
from tests.live import LiveServer
from tests.vectors.making import cast

LIMIT = 256
TOKEN = "a-token-for-metrics"


class Limited(LiveServer):
    """A server whose descriptors are limited as `ulimit` with `options` does it."""

    options = f"-n {LIMIT}"

    @property
    def command(self) -> list[str]:
        return ["sh", "-c", f'ulimit {self.options} && exec "$@"', "sh", *super().command]


class SoftlyLimited(Limited):
    options = f"-S -n {LIMIT}"


def opened(url: str, stack: ExitStack) -> int:
    """Open sockets until one is refused; returns how many there are."""
    count = 0
    refused = None
    while refused is None and count < LIMIT:
        try:
            stack.enter_context(connect(f"{url.replace('http', 'ws')}/ws/", close_timeout=0))
            count += 1
        except InvalidStatus as error:
            refused = error.response
    assert refused is not None
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    return count


@pytest.mark.slow
@pytest.mark.parametrize(
    ("connections", "short"),
    [("0", "128 connections"), ("80", "80 connections"), ("1000", "256 file descriptors")],
)
async def test_fault_short_of_descriptors_sockets_are_refused_and_the_rest_goes_on(
    tmp_path, connections, short
):
    """Whichever limit comes first: that of descriptors, or of connections in all."""
    limits = {"CONNECTIONS_AT_ONCE": connections, "METRICS_TOKEN": TOKEN}
    with Limited(tmp_path / "data", **limits) as server, ExitStack() as sockets:
        async with Client(server.url) as ada:
            await ada.account.sign_up("ada.short", PASSWORD, cast()["ada"].keys)
            room = await ada.rooms.create("Garden")
            await ada.rooms.open(room)
            assert await asyncio.to_thread(opened, server.url, sockets) > 50
            async with httpx2.AsyncClient(base_url=server.url) as http:
                assert (await http.get("/healthz")).status_code == 200
                shown = await http.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
            await ada.messages.send(room, "those that are open stay")
            await asyncio.to_thread(sockets.close)
        log = server.log.read_text()
    assert re.search(r"^sotto_sockets_refused_total [1-9]", shown.text, re.M)
    assert len(re.findall(r"New sockets are refused: ", log)) == 1
    assert re.search(rf"New sockets are refused: \d+ of {short}", log)
    assert "Too many open files" not in log


@pytest.mark.slow
def test_fault_the_limit_is_raised_at_the_start(tmp_path):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert hard > LIMIT
    with SoftlyLimited(tmp_path / "data", METRICS_TOKEN=TOKEN) as server:
        shown = httpx2.get(f"{server.url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    (limit,) = re.findall(r"^sotto_process_max_fds (\S+)$", shown.text, re.M)
    assert float(limit) == hard


def test_sockets_count_between_two_samples(monkeypatch):
    """Many may come in one second."""
    monkeypatch.setattr("os.listdir", lambda folder: ["0"] * 100)
    monkeypatch.setattr("resource.getrlimit", lambda which: (100 + SPARE + 10, 10_000))
    descriptors = Descriptors(clock=lambda: 0.0)
    assert [descriptors.take() for _ in range(12)] == [True] * 10 + [False] * 2
