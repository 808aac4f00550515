"""Reports to the site in the admin: who opens them, and what the pages carry."""

from __future__ import annotations

import json

import pytest

from accounts.audit.models import AuditEntry
from accounts.models import User
from messaging.reports.models import Report, ReportKey, SealedReportKey
from messaging.reports.selectors import current_key
from rooms.models import Room
from tests.accounts.signed_in import browser
from tests.base import PASSWORD, create_room, spki

pytestmark = pytest.mark.django_db

PAGES = "/admin/messaging/report/"


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
    assert root.get(f"{PAGES}{'d' * 32}/sealed/").status_code == 404
    assert b"admin-report.js" in root.get(f"{PAGES}{report.pk}/change/").content
    sealed = root.get(f"{PAGES}{report.pk}/sealed/").json()
    assert sealed["report"] == {
        "body": "{}", "sig": "", "box": "box", "key": "sealed", "row": {"ct": "ct"},
    }  # fmt: skip
    assert sealed["rk"] == report.receiver
    assert sealed["log"] is None, "there is no such room any more"


def test_an_auditor_sees_that_there_is_a_report_and_opens_none(auditor, report):
    assert b"admin-report-key.js" not in auditor.get(PAGES).content
    page = auditor.get(f"{PAGES}{report.pk}/change/")
    assert page.status_code == 200
    assert b"admin-report.js" not in page.content
    assert auditor.get(f"{PAGES}{report.pk}/sealed/").status_code == 403
    handled = auditor.post(f"{PAGES}{report.pk}/handle/", {"outcome": "disabled"})
    assert handled.status_code == 403
    key = auditor.post(f"{PAGES}key/", json.dumps({"spki": spki("x")}), "application/json")
    assert key.status_code == 403


def test_an_administrator_publishes_a_key_and_handles_a_report(root, report):
    for wrong in ("", "[]", "{}", '{"spki":1}', '{"spki":"AAAA"}'):
        assert root.post(f"{PAGES}key/", wrong, "application/json").status_code == 400
    good = json.dumps({"spki": spki("new")})
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


def test_who_stops_a_room_for_a_report_is_in_the_record(root, report, ada):
    room = create_room(ada)
    Report.objects.filter(pk=report.pk).update(room=room.id)
    root.post(f"{PAGES}{report.pk}/handle/", {"outcome": "stopped"})
    assert Room.objects.get(pk=room.id).stopped_at is not None
    entry = AuditEntry.objects.get(kind="room.stopped")
    assert (entry.actor, entry.room) == (User.objects.get(name="root").pk, room.id)
