"""Every way to end an account: names are never given twice, and logs go on to verify."""

from __future__ import annotations

from io import StringIO

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test import Client

from accounts import lifecycle, selectors
from accounts.models import Identity, User
from chatsite.lib.errors import Conflict
from rooms.models import LogIdentity, Member
from tests.accounts.signed_in import alive, browser, program
from tests.accounts.test_keys import kit_of
from tests.base import PASSWORD, api, code, create_room, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(db) -> User:
    return User.objects.create_superuser("root", PASSWORD)


@pytest.fixture
def admin(root) -> Client:
    return browser(root)


def delete_by_button(admin: Client, user: User):
    return admin.post(f"/admin/accounts/user/{user.pk}/delete/", {"post": "yes"}, follow=True)


def delete_chosen(admin: Client, *users: User):
    chosen = [user.pk for user in users]
    sent = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    return admin.post("/admin/accounts/user/", sent, follow=True)


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("people", *arguments, stdout=out)
    return out.getvalue()


WAYS = {
    "button": lambda admin, user: delete_by_button(admin, user),
    "bulk": lambda admin, user: delete_chosen(admin, user),
    "command": lambda admin, user: command("delete", user.name, "--yes"),
    "action": lambda admin, user: lifecycle.delete_account(user, by=None),
}


@pytest.mark.parametrize("way", WAYS)
def test_abuse_every_way_to_delete_leaves_what_logs_need(way, admin, ada, ben, cleo):
    for someone in (ada, ben, cleo):
        someone.publish()
    room = create_room(ada)
    room.admit(ada, ben)
    room.admit(ada, cleo)
    room.leave(cleo)
    ben.client.put("/api/v1/kit", {"kit": kit_of(ben)})
    tokens = [ben.token(), cleo.token()]
    for someone in (ben, cleo):
        WAYS[way](admin, someone.user)
    for someone, token in zip((ben, cleo), tokens, strict=True):
        left = User.objects.get(pk=someone.uid)
        assert left.deleted_at
        assert not left.is_active
        assert not left.has_usable_password()
        assert api(token).get("/api/v1/me").status_code == 401
        assert LogEntry.objects.filter(object_id=someone.uid).count() == 1
    page = ada.client.get(f"/api/v1/chatrooms/{room.id}/log").json()
    assert len(page["identities"]) == 3
    assert Member.objects.filter(user=ben.user).exists(), "until a leader removes them"
    listed = ada.client.get(f"/api/v1/chatrooms/{room.id}").json()
    assert listed["ended"] == {ben.uid: "deleted", cleo.uid: "deleted"}, "former members, too"
    assert kept_of(ben.user) == {"Identity": 1, "Member": 1}
    room.took(room.remove(ada, ben, [ada]))


def kept_of(user: User) -> dict[str, int]:
    """How many rows of each model refer to an account, but for the audit record."""
    found = {}
    for relation in User._meta.related_objects:
        rows = relation.related_model._base_manager.filter(**{relation.field.name: user})
        if relation.related_model is not LogEntry and rows.exists():
            found[relation.related_model.__name__] = rows.count()
    return found


@pytest.mark.parametrize("name", ["ben", "BEN", "Ben"])
@pytest.mark.parametrize("way", WAYS)
def test_abuse_a_name_is_never_given_twice(way, name, admin, ben):
    WAYS[way](admin, ben.user)
    again = api().post("/api/v1/auth/register", {"name": name, "password": PASSWORD})
    assert (again.status_code, code(again)) == (409, "name_taken")
    page = Client().post("/accounts/signup/", {"username": name, "password1": PASSWORD})
    assert list(page.json()["error"]["fields"]) == ["username"]
    assert User.objects.filter(name__iexact="ben").count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(name="Ben")


def test_abuse_a_raw_delete_in_a_shell_fails(ada, ben):
    for someone in (ada, ben):
        someone.publish()
    room = create_room(ada)
    room.admit(ada, ben)
    room.leave(ben)
    assert LogIdentity.objects.filter(room_id=room.id).count() == 2
    for delete in (
        ben.user.delete,
        User.objects.filter(pk=ben.uid).delete,
        Identity.objects.get(kid=ben.kid).delete,
        Identity.objects.all().delete,
    ):
        with pytest.raises(ProtectedError):
            delete()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["identities", "users"])
def test_abuse_the_database_itself_refuses(table, ada):
    ada.publish()
    create_room(ada)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")
    assert Identity.objects.filter(kid=ada.kid).exists()


def test_abuse_an_added_member_is_protected_too(ada, ben):
    for someone in (ada, ben):
        someone.publish()
    room = create_room(ada)
    room.took(room.add(ada, ben))
    ben.renew()
    room.took(room.reset(ada, ben, [ada, ben]))
    assert LogIdentity.objects.filter(identity__user=ben.user).count() == 2


# --- the only administrator ---


INLINE = {"identities-TOTAL_FORMS": "0", "identities-INITIAL_FORMS": "0"}


