"""Codes of a second factor, and the ways to sign in with one."""

from __future__ import annotations

import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from accounts.factor import authenticator_app
from accounts.factor.second_factor import Answer
from accounts.models import User
from tests.base import PASSWORD, api, code

NOW = 1_800_000_000  # seconds; a multiple of an app's 30


def shown(secret: str, steps: int = 0) -> str:
    """What an app with `secret` shows, some steps of 30 s from now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def set_up_app(user: User) -> tuple[str, list[str]]:
    """The secret of an app, and the recovery codes."""
    made = authenticator_app.new_secret(user, PASSWORD, Answer(), current="")
    secret = made["secret"]
    return secret, authenticator_app.add(user, made["state"], shown(secret), current="")


def turned_on(user: User, clock) -> tuple[str, list[str]]:
    """The secret and the recovery codes; a minute later, so that the first code is over."""
    secret, codes = set_up_app(user)
    clock.shift(60)
    return secret, codes


def by_api(given: str | None = None, password: str = PASSWORD) -> str:
    sent = {"name": "zoe", "password": password} | ({} if given is None else {"code": given})
    answer = api().post("/api/v1/auth/login", sent)
    return "" if answer.status_code == 200 else code(answer)


def by_page(given: str = "", password: str = PASSWORD) -> str:
    sent = {"login": "zoe", "password": password, "code": given}
    answer = Client().post("/accounts/login/", sent)
    return "" if answer.status_code == 200 else code(answer)


WAYS = {"api": by_api, "page": by_page}
