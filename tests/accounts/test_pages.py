"""Sign-up, log-in and log-out as plain forms, and what every page is served with."""

import pytest
from django.test import Client

from accounts.models import User
from tests.base import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def test_sign_up_leads_to_key_making(client):
    answer = client.post("/accounts/signup/", {"username": "zoe", "password1": PASSWORD})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/keys/")
    assert User.objects.get().name == "zoe"


@pytest.mark.parametrize("name", ["ab", "white space", "zoé", "x" * 33])
def test_a_bad_name_is_said_beside_the_field(client, name):
    answer = client.post("/accounts/signup/", {"username": name, "password1": PASSWORD})
    assert answer.status_code == 200
    assert answer.context["form"].errors["username"]
    assert not User.objects.exists()


def test_a_german_browser_gets_a_page_in_one_language(client):
    form = {"username": "ab", "password1": ""}
    answer = client.post("/accounts/signup/", form, headers={"accept-language": "de"})
    page = answer.content.decode()
    assert '<html lang="en"' in page
    assert "This field is required." in page


def test_log_in_and_out(client):
    make_user("zoe")
    answer = client.post("/accounts/login/", {"login": "zoe", "password": PASSWORD})
    assert answer.status_code == 302
    assert client.get("/rooms/").status_code == 200
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get("/rooms/")["Location"].startswith("/accounts/login/")


def test_a_wrong_password_is_said(client):
    make_user("zoe")
    answer = client.post("/accounts/login/", {"login": "zoe", "password": "wrong wrong"})
    assert answer.status_code == 200
    assert answer.context["form"].errors


def test_forms_need_a_csrf_token():
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post("/accounts/signup/", {"username": "zoe", "password1": PASSWORD})
    assert answer.status_code == 403
    assert not User.objects.exists()


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/accounts/signup/", "/i", "/nothing"])
def test_every_page_has_the_strict_policy(client, path):
    policy = client.get(path)["Content-Security-Policy"]
    assert "require-trusted-types-for 'script'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_admin_has_its_own_strict_policy(client):
    client.force_login(User.objects.create_superuser("root", PASSWORD))
    answer = client.get("/admin/accounts/user/")
    assert answer.status_code == 200
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "trusted-types" not in policy


def test_loopback_addresses_are_sent_to_localhost(client):
    answer = client.get("/rooms/?a=b", headers={"host": "127.0.0.1:8000"})
    assert (answer.status_code, answer["Location"]) == (301, "http://localhost:8000/rooms/?a=b")


@pytest.mark.parametrize("path", ["/rooms/", "/rooms/new/", "/keys/", "/settings/"])
def test_pages_that_need_an_account_lead_to_log_in(client, path):
    assert client.get(path)["Location"].startswith("/accounts/login/")


def test_a_room_that_is_not_yours_looks_absent(client):
    client.force_login(make_user("zoe"))
    assert client.get("/rooms/" + "a" * 32 + "/").status_code == 404
