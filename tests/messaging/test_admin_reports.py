"""Reports to the site in the admin: who opens them, and what the pages carry."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.files.base import ContentFile
from django.test import Client

from accounts.audit.models import AuditEntry
from accounts.models import User
from messaging.files.models import File, sealed_files
from messaging.reports.models import Report, ReportKey, SealedReportKey
from messaging.reports.selectors import current_key
from rooms.models import Room
from tests.accounts.signed_in import browser
from tests.base import PASSWORD, create_room, spki

pytestmark = pytest.mark.django_db

PAGES = "/admin/messaging/report/"
FILE = "f" * 32


@pytest.fixture
def root():
    return browser(User.objects.create_superuser("root", PASSWORD))


@pytest.fixture
def auditor():
    user = User.objects.create_user("auditor", PASSWORD)
    user.role = User.AUDITOR
    user.save()
    return browser(user)


@pytest.fixture
def report():
    key = ReportKey.objects.create(key_hash="k" * 43, spki=spki("site"), maker="")
    author = User.objects.create_user("zoe")
    made = Report.objects.create(
        id="a" * 32, room="b" * 32, receiver=key.key_hash, reporter="c" * 32, author=author.pk,
        seq=1, message_id="m" * 43, body="{}", box="box", row={"ct": "ct"},
    )  # fmt: skip
    SealedReportKey.objects.create(report=made, to=key.key_hash, ciphertext="sealed")
    Report.objects.create(
        id="d" * 32, room="b" * 32, receiver="room", reporter="c" * 32, author=author.pk,
        seq=1, message_id="m" * 43, body="{}", box="box", row={},
    )  # fmt: skip
    return made


def test_an_administrator_gets_what_is_sealed_and_no_report_to_a_room(root, report):
    page = root.get(PAGES)
    assert page.status_code == 200
    assert b"admin-report-key.js" in page.content
    assert b"d" * 32 not in page.content
    assert root.post(f"{PAGES}{'d' * 32}/sealed/").status_code == 404
    assert b"admin-report.js" in root.get(f"{PAGES}{report.pk}/change/").content
    sealed = root.post(f"{PAGES}{report.pk}/sealed/").json()
    assert sealed["report"] == {
        "body": "{}", "sig": "", "box": "box", "key": "sealed", "row": {"ct": "ct"},
    }  # fmt: skip
    assert sealed["rk"] == report.receiver
    assert sealed["log"] is None, "there is no such room any more"


def test_who_opens_a_report_is_in_the_record_once(root, report):
    address = f"{PAGES}{report.pk}/sealed/"
    assert root.get(address).status_code == 405
    root.get(f"{PAGES}{report.pk}/change/")
    assert not AuditEntry.objects.filter(kind="report.opened").exists()
    root.post(address)
    assert root.post(f"{address}?after=5").json()["report"] is None, "a later page of the log"
    entry = AuditEntry.objects.get(kind="report.opened")
    assert entry.actor == User.objects.get(name="root").pk
    assert (entry.account, entry.room) == (report.author, report.room)
    assert entry.facts == {"report": report.pk}


def test_abuse_a_report_that_proves_nothing_disables_nobody(root, report):
    """The page's script, which verifies it, enables what hurts somebody."""
    page = root.get(f"{PAGES}{report.pk}/change/").content.decode()
    buttons = {
        found[1]: found[0] for found in re.findall(r"(<button[^>]* value=\"(\w+)\"[^>]*>)", page)
    }
    assert {one for one, tag in buttons.items() if " disabled" in tag} == {"disabled", "stopped"}
    assert "dismissed" in buttons


def test_an_auditor_sees_that_there_is_a_report_and_opens_none(auditor, report):
    assert b"admin-report-key.js" not in auditor.get(PAGES).content
    page = auditor.get(f"{PAGES}{report.pk}/change/")
    assert page.status_code == 200
    assert b"admin-report.js" not in page.content
    assert auditor.post(f"{PAGES}{report.pk}/sealed/").status_code == 403
    handled = auditor.post(f"{PAGES}{report.pk}/handle/", {"outcome": "disabled"})
    assert handled.status_code == 403
    key = auditor.post(f"{PAGES}key/", json.dumps({"spki": spki("x")}), "application/json")
    assert key.status_code == 403


