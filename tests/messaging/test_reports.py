"""Reports of abuse at the server: how many, how long, and what is recorded."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, User
from chatsite.lib import wire
from messaging.reports.actions import MOST_OPEN, forget_old, handle_at_site, set_key
from messaging.reports.models import Report
from messaging.reports.selectors import current_key
from messaging.store import get_store
from rooms.actions import now_ms
from rooms.models import Room
from rooms.signals import room_closed
from tests.base import PADDED_BOX, canonical, code, spki
from tests.messaging.senders import new_message, number

pytestmark = pytest.mark.django_db(transaction=True)

OAEP = wire.b64(bytes(384))


@pytest.fixture
def said(room, ben):
    """What ben wrote in ada's room; the server looks at no more than its id and its author."""
    message = new_message(1, room=room.id, uid=ben.uid)
    get_store().append([message])
    return message


def report(by, room, said, to, **changes):
    body = {
        "v": 1,
        "rid": number((by.name, said.message_id, to)),
        "room": room.id,
        "uid": by.uid,
        "kid": by.kid,
        "for": to,
        "seq": 1,
        "id": said.message_id,
        "lh": list(room.head),
        "ts": now_ms(),
        "box": wire.b64(sha256(wire.unb64(PADDED_BOX)).digest()),
        **changes,
    }
    text = canonical(body)
    return {"body": text, "sig": by.sign("report", text), "box": PADDED_BOX}


def sent(by, room, given, *to):
    keys = [{"to": one, "ct": OAEP} for one in to]
    return by.client.post(f"/api/v1/chatrooms/{room.id}/reports", {**given, "keys": keys})


def test_a_report_is_kept_with_its_row_and_recorded(room, said, ada):
    answer = sent(ada, room, report(ada, room, said, "room"), ada.kid)
    assert answer.status_code == 201, answer.json()
    kept = Report.objects.get(pk=answer.json()["rid"])
    assert (kept.row["ct"], kept.author, kept.state) == (said.ciphertext, said.uid, "open")
    entry = AuditEntry.objects.get(kind="report.made")
    assert (entry.actor, entry.account, entry.room) == (ada.uid, said.uid, room.id)
    assert entry.facts == {"report": kept.pk, "message": 1, "to": "room"}


def test_one_person_has_so_many_open_reports(room, said, ada):
    for at in range(MOST_OPEN):
        Report.objects.create(
            id=number(at), room=room.id, receiver="room", reporter=ada.uid, author=said.uid,
            seq=1, message_id=number(at), row={},
        )  # fmt: skip
    answer = sent(ada, room, report(ada, room, said, "room"), ada.kid)
    assert (answer.status_code, code(answer)) == (409, "too_many_reports")


def test_the_site_needs_a_key_and_takes_reports_to_the_newest_alone(room, said, ada, cleo):
    first, second = (set_key(spki(name), by=cleo.user) for name in ("first", "second"))
    assert set_key(spki("second"), by=cleo.user) == second == current_key()
    answer = sent(ada, room, report(ada, room, said, first.key_hash), first.key_hash)
    assert code(answer) == "receivers"
    answer = sent(ada, room, report(ada, room, said, second.key_hash), second.key_hash)
    assert answer.status_code == 201
    told = ada.client.get("/api/v1/report_key").json()["key"]
    assert told["spki"] == spki("second")
    assert list(AuditEntry.objects.filter(kind="report.key").values_list("facts", flat=True)) == [
        {"key": first.key_hash},
        {"key": second.key_hash},
    ]


@pytest.mark.parametrize(("outcome", "left"), [("disabled", False), ("stopped", True)])
def test_what_an_administrator_decides_is_done_and_recorded(
    outcome, left, room, said, ada, ben, cleo
):
    cleo.user.role = User.ADMINISTRATOR
    cleo.user.save()
    key = set_key(spki("site"), by=cleo.user)
    rid = sent(ada, room, report(ada, room, said, key.key_hash), key.key_hash).json()["rid"]
    handle_at_site(rid, outcome, by=cleo.user)
    ben.user.refresh_from_db()
    assert ben.user.is_active is left
    assert (Room.objects.get(pk=room.id).stopped_at is not None) is (outcome == "stopped")
    entry = AuditEntry.objects.get(kind="report.handled")
    assert (entry.actor, entry.account) == (cleo.uid, ben.uid)
    assert entry.facts == {"report": rid, "outcome": outcome}


def test_reports_go_after_their_days_and_those_to_a_room_with_it(room, said, ada, cleo):
    key = set_key(spki("site"), by=cleo.user)
    for to, one in (("room", ada.kid), (key.key_hash, key.key_hash)):
        assert sent(ada, room, report(ada, room, said, to), one).status_code == 201
    Report.objects.update(made_at=timezone.now() - timedelta(days=89))
    assert forget_old() == 0
    room_closed.send(None, room_id=room.id)
    (site,) = Report.objects.all()
    assert not site.to_room
    Report.objects.update(state="dismissed", handled_at=timezone.now() - timedelta(days=31))
    assert forget_old() == 1


def test_a_request_s_sender_can_be_reported_to_the_site_before_it_is_answered(ada, ben, room, cleo):
    room.add(ada, cleo)
    spam = new_message(1, room=room.id, uid=ben.uid)
    get_store().append([spam])
    key = set_key(spki("site"), by=ada.user)
    answer = sent(cleo, room, report(cleo, room, spam, "room"), ada.kid)
    assert code(answer) == "not_accepted"
    answer = sent(cleo, room, report(cleo, room, spam, key.key_hash), key.key_hash)
    assert answer.status_code == 201, answer.json()
