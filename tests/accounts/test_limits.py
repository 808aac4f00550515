"""Guessing: how often somebody may try, at the form and over the API, and whom that stops."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from redis import ConnectionError as RedisIsAway

from accounts.models import AccountLink, User
from chatsite.lib import ratelimit
from chatsite.lib.ratelimit import LocalLimiter
from tests.accounts.signed_in import browser, program
from tests.base import PASSWORD, api, code, make_user

HERE, THERE = "192.0.2.1", "198.51.100.1"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


@pytest.fixture(autouse=True)
def zoe():
    return make_user("zoe")


@pytest.fixture
def limits(settings):
    def change(**changes: tuple[int, int]) -> None:
        settings.RATE_LIMITS = {**settings.RATE_LIMITS, **changes}

    return change


def by_form(name="zoe", password="not this one", address=HERE):
    sent = {"login": name, "password": password}
    return Client(REMOTE_ADDR=address).post("/accounts/login/", sent)


def by_api(name="zoe", password="not this one", address=HERE):
    sent = {"name": name, "password": password}
    return api().post("/api/v1/auth/login", sent, REMOTE_ADDR=address)


EDGES = [
    pytest.param(by_form, 400, 200, id="form"),
    pytest.param(by_api, 401, 200, id="api"),
]
both = pytest.mark.parametrize(("attempt", "wrong", "right"), EDGES)


@both
def test_who_guesses_is_stopped_and_the_person_is_not(limits, attempt, wrong, right):
    limits(login=(3, 60))
    answers = [attempt().status_code for _ in range(4)]
    assert answers == [wrong, wrong, wrong, 429]
    assert attempt(password=PASSWORD).status_code == 429, "from there, not even with the right one"
    assert attempt(password=PASSWORD, address=THERE).status_code == right


@both
def test_other_spellings_of_a_name_are_the_same_name(limits, attempt, wrong, right):
    limits(login=(2, 60))
    answers = [attempt(name).status_code for name in ("zoe", "ZOE ", " Zoe")]
    assert answers == [wrong, wrong, 429]


@both
def test_going_through_names_is_stopped(limits, attempt, wrong, right):
    limits(login_address=(3, 60))
    answers = [attempt(f"name{n}").status_code for n in range(4)]
    assert answers == [wrong, wrong, wrong, 429]
    assert attempt(password=PASSWORD, address=THERE).status_code == right


@both
def test_a_whole_network_of_ipv6_is_one_address(limits, attempt, wrong, right):
    limits(login_address=(2, 60))
    answers = [attempt(address=f"2001:db8::{n}").status_code for n in range(1, 4)]
    assert answers == [wrong, wrong, 429]
    assert attempt(address="2001:db8:0:1::1").status_code == wrong


@both
def test_many_who_guess_one_name_together_are_stopped_in_the_end(limits, attempt, wrong, right):
    limits(login_name=(3, 60))
    make_user("yan")
    answers = [attempt(address=f"192.0.2.{n}").status_code for n in range(4)]
    assert answers == [wrong, wrong, wrong, 429]
    assert attempt("yan", PASSWORD).status_code == right


@both
def test_who_is_stopped_uses_up_nothing_of_the_name_s(limits, attempt, wrong, right):
    limits(login=(2, 60), login_name=(4, 60))
    for _ in range(20):
        attempt()
    assert attempt(password=PASSWORD, address=THERE).status_code == right


@both
def test_a_name_that_nobody_has_is_counted_alike(limits, attempt, wrong, right):
    limits(login=(1, 60))
    assert [attempt("nobody").status_code for _ in range(2)] == [wrong, 429]


@both
def test_abuse_forms_and_programs_are_counted_together(limits, attempt, wrong, right):
    limits(login=(3, 60))
    tries = [by_form, by_api, by_form]
    assert [one().status_code for one in tries] == [400, 401, 400]
    assert attempt(password=PASSWORD).status_code == 429


def test_abuse_signing_up_is_counted_together_with_the_api(limits):
    limits(register=(1, 60))
    sent = {"name": "xeno", "password": PASSWORD}
    assert api().post("/api/v1/auth/register", sent, REMOTE_ADDR=HERE).status_code == 201
    form = {"username": "yan", "password1": PASSWORD}
    assert Client(REMOTE_ADDR=HERE).post("/accounts/signup/", form).status_code == 429


def test_abuse_posts_of_forms_are_limited_by_address(limits):
    limits(form_posts=(2, 60), login=(100, 60), login_address=(100, 60))
    assert [by_form(f"name{n}").status_code for n in range(3)] == [400, 400, 429]
    assert by_form(address=THERE).status_code == 400


def test_one_stranger_cannot_use_up_a_name(settings):
    """What an address may try in an hour is far below what a name bears."""
    many, seconds = settings.RATE_LIMITS["login"]
    most, window = settings.RATE_LIMITS["login_name"]
    assert many / seconds * 10 <= most / window


def test_the_answer_says_when_to_come_back_and_then_it_works(limits, clock, monkeypatch):
    limiter = LocalLimiter(time.time)
    monkeypatch.setattr(ratelimit, "get_limiter", lambda: limiter)
    limits(login=(1, 600))
    by_form()
    answer = by_form(password=PASSWORD)
    wait = int(answer["Retry-After"])
    assert 0 < wait <= 602
    assert answer.json()["error"]["retry_after"] == wait
    assert PASSWORD.encode() not in answer.content
    clock.shift(timedelta(seconds=wait))
    assert by_form(password=PASSWORD).status_code == 200


def test_looking_at_the_form_is_no_try(limits):
    limits(login_address=(1, 60))
    client = Client(REMOTE_ADDR=HERE)
    assert [client.get("/accounts/login/").status_code for _ in range(3)] == [200] * 3
    assert by_form().status_code == 400


def test_signing_up_is_limited_by_address(limits):
    limits(register=(2, 60))

    def sign_up(n: int, address: str = HERE) -> int:
        sent = {"username": f"name{n}", "password1": PASSWORD}
        return Client(REMOTE_ADDR=address).post("/accounts/signup/", sent).status_code

    assert [sign_up(n) for n in range(3)] == [200, 200, 429]
    assert sign_up(3, THERE) == 200


def test_the_admin_has_no_door_of_its_own(client, zoe):
    zoe.role = User.AUDITOR
    zoe.save()
    answer = client.get("/admin/login/")
    assert answer["Location"].startswith("/accounts/login/?next=")
    sent = {"username": "zoe", "password": PASSWORD}
    assert client.post("/admin/login/?next=/admin/", sent)["Location"].startswith("/accounts/")
    assert "_auth_user_id" not in client.session


def test_hostile_staff_cannot_become_another_by_the_admin_s_own_form(client, zoe):
    """Not even with the right password: that form asks for no second factor and counts nothing."""
    User.objects.filter(pk=zoe.pk).update(role=User.AUDITOR)
    boss = make_user("boss")
    User.objects.filter(pk=boss.pk).update(role=User.ADMINISTRATOR)
    client.force_login(zoe)
    for path in ("/admin/login/", "/admin/login/?next=/admin/"):
        answer = client.post(path, {"username": "boss", "password": PASSWORD})
        assert answer.status_code == 302
        assert client.session["_auth_user_id"] == str(zoe.pk)


def test_who_may_not_use_the_admin_is_told_so(client, zoe):
    client.force_login(zoe)
    assert client.get("/admin/", follow=True).status_code == 403


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/"])
def test_while_nobody_can_count_the_forms_are_closed(monkeypatch, client, path):
    def away(*args, **kwargs):
        raise RedisIsAway("redis://:secret@host")

    monkeypatch.setattr("django.core.cache.backends.locmem.LocMemCache.add", away)
    sent = {"login": "zoe", "password": PASSWORD, "username": "new", "password1": PASSWORD}
    answer = client.post(path, sent)
    assert answer.status_code == 503
    assert code(answer) == "unavailable"
    assert b"secret" not in answer.content
    assert "_auth_user_id" not in client.session


def test_a_cache_that_does_not_count_closes_them_too(monkeypatch):
    monkeypatch.setattr("django.core.cache.backends.locmem.LocMemCache.add", lambda *a, **k: False)
    assert by_form(password=PASSWORD).status_code == 503


def test_the_api_says_it_in_its_own_shape(limits):
    limits(login=(1, 60))
    by_api()
    answer = by_api()
    assert (answer.status_code, code(answer)) == (429, "rate")
    assert int(answer["Retry-After"]) >= 1


def test_every_answer_names_the_limit_that_it_was_counted_against(zoe):
    client = program(zoe)
    assert client.get("/api/v1/me")["RateLimit-Policy"] == '"reads";q=600;w=60'
    assert client.get("/api/v1/me/sessions")["RateLimit-Policy"] == '"account_reads";q=300;w=60'
    assert by_api()["RateLimit-Policy"].startswith('"')
    assert client.delete("/api/v1/kit")["RateLimit-Policy"] == '"writes";q=300;w=60'


def test_abuse_methods_without_a_limit_of_their_own_have_one(zoe, limits):
    limits(reads=(2, 60), writes=(1, 60))
    client = program(zoe)
    assert [client.get("/api/v1/me").status_code for _ in range(3)] == [200, 200, 429]
    client.delete("/api/v1/kit")
    refused = client.delete("/api/v1/kit")
    assert (refused.status_code, code(refused)) == (429, "rate")
    assert int(refused["Retry-After"]) > 0


# --- outside of the API -------------------------------------------------------------------------

POSTED = {
    "/accounts/login/": "form_posts",
    "/accounts/signup/": "form_posts",
    "/accounts/logout/": "writes",
    "/accounts/passkey/": "passkey",
    "/accounts/passkey/options/": "passkey",
    "/accounts/sso/": "sso",
    "/accounts/sso/code/": "sso",
    "/reports/policy/": "policy_reports",
}


@pytest.mark.parametrize("path", POSTED)
def test_what_pages_post_names_its_limit_and_ends_there(client, limits, path):
    name = POSTED[path]
    limits(**{name: (2, 60)})
    sent = {"login": "nobody", "password": PASSWORD}
    answers = [client.post(path, sent) for _ in range(3)]
    assert {answer["RateLimit-Policy"] for answer in answers} == {f'"{name}";q=2;w=60'}
    assert 429 not in {answer.status_code for answer in answers[:2]}
    assert (answers[2].status_code, code(answers[2])) == (429, "rate")
    assert int(answers[2]["Retry-After"]) > 0


def test_facts_of_the_site_are_limited_by_person_and_by_address(zoe, limits):
    limits(reads=(2, 60))
    strangers = [Client(REMOTE_ADDR=HERE).get("/site.json") for _ in range(3)]
    assert [answer.status_code for answer in strangers] == [200, 200, 429]
    assert strangers[0]["RateLimit-Policy"] == strangers[2]["RateLimit-Policy"]
    assert Client(REMOTE_ADDR=THERE).get("/site.json").status_code == 200
    signed_in = browser(zoe)
    found = [signed_in.get("/site.json", REMOTE_ADDR=HERE).status_code for _ in range(3)]
    assert found == [200, 200, 429], "neighbours use up nothing of hers"


def test_pages_of_the_admin_are_limited_by_person(limits):
    limits(admin=(2, 60))
    one, other = (browser(User.objects.create_superuser(name)) for name in ("root", "otto"))
    answers = [one.get("/admin/accounts/user/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0]["RateLimit-Policy"] == '"admin";q=2;w=60'
    assert int(answers[2]["Retry-After"]) > 0
    assert b"You can go on in" in answers[2].content
    assert other.get("/admin/").status_code == 200
    make = "/admin/accounts/accountlink/make/"
    sent = {"uses": "1", "days": "1"}
    assert [other.post(make, sent).status_code for _ in range(2)] == [200, 429]
    assert AccountLink.objects.count() == 1
