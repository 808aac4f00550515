"""Nothing that is to be on the audit log can be left out: every command that writes, and each entry
in the transaction of what it records.
"""

from __future__ import annotations

import pytest
from django.core.management import CommandError, get_commands, load_command_class
from django.db import connection

from accounts.models import AuditEntry, User
from chatsite.lib.commands import SiteCommand
from chatsite.tasks import tidy
from tests.accounts.audit.test_recording import ACCOUNT, ROOM, SITE, last, run
from tests.accounts.codes import set_up_app
from tests.base import PASSWORD, create_room, make_user

APPS = {"chatsite", "accounts", "rooms", "messaging", "summaries"}

# --- commands -----------------------------------------------------------------------------------

RECORDED = {
    "audit export": "audit.exported",
    "backup": "site.backup",
    "changepassword": "password.changed",
    "people create": "account.registered",
    "people delete": "account.deleted",
    "people disable": "account.disabled",
    "people enable": "account.enabled",
    "people invite": "sign_up_link.made",
    "people mail": "account.mail",
    "people reset": "password.link",
    "people role": "account.role",
    "people second-factor": "second_factor.off",
    "recount_storage": "site.storage_recounted",
    "restore": "site.restored",
    "rooms close": "room.stopped",
    "rooms open": "room.resumed",
    "rooms quota": "room.quota",
    "tidy": "site.tidied",
}
UNRECORDED = {
    "audit seal": "gives what is recorded its number",
    "audit verify": "reads",
    "check_backup": "reads",
    "dev": "serves: a start records other settings than before",
    "people list": "reads",
    "prepare_store": "makes indexes",
    "rooms list": "reads",
    "runserver": "serves",
    "seed_demo": "in development alone; its people sign up as others do",
    "serve": "serves",
    "status": "reads",
}


def commands() -> set[str]:
    """Every command of this site, as `backup` and `people list`."""
    found = set()
    for name, app in get_commands().items():
        if app not in APPS:
            continue
        command = load_command_class(app, name)
        if not isinstance(command, SiteCommand):
            found.add(name)
            continue
        parser = command.create_parser("manage.py", name)
        [choices] = [one.choices for one in parser._actions if one.dest == "what"]
        found |= {f"{name} {what}" for what in choices or ()}
    return found


def test_every_command_is_recorded_or_changes_nothing():
    assert commands() == RECORDED.keys() | UNRECORDED.keys()


OF_PEOPLE: dict[str, tuple[str, ...]] = {
    "create": ("yan",),
    "invite": (),
    "mail": ("zoe", "zoe@example.org"),
    "reset": ("zoe",),
    "role": ("zoe", "helper"),
    "second-factor": ("zoe",),
    "disable": ("zoe",),
    "enable": ("zoe",),
    "delete": ("zoe", "--yes"),
}


@pytest.mark.django_db
def test_what_commands_do_to_people_is_recorded_without_a_person_who_did_it(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    assert {f"people {what}" for what in OF_PEOPLE} == {
        one for one in RECORDED if one.startswith("people ")
    }
    set_up_app(make_user("zoe"))
    for what, words in OF_PEOPLE.items():
        run("people", what, *words)
        assert last(RECORDED[f"people {what}"]).actor == "", what


@pytest.mark.django_db
def test_tidying_by_hand_is_recorded_and_the_hourly_one_is_not():
    tidy()
    assert not AuditEntry.objects.filter(kind="site.tidied").exists()
    run("tidy")
    assert last("site.tidied").actor == ""


# --- transactions -------------------------------------------------------------------------------

ALONE = {"audit.exported", "site.settings", "site.tidied"}
"""Kinds that record no write, or many: of an export, of variables, and of all chores."""


@pytest.fixture
def open_transactions(monkeypatch) -> list[bool]:
    """True for each entry that was written in a transaction."""
    found: list[bool] = []
    monkeypatch.setattr(
        "accounts.event_webhook.send_later",
        lambda entry: found.append(connection.in_atomic_block),
    )
    return found


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", [kind for kind in {**ACCOUNT, **SITE} if kind not in ALONE])
def test_an_entry_is_written_in_the_transaction_of_what_it_records(kind, open_transactions):
    zoe, root = make_user("zoe"), User.objects.create_superuser("root", PASSWORD)
    {**ACCOUNT, **SITE}[kind](zoe, root)
    assert AuditEntry.objects.filter(kind=kind).exists()
    assert open_transactions
    assert all(open_transactions)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ROOM)
def test_an_entry_of_a_room_is_written_in_the_transaction_of_its_event(
    kind, open_transactions, ada, ben
):
    for someone in (ada, ben):
        someone.publish()
    room = create_room(ada)
    room.admit(ada, ben)
    ROOM[kind](room, ada, ben)
    assert AuditEntry.objects.filter(kind=kind).exists()
    assert all(open_transactions)


@pytest.mark.django_db(transaction=True)
def test_passwords_that_a_command_sets_are_recorded_in_one_transaction(
    open_transactions, monkeypatch
):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    run("createsuperuser", "--name", "yan", "--noinput")
    monkeypatch.setattr("getpass.getpass", lambda prompt: "another battery staple horse")
    run("changepassword", "yan")
    assert all(open_transactions)
    assert len(open_transactions) == 2


# --- a password that a command sets -------------------------------------------------------------


@pytest.mark.django_db
def test_passwords_that_differ_or_are_too_common_are_not_taken(monkeypatch):
    """Somebody types them: they are asked for again, three times at most."""
    make_user("zoe")
    typed = iter(["one battery staple", "another battery staple", "password", "password"] * 2)
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed))
    with pytest.raises(CommandError, match="was not changed, after 3 attempts"):
        run("changepassword", "zoe")
    assert User.objects.get(name="zoe").check_password(PASSWORD)
    with pytest.raises(CommandError, match="There is no account nobody"):
        run("changepassword", "nobody")
    assert not AuditEntry.objects.filter(kind="password.changed").exists()
