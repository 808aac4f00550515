"""Each action leaves its entry on the audit log: ids, numbers and words of fixed lists."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from accounts import bulk, lifecycle, links, registration, storage
from accounts.actions import change_password, drop_kit, keep_kit
from accounts.audit.recording import KINDS, record
from accounts.factor import second_factor
from accounts.factor.codes import check_code, fresh_codes
from accounts.factor.second_factor import Answer
from accounts.models import AuditEntry, User
from accounts.passkeys import actions as passkeys
from accounts.passkeys.checking import Signed
from accounts.sign_in import sign_ins
from accounts.sign_in.user_agents import Place
from accounts.site_settings.actions import change
from accounts.sso import actions as sso
from accounts.sso.provider import Claims
from chatsite.lib.errors import ChatError, SignInNeeded
from chatsite.ops.settings_record import record_settings
from rooms.actions import set_files_most
from rooms.models import LogEvent
from tests.accounts.codes import set_up_app
from tests.accounts.factor.authenticator import Authenticator
from tests.base import PASSWORD, Person, RoomScript, create_room, make_user

pytestmark = pytest.mark.django_db
NEW = "another battery staple horse"
CLAIMS = Claims(issuer="https://id.example.org", subject="u-1", name="yan", groups=frozenset())
NETWORK = "192.0.2.0/24"


@pytest.fixture
def zoe() -> User:
    return make_user("zoe")


@pytest.fixture
def root() -> User:
    return User.objects.create_superuser("root", PASSWORD)


def sign_up_link(by: User) -> str:
    return links.make_account_link(by=by)[1].partition("#1.")[2]


def with_factor(user: User) -> str:
    return set_up_app(user)[1][0]


def with_passkey(user: User, authenticator: Authenticator) -> int:
    asked = passkeys.begin_adding(user, PASSWORD, Answer(), current="")
    made = authenticator.create(asked["options"])
    return passkeys.add(user, "A key", asked["state"], made, current="")[0]


def with_copied_passkey(user: User) -> None:
    authenticator = Authenticator(counter=5)
    with_passkey(user, authenticator)
    asked = passkeys.begin_sign_in("")
    signed = Signed(**authenticator.answer(asked))
    with suppress(SignInNeeded):
        passkeys.sign_in(user, signed, "")


def without(user: User, factor: int, code: str) -> None:
    second_factor.remove_factor(user, factor, PASSWORD, Answer(code))


def unlinked(user: User) -> None:
    sso.link(user, CLAIMS)
    sso.unlink(user, PASSWORD)


def run(command: str, *words: str) -> str:
    out = StringIO()
    call_command(command, *words, stdout=out)
    return out.getvalue()


Act = Callable[[User, User], Any]

ACCOUNT: dict[str, Act] = {
    "sign_in": lambda zoe, root: sign_ins.issue_tokens(zoe, Place(address=NETWORK)),
    "sign_out": lambda zoe, root: sign_ins.revoke_tokens(sign_ins.issue_tokens(zoe).refresh),
    "sign_out.others": lambda zoe, root: (
        sign_ins.issue_tokens(zoe),
        sign_ins.end_others(zoe, current=""),
    ),
    "sign_out.sso": lambda zoe, root: (
        sign_ins.begin_in_browser(zoe, Place(), how="sso"),
        sign_ins.end_by_sso(zoe),
    ),
    "sign_out.everywhere": lambda zoe, root: (
        sign_ins.issue_tokens(zoe),
        lifecycle.set_active(zoe, False, by=root),
    ),
    "account.registered": lambda zoe, root: bulk.create_accounts(["zac"], by=root),
    "account.disabled": lambda zoe, root: lifecycle.set_active(zoe, False, by=root),
    "account.enabled": lambda zoe, root: (
        lifecycle.set_active(zoe, False, by=root),
        lifecycle.set_active(zoe, True, by=root),
    ),
    "account.deleted": lambda zoe, root: lifecycle.delete_account(zoe, by=root),
    "account.role": lambda zoe, root: lifecycle.set_role(zoe, "helper", by=root),
    "account.mail": lambda zoe, root: lifecycle.set_mail(zoe, "zoe@example.org", by=root),
    "password.changed": lambda zoe, root: change_password(zoe, PASSWORD, NEW, current=""),
    "password.link": lambda zoe, root: links.make_password_link(zoe, by=root),
    "password.set_by_link": lambda zoe, root: links.set_password(
        links.make_password_link(zoe, by=root).partition("#1.")[2], NEW
    ),
    "authenticator_app.added": lambda zoe, root: with_factor(zoe),
    "authenticator_app.removed": lambda zoe, root: without(
        zoe, code=with_factor(zoe), factor=second_factor.state_of(zoe)["app"]["id"]
    ),
    "passkey.added": lambda zoe, root: with_passkey(zoe, Authenticator()),
    "passkey.copied": lambda zoe, root: with_copied_passkey(zoe),
    "passkey.removed": lambda zoe, root: without(
        zoe, with_passkey(zoe, Authenticator()), fresh_codes(zoe)[0]
    ),
    "second_factor.on": lambda zoe, root: with_factor(zoe),
    "second_factor.off": lambda zoe, root: (with_factor(zoe), second_factor.remove(zoe, by=root)),
    "second_factor.recovery_code": lambda zoe, root: check_code(zoe, with_factor(zoe)),
    "second_factor.codes": lambda zoe, root: second_factor.replace_codes(
        zoe, PASSWORD, Answer(with_factor(zoe))
    ),
    "sso.linked": lambda zoe, root: sso.link(zoe, CLAIMS),
    "sso.unlinked": lambda zoe, root: unlinked(zoe),
    "account.quota": lambda zoe, root: storage.set_limit(zoe, 5, by=root),
    "sign_up_link.made": lambda zoe, root: links.make_account_link(by=root, max_uses=3),
    "sign_up_link.revoked": lambda zoe, root: links.revoke(
        links.make_account_link(by=root)[0], by=root
    ),
}
SITE: dict[str, Act] = {
    "audit.exported": lambda zoe, root: run("audit", "export"),
    "site.changed": lambda zoe, root: change({"registration": "closed"}, by=None),
    "site.settings": lambda zoe, root: record_settings(),
    "site.storage_recounted": lambda zoe, root: run("recount_storage"),
    "site.tidied": lambda zoe, root: run("tidy"),
}
ROOM: dict[str, Callable[[RoomScript, Person, Person], Any]] = {
    "room.create": lambda room, ada, ben: None,
    "room.join": lambda room, ada, ben: None,
    "room.leave": lambda room, ada, ben: room.leave(ben),
    "room.remove": lambda room, ada, ben: room.took(room.remove(ada, ben, [ada])),
    "room.role": lambda room, ada, ben: room.took(room.role(ada, ben, "moderator")),
    "room.ban": lambda room, ada, ben: (room.leave(ben), room.took(room.ban(ada, ben))),
    "room.add": lambda room, ada, ben: (room.leave(ben), room.took(room.add(ada, ben))),
    "room.reset": lambda room, ada, ben: room.took(room.reset(ada, ben.renew(), [ada, ben])),
    "room.policy": lambda room, ada, ben: room.took(room.policy(ada, ai="ask")),
    "room.close": lambda room, ada, ben: room.took(room.post(ada, room.event(ada, "close"))),
    "room.succeed": lambda room, ada, ben: (
        room.took(room.name_successor(ada, ben)),
        lifecycle.set_active(ada.user, False, by=None),
        room.took(room.succeed(ben, ada, [ben])),
    ),
    "room.quota": lambda room, ada, ben: set_files_most(room.id, 5, by=None),
    "room.stopped": lambda room, ada, ben: run("rooms", "close", room.id, "--yes"),
    "room.resumed": lambda room, ada, ben: (
        run("rooms", "close", room.id, "--yes"),
        run("rooms", "open", room.id),
    ),
}
ELSEWHERE = {
    "audit.pruned", "bot.created", "bot.token", "bot.token_revoked",
    "keys.published", "keys.reset", "kit.dropped", "kit.kept",
    "network.lifted", "network.slowed",
    "report.file", "report.handled", "report.key", "report.made", "report.opened",
    "sign_in.failed", "sign_out.reused_token", "site.backup", "site.restored",
}  # fmt: skip
"""Kinds whose tests stand below, or beside those of retention, bots, reports, rotation,
backups and slow-downs."""


def last(kind: str) -> AuditEntry:
    entry = AuditEntry.objects.filter(kind=kind).order_by("pk").last()
    assert entry is not None, f"no {kind}"
    return entry


def test_every_kind_has_a_test():
    assert set(ACCOUNT) | set(SITE) | set(ROOM) | ELSEWHERE == KINDS


BY_THEMSELVES = {
    "sign_in", "sign_out", "sign_out.others", "sign_out.sso", "password.changed",
    "password.set_by_link", "second_factor.on", "second_factor.recovery_code",
    "second_factor.codes", "sso.linked", "sso.unlinked",
    "authenticator_app.added", "authenticator_app.removed",
    "passkey.added", "passkey.copied", "passkey.removed",
}  # fmt: skip
OF_NO_ACCOUNT = {"sign_up_link.made", "sign_up_link.revoked"}


@pytest.mark.parametrize("kind", ACCOUNT)
def test_what_happens_to_an_account_is_recorded(kind, zoe, root):
    ACCOUNT[kind](zoe, root)
    entry = last(kind)
    assert entry.actor == (zoe.pk if kind in BY_THEMSELVES else root.pk)
    if kind == "account.registered":
        assert entry.account == User.objects.get(name="zac").pk
    else:
        assert entry.account == ("" if kind in OF_NO_ACCOUNT else zoe.pk)


@pytest.mark.parametrize("kind", ROOM)
def test_what_happens_to_a_room_is_recorded(kind, ada, ben):
    for someone in (ada, ben):
        someone.publish()
    room = create_room(ada)
    room.admit(ada, ben)
    ROOM[kind](room, ada, ben)
    entry = last(kind)
    assert entry.room == room.id
    if kind in ("room.stopped", "room.resumed", "room.quota"):
        assert (entry.actor, entry.seq) == ("", None)
        return
    by_ben = {"room.join", "room.leave", "room.succeed"}
    assert entry.actor == (ben.uid if kind in by_ben else ada.uid)
    of_ada = {"room.create", "room.close", "room.policy", "room.succeed"}
    assert entry.account == (ada.uid if kind in of_ada else ben.uid)
    assert entry.seq is not None
    assert LogEvent.objects.get(room_id=room.id, seq=entry.seq).type == kind.removeprefix("room.")


@pytest.mark.parametrize("kind", SITE)
def test_what_happens_to_the_site_is_recorded(kind, zoe, root):
    SITE[kind](zoe, root)
    assert last(kind).actor == ""


@pytest.mark.django_db(transaction=True)  # a restore closes the connection
def test_backups_and_restores_are_recorded(monkeypatch, tmp_path):
    monkeypatch.setattr("chatsite.management.commands.backup.create", lambda *_, **__: tmp_path)
    monkeypatch.setattr("chatsite.management.commands.restore.restore", lambda folder: [])
    monkeypatch.setattr("chatsite.ops.preflight.check_engines", lambda write: None)
    for command, kind in (("backup", "site.backup"), ("restore", "site.restored")):
        run(command, str(tmp_path))
        assert last(kind).actor == ""


def test_settings_are_recorded_once_and_again_when_they_change(monkeypatch):
    monkeypatch.setenv("CONTACT", "Ada")
    monkeypatch.setenv("METRICS_TOKEN", "hunter2")
    record_settings()
    record_settings()
    first = last("site.settings")
    assert first.facts["METRICS_TOKEN"] == "secret"
    assert "Ada" not in json.dumps(first.facts)
    monkeypatch.setenv("CONTACT", "Ben")
    record_settings()
    assert AuditEntry.objects.filter(kind="site.settings").count() == 2
    assert last("site.settings").facts["CONTACT"] != first.facts["CONTACT"]


def test_abuse_nobody_guesses_a_setting_by_its_hash(monkeypatch, settings):
    """An address is one of few, and a reader of the log can try them all."""
    monkeypatch.setenv("CONTACT", "ada@example.org")
    record_settings()
    kept = last("site.settings").facts["CONTACT"]
    assert kept != sha256(b"CONTACT=ada@example.org").hexdigest()[:16]
    settings.SECRET_KEY = "another key of the site, long enough"
    record_settings()
    assert last("site.settings").facts["CONTACT"] != kept


def test_keys_and_kits_are_recorded(ada):
    ada.publish()
    assert last("keys.published").facts == {"kid": ada.kid, "n": 1}
    ada.user.set_password(PASSWORD)
    ada.user.save()
    keep_kit(ada.user, {"uid": ada.uid, "kid": ada.kid})
    drop_kit(ada.user)
    drop_kit(ada.user)
    assert AuditEntry.objects.filter(kind="kit.dropped").count() == 1
    again = ada.signed_identity(ada.key, n=2, prev=ada.kid)
    sent = {**again, "password": PASSWORD}
    assert ada.client.post("/api/v1/identities", sent).status_code == 201
    assert last("keys.reset").facts["n"] == 2
    assert last("kit.kept").account == ada.uid


def test_a_reused_refresh_token_is_recorded(zoe):
    first = sign_ins.issue_tokens(zoe)
    refresh = first.refresh
    for _ in range(3):
        refresh = sign_ins.refresh_tokens(refresh).refresh
    with pytest.raises(ChatError):
        sign_ins.refresh_tokens(first.refresh)
    assert last("sign_out.reused_token").account == zoe.pk


@pytest.mark.parametrize("how", ["open", "link"])
def test_a_registration_says_how(how, root, settings):
    settings.REGISTRATION = "open"
    secret = sign_up_link(root) if how == "link" else None
    user = registration.register("yan", PASSWORD, None, secret)
    entry = last("account.registered")
    assert (entry.account, entry.facts["how"]) == (user.pk, how)


def test_accounts_of_commands_are_recorded(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    run("createsuperuser", "--name", "yan", "--noinput")
    user = User.objects.get(name="yan")
    entry = last("account.registered")
    assert (entry.actor, entry.account, entry.facts) == ("", user.pk, {"how": "command"})
    monkeypatch.setattr("getpass.getpass", lambda prompt: NEW)
    run("changepassword", "yan")
    entry = last("password.changed")
    assert (entry.actor, entry.account) == ("", user.pk)


# --- what is on it, and what is not ---


def test_what_is_rolled_back_is_not_recorded(zoe):
    before = AuditEntry.objects.count()
    with transaction.atomic():
        sign_ins.issue_tokens(zoe)
        transaction.set_rollback(True)
    assert AuditEntry.objects.count() == before


def test_a_record_costs_one_insert(zoe, django_assert_num_queries):
    with django_assert_num_queries(1):
        record("kit.kept", by=zoe, account=zoe, kid="x")


@pytest.mark.parametrize("text", ["two words", "zoé", "a@example.org", "x" * 65])
def test_abuse_text_of_people_is_refused(text):
    with pytest.raises(ValueError, match="neither a word nor an id"):
        record("kit.kept", kid=text)
    with pytest.raises(ValueError, match="no kind"):
        record(f"account.{text}")


def test_abuse_no_secret_and_no_name_is_on_it(zoe, root):
    for act in ACCOUNT.values():
        try:
            with transaction.atomic():
                act(zoe, root)
                zoe.refresh_from_db()
                _check(AuditEntry.objects.all())
                transaction.set_rollback(True)
        finally:
            zoe = User.objects.get(pk=zoe.pk)


def _check(entries: Any) -> None:
    text = json.dumps(list(entries.values()), default=str)
    for secret in (PASSWORD, NEW, '"zoe"', "zac", "example.org", "#1.", "argon2"):
        assert secret not in text, secret
