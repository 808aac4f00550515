"""Single sign-on by a real provider: which account it opens, makes or is linked to."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts import lifecycle, links
from accounts.models import User
from accounts.sso.models import ExternalIdentity
from tests.accounts.codes import set_up_app, shown
from tests.accounts.signed_in import browser
from tests.accounts.sso.visits import GROUP, begin, come_back, name_in, problem, sign_in
from tests.base import PASSWORD, code, make_user

pytestmark = pytest.mark.django_db


def test_people_of_the_group_get_an_account_and_come_back_to_it(page, at):
    at.person("u-1", preferred_username="Zoë.Miller@example.org", groups=["x", GROUP])
    assert sign_in(page, at, "u-1") == "/keys/"
    assert name_in(page) == "zo.miller"
    again = Client()
    sign_in(again, at, "u-1")
    assert name_in(again) == "zo.miller"
    user = User.objects.get()
    assert not user.has_usable_password()
    assert not user.is_staff
    assert [one.subject for one in user.external_identities.all()] == ["u-1"]
    assert "Made the account by single sign-on." in LogEntry.objects.values_list(
        "change_message", flat=True
    )


@pytest.mark.parametrize("groups", [[], ["others"], None, GROUP, {"x": GROUP}])
def test_abuse_people_of_other_groups_get_none(page, at, groups):
    claims = {} if groups is None else {"groups": groups}
    at.person("u-2", preferred_username="yan", **claims)
    assert sign_in(page, at, "u-2") == "sso_unknown"
    assert not User.objects.exists()


def test_without_a_group_in_the_settings_nobody_gets_one(page, at, settings):
    settings.OIDC_SIGN_UP_GROUP = ""
    at.person("u-3", preferred_username="yan", groups=["", GROUP])
    assert sign_in(page, at, "u-3") == "sso_unknown"


def test_abuse_an_account_is_never_matched_by_its_name(page, at):
    root = User.objects.create_superuser("root", PASSWORD)
    lifecycle.set_mail(root, "root@example.org", by=None)
    at.person("u-4", preferred_username="root", email="root@example.org", groups=[GROUP])
    sign_in(page, at, "u-4")
    assert name_in(page) == "root-2"
    assert not User.objects.get(name="root-2").is_staff


@pytest.mark.parametrize("name", ["", "é", "a", "../..", "x" * 300])
def test_hostile_names_make_a_legal_name_or_none(page, at, name):
    at.person("u-5", preferred_username=name, groups=[GROUP])
    sign_in(page, at, "u-5")
    for user in User.objects.all():
        user.full_clean(exclude=["password"])


def test_hostile_open_redirects_in_next_of_single_sign_on(page, at, ada):
    ada.publish()
    ExternalIdentity.objects.create(user=ada.user, issuer=at.url, subject="u-6")
    assert sign_in(page, at, "u-6", next="/rooms/new/") == "/rooms/new/"
    for hostile in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        assert sign_in(Client(), at, "u-6", next=hostile) == "/rooms/"


def test_disabled_accounts_stay_out_and_deleted_ones_are_forgotten(page, at):
    user = make_user("zoe")
    ExternalIdentity.objects.create(user=user, issuer=at.url, subject="u-7")
    lifecycle.set_active(user, False, by=None)
    assert sign_in(page, at, "u-7") == "sso_disabled"
    lifecycle.delete_account(user, by=None)
    assert not ExternalIdentity.objects.exists()


def test_a_second_factor_is_asked_for_here_too(page, at):
    user = make_user("zoe")
    secret, _ = set_up_app(user)
    ExternalIdentity.objects.create(user=user, issuer=at.url, subject="u-8")
    assert code(page.post("/accounts/sso/code/", {"code": "1"})) == "sso_over"
    assert sign_in(page, at, "u-8") == "second_factor"
    assert name_in(page) is None
    assert code(page.post("/accounts/sso/code/", {"code": "000000"})) == "bad_code"
    answer = page.post("/accounts/sso/code/", {"code": shown(secret, 1)})
    assert answer.json() == {"next": "/keys/"}
    assert name_in(page) == "zoe"
    assert code(page.post("/accounts/sso/code/", {"code": shown(secret, 1)})) == "sso_over"


def test_abuse_an_identity_that_is_unlinked_meanwhile_opens_nothing(page, at):
    user = make_user("zoe")
    secret, _ = set_up_app(user)
    ExternalIdentity.objects.create(user=user, issuer=at.url, subject="u-14")
    assert sign_in(page, at, "u-14") == "second_factor"
    user.external_identities.all().delete()
    answer = page.post("/accounts/sso/code/", {"code": shown(secret, 1)})
    assert code(answer) == "sso_over"
    assert name_in(page) is None


def test_an_account_is_linked_by_its_person_and_unlinked(at):
    zoe = make_user("zoe")
    page = browser(zoe)
    at.person("u-9", preferred_username="somebody-else")
    assert code(page.post("/accounts/sso/", {"purpose": "link"})) == "bad_password"
    link = {"purpose": "link", "password": PASSWORD}
    assert sign_in(page, at, "u-9", **link) == "/settings/"
    assert page.get("/api/v1/me/sso").json() == {
        "linked": True,
        "password": True,
        "confirmed": False,
    }
    other = Client()
    assert sign_in(other, at, "u-9") == "/keys/"
    assert name_in(other) == "zoe"
    assert sign_in(page, at, "u-10", **link) == "sso_taken"
    thief = browser(make_user("thief"))
    assert sign_in(thief, at, "u-9", **link) == "sso_taken"

    def unlink(password: str):
        return page.post("/api/v1/me/sso", {"password": password}, "application/json")

    assert code(unlink("not this one")) == "bad_password"
    assert unlink(PASSWORD).status_code == 204
    assert code(unlink(PASSWORD)) == "sso_not_linked"


def test_a_person_without_a_password_gets_one_by_a_link_and_stays_linked(page, at):
    at.person("u-21", preferred_username="zoe", groups=[GROUP])
    assert sign_in(page, at, "u-21") == "/keys/"
    assert page.get("/api/v1/me/sso").json() == {
        "linked": True,
        "password": False,
        "confirmed": False,
    }
    zoe = User.objects.get(name="zoe")
    set_by_link(zoe)
    assert sign_in(Client(), at, "u-21") == "/keys/", "nobody else can have linked it"
    set_by_link(zoe)
    assert not zoe.external_identities.exists(), "somebody may have, by the first password"


def set_by_link(user: User) -> None:
    secret = links.make_password_link(user, by=None).partition("#1.")[2]
    links.set_password(secret, PASSWORD)


def test_abuse_linking_takes_the_session_that_began_it(at):
    zoe, yan = make_user("zoe"), make_user("yan")
    page = browser(zoe)
    back = at.sign_in(begin(page, purpose="link", password=PASSWORD), "u-11")
    page.force_login(yan)
    assert problem(come_back(page, back)) == "sso_state"
    assert not ExternalIdentity.objects.exists()
    assert code(Client().post("/accounts/sso/", {"purpose": "link"})) == "not_signed_in"
