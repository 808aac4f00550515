"""What administrators may do to sign-ins, and what stays on record."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts.bots.actions import create_bot
from accounts.models import SignIn, StorageUse, User
from chatsite.lib.bus_events import SignInEnded
from tests.accounts.signed_in import alive, browser, program
from tests.base import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def zoe() -> User:
    return User.objects.create_user("zoe")


@pytest.fixture
def root(db) -> Client:
    return browser(User.objects.create_superuser("root", PASSWORD))


def test_an_administrator_without_keys_gets_in_by_the_site_s_own_door(client, root):
    answer = client.post(
        "/accounts/login/?next=/admin/", {"login": "root", "password": PASSWORD, "next": "/admin/"}
    )
    assert answer.json() == {"next": "/admin/"}
    assert client.get("/admin/").status_code == 200


def test_abuse_the_admin_is_no_second_way_to_another_password(root):
    sent = {
        "old_password": PASSWORD,
        "new_password1": "n3w and long",
        "new_password2": "n3w and long",
    }
    answer = root.post("/admin/password_change/", sent)
    assert answer["Location"] == "/settings/password/"
    assert User.objects.get(name="root").check_password(PASSWORD)


def test_sign_ins_are_looked_at_and_ended_and_no_secret_is_shown(root, zoe):
    mine, other = browser(zoe), program(zoe)
    [his] = zoe.sign_ins.programs()
    for path in ("", f"{his.pk}/change/"):
        page = root.get(f"/admin/accounts/signin/{path}")
        assert page.status_code == 200
        assert his.refresh_salt not in page.content.decode()
    answer = root.post(f"/admin/accounts/signin/{his.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 302
    assert [alive(one) for one in (mine, other)] == [True, False]


def test_many_are_ended_at_once(root, zoe):
    both = [browser(zoe), program(zoe)]
    chosen = list(zoe.sign_ins.values_list("pk", flat=True))
    sent = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    assert root.post("/admin/accounts/signin/", sent).status_code == 302
    assert [alive(one) for one in both] == [False, False]
    assert root.get("/admin/").status_code == 200


def test_none_is_made_by_hand(root, zoe):
    assert root.get("/admin/accounts/signin/add/").status_code == 403


def test_who_is_disabled_is_signed_out_everywhere(root, zoe, published, monkeypatch):
    monkeypatch.setattr("chatsite.lib.pubsub.transaction.on_commit", lambda call: call())
    both = [browser(zoe), program(zoe)]
    inline = {"identities-TOTAL_FORMS": "0", "identities-INITIAL_FORMS": "0"}
    assert root.post(f"/admin/accounts/user/{zoe.pk}/change/", inline).status_code == 302
    assert not User.objects.get(name="zoe").is_active
    assert [alive(one) for one in both] == [False, False]
    assert published == [SignInEnded(zoe.pk)]
    assert not SignIn.objects.filter(user=zoe).exists()


def test_the_record_is_read_and_never_changed(root, zoe):
    test_many_are_ended_at_once(root, zoe)
    entry = LogEntry.objects.first()
    assert entry is not None
    assert b"zoe" in root.get("/admin/admin/logentry/").content
    assert root.get(f"/admin/admin/logentry/{entry.pk}/change/").status_code == 200
    path = f"/admin/admin/logentry/{entry.pk}"
    assert root.post(f"{path}/delete/", {"post": "yes"}).status_code == 403
    assert root.post(f"{path}/change/", {}).status_code == 403


def test_what_everybody_has_stored_is_shown_with_its_limits_and_not_changed(root, zoe, settings):
    settings.STORAGE_PER_PERSON, settings.DISK_FLOOR = 4 * 1024**2, 1024**2
    StorageUse.objects.create(uid=zoe.pk, messages=1024**2, files=2 * 1024**2)
    StorageUse.objects.create(uid="f" * 32, log=5)
    page = root.get("/admin/accounts/storageuse/?o=-2").content.decode().replace("\xa0", " ")
    for shown in ("zoe", "3.0 MB", "75%", "(account deleted)", "4.0 MB", "STORAGE_PER_PERSON"):
        assert shown in page
    assert page.index("zoe") < page.index("(account deleted)"), "most first"
    found = root.get("/admin/accounts/storageuse/", {"q": "zoe"}).context["cl"].result_list
    assert [use.uid for use in found] == [zoe.pk], "found by name, as everybody is"
    one = f"/admin/accounts/storageuse/{zoe.pk}"
    assert root.get(f"{one}/change/").status_code == 200
    assert root.post(f"{one}/change/", {"messages": 1}).status_code == 403
    assert root.post(f"{one}/delete/", {"post": "yes"}).status_code == 403
    assert root.get("/admin/accounts/storageuse/add/").status_code == 403


def test_people_are_listed_by_name_and_a_bot_is_offered_what_it_has(root, zoe):
    bot = create_bot(zoe, "a.bot")
    User.objects.create_user("yan")
    listed = root.get("/admin/accounts/user/").context["cl"].result_list
    assert [user.name for user in listed] == ["a.bot", "root", "yan", "zoe"]
    for user, offered in ((bot, False), (zoe, True)):
        page = root.get(f"/admin/accounts/user/{user.pk}/change/").content.decode()
        assert ("Link to a new password" in page) is offered
        assert "Sign out everywhere" in page


def test_the_page_of_a_person_leads_to_what_they_have_and_signs_them_out(root, zoe):
    both, other = [browser(zoe), program(zoe)], browser(User.objects.create_user("yan"))
    page = root.get(f"/admin/accounts/user/{zoe.pk}/change/").content.decode()
    for path in (
        f"/admin/accounts/signin/?user__id__exact={zoe.pk}",
        f"/admin/rooms/member/?user__id__exact={zoe.pk}",
        f"/admin/messaging/report/?q={zoe.pk}",
        f"/admin/accounts/auditentry/?q={zoe.pk}",
    ):
        assert path in page
        assert root.get(path).status_code == 200, "a filter that the list takes"
    listed = root.get(f"/admin/accounts/signin/?user__id__exact={zoe.pk}")
    assert {one.user.name for one in listed.context["cl"].result_list} == {"zoe"}
    address = f"/admin/accounts/user/{zoe.pk}/sign_out/"
    assert "2 places" in root.get(address).content.decode()
    assert [alive(one) for one in both] == [True, True], "a look ends nothing"
    assert "signed out everywhere" in root.post(address).content.decode()
    assert [alive(one) for one in [*both, other]] == [False, False, True]
