"""The pages of sign-ins and of the password, as plain forms."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.models import SignIn, User
from accounts.sign_ins import issue_tokens
from tests.accounts.test_sessions import NEW, alive, browser, program, signs_in
from tests.base import PASSWORD, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def zoe() -> User:
    return make_user("zoe")


def ids(page) -> list[str]:
    return re.findall(r'id="session-(\w+)"', page.content.decode())


def enders(page) -> list[str]:
    return re.findall(r'action="/settings/sessions/(\w+)/"', page.content.decode())


def test_the_page_lists_them_and_ends_one(zoe):
    mine, other, his = browser(zoe), browser(zoe), program(zoe)
    page = mine.get("/settings/sessions/")
    assert len(ids(page)) == 3
    assert set(enders(page)) == set(ids(page)[1:]), "not their own, which comes first"
    assert b"no-store" in page["Cache-Control"].encode()
    [program_s] = SignIn.objects.programs()
    answer = mine.post(f"/settings/sessions/{program_s.pk}/")
    assert (answer.status_code, answer["Location"]) == (302, "/settings/sessions/")
    assert [alive(one) for one in (mine, other, his)] == [True, True, False]
    assert len(ids(mine.get("/settings/sessions/"))) == 2


def test_logging_out_everywhere_else_asks_first(zoe):
    mine, other = browser(zoe), browser(zoe)
    assert b"/settings/sessions/others/" in mine.get("/settings/sessions/").content
    assert mine.get("/settings/sessions/others/").status_code == 200
    assert alive(other), "to be asked is not to say yes"
    assert mine.post("/settings/sessions/others/").status_code == 302
    assert [alive(one) for one in (mine, other)] == [True, False]
    page = mine.get("/settings/sessions/")
    assert b"/settings/sessions/others/" not in page.content
    assert b"nowhere else" in page.content


def test_what_a_browser_says_of_itself_is_text(zoe):
    issue_tokens(zoe)
    SignIn.objects.update(agent="<script>alert(1)</script>")
    page = browser(zoe).get("/settings/sessions/").content
    assert b"<script>alert" not in page
    assert b"&lt;script&gt;alert" in page


def test_somebody_else_s_sign_in_is_not_there(zoe):
    mine = browser(zoe)
    [here] = SignIn.objects.all()
    assert browser(make_user("eve")).post(f"/settings/sessions/{here.pk}/").status_code == 404
    assert alive(mine)


@pytest.mark.parametrize("path", ["others", "0" * 32])
def test_the_forms_need_a_csrf_token(zoe, path):
    other = program(zoe)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(zoe)
    assert strict.post(f"/settings/sessions/{path}/").status_code == 403
    assert alive(other)


def test_links_end_nothing(zoe):
    mine, other = browser(zoe), program(zoe)
    [his] = SignIn.objects.programs()
    assert mine.get(f"/settings/sessions/{his.pk}/").status_code == 405
    assert alive(other)


@pytest.mark.parametrize(
    "path", ["sessions/", "sessions/others/", "password/", "password/changed/"]
)
def test_who_is_not_signed_in_is_led_to_log_in(client, path):
    for answer in (client.get(f"/settings/{path}"), client.post(f"/settings/{path}")):
        assert answer["Location"].startswith("/accounts/login/")


# --- the password ---------------------------------------------------------------------------------


def change(client, old=PASSWORD, new=NEW):
    return client.post("/settings/password/", {"old": old, "new": new})


def test_another_password(zoe):
    mine, other = browser(zoe), program(zoe)
    answer = change(mine)
    assert (answer.status_code, answer["Location"]) == (302, "/settings/password/changed/")
    assert mine.get("/settings/password/changed/").status_code == 200
    assert [alive(one) for one in (mine, other)] == [True, False]
    assert signs_in(NEW)
    assert not signs_in(PASSWORD)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("not this one", NEW, "old"),
        ("", NEW, "old"),
        (PASSWORD, "2 wee", "new"),
        (PASSWORD, "password123", "new"),
        (PASSWORD, "", "new"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(zoe, old, new, field):
    mine, other = browser(zoe), program(zoe)
    answer = change(mine, old, new)
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert not new or new not in answer.content.decode()
    assert not old or old not in answer.content.decode()
    assert alive(other)
    assert signs_in(PASSWORD)


def test_white_space_is_part_of_a_password(zoe):
    spaced = f" {NEW} "
    assert change(browser(zoe), PASSWORD, spaced).status_code == 302
    assert signs_in(spaced)
    assert not signs_in(NEW)


def test_guessing_the_old_one_ends_in_a_page_that_says_so(zoe, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "password": (2, 3600)}
    mine = browser(zoe)
    answers = [change(mine, "not this one") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1]["Retry-After"]) >= 1
    assert b"Too many tries" in answers[-1].content
    assert change(mine).status_code == 429
    assert signs_in(PASSWORD)