def test_an_administrator_publishes_a_key_and_handles_a_report(root, report):
    twice = json.dumps({"spki": spki("new")})[:-1] + ',"spki":"AAAA"}'
    other = json.dumps({"spki": spki("new"), "more": 1})
    for wrong in ("", "[]", "{}", '{"spki":1}', '{"spki":"AAAA"}', twice, other):
        refused = root.post(f"{PAGES}key/", wrong, "application/json")
        assert refused.status_code == 400, wrong
        assert set(refused.json()["error"]) == {"code", "detail"}
    good = json.dumps({"spki": spki("new")})
    assert root.post(f"{PAGES}key/", {"spki": spki("new")}).status_code == 415, "a form"
    assert ReportKey.objects.get().pk == report.receiver
    answer = root.post(f"{PAGES}key/", good, "application/json")
    key = current_key()
    assert key is not None
    assert answer.json() == {"rk": key.key_hash}
    root.post(f"{PAGES}{report.pk}/handle/", {"outcome": "banned"})
    report.refresh_from_db()
    assert report.state == "open", "that is for a room's leaders"
    root.post(f"{PAGES}{report.pk}/handle/", {"outcome": "disabled"})
    report.refresh_from_db()
    assert report.state == "disabled"
    assert not User.objects.get(name="zoe").is_active


def test_a_page_of_another_site_publishes_no_key_and_opens_no_file(root, report, file):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = root.cookies
    good = json.dumps({"spki": spki("new")})
    sealed = f"{PAGES}{report.pk}/sealed/"
    for address, sent in ((f"{PAGES}key/", good), (file_of(report, file), ""), (sealed, "")):
        refused = strict.post(address, sent, "application/json")
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "csrf")
    assert not AuditEntry.objects.filter(
        kind__in=["report.key", "report.file", "report.opened"]
    ).exists()


@pytest.mark.parametrize("after", ["", "x", "1.5", "-2", "9" * 40])
def test_a_page_of_the_log_begins_at_a_number(root, report, after):
    assert root.post(f"{PAGES}{report.pk}/sealed/?after={after}").status_code == 400


@pytest.fixture
def file(report):
    """A file that the reported message names."""
    name = sealed_files().save(f"{report.room}/{FILE}", ContentFile(b"sealed bytes"))
    return File.objects.create(
        room=report.room, file_id=FILE, uploader=report.author, size=12, sha256="s" * 43,
        reserved_ms=1, message=report.seq, content=name,
    )  # fmt: skip


async def whole(answer) -> bytes:
    return b"".join([part async for part in answer.streaming_content])


def file_of(report: Report, file: File) -> str:
    return f"{PAGES}{report.pk}/files/{file.file_id}/"


def test_an_administrator_gets_the_sealed_files_of_a_reported_message_and_that_is_recorded(
    root, report, file
):
    answer = root.post(file_of(report, file))
    assert async_to_sync(whole)(answer) == b"sealed bytes"
    assert answer["Content-Disposition"] == "attachment"
    assert "no-store" in answer["Cache-Control"]
    assert "immutable" not in answer["Cache-Control"]
    entry = AuditEntry.objects.get(kind="report.file")
    assert (entry.actor, entry.account, entry.room) == (
        User.objects.get(name="root").pk,
        report.author,
        report.room,
    )
    assert entry.facts == {"report": report.pk, "file": FILE}
    assert root.get(file_of(report, file)).status_code == 405


def test_no_other_file_comes_out_by_a_report(root, auditor, report, file):
    address = file_of(report, file)
    assert auditor.post(address).status_code == 403
    others: dict[str, dict[str, Any]] = {
        "of another message": {"message": 2},
        "that no message names": {"message": None},
        "of another room": {"room": "e" * 32},
        "of another person": {"uploader": "f" * 32},
    }
    before = {key: getattr(file, key) for key in ("message", "room", "uploader")}
    for name, changed in others.items():
        File.objects.filter(pk=file.pk).update(**{**before, **changed})
        assert root.post(address).status_code == 404, name
    File.objects.filter(pk=file.pk).update(**before)
    to_leaders = address.replace(report.pk, "d" * 32)
    assert root.post(to_leaders).status_code == 404, "a report to the room's leaders"
    assert not AuditEntry.objects.filter(kind="report.file").exists()


def test_who_stops_a_room_for_a_report_is_in_the_record(root, report, ada):
    room = create_room(ada)
    Report.objects.filter(pk=report.pk).update(room=room.id)
    root.post(f"{PAGES}{report.pk}/handle/", {"outcome": "stopped"})
    assert Room.objects.get(pk=room.id).stopped_at is not None
    entry = AuditEntry.objects.get(kind="room.stopped")
    assert (entry.actor, entry.room) == (User.objects.get(name="root").pk, room.id)
