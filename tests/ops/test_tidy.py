"""What is over goes, and nothing else."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from io import StringIO

import pytest
import uvicorn
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from accounts.links import LONGEST_LIFETIME
from accounts.models import SignIn
from accounts.sign_in.sign_ins import issue_tokens
from chatsite import tasks
from chatsite.lib.commands import FOLDER
from chatsite.ops import server

pytestmark = pytest.mark.django_db


def tidied() -> dict[str, str]:
    out = StringIO()
    call_command("tidy", stdout=out)
    return dict(line.split(": ") for line in out.getvalue().splitlines())


def test_sign_ins_that_ended_go_and_others_stay(ada, client):
    for _ in range(2):
        issue_tokens(ada.user)
    old = SignIn.objects.all()[0]
    SignIn.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    client.force_login(ada.user)
    kept = Session.objects.get()
    Session.objects.create(
        session_key="over", session_data="", expire_date=timezone.now() - timedelta(days=1)
    )
    assert tidied()["sign-ins"] == "1 deleted"
    assert not SignIn.objects.filter(pk=old.pk).exists()
    assert SignIn.objects.count() == 2, "a program's and a browser's"
    assert Session.objects.get() == kept


def test_there_may_be_nothing_to_do():
    assert set(tidied()) == {
        "sessions",
        "sign-ins",
        "secrets of second factors",
        "tokens of bots",
        "account links",
        "files of links",
        "invitations",
        "messages",
        "files",
        "summaries",
        "audit entries",
        "figures of days",
        "count of messages",
        "reports",
        "signals",
        "alerts",
        "events",
    }


async def test_a_server_tidies_by_itself_and_goes_on_after_a_failure(monkeypatch):
    done = asyncio.Event()
    tries = []

    def command(name, *, by_hand=True, **_):
        tries.append((name, by_hand))
        if len(tries) == 1:
            raise OSError("away")
        done.set()

    monkeypatch.setattr(server, "TIDY_EVERY", 0.01)
    monkeypatch.setattr(tasks, "call_command", command)
    task = asyncio.create_task(server.Server(uvicorn.Config(print), "").keep_tidy())
    async with asyncio.timeout(10):
        await done.wait()
    task.cancel()
    assert set(tries) == {("tidy", False)}


def test_files_of_links_go_when_no_link_in_them_is_good_any_more(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    folder = tmp_path / FOLDER
    folder.mkdir()
    old, new = folder / "old.csv", folder / "new.txt"
    for path, age in ((old, LONGEST_LIFETIME + timedelta(hours=1)), (new, timedelta(days=89))):
        path.touch()
        at = (timezone.now() - age).timestamp()
        os.utime(path, (at, at))
    assert tidied()["files of links"] == "1 deleted"
    assert list(folder.iterdir()) == [new]
