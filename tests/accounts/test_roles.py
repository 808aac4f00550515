"""Helpers help, auditors read, administrators do everything; being staff is no right by itself."""

from __future__ import annotations

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client

from accounts import actions, lifecycle, links
from accounts.bulk import create_accounts
from accounts.factor import second_factor
from accounts.models import AccountLink, User
from chatsite.lib.errors import Conflict, Forbidden
from tests.accounts.roles import change, with_role
from tests.accounts.signed_in import alive, browser, program
from tests.accounts.test_abuse_accounts import INLINE, delete_by_button
from tests.accounts.test_password_reset import NEW, use
from tests.base import PASSWORD, api, code, make_user

pytestmark = pytest.mark.django_db


# --- what they may not ---


@pytest.mark.parametrize("role", [User.AUDITOR, User.HELPER, User.ADMINISTRATOR])
def test_abuse_a_helper_reaches_nobody_who_has_a_role(helper, root, role):
    other = with_role("other", role)
    place = program(other)
    assert change(helper, other).status_code == 403
    page = browser(helper)
    assert page.post(f"/admin/accounts/user/{other.pk}/password_link/").status_code == 403
    [sign_in] = other.sign_ins.all()
    path = "/admin/accounts/signin/"
    assert page.post(f"{path}{sign_in.pk}/delete/", {"post": "yes"}).status_code == 403
    sent = {"action": "delete_selected", "_selected_action": [sign_in.pk], "post": "yes"}
    page.post(path, sent)
    assert alive(place)
    for tried in (
        lambda: links.make_password_link(other, by=helper),
        lambda: lifecycle.set_active(other, False, by=helper),
    ):
        with pytest.raises(Forbidden):
            tried()
    assert not AccountLink.objects.exists()
    assert User.objects.get(pk=other.pk).is_active


@pytest.mark.parametrize("role", [User.AUDITOR, User.HELPER])
def test_abuse_nobody_gives_themselves_a_role(role, ben, root):
    somebody = with_role("somebody", role)
    change(somebody, somebody, is_active="on", role="administrator")
    change(somebody, ben.user, is_active="on", role="administrator")
    assert [user.name for user in User.objects.administrators()] == ["root"]
    for user in (somebody, ben.user):
        with pytest.raises(Forbidden):
            lifecycle.set_role(user, User.ADMINISTRATOR, by=somebody)
    with pytest.raises(Forbidden):
        links.make_account_link(by=somebody, administrator=True)


def test_abuse_a_helper_prepares_no_way_into_a_role(helper, root, ben):
    """A link or a mail address from before a role was given is no way to get it."""
    secret = links.make_password_link(ben.user, by=helper).partition("#1.")[2]
    lifecycle.set_mail(ben.user, "helen@example.org", by=helper)
    lifecycle.set_role(ben.user, User.ADMINISTRATOR, by=root)
    assert code(use(secret)) == "reset_unknown"
    assert User.objects.get(pk=ben.uid).mail == ""
    with pytest.raises(Forbidden):
        lifecycle.set_mail(ben.user, "helen@example.org", by=helper)


def test_abuse_a_helper_keeps_no_sign_in_of_somebody_who_gets_a_role(helper, root, ben):
    """Made with a password that the helper set by a link, or at the helper's own provider."""
    place = program(ben.user)
    ben.user.external_identities.create(issuer="https://id.example.org", subject="helen")
    lifecycle.set_role(ben.user, User.AUDITOR, by=root)
    assert not alive(place)
    assert not ben.user.external_identities.exists()


WAYS_TO_A_ROLE = {
    "page": lambda user, root: change(root, user, is_active="on", role=User.ADMINISTRATOR),
    "command": lambda user, root: call_command(
        "people", "role", user.name, "administrator", stdout=StringIO()
    ),
    "action": lambda user, root: lifecycle.set_role(user, User.HELPER, by=root),
}


def signs_in(name: str, password: str) -> bool:
    sent = {"name": name, "password": password}
    return api().post("/api/v1/auth/login", sent).status_code == 200


