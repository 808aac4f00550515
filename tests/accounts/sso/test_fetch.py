"""Answers of a provider are bounded in size and number."""

from __future__ import annotations

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
