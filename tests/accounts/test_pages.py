"""What the pages of signing up, in and out post, and what every page is served with."""

import pytest
from django.test import Client

from accounts.models import User
from tests.base import PASSWORD, code, make_user

pytestmark = pytest.mark.django_db
SCRIPT = {"Accept": "application/json"}


def test_sign_up_leads_to_key_making(client):
    sent = {"username": "zoe", "password1": PASSWORD}
    answer = client.post("/accounts/signup/", sent, headers=SCRIPT)
    assert (answer.status_code, answer.json()) == (200, {"next": "/keys/"})
    assert User.objects.get().name == "zoe"


@pytest.mark.parametrize("name", ["ab", "white space", "zoé", "x" * 33])
def test_a_bad_name_is_said_beside_the_field(client, name):
    answer = client.post("/accounts/signup/", {"username": name, "password1": PASSWORD})
    assert (answer.status_code, code(answer)) == (400, "invalid")
    assert list(answer.json()["error"]["fields"]) == ["username"]
    assert not User.objects.exists()


def test_a_german_browser_gets_one_language(client):
    german = {"accept-language": "de"}
    page = client.get("/accounts/signup/", headers=german)
    assert '<html lang="en"' in page.text
    form = {"username": "ab", "password1": ""}
    answer = client.post("/accounts/signup/", form, headers=german)
    assert answer.json()["error"]["fields"]["password1"] == ["This field is required."]


def test_log_in_and_out(client):
    make_user("zoe")
    sent = {"login": "zoe", "password": PASSWORD}
    answer = client.post("/accounts/login/", sent, headers=SCRIPT)
    assert answer.json() == {"next": "/keys/"}, "there are no keys yet"
    assert client.get("/site.json").json()["me"]["name"] == "zoe"
    assert client.post("/accounts/logout/", headers=SCRIPT).json() == {"next": "/"}
    assert client.get("/site.json").json()["me"] is None


def test_who_has_keys_goes_to_the_rooms_or_where_they_came_from(client, ada):
    ada.publish()
    ada.user.set_password(PASSWORD)
    ada.user.save()
    sent = {"login": ada.user.name, "password": PASSWORD}
    assert client.post("/accounts/login/", sent).json() == {"next": "/rooms/"}
    client.logout()
    back = client.post("/accounts/login/", {**sent, "next": "/rooms/new/"})
    assert back.json() == {"next": "/rooms/new/"}


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_hostile_open_redirects_in_next_of_a_log_in(client, to):
    make_user("zoe")
    sent = {"login": "zoe", "password": PASSWORD, "next": to}
    for path in ("/accounts/login/", f"/accounts/login/?next={to}"):
        assert client.post(path, sent).json() == {"next": "/keys/"}
        client.logout()


def test_a_wrong_password_is_said(client):
    make_user("zoe")
    sent = {"login": "zoe", "password": "wrong wrong"}
    answer = client.post("/accounts/login/", sent, headers=SCRIPT)
    assert (answer.status_code, code(answer)) == (400, "invalid")
    assert "not correct" in answer.json()["error"]["detail"]
    assert "wrong wrong" not in answer.text


def test_forms_need_a_csrf_token():
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post("/accounts/signup/", {"username": "zoe", "password1": PASSWORD})
    assert (answer.status_code, code(answer)) == (403, "csrf")
    assert not User.objects.exists()


def test_the_token_of_forms_is_the_cookie_that_the_facts_set():
    browser = Client(enforce_csrf_checks=True)
    facts = browser.get("/site.json")
    token = facts.cookies["csrftoken"].value
    assert token not in facts.text, "no body carries it"
    sent = {"username": "zoe", "password1": PASSWORD}
    answer = browser.post("/accounts/signup/", sent, headers={"X-CSRFToken": token})
    assert answer.status_code == 200


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