@pytest.mark.parametrize("way", WAYS_TO_A_ROLE)
@pytest.mark.parametrize("first", ["link", "bulk", "changed"])
def test_abuse_a_helper_who_set_the_password_gets_no_role(helper, root, ben, way, first):
    """They opened the link themselves, and handed a "temporary password" over."""
    if first == "bulk":
        [(user, link)] = create_accounts(["zoe"], by=helper)
    else:
        user, link = ben.user, links.make_password_link(ben.user, by=helper)
    assert use(link.partition("#1.")[2]).status_code == 200
    user.refresh_from_db()
    known = NEW
    if first == "changed":  # by the helper, so that it looks like the person's own
        known = "yet another long password"
        actions.change_password(user, NEW, known, current="")
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    page = browser(user)
    WAYS_TO_A_ROLE[way](user, root)
    user.refresh_from_db()
    assert user.is_staff
    assert not signs_in(user.name, known)
    assert not Authenticator.objects.filter(user=user).exists()
    assert not alive(page)
    link = links.make_password_link(user, by=root)
    assert use(link.partition("#1.")[2]).status_code == 200
    assert signs_in(user.name, NEW)


def test_a_password_of_one_s_own_stays_when_a_role_comes(root):
    lifecycle.set_role(make_user("zoe"), User.AUDITOR, by=root)
    assert signs_in("zoe", PASSWORD)


def test_a_role_without_a_password_says_what_to_do(helper, root, ben):
    link = links.make_password_link(ben.user, by=helper)
    use(link.partition("#1.")[2])
    page = browser(root)
    sent = {**INLINE, "is_active": "on", "role": User.AUDITOR}
    answer = page.post(f"/admin/accounts/user/{ben.uid}/change/", sent, follow=True)
    assert lifecycle.NEEDS_LINK in answer.content.decode()
    lifecycle.set_role(ben.user, User.NO_ROLE, by=root)
    call_command("people", "role", "ben", "auditor", stdout=(out := StringIO()))
    assert "`people reset ben`" in out.getvalue()


@pytest.mark.parametrize("end", ["disabled", "without a role"])
def test_abuse_a_helper_s_links_end_with_their_role(helper, root, ben, end):
    secret = links.make_password_link(ben.user, by=helper).partition("#1.")[2]
    if end == "disabled":
        lifecycle.set_active(helper, False, by=root)
    else:
        lifecycle.set_role(helper, User.NO_ROLE, by=root)
    assert code(use(secret)) == "reset_unknown"


@pytest.mark.parametrize("end", ["disabled", "without a role", "auditor", "deleted"])
def test_abuse_a_helper_s_sign_up_links_end_with_their_role(helper, root, end):
    row, link = links.make_account_link(by=helper, max_uses=1000)
    secret = link.partition("#1.")[2]
    assert look_at(secret).status_code == 200
    if end == "disabled":
        lifecycle.set_active(helper, False, by=root)
    elif end == "deleted":
        lifecycle.delete_account(helper, by=root)
    else:
        lifecycle.set_role(helper, User.AUDITOR if end == "auditor" else User.NO_ROLE, by=root)
    assert code(look_at(secret)) == "link_revoked"
    sent = {"name": "friend", "password": PASSWORD, "link": secret}
    assert code(api().post("/api/v1/auth/register", sent)) == "link_revoked"
    row.refresh_from_db()
    assert links.state_of(row) == "revoked"


def test_abuse_a_link_to_an_administrator_s_account_ends_with_its_maker_s_role(root):
    other = with_role("otto", User.ADMINISTRATOR)
    row, _ = links.make_account_link(by=other, administrator=True)
    _, by_command = links.make_account_link(by=None, administrator=True)
    lifecycle.set_role(other, User.HELPER, by=root)
    row.refresh_from_db()
    assert links.state_of(row) == "revoked"
    assert look_at(by_command.partition("#1.")[2]).status_code == 200


def look_at(secret: str):
    return api().post("/api/v1/auth/register/look", {"secret": secret})


def test_abuse_a_helper_who_knew_of_no_role_yet_makes_no_link(helper, root, ben):
    """The page was opened before the role was given."""
    before = User.objects.get(pk=ben.uid)
    lifecycle.set_role(ben.user, User.ADMINISTRATOR, by=root)
    for tried in (
        lambda: links.make_password_link(before, by=helper),
        lambda: second_factor.remove(before, by=helper),
    ):
        with pytest.raises(Forbidden):
            tried()


def test_a_file_of_names_that_is_too_long_is_refused_whole(helper):
    names = "".join(f"name{number:05}\n" for number in range(6200))
    sent = {"names": "", "file": SimpleUploadedFile("names.csv", names.encode()), "days": "7"}
    answer = browser(helper).post("/admin/accounts/user/create/", sent)
    assert b"make two of it" in answer.content
    assert not User.objects.filter(name="name00000").exists()


