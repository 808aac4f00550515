"""Mail: links to a new password and security notices, over a real mail server."""

from __future__ import annotations

import mailbox
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import actions, lifecycle, links, mail
from accounts.models import AccountLink, User
from chatsite.lib import metrics
from chatsite.lib.errors import Conflict, Refused
from chatsite.variables import MAIL_FROM, SMTP_URL
from tests.accounts.signed_in import browser
from tests.accounts.test_password_reset import NEW, use
from tests.base import PASSWORD, api, code, make_user
from tests.live import free_port

pytestmark = pytest.mark.django_db(transaction=True)
WITHIN = 20  # seconds


class Inbox:
    """What the mail server has taken, in no order of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = mailbox.Maildir(folder)

    def all(self) -> list[Message]:
        """Everything that came since the last time, once nothing is under way any more."""
        settle()
        found = [self._folder.get_message(key) for key in sorted(self._folder.keys())]
        self._folder.clear()
        return list(found)

    def next(self) -> Message:
        [message] = self.all()
        return message

    def text(self) -> str:
        payload = self.next().get_payload(decode=True)
        assert isinstance(payload, bytes)
        return payload.decode()


def settle() -> None:
    """Wait until no mail is queued or under way."""
    for _ in range(mail.MOST_WAITING):
        assert mail.places.acquire(timeout=WITHIN)
    mail.places.release(mail.MOST_WAITING)


@pytest.fixture(scope="module")
def mail_server(tmp_path_factory) -> Iterator[tuple[int, Path]]:
    """The port and the mailbox of a mail server in a process of its own."""
    port, folder = free_port(), tmp_path_factory.mktemp("mail") / "box"
    handler = ["-c", "aiosmtpd.handlers.Mailbox", str(folder)]
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", *handler]
    with subprocess.Popen(command) as process:
        deadline = time.monotonic() + WITHIN
        while time.monotonic() < deadline:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.05)
        yield port, folder
        process.terminate()


@pytest.fixture
def inbox(mail_server, settings, monkeypatch) -> Iterator[Inbox]:
    port, folder = mail_server
    monkeypatch.setenv("SMTP_URL", f"smtp://127.0.0.1:{port}")
    settings.SMTP_URL = SMTP_URL.read()
    for name, value in settings.SMTP_URL.items():
        setattr(settings, name, value)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.DEFAULT_FROM_EMAIL = "Sotto <chat@example.org>"
    inbox = Inbox(folder)
    inbox.all()
    yield inbox
    settle()


@pytest.fixture
def zoe() -> User:
    user = make_user("zoe")
    lifecycle.set_mail(user, "zoe@example.org", by=None)
    return User.objects.get(pk=user.pk)


def ask(name: str):
    return api().post("/api/v1/auth/reset/ask", {"name": name})


def secret_in(text: str) -> str:
    return text.partition("#1.")[2].split()[0]


def test_a_link_comes_by_mail_and_sets_a_new_password(inbox, zoe):
    assert ask(" ZOE ").status_code == 202
    message = inbox.next()
    assert (message["X-RcptTo"], message["From"]) == (
        "zoe@example.org",
        "Sotto <chat@example.org>",
    )
    assert message["Auto-Submitted"] == "auto-generated"
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert "not old messages" in payload.decode()
    assert use(secret_in(payload.decode())).json() == {"name": "zoe"}
    assert "new password was set" in inbox.text()


def test_abuse_the_answer_is_the_same_for_every_name(inbox, zoe):
    make_user("yan")
    lifecycle.set_active(make_user("xia"), False, by=None)
    answers = [ask(name) for name in ("zoe", "yan", "xia", "nobody")]
    assert {(one.status_code, one.content) for one in answers} == {(202, b"")}
    assert inbox.next()["X-RcptTo"] == "zoe@example.org"


def test_abuse_strangers_who_ask_take_nobody_s_link_away(inbox, zoe):
    ask("zoe")
    secret = secret_in(inbox.text())
    ask("zoe")
    assert inbox.all() == []
    assert use(secret).status_code == 200


def test_a_link_that_was_lost_is_sent_again_after_some_minutes(inbox, zoe):
    ask("zoe")
    lost = secret_in(inbox.text())
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        ask("zoe")
        again = secret_in(inbox.text())
        assert code(use(lost)) == "reset_unknown", "another one has replaced it"
        assert use(again).status_code == 200


def test_a_link_from_an_administrator_is_no_reason_to_send_none(inbox, zoe):
    links.make_password_link(zoe, by=None)
    ask("zoe")
    assert use(secret_in(inbox.text())).status_code == 200


def test_abuse_a_stranger_who_asks_voids_no_link_that_was_handed_over(inbox, zoe):
    handed = secret_in(links.make_password_link(zoe, by=None))
    helper = User.objects.create_user("helen", role=User.HELPER)
    newer = secret_in(links.make_password_link(zoe, by=helper))
    assert code(use(handed)) == "reset_unknown", "another one that is handed over replaces it"
    ask("zoe")
    mailed = secret_in(inbox.text())
    assert use(newer).status_code == 200
    assert code(use(mailed)) == "reset_revoked", "the account has its new password"


def test_abuse_a_link_that_is_handed_over_voids_none_that_was_asked_for(inbox, zoe):
    ask("zoe")
    mailed = secret_in(inbox.text())
    handed = secret_in(links.make_password_link(zoe, by=None))
    assert use(mailed).status_code == 200
    assert code(use(handed)) == "reset_revoked"


def test_the_database_holds_one_link_of_each_kind(inbox, zoe):
    ask("zoe")
    settle()
    links.make_password_link(zoe, by=None)
    rows = list(AccountLink.objects.filter(user=zoe))
    assert {row.made_by for row in rows} == {zoe, None}
    for row in rows:
        row.pk, row.secret_hash = None, f"another of {row.made_by}"
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)


@pytest.mark.parametrize("name", ["zoe", "yan", "xia", "nobody"])
def test_abuse_asking_does_the_same_work_for_every_name(
    inbox, zoe, name, django_assert_num_queries, monkeypatch
):
    """All that depends on the account is done in the background, after the answer."""
    make_user("yan")
    lifecycle.set_active(make_user("xia"), False, by=None)
    inbox.all()
    queued: list[Any] = []
    monkeypatch.setattr(mail, "send_later", queued.append)
    with django_assert_num_queries(0):
        assert ask(name).status_code == 202
    assert len(queued) == 1
    message = queued[0]()
    assert (message is not None) == (name == "zoe")


def test_abuse_asking_is_counted_by_address_and_by_name(inbox, zoe, settings):
    limits = {"reset_ask": (3, 3600), "reset_name": (2, 3600)}
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, **limits}
    assert [ask("zoe").status_code for _ in range(3)] == [202, 202, 429]
    assert ask("yan").status_code == 429


def test_without_a_mail_server_nothing_is_sent(zoe):
    answer = ask("zoe")
    assert (answer.status_code, code(answer)) == (404, "no_mail")
    assert not AccountLink.objects.exists()


def test_changes_of_the_account_are_told_without_details(inbox, zoe):
    actions.change_password(zoe, PASSWORD, NEW, current="")
    assert "password was changed" in inbox.text()
    lifecycle.set_mail(zoe, "elsewhere@example.org", by=None)
    assert inbox.next()["X-RcptTo"] == "zoe@example.org", "the address before is told"
    helper = User.objects.create_user("helen", role=User.HELPER, mail="helen@example.org")
    lifecycle.set_role(helper, User.AUDITOR, by=None)
    assert "auditor" in inbox.text()


def test_an_administrator_sends_a_link_from_the_admin(inbox, zoe):
    root = browser(User.objects.create_user("root", role=User.ADMINISTRATOR))
    address = f"/admin/accounts/user/{zoe.pk}/password_link/"
    assert b"Send it to zoe@example.org" in root.get(address).content
    answer = root.post(address, {"by_mail": "1"})
    assert b"#1." not in answer.content
    assert use(secret_in(inbox.text())).status_code == 200


@pytest.mark.parametrize(
    "address", ["zoe", "zoe@", "a@b\nBcc: c@d.example", "a@example.org, b@example.org", "x" * 300]
)
def test_hostile_addresses_are_refused(zoe, address):
    with pytest.raises(Refused):
        lifecycle.set_mail(zoe, address, by=None)
    assert User.objects.get(pk=zoe.pk).mail == "zoe@example.org"


def failures() -> float:
    return metrics.registry.get_sample_value("sotto_failures_total", {"part": "mail"}) or 0.0


def test_a_server_that_is_away_fails_nobody(inbox, zoe, settings):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = closed.getsockname()[1]
    before = failures()
    assert ask("zoe").status_code == 202
    settle()
    assert failures() == before + 1


def test_deleting_an_account_forgets_its_address(zoe):
    lifecycle.delete_account(zoe, by=None)
    assert User.objects.get(pk=zoe.pk).mail == ""
    with pytest.raises(Conflict):
        lifecycle.set_mail(zoe, "zoe@example.org", by=None)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://u:p%40ss@mail.example.org", ("mail.example.org", 587, "u", "p@ss", True, False)),
        ("smtps://mail.example.org", ("mail.example.org", 465, "", "", False, True)),
        ("smtp://localhost:25", ("localhost", 25, "", "", False, False)),
    ],
)
def test_the_mail_server_is_asked_with_tls_unless_it_is_here(monkeypatch, url, expected):
    monkeypatch.setenv("SMTP_URL", url)
    monkeypatch.setenv("MAIL_FROM", "Chat <chat@example.org>")
    found = SMTP_URL.read()
    names = ("HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_TLS", "USE_SSL")
    assert tuple(found[f"EMAIL_{name}"] for name in names) == expected
    assert MAIL_FROM.read() == "Chat <chat@example.org>"
