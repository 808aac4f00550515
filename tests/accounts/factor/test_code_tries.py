"""Guessing codes of a second factor: each pause is longer, on every way."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.factor.code_tries import FIRST_PAUSE, FORGOTTEN, FREE, Paused
from accounts.factor.codes import check_code
from accounts.models import CodeTries, User
from chatsite.lib import ratelimit
from chatsite.lib.errors import ChatError, Forbidden
from tests.accounts.codes import WAYS, by_api, shown, turned_on
from tests.accounts.signed_in import program
from tests.accounts.test_password_reset import NEW, secret_of, use
from tests.base import PASSWORD, api, code

pytestmark = pytest.mark.django_db


def guesses(user: User, clock, hours: float) -> int:
    """Wrong codes that are looked at within some hours, if each is sent as soon as it may be."""
    many, end = 0, time.time() + hours * 3600
    while time.time() < end:
        try:
            check_code(user, "00000000")
        except Paused as pause:
            clock.shift(pause.retry_after or 0)
        except Forbidden:
            many += 1
    return many


def test_abuse_brute_force_of_codes_has_a_few_guesses_a_day(zoe, clock):
    turned_on(zoe, clock)
    assert FREE < guesses(zoe, clock, 24) <= FREE + 15
    assert guesses(zoe, clock, 24) <= 7, "and fewer the longer it goes on"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_abuse_a_pause_follows_wrong_codes_on_every_way(zoe, clock, way, kind):
    secret, codes = turned_on(zoe, clock)
    wrong = "000000" if kind == "app" else "00000000"
    assert [WAYS[way](wrong) for _ in range(FREE)] == ["bad_code"] * FREE
    right = shown(secret) if kind == "app" else codes[0]
    assert [ask(right) for ask in WAYS.values()] == ["rate", "rate"]
    clock.shift(FIRST_PAUSE)
    right = shown(secret) if kind == "app" else codes[0]
    assert WAYS[way](right) == ""


def test_each_pause_is_longer_and_a_right_code_ends_them(zoe, clock):
    _, codes = turned_on(zoe, clock)
    for _ in range(FREE - 1):
        by_api("000000")
    for minutes in (1, 2, 4, 8):
        assert by_api("000000") == "bad_code"
        clock.shift(timedelta(minutes=minutes, seconds=-1))
        assert by_api(codes[0]) == "rate"
        clock.shift(2)
        ratelimit.get_limiter().forget()
    assert by_api(codes[0]) == ""
    assert [by_api("000000") for _ in range(FREE)] == ["bad_code"] * FREE


def test_a_pause_says_how_long_it_is(zoe, clock):
    turned_on(zoe, clock)
    for _ in range(FREE):
        by_api("000000")
    sent = {"name": "zoe", "password": PASSWORD, "code": "000000"}
    answer = api().post("/api/v1/auth/login", sent)
    assert answer.status_code == 429
    assert answer["Retry-After"] == "61"
    assert "Try again in 2 minutes." in answer.json()["error"]["detail"]


def test_wrong_codes_are_forgotten_after_a_day(zoe, clock):
    turned_on(zoe, clock)
    for _ in range(FREE - 1):
        by_api("000000")
    clock.shift(FORGOTTEN + timedelta(seconds=1))
    ratelimit.get_limiter().forget()
    assert [by_api("000000") for _ in range(FREE)] == ["bad_code"] * FREE


def test_abuse_strangers_without_the_password_lock_nobody_out(zoe, clock):
    secret, _ = turned_on(zoe, clock)
    for _ in range(FREE + 1):
        by_api("000000", "not this one")
    assert not CodeTries.objects.exists()
    ratelimit.get_limiter().forget()
    assert by_api(shown(secret)) == ""


def test_abuse_settings_are_no_way_around_the_pauses(zoe, clock):
    _, codes = turned_on(zoe, clock)
    here = program(zoe)
    sent = {"password": PASSWORD, "code": "000000"}
    for path in ("off", "codes", "off", "codes", "off")[:FREE]:
        assert code(here.post(f"/api/v1/me/second_factor/{path}", sent)) == "bad_code"
    for path in ("off", "codes"):
        assert code(here.post(f"/api/v1/me/second_factor/{path}", sent)) == "rate"
    assert by_api(codes[0]) == "rate"


def test_an_operator_ends_the_pauses_with_the_second_factor(zoe, clock):
    turned_on(zoe, clock)
    for _ in range(FREE):
        by_api("000000")
    call_command("people", "second-factor", "zoe", stdout=StringIO())
    assert not CodeTries.objects.exists()
    secret, _ = turned_on(zoe, clock)
    assert by_api(shown(secret)) == ""


@pytest.mark.django_db(transaction=True)
def test_abuse_codes_that_are_sent_at_once_all_count(zoe, clock):
    turned_on(zoe, clock)

    def wrong(_: int) -> str:
        try:
            check_code(zoe, "000000")
        except ChatError as error:
            return error.code
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(8) as pool:
        found = Counter(pool.map(wrong, range(4 * FREE)))
    assert found == {"bad_code": FREE, "rate": 3 * FREE}


def test_abuse_a_new_password_by_a_link_is_no_way_around_it(zoe, clock):
    secret, _ = turned_on(zoe, clock)
    assert use(secret_of("zoe")).status_code == 200
    assert by_api(password=NEW) == "second_factor"
    assert by_api(shown(secret), NEW) == ""
