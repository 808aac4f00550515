"""`manage.py status`: figures of the site, and what needs somebody."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import links
from accounts.lifecycle import set_active
from accounts.models import User
from accounts.sign_in.sign_ins import NOWHERE, begin_in_browser
from chatsite.lib import moments
from chatsite.ops import health, status
from tests.base import PASSWORD, create_room

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data(settings, tmp_path) -> None:
    settings.DATA_DIR = tmp_path


def shown() -> dict:
    call_command("status", "--json", stdout=(out := StringIO()))
    return json.loads(out.getvalue())


def test_the_figures_are_those_of_the_site(ada, ben):
    for someone in (ada, ben):
        someone.publish()
    create_room(ada)
    create_room(ben)
    set_active(ben.user, False, by=None)
    found = shown()
    assert found["engines"]["database"] is True
    assert (found["people"]["active"], found["people"]["disabled"]) == (1, 1)
    assert (found["rooms"]["open"], found["rooms"]["no_owner"]) == (2, 1)
    assert "1 room has no owner who can sign in." in found["problems"]
    links.make_account_link(by=None)
    links.make_password_link(ada.user, by=None)
    assert shown()["open_links"] == 1, "links to passwords let nobody new in"
    call_command("status", stdout=(out := StringIO()))
    assert "people: active 1" in out.getvalue()


def test_it_says_what_needs_somebody():
    said = " ".join(shown()["problems"])
    for problem in ("no administrator", "no backup"):
        assert problem in said
    for name in ("one", "two"):
        User.objects.create_superuser(name, PASSWORD)
    moments.note("tidy")
    moments.note("backup")
    assert shown()["problems"] == []
    with time_machine.travel(timezone.now() + timedelta(hours=49)):
        assert len(shown()["problems"]) == 2


def test_administrators_who_cannot_sign_in_do_not_count_as_help():
    one, other = (User.objects.create_superuser(name) for name in ("one", "two"))
    assert "No administrator has a password: `manage.py people reset NAME`." in shown()["problems"]
    for user, alone in ((one, True), (other, False)):
        user.set_password(PASSWORD)
        user.save()
        said = " ".join(shown()["problems"])
        assert ("one administrator who can sign in" in said) is alone
        assert "No administrator" not in said
    assert shown()["people"]["administrators_able"] == 2


def test_it_says_that_a_provider_is_asked_about_nobody(settings):
    settings.OIDC_ISSUER, settings.OIDC_RECHECK = "https://id.example.org", 15
    user = User.objects.create_user("zoe")
    identity = user.external_identities.create(issuer=settings.OIDC_ISSUER, subject="1")
    begin_in_browser(user, NOWHERE, how="sso")
    assert any("about 1 person who signs in" in problem for problem in shown()["problems"])
    identity.refresh_token = "sealed"
    identity.save()
    assert shown()["people"]["sso_unasked"] == 0
    identity.refresh_token = ""
    identity.save()
    settings.OIDC_RECHECK = 0
    assert not any("provider" in problem for problem in shown()["problems"])


def test_an_engine_that_is_away_is_said_and_ends_with_an_error(monkeypatch):
    def away() -> None:
        raise OSError

    monkeypatch.setattr(health, "_messages", away)
    out = StringIO()
    with pytest.raises(CommandError, match="unreachable"):
        call_command("status", "--json", stdout=out)
    found = json.loads(out.getvalue())
    assert found["engines"]["messages"] is False
    assert "messages is unreachable." in found["problems"]


def test_figures_cost_as_many_queries_on_a_large_site(ada, django_assert_max_num_queries):
    ada.publish()
    for n in range(3):
        create_room(ada, bytes([n]) * 16)
    with django_assert_max_num_queries(12):
        status.facts()


def test_the_tidying_is_noted():
    assert moments.last("tidy") is None
    call_command("tidy", stdout=StringIO())
    assert moments.last("tidy") is not None
