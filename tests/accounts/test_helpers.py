"""Helpers disable people, and make links and accounts."""

from __future__ import annotations

import csv
import re
from io import BytesIO, StringIO

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import bulk, links
from accounts.bots.actions import create_bot
from accounts.factor import policy
from accounts.models import AccountLink, AuditEntry, User
from tests.accounts.codes import set_up_app
from tests.accounts.roles import change
from tests.accounts.signed_in import alive, browser, program
from tests.base import PASSWORD

pytestmark = pytest.mark.django_db


def test_a_helper_disables_and_enables_people(helper, ben):
    place = program(ben.user)
    assert change(helper, ben.user).status_code == 302
    assert not alive(place)
    assert change(helper, ben.user, is_active="on").status_code == 302
    assert User.objects.get(pk=ben.uid).is_active
    texts = LogEntry.objects.filter(user=helper).values_list("change_message", flat=True)
    assert {"Disabled the account.", "Enabled the account."} <= set(texts)


def test_a_helper_makes_a_password_link_that_is_shown_once(helper, ben):
    page = browser(helper)
    address = f"/admin/accounts/user/{ben.uid}/password_link/"
    assert b"Keys are not touched" in page.get(address).content
    assert not AccountLink.objects.exists(), "looking makes none"
    answer = page.post(address)
    assert b"/reset#1." in answer.content
    assert "no-store" in answer["Cache-Control"]
    assert b"/reset#1." not in page.get(address).content
    assert LogEntry.objects.filter(user=helper, object_repr="ben").count() == 1


def test_a_helper_makes_sign_up_links_and_takes_them_back(helper):
    page = browser(helper)
    sent = {"note": "class 3b", "uses": "30", "days": "14"}
    answer = page.post("/admin/accounts/accountlink/make/", sent)
    assert b"/accounts/signup/#1." in answer.content
    row = AccountLink.objects.get()
    assert (row.note, row.max_uses, row.administrator, row.made_by) == (
        "class 3b",
        30,
        False,
        helper,
    )
    assert b"class 3b" in page.get("/admin/accounts/accountlink/").content
    page.post(f"/admin/accounts/accountlink/{row.pk}/delete/", {"post": "yes"})
    assert links.state_of(AccountLink.objects.get()) == "revoked"


def test_a_helper_makes_a_first_password_for_who_comes_by_single_sign_on(helper, ben):
    ben.user.set_unusable_password()
    ben.user.save()
    ben.user.external_identities.create(issuer="https://id.example.org", subject="17")
    address = f"/admin/accounts/user/{ben.uid}/password_link/"
    page = browser(helper).post(address).content.decode()
    secret = re.search(r"/reset#1\.([\w-]+)", page)
    assert secret
    assert links.set_password(secret[1], "apples and pears") == "ben"
    assert User.objects.get(pk=ben.uid).has_usable_password()
    assert ben.user.external_identities.exists(), "the person stays linked"


def test_abuse_a_helper_links_nobody_with_single_sign_on(helper, ben):
    page = browser(helper)
    assert page.get("/admin/accounts/externalidentity/").status_code == 404
    form = page.get(f"/admin/accounts/user/{ben.uid}/change/").content
    assert b"external_identities" not in form
    sent = {"external_identities": "x", "subject": "mine"}
    change(helper, ben.user, is_active="on", **sent)
    assert not ben.user.external_identities.exists()


def test_abuse_a_helper_gets_no_link_and_no_token_of_a_bot_of_others(helper, ben):
    bot = create_bot(ben.user, "robot")
    page = browser(helper)
    answer = page.post(f"/admin/accounts/user/{bot.pk}/password_link/")
    assert b"/reset#1." not in answer.content
    assert page.get("/admin/accounts/bottoken/add/").status_code == 403
    answer = page.post(
        f"/api/v1/me/bots/{bot.pk}/tokens",
        {"scopes": ["read"], "days": 1},
        content_type="application/json",
    )
    assert answer.status_code == 404
    assert not AccountLink.objects.exists()
    assert not bot.bot_tokens.exists()


def test_a_helper_turns_a_second_factor_off_for_people_without_a_role_alone(helper, ben):
    ben.user.set_password(PASSWORD)
    ben.user.save()
    set_up_app(ben.user)
    page = browser(helper)
    address = f"/admin/accounts/user/{ben.uid}/second_factor_off/"
    User.objects.filter(pk=ben.uid).update(role=User.AUDITOR)
    assert page.post(address).status_code == 403
    assert policy.is_on(ben.user)
    User.objects.filter(pk=ben.uid).update(role=User.NO_ROLE)
    assert page.post(address).status_code == 200
    assert not policy.is_on(ben.user)


@pytest.mark.parametrize("way", ["names", "file"])
def test_accounts_are_added_in_bulk_and_their_links_downloaded(helper, way):
    upload = BytesIO(b"name\nzoe\nyan\n")
    upload.name = "class.csv"
    sent = {"names": "zoe\r\nyan"} if way == "names" else {"file": upload}
    answer = browser(helper).post("/admin/accounts/user/create/", {"days": "14", **sent})
    assert answer["Content-Type"].startswith("text/csv")
    assert "attachment" in answer["Content-Disposition"]
    rows = list(csv.DictReader(StringIO(answer.content.decode())))
    assert [row["name"] for row in rows] == ["zoe", "yan"]
    assert all("/reset#1." in row["link"] for row in rows)


def test_one_request_makes_so_many_accounts_and_names_the_command_for_more(helper):
    names = "\n".join(f"pupil.{n}" for n in range(bulk.MOST_IN_REQUEST + 1))
    answer = browser(helper).post("/admin/accounts/user/create/", {"days": "7", "names": names})
    assert "manage.py people create --csv FILE" in answer.content.decode()
    assert "501 people" in answer.content.decode()
    assert not User.objects.filter(name="pupil.0").exists()


def test_many_accounts_take_no_more_statements_than_a_few(db):
    taken = []
    for many in (2, 40):
        with CaptureQueriesContext(connection) as queries:
            bulk.create_accounts([f"pupil.{many}.{n}" for n in range(many)], by=None)
        taken.append(len(queries))
    assert taken[1] <= taken[0] + 2
    assert AuditEntry.objects.filter(kind="account.registered").count() == 42
    assert LogEntry.objects.filter(object_repr="pupil.40.0").count() == 2, "made, and a link"


@pytest.mark.parametrize(
    "sent",
    [
        {"names": "=cmd|' /C calc'!A0"},
        {"names": "ben"},
        {"names": "zoe\nzoe"},
        {"names": ""},
        {"names": "zoe", "days": "0"},
        {"names": "zoe", "days": "91"},
    ],
)
def test_hostile_names_make_no_accounts(helper, ben, sent):
    before = User.objects.count()
    answer = browser(helper).post("/admin/accounts/user/create/", {"days": "7", **sent})
    assert answer["Content-Type"].startswith("text/html")
    assert b"errorlist" in answer.content
    assert User.objects.count() == before


@pytest.mark.parametrize(
    "sent", [{"uses": "0"}, {"uses": "1001"}, {"days": "x"}, {"days": "91"}, {"note": "n" * 201}]
)
def test_hostile_bounds_make_no_link(helper, sent):
    given = {"note": "", "uses": "1", "days": "7", "administrator": "on", **sent}
    answer = browser(helper).post("/admin/accounts/accountlink/make/", given)
    assert b"errorlist" in answer.content
    assert not AccountLink.objects.exists()
