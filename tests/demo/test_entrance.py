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
from chatsite.ops.sealer import Sealer
from chatsite.ops.server import Server
from tests.base import code

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


def test_in_development_the_facts_offer_it(development, client):
    assert client.get("/site.json").json()["demo"] is True


def test_who_comes_too_early_is_asked_to_wait(development, client):
    answer = client.post("/demo/")
    assert (answer.status_code, code(answer)) == (503, "demo_not_made")
    assert "still being made" in answer.json()["error"]["detail"]
    assert int(answer["Retry-After"]) > 0
    assert "_auth_user_id" not in client.session


def test_the_page_that_waits_is_told_how_far_the_demo_is(development, ada, client):
    assert client.get("/demo/state/").json() == {"state": "loading"}
    noted = {"done": 20, "total": 300, "failed": False}
    (development / "progress.json").write_text(json.dumps(noted))
    assert client.get("/demo/state/").json() == {"state": "loading", **noted}
    noted["failed"] = True
    (development / "progress.json").write_text(json.dumps(noted))
    assert client.get("/demo/state/").json() == {"state": "failed", **noted}
    leave_kit(development, ada.publish())
    assert client.get("/demo/state/").json() == {"state": "ready"}
    assert "SECRET" not in client.get("/demo/wait/").text


def test_a_click_on_another_site_signs_nobody_in(development, ada):
    leave_kit(development, ada.publish())
    client = Client(enforce_csrf_checks=True)
    assert client.post("/demo/").status_code == 403
    assert "_auth_user_id" not in client.session


def test_a_look_signs_nobody_in(development, ada, client):
    leave_kit(development, ada.publish())
    assert client.get("/demo/").status_code == 405
    assert "_auth_user_id" not in client.session


def test_the_kit_is_the_answer_to_a_click(development, ada, client):
    leave_kit(development, ada.publish())
    answer = client.post("/demo/")
    assert answer.json()["next"] == "/keys/"
    assert json.loads(answer.json()["kit"])["code"] == "SECRET"
    assert "no-store" in answer["Cache-Control"]
    assert client.session["_auth_user_id"] == ada.uid


def test_a_kit_of_earlier_keys_is_no_entrance(development, ada, client):
    leave_kit(development, ada.publish())
    ada.renew()
    assert code(client.post("/demo/")) == "demo_not_made"
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("debug", [False, True])
async def test_a_server_makes_the_demo_in_development_alone(settings, monkeypatch, debug):
    async def started(server, sockets=None):
        server.started = True

    made: list[bool] = []
    monkeypatch.setattr(uvicorn.Server, "startup", started)
    monkeypatch.setattr(Sealer, "start", lambda sealer: None)  # it would write beside the test
    monkeypatch.setattr(demo, "fill_in_background", lambda: made.append(site.DEBUG))
    settings.DEBUG = debug
    settings.REDIS_URL = "redis://localhost:1"  # the embedded worker would outlive the test
    server = Server(uvicorn.Config(print), "")
    await server.startup()
    assert made == [True] * debug
