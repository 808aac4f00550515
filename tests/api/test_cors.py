"""Pages of other origins: named ones use the API by a bearer token, and none does by a cookie."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from chatsite.web.api_paths import SHORT
from tests.base import api, code

pytestmark = pytest.mark.django_db
APP = "https://app.example.org"
ALLOW = "Access-Control-Allow-Origin"


def preflight(origin: str, path: str = "/api/v1/me"):
    return Client().options(
        path,
        HTTP_ORIGIN=origin,
        HTTP_ACCESS_CONTROL_REQUEST_METHOD="GET",
        HTTP_ACCESS_CONTROL_REQUEST_HEADERS="authorization",
    )


@pytest.fixture
def allowed(settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = [APP]


def test_no_origin_is_allowed_by_default(ada):
    assert ALLOW not in preflight(APP)
    assert ALLOW not in api(ada.token()).get("/api/v1/me", HTTP_ORIGIN=APP)


@pytest.mark.parametrize("path", ["/api/v1/me", "/auth/login", "/chatrooms", "/chatrooms/x/log"])
def test_a_named_origin_may_use_the_api(allowed, path):
    answer = preflight(APP, path)
    assert answer[ALLOW] == APP
    assert "authorization" in answer["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer


def test_refusals_can_be_read_there_and_nothing_is_cached(allowed, ada):
    for answer in (
        api(ada.token()).get("/api/v1/me", HTTP_ORIGIN=APP),
        api().get("/api/v1/me", HTTP_ORIGIN=APP),
    ):
        assert answer[ALLOW] == APP
        for name in ("Retry-After", "RateLimit-Policy"):
            assert name in answer["Access-Control-Expose-Headers"]
        assert "no-store" in answer["Cache-Control"]
        assert "origin" in answer["Vary"].lower()


@pytest.mark.parametrize(
    "origin",
    [
        "https://app.example.org.evil.example",
        "https://evil.example",
        "http://app.example.org",
        "https://app.example.org:8443",
        "null",
        "",
    ],
)
def test_hostile_origins_are_allowed_nothing(allowed, origin):
    assert ALLOW not in preflight(origin)


@pytest.mark.parametrize(
    "path",
    ["/", "/accounts/login/", "/admin/", "/metrics", "/apixx", "/chatroomsx", "/x/api/v1/me"],
)
def test_pages_are_not_for_other_origins(allowed, path):
    assert ALLOW not in preflight(APP, path)
    assert ALLOW not in Client().get(path, HTTP_ORIGIN=APP)


def test_abuse_a_cookie_is_nothing_that_a_foreign_page_can_use(allowed, ada):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada.user)
    answer = browser.delete("/api/v1/me/sessions", HTTP_ORIGIN=APP)
    assert (answer.status_code, code(answer)) == (403, "csrf")
    assert "Access-Control-Allow-Credentials" not in answer


def test_the_setting_covers_the_short_addresses(settings):

    pattern = re.compile(settings.CORS_URLS_REGEX)
    for path in ("/auth/login", "/chatrooms", "/chatrooms/x", "/authx", "/chatroomsx", "/rooms/"):
        assert bool(pattern.match(path)) == bool(SHORT.match(path)), path
