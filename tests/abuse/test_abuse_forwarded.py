"""Limits by address: whose word counts about where a request comes from, and that many requests at
once are counted exactly.
"""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from chatsite.rate_limits import DEFAULTS
from chatsite.variables import TRUSTED_PROXIES
from tests.live import LiveServer

UNKNOWN = {"secret": "A" * 43}
AT_ONCE, ALL = 20, 50
WAIT = 120  # seconds


def test_abuse_a_spoofed_x_forwarded_for_does_not_say_where_a_stranger_comes_from(site):
    """127.0.0.1 is no trusted proxy there: each request is from it, whatever the header says."""
    many, _ = DEFAULTS["reset_ask"]
    with httpx2.Client(base_url=site.url, timeout=WAIT) as http:
        answers = [
            http.post(
                "/api/v1/auth/reset/ask",
                json={"name": "nobody"},
                headers={"X-Forwarded-For": f"198.51.100.{n}"},
            )
            for n in range(many + 1)
        ]
    assert [answer.status_code for answer in answers] == [404] * many + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_abuse_fifty_parallel_calls_are_counted_exactly(site):
    many, seconds = 30, 600  # as conftest.py has it
    begun = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(lambda _: look(site), range(ALL)))
    refilled = int((time.monotonic() - begun) * many / seconds)
    assert set(found) == {404, 429}
    assert many <= found.count(404) <= many + refilled


def look(site: LiveServer) -> int:
    """Look at a link that is not known. A site that is busy did not count it."""
    while True:
        answer = httpx2.post(f"{site.url}/api/v1/auth/reset/look", json=UNKNOWN, timeout=WAIT)
        if answer.status_code != 503:
            return answer.status_code


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "expected"),
    [
        ("192.0.2.1", "203.0.113.9", "198.51.100.7", "203.0.113.9"),
        ("192.0.2.1", "192.0.2.1", "198.51.100.7", "198.51.100.7"),
        ("192.0.2.1", "192.0.2.1", "6.6.6.6, 198.51.100.7", "198.51.100.7"),
        ("192.0.2.1, 10.0.0.0/24", "10.0.0.5", "6.6.6.6, 198.51.100.7, 192.0.2.1", "198.51.100.7"),
        ("192.0.2.1,10.0.0.0/24", "10.0.1.5", "198.51.100.7", "10.0.1.5"),
        ("192.0.2.1", "192.0.2.1", "", "192.0.2.1"),
        ("*", "203.0.113.9", "198.51.100.7", "198.51.100.7"),  # a proxy alone can reach it
    ],
)
async def test_abuse_of_forwarded_addresses_the_last_that_a_proxy_saw_counts(
    monkeypatch, trusted, peer, forwarded, expected
):
    monkeypatch.setenv("TRUSTED_PROXIES", trusted)
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["client"][0])

    scope = {
        "type": "http",
        "scheme": "http",
        "client": (peer, 5),
        "headers": [(b"x-forwarded-for", forwarded.encode())],
    }
    middleware: Any = ProxyHeadersMiddleware(app, trusted_hosts=TRUSTED_PROXIES.read())
    await middleware(scope, None, None)
    assert seen == [expected]


@pytest.mark.parametrize(
    "said", ["nobody", "1.2.3.4:99999", "::::", ",", "198.51.100.7, x", "9" * 3000, "[::1]:5"]
)
def test_abuse_an_address_that_is_none_breaks_nothing(client, db, said):
    """As a proxy that is trusted might pass it on."""
    sent = json.dumps({"name": "nobody", "password": "not this one"})
    answer = client.post(
        "/api/v1/auth/login", sent, content_type="application/json", REMOTE_ADDR=said
    )
    assert answer.status_code == 401
