"""Bursts of sign-ins: those that could only be refused never reach Django."""

from __future__ import annotations

from contextlib import suppress

import httpx2
import pytest

from chatsite.asgi import application
from chatsite.lib.errors import Unavailable
from chatsite.web.sign_in_places import PATHS, WAITING, SignInPlaces, places

LOGIN = {"method": "POST", "path": "/api/v1/auth/login"}


@pytest.mark.parametrize("path", sorted(PATHS))
async def test_abuse_a_sign_in_without_a_place_is_refused_at_once(monkeypatch, settings, path):
    full = settings.PASSWORD_HASHES_AT_ONCE + WAITING
    monkeypatch.setattr(places, "taken", full)
    transport = httpx2.ASGITransport(app=application)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.post(path, json={"name": "nobody", "password": "not this one"})
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json()["error"]["code"] == "unavailable"
    assert "try again shortly" in answer.json()["error"]["detail"]
    assert places.taken == full


def test_abuse_places_of_sign_ins_are_given_back(settings):
    settings.PASSWORD_HASHES_AT_ONCE = 1
    ours = SignInPlaces()
    for _ in range(2 * (1 + WAITING)):
        with suppress(ZeroDivisionError), ours.place(LOGIN):
            raise ZeroDivisionError
    assert ours.taken == 0


def test_abuse_all_places_taken_stop_sign_ins_and_nothing_else(settings):
    settings.PASSWORD_HASHES_AT_ONCE = 1
    ours = SignInPlaces()
    ours.taken = 1 + WAITING
    with pytest.raises(Unavailable), ours.place(LOGIN):
        pass
    for other in ({**LOGIN, "method": "GET"}, {**LOGIN, "path": "/api/v1/me/password"}):
        with ours.place(other):
            assert ours.taken == 1 + WAITING
