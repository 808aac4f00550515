"""The server's key is changed while people and programs are signed in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from accounts.access import ref_of_session
from accounts.models import User
from accounts.sign_in import tokens
from accounts.sign_in.sign_ins import issue_tokens
from chatsite.lib.errors import SignInNeeded
from tests.base import PASSWORD, api

OLD, NEW = "old: 0123456789abcdefghijklmnopqrstuv", "new: 0123456789abcdefghijklmnopqrstuv"


@pytest.fixture
def change_key(monkeypatch):
    """Act as a process with this key for programs, and with these before it."""

    def change(key: str, *before: str) -> None:
        ring = tokens.Keyring("HS256", [key, *before])
        monkeypatch.setattr(tokens, "keyring", lambda: ring)

    return change


def answers(token: str) -> int:
    return api(token).get("/api/v1/chatrooms").status_code


def test_a_token_of_the_key_before_counts_until_that_is_dropped(ada, change_key):
    change_key(OLD)
    token = ada.token()
    assert answers(token) == 200
    change_key(NEW, OLD)
    assert answers(token) == 200
    change_key(NEW)
    assert answers(token) == 401


def test_new_tokens_are_of_the_new_key(ada, change_key):
    change_key(NEW, OLD)
    token = ada.token()
    change_key(NEW)
    assert answers(token) == 200


def test_a_token_of_the_key_before_ends_in_time(ada, change_key):
    change_key(OLD)
    access = tokens.AccessToken(issue_tokens(ada.user).access)  # type: ignore[arg-type]
    access.set_exp(lifetime=-timedelta(seconds=1))
    change_key(OLD)
    ended = str(access)
    change_key(NEW, OLD)
    assert answers(ended) == 401


def test_a_page_stays_signed_in_until_the_key_before_is_dropped(db, settings):
    settings.SECRET_KEY = OLD
    User.objects.create_user("dora", PASSWORD)
    page = Client()
    assert page.login(name="dora", password=PASSWORD)
    session = str(page.session.session_key)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert ref_of_session(session).name == "dora", "its socket, before any page is loaded"
    assert page.get("/api/v1/chatrooms").status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert page.get("/api/v1/chatrooms").status_code == 200, "its session was renewed meanwhile"


def test_a_page_is_signed_out_where_no_key_before_is_named(db, settings):
    settings.SECRET_KEY = OLD
    User.objects.create_user("dora", PASSWORD)
    page = Client()
    assert page.login(name="dora", password=PASSWORD)
    session = str(page.session.session_key)
    settings.SECRET_KEY = NEW
    with pytest.raises(SignInNeeded):
        ref_of_session(session)
    assert page.get("/api/v1/chatrooms").status_code == 401
