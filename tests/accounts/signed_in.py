"""Browsers and programs that are signed in."""

from __future__ import annotations

from django.test import Client

from accounts.models import User
from accounts.sign_in.sign_ins import issue_tokens
from tests.base import api


def browser(user: User) -> Client:
    """A browser in which `user` has just signed in."""
    client = Client()
    client.force_login(user)
    return client


def program(user: User):
    return api(issue_tokens(user).access)


def alive(client) -> bool:
    status = client.get("/api/v1/me").status_code
    assert status in (200, 401)
    return status == 200


def sessions(client) -> list[dict]:
    return client.get("/api/v1/me/sessions").json()["sessions"]
