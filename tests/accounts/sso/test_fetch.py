"""Answers of a provider are bounded in size and number."""

from __future__ import annotations

import socket
from threading import BoundedSemaphore

import pytest
from werkzeug import Response

from accounts.sso import fetch
from chatsite.lib.errors import Unavailable

pytestmark = pytest.mark.django_db


def test_hostile_answers_are_bounded(liar):
    where = liar.server.expect_request
    for number, answer in enumerate(
        ("x" * (fetch.MOST_BYTES + 1), "[" * 100_000, "not json", "[]")
    ):
        where(f"/{number}").respond_with_data(answer)
        with pytest.raises(Unavailable):
            fetch.fetch_json("GET", f"{liar.url}/{number}")
    where("/moved").respond_with_data("", status=302, headers={"Location": f"{liar.url}/0"})
    assert fetch.fetch_json("GET", f"{liar.url}/moved")[0] == 302, "it is not followed"


def test_abuse_a_slow_provider_holds_a_few_requests_only(liar, monkeypatch):
    monkeypatch.setattr(fetch, "places", BoundedSemaphore(1))
    asked = []

    def busy(request):
        with pytest.raises(Unavailable):
            fetch.fetch_json("GET", f"{liar.url}/another")
        asked.append(request)
        return Response("{}")

    liar.server.expect_request("/slow").respond_with_handler(busy)
    assert fetch.fetch_json("GET", f"{liar.url}/slow") == (200, {})
    assert fetch.fetch_json("GET", f"{liar.url}/slow") == (200, {}), "its place is free again"
    assert len(asked) == 2


@pytest.mark.parametrize(
    "address",
    [
        *("169.254.169.254", "10.0.0.5", "127.0.0.1", "100.64.0.1"),
        *("[::1]", "[fc00::1]", "[64:ff9b:1::a00:1]"),
    ],
)
def test_abuse_ssrf_through_discovery_the_secret_goes_to_no_private_address(
    liar, address, monkeypatch
):
    """Neither where the document names it, nor where a public name resolves to it."""
    reached: list[str] = []
    monkeypatch.setattr("httpx2.Client", lambda **_: reached.append("asked"))
    for named in (address, "id.example.org"):
        monkeypatch.setattr(
            "socket.getaddrinfo",
            lambda *_, **__: [(0, 0, 0, "", (address.strip("[]"), 443))],
        )
        with pytest.raises(Unavailable):
            fetch.fetch_json("POST", f"https://{named}/token", {"client_secret": "a secret"})
    assert not reached


def test_another_host_is_asked_at_the_address_that_was_looked_at(liar, settings, monkeypatch):
    settings.OIDC_ISSUER = "http://id.example.org"
    liar.server.expect_request(
        "/keys", headers={"Host": f"keys.example.org:{liar.server.port}"}
    ).respond_with_json({"keys": []})
    monkeypatch.setattr(fetch, "is_public", lambda ip: str(ip) == "127.0.0.1")
    names: list[str] = []

    def resolved(name: str, *_: object, **__: object) -> list[object]:
        names.append(name)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", liar.server.port))]

    monkeypatch.setattr("socket.getaddrinfo", resolved)
    address = f"http://keys.example.org:{liar.server.port}/keys"
    assert fetch.fetch_json("GET", address) == (200, {"keys": []})
    assert names.count("keys.example.org") == 1