def test_abuse_a_helper_ends_no_account(helper, ben):
    assert delete_by_button(browser(helper), ben.user).status_code == 403
    assert User.objects.get(pk=ben.uid).deleted_at is None


def test_a_permission_in_a_table_grants_nothing_without_a_role(ben):
    ben.user.user_permissions.set(Permission.objects.all())
    page = browser(ben.user)
    assert page.get("/admin/", follow=True).status_code == 403


def test_a_role_that_is_taken_away_ends_at_once(helper, root, ben):
    page = browser(helper)
    assert page.get("/admin/").status_code == 200
    assert change(root, helper, is_active="on", role="").status_code == 302
    assert page.get("/admin/").status_code == 302
    entry = LogEntry.objects.filter(object_repr="helen", user=root)
    assert "Changed the role from helper to none." in entry.values_list("change_message", flat=True)


def test_roles_are_known_to_the_database_too(ben):
    for wrong in ("owner", "Administrator"):
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.filter(pk=ben.uid).update(role=wrong)
    lifecycle.delete_account(ben.user, by=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=ben.uid).update(role="auditor")
    with pytest.raises(Conflict):
        lifecycle.set_role(ben.user, User.AUDITOR, by=None)


# --- the front page ---


@pytest.mark.parametrize("role", [User.AUDITOR, User.HELPER, User.ADMINISTRATOR])
def test_the_front_page_says_how_the_site_is(role):
    page = browser(with_role("somebody", role)).get("/admin/").content.decode()
    for shown in ("What needs you", "Database", "Free disk", "Last backup", "active"):
        assert shown in page


def test_the_front_page_is_nobody_elses(ben):
    assert Client().get("/admin/").status_code == 302
    assert b"What needs you" not in browser(ben.user).get("/admin/", follow=True).content


def test_an_administrator_signs_in_by_the_site_s_own_door():
    User.objects.create_superuser("root", PASSWORD)
    assert Client().get("/admin/login/")["Location"].startswith("/accounts/login/")


def test_a_right_that_ends_under_an_open_page_is_refused_as_a_page(helper, root, ben, monkeypatch):
    monkeypatch.setattr("accounts.admin.links.may_help", lambda *_: True)  # looked at too early
    lifecycle.set_role(ben.user, User.AUDITOR, by=root)
    answer = browser(helper).post(f"/admin/accounts/user/{ben.uid}/second_factor_off/")
    assert (answer.status_code, answer["Content-Type"]) == (403, "text/html; charset=utf-8")


# --- races between administrators ---


def test_fault_a_change_that_lost_a_race_says_what_happened(root, ben, monkeypatch):
    set_active = lifecycle.set_active

    def too_late(user: User, active: bool, *, by: User) -> None:
        lifecycle.delete_account(user, by=None)  # by somebody else, a moment before
        set_active(user, active, by=by)

    monkeypatch.setattr(lifecycle, "set_active", too_late)
    answer = change(root, ben.user)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert lifecycle.DELETED in page
    assert "Nothing was changed" in page
    assert f'href="/admin/accounts/user/{ben.uid}/change/"' in page


def test_fault_administrators_who_demote_each_other_leave_one(root, monkeypatch):
    other = with_role("otto", User.ADMINISTRATOR)
    set_role = lifecycle.set_role

    def too_late(user: User, role: str, *, by: User) -> None:
        set_role(user, User.NO_ROLE, by=by)
        set_role(root, role, by=by)

    monkeypatch.setattr(lifecycle, "set_role", too_late)
    answer = change(root, other, is_active="on", role=User.AUDITOR)
    assert answer.status_code == 409
    assert "only administrator" in answer.content.decode()
    assert User.objects.administrators().count() == 2, "the whole change is undone"


def test_fault_of_many_deletions_all_happen_or_none(root, ben, cleo, monkeypatch):
    delete = lifecycle.delete_account

    def refused_the_second_time(user: User, *, by: User) -> None:
        if User.objects.filter(deleted_at__isnull=False).exists():
            raise Conflict(lifecycle.LAST_ADMINISTRATOR, code="last_administrator")
        delete(user, by=by)

    monkeypatch.setattr(lifecycle, "delete_account", refused_the_second_time)
    chosen = {"action": "delete_selected", "_selected_action": [ben.uid, cleo.uid], "post": "yes"}
    answer = browser(root).post("/admin/accounts/user/", chosen)
    assert answer.status_code == 409
    assert not User.objects.exclude(deleted_at=None).exists()