def test_abuse_the_only_administrator_cannot_be_locked_out(admin, root):
    url = f"/admin/accounts/user/{root.pk}/change/"
    tries = [
        delete_by_button(admin, root),
        delete_chosen(admin, root),
        admin.post(url, {**INLINE, "role": "administrator"}),
        admin.post(url, {**INLINE, "is_active": "on", "role": "helper"}),
        admin.post(url, {**INLINE, "is_active": "on", "role": ""}),
    ]
    for answer in tries:
        assert answer.status_code == 200
        assert b"the only administrator" in answer.content
    for what in (("disable", "root"), ("role", "root", "none"), ("delete", "root", "--yes")):
        with pytest.raises(CommandError, match="the only administrator"):
            command(*what)
    me = program(root)
    answer = me.post("/api/v1/me/delete", {"password": PASSWORD})
    assert (answer.status_code, code(answer)) == (409, "last_administrator")
    root.refresh_from_db()
    assert root.is_administrator
    assert alive(me)


def test_abuse_administrators_cannot_all_go_at_once(admin, root):
    other = User.objects.create_superuser("other", PASSWORD)
    assert b"the only administrator" in delete_chosen(admin, root, other).content
    assert User.objects.administrators().count() == 2
    delete_by_button(admin, other)
    assert [user.name for user in User.objects.administrators()] == ["root"]


def test_abuse_an_administrator_who_cannot_sign_in_is_no_other_one(admin, root, settings):
    """Without a password, as after a first role, and without single sign-on."""
    other = User.objects.create_superuser("other")
    tries = [
        delete_by_button(admin, root),
        admin.post(f"/admin/accounts/user/{root.pk}/change/", {**INLINE, "role": "administrator"}),
    ]
    for answer in tries:
        assert answer.status_code == 200
        assert b"No other administrator can sign in" in answer.content
    for what in (("disable", "root"), ("role", "root", "helper"), ("delete", "root", "--yes")):
        with pytest.raises(CommandError, match="No other administrator can sign in"):
            command(*what)
    answer = program(root).post("/api/v1/me/delete", {"password": PASSWORD})
    assert (answer.status_code, code(answer)) == (409, "last_administrator")
    assert root.sign_ins.exists()
    settings.OIDC_ISSUER = "https://id.example.org"
    other.external_identities.create(issuer="https://id.example.com", subject="another provider")
    with pytest.raises(CommandError, match="No other"):
        command("disable", "root")
    other.external_identities.update(issuer=settings.OIDC_ISSUER)
    command("disable", "root")
    command("enable", "root")
    command("disable", "other")  # who can sign in stays
    assert [user.name for user in User.objects.administrators()] == ["root"]


def test_another_administrator_is_made_and_unmade(admin, root, ada):
    ada.user.set_password(PASSWORD)
    ada.user.save()
    command("role", "ada", "administrator")
    command("role", "root", "none")
    assert [user.name for user in User.objects.administrators()] == ["ada"]
    assert admin.get("/admin/").status_code == 302


# --- disabling ---


def test_disabling_ends_sign_ins_and_is_undone(ada, ben, admin):
    for someone in (ada, ben):
        someone.publish()
    room = create_room(ada)
    room.admit(ada, ben)
    there = program(ben.user)
    command("disable", "ben")
    assert not alive(there)
    assert [selectors.has_ended(one.uid) for one in (ada, ben)] == [False, True]
    assert ada.client.get("/api/v1/chatrooms").json()["rooms"][0]["ended"] == {ben.uid: "disabled"}
    command("enable", "ben")
    assert not selectors.has_ended(ben.uid)
    assert not alive(there), "who was signed out stays so"
    assert [entry.change_message for entry in LogEntry.objects.order_by("pk")] == [
        "Disabled the account. By a command on the server.",
        "Enabled the account. By a command on the server.",
    ]


def test_what_was_deleted_is_not_enabled_again(admin, ben):
    lifecycle.delete_account(ben.user, by=None)
    with pytest.raises(Conflict):
        lifecycle.set_active(ben.user, True, by=None)
    with pytest.raises(CommandError):
        command("enable", "ben")
    url = f"/admin/accounts/user/{ben.uid}/change/"
    assert admin.post(url, {**INLINE, "is_active": "on"}).status_code == 403
    assert not User.objects.get(pk=ben.uid).is_active


# --- roles ---


@pytest.mark.slow
def test_abuse_auditors_look_and_change_nothing(root, ada, ben):
    """Every page of every registered model: seen, and never changed, added or deleted."""
    from django.contrib.admin import site

    for someone in (ada, ben):
        someone.publish()
    room = create_room(ada)
    room.admit(ada, ben)
    program(ada.user)
    stan = User.objects.create_user("stan", PASSWORD, role=User.AUDITOR)
    staff = browser(stan)
    assert staff.get("/admin/").status_code == 200
    for model in filter(site.is_registered, apps.get_models()):
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert staff.get(base, follow=True).status_code == 200, base  # one row has no list
        assert staff.get(f"{base}add/").status_code == 403, base
        before = model._default_manager.count()
        for row in model._default_manager.all():
            at = f"{base}{row.pk}/"
            assert staff.get(f"{at}change/").status_code == 200, at
            assert staff.post(f"{at}change/", {"role": "administrator"}).status_code == 403, at
            assert staff.post(f"{at}delete/", {"post": "yes"}).status_code == 403, at
            sent = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
            staff.post(base, sent)
        assert model._default_manager.count() == before, base
    stan.refresh_from_db()
    assert stan.role == User.AUDITOR
    assert not User.objects.exclude(deleted_at=None).exists()


def test_people_without_a_role_see_nothing(ada):
    assert browser(person("zoe").user).get("/admin/").status_code == 302
