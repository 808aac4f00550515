"""Signing in takes the same time for every name: it does the same work."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts import hashers, lifecycle
from accounts.models import User
from tests.base import api, code, make_user

pytestmark = pytest.mark.django_db
WRONG = "not this one"


@pytest.fixture
def hashes(monkeypatch) -> list[Any]:
    """Each password hash that is computed."""
    found: list[Any] = []
    run = hashers.hashes.run

    def counted(hashing: Any, *arguments: Any) -> Any:
        found.append(hashing)
        return run(hashing, *arguments)

    monkeypatch.setattr(hashers.hashes, "run", counted)
    return found


@pytest.fixture
def accounts(settings) -> None:
    """One with a mail address, one without, a disabled one, and one that has no password."""
    settings.SMTP_URL = {"EMAIL_HOST": "mail.example.org"}
    for name in ("zoe", "yan", "xia"):
        make_user(name)
    lifecycle.set_mail(User.objects.get(name="zoe"), "zoe@example.org", by=None)
    lifecycle.set_active(User.objects.get(name="xia"), False, by=None)
    User.objects.create_user("wim")


def by_api(name: str) -> str:
    return code(api().post("/api/v1/auth/login", {"name": name, "password": WRONG}))


def by_page(name: str) -> str:
    return code(Client().post("/accounts/login/", {"login": name, "password": WRONG}))


WAYS = {"api": (by_api, "bad_login"), "page": (by_page, "invalid")}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["zoe", "yan", "xia", "wim", "nobody"])
def test_abuse_signing_in_does_the_same_work_for_every_name(
    accounts, hashes, name, way, django_assert_num_queries
):
    sign_in, refusal = WAYS[way]
    hashes.clear()
    with django_assert_num_queries(2):  # the name is looked up, the failure is counted
        assert sign_in(name) == refusal
    assert len(hashes) == 1
