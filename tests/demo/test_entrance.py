"""The demo's two addresses, before there is a demo and for people whom it does not belong to."""

from __future__ import annotations

import importlib
import json

import pytest
import uvicorn
from django.conf import settings as site
from django.test import Client
from django.urls import clear_url_caches

from chatsite import urls
from chatsite.ops import demo
from chatsite.ops.server import Server

pytestmark = pytest.mark.django_db


def read_addresses_again() -> None:
    importlib.reload(urls)
    clear_url_caches()


@pytest.fixture
def development(settings, tmp_path):
    """DEBUG is on, and nothing is in the demo's folder."""
    settings.DEBUG = True
    settings.DEMO_DIR = tmp_path
    read_addresses_again()
    yield tmp_path
    settings.DEBUG = False
    read_addresses_again()


def leave_kit(folder, person) -> None:
    kit = {"kit": {"uid": person.user.pk, "kid": person.kid}, "code": "SECRET"}
    (folder / "kit.json").write_text(json.dumps(kit))


def test_in_development_the_first_page_offers_it(development, client):
    page = client.get("/")
    assert page.status_code == 200
    assert '<form class="demo" method="post" action="/demo/">' in page.text


def test_who_comes_too_early_waits_on_a_page_of_its_own(development, client):
    page = client.post("/demo/", follow=True)
    assert page.redirect_chain == [("/demo/wait/", 302)]
    assert "no-store" in page["cache-control"]
    assert 'data-state="loading"' in page.text
    assert '<noscript><meta http-equiv="refresh"' in page.text
    assert "_auth_user_id" not in client.session


def test_the_page_that_waits_is_told_how_far_the_demo_is(development, ada, client):
    assert client.get("/demo/state/").json() == {"state": "loading"}
    noted = {"done": 20, "total": 300, "failed": False}
    (development / "progress.json").write_text(json.dumps(noted))
    assert client.get("/demo/state/").json() == {"state": "loading", **noted}
    noted["failed"] = True
    (development / "progress.json").write_text(json.dumps(noted))
    assert client.get("/demo/state/").json() == {"state": "failed", **noted}
    assert 'data-state="failed"' in client.get("/demo/wait/").text
    leave_kit(development, ada.publish())
    assert client.get("/demo/state/").json() == {"state": "ready"}
    page = client.get("/demo/wait/").text
    assert 'data-state="ready"' in page
    assert "refresh" not in page
    assert "SECRET" not in page


def test_a_click_on_another_site_signs_nobody_in(development, ada):
    leave_kit(development, ada.publish())
    client = Client(enforce_csrf_checks=True)
    assert client.post("/demo/").status_code == 403
    assert "_auth_user_id" not in client.session


def test_a_look_signs_nobody_in(development, ada, client):
    leave_kit(development, ada.publish())
    assert client.get("/demo/").status_code == 405
    assert "_auth_user_id" not in client.session


def test_the_kit_is_on_one_page_after_a_click(development, ada, client):
    leave_kit(development, ada.publish())
    assert client.post("/demo/").headers["location"] == "/demo/keys/"
    assert "SECRET" in client.get("/demo/keys/").text
    assert client.get("/demo/keys/").headers["location"] == "/keys/"


def test_others_do_not_get_the_kit(development, ada, ben, client):
    leave_kit(development, ada.publish())
    assert client.get("/demo/keys/").headers["location"].startswith("/accounts/login/")
    client.force_login(ben.user)
    assert client.get("/demo/keys/").headers["location"] == "/keys/"


def test_a_click_and_then_another_account(development, ada, ben, client):
    leave_kit(development, ada.publish())
    client.post("/demo/")
    client.force_login(ben.user)
    assert client.get("/demo/keys/").headers["location"] == "/keys/"


def test_a_kit_of_earlier_keys_is_no_entrance(development, ada, client):
    leave_kit(development, ada.publish())
    ada.renew()
    assert client.post("/demo/").headers["location"] == "/demo/wait/"
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("debug", [False, True])
async def test_a_server_makes_the_demo_in_development_alone(settings, monkeypatch, debug):
    async def started(server, sockets=None):
        server.started = True

    made: list[bool] = []
    monkeypatch.setattr(uvicorn.Server, "startup", started)
    monkeypatch.setattr(demo, "fill_in_background", lambda: made.append(site.DEBUG))
    settings.DEBUG = debug
    server = Server(uvicorn.Config(print), "")
    await server.startup()
    assert server._tidying is not None
    server._tidying.cancel()
    assert made == [True] * debug
