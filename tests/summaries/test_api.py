"""Asking over REST: the door, what is refused, what is shared."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from django.core.management import call_command

from chatsite.lib import wire
from messaging.store import get_store as messages
from rooms.signals import messages_gone
from summaries.models import Spending, SummaryRequest, SummaryWorker
from summaries.store import get_store
from tests.base import code, create_room
from tests.messaging.senders import new_message

pytestmark = pytest.mark.django_db(transaction=True)
WK, RID = "w" * 42 + "A", "1" * 32


@pytest.fixture
def sent(monkeypatch) -> list[list[str]]:
    """What went to the broker."""
    found: list[list[str]] = []
    monkeypatch.setattr("celery.current_app.send_task", lambda name, args, **_: found.append(args))
    return found


@pytest.fixture
def room(ada, ben, sent):
    SummaryWorker.objects.create(
        key_hash=WK, spki="x", engine="extractive", model="m", embedded=True, started_at=now()
    )
    room = create_room(ada)
    room.admit(ada, ben)
    room.took(room.policy(ada, ai="ask"))
    messages().append([new_message(n, room=room.id) for n in range(1, 10)])
    return room


def now() -> datetime:
    return datetime.now(UTC)


def disclose(room, who, first: int = 1, last: int = 9) -> int:
    event = room.event(who, "disclose", **{"from": first, "to": last, "model": "m"})
    room.took(room.post(who, event))
    return room.head[0]


def ask(where, who, at: int, **changes):
    body = {"rid": RID, "wk": WK, "ek": wire.b64(bytes(384)), "box": wire.b64(b"x" * 99)}
    path = f"/api/v1/chatrooms/{where.id}/summary"
    return who.client.post(path, {**body, "dis": at, **changes})


def test_a_request_is_kept_sealed_and_only_its_id_goes_to_the_broker(room, ada, sent):
    answer = ask(room, ada, disclose(room, ada))
    assert answer.status_code == 202
    body = answer.json()
    assert (body["state"], body["from"], body["to"], body["answer"]) == ("queued", 1, 9, None)
    assert sent == [[RID]]
    again = ask(room, ada, disclose(room, ada))
    assert again.json()["rid"] == RID
    assert len(sent) == 1, "the same again is not done again"


def test_a_request_is_its_asker_s_alone(room, ada, ben):
    ask(room, ada, disclose(room, ada))
    path = f"/api/v1/chatrooms/{room.id}/summary/{RID}"
    assert ben.client.get(path).status_code == 404
    assert ben.client.delete(path).status_code == 404
    assert ben.client.get(f"/api/v1/chatrooms/{room.id}/summary").json()["requests"] == []
    assert ada.client.delete(path).status_code == 204
    kept = SummaryRequest.objects.get()
    assert (kept.state, kept.sealed_key, kept.box) == ("cancelled", "", "")
    assert ada.client.delete(path).status_code == 204
    assert not SummaryRequest.objects.exists()


def test_strangers_see_nothing(room, cleo):
    assert cleo.client.get(f"/api/v1/chatrooms/{room.id}/summary").status_code == 404
    assert ask(room, cleo, 1).status_code == 404


@pytest.mark.parametrize("rule", ["off", "device"])
def test_the_room_s_rules_decide(room, ada, rule):
    dis = disclose(room, ada)
    room.took(room.policy(ada, ai=rule))
    answer = ask(room, ada, dis)
    assert (answer.status_code, code(answer)) == (403, "ai_off")


def test_a_disclosure_is_one_s_own_and_there(room, ada, ben):
    theirs = disclose(room, ben)
    for dis in (theirs, 0, 999):
        answer = ask(room, ada, dis)
        assert (answer.status_code, code(answer)) == (400, "no_disclosure")


def test_a_worker_with_another_key_must_be_looked_at_again(room, ada):
    answer = ask(room, ada, disclose(room, ada), wk="v" * 42 + "A")
    assert (answer.status_code, code(answer)) == (409, "wrong_worker")
    SummaryWorker.objects.all().delete()
    answer = ask(room, ada, disclose(room, ada))
    assert (answer.status_code, code(answer)) == (503, "no_worker")


def test_too_much_at_once(room, ada, settings):
    settings.SUMMARY_MOST_MESSAGES = 5
    assert code(ask(room, ada, disclose(room, ada, 1, 6))) == "too_long"
    settings.SUMMARY_MOST_BYTES = 10
    assert ask(room, ada, disclose(room, ada, 1, 5)).status_code == 413


def test_three_requests_at_once(room, ada):
    dis = disclose(room, ada)
    for n in range(3):
        assert ask(room, ada, dis, rid=f"{n + 5:032x}").status_code == 202
    assert code(ask(room, ada, dis)) == "busy"


@pytest.mark.parametrize("spent", [{"tokens": 500_000}, {"cost": 2.0}])
def test_a_room_has_a_ceiling_a_day(room, ada, spent):
    Spending.objects.create(room=room.id, day=now().date(), **spent)
    answer = ask(room, ada, disclose(room, ada))
    assert (answer.status_code, code(answer)) == (409, "spent")
    Spending.objects.update(day=now().date() - timedelta(days=1))
    assert ask(room, ada, disclose(room, ada)).status_code == 202


def test_a_broker_that_is_away_keeps_nothing(room, ada, monkeypatch):
    def away(*_, **__):
        raise OSError

    monkeypatch.setattr("celery.current_app.send_task", away)
    answer = ask(room, ada, disclose(room, ada))
    assert (answer.status_code, code(answer)) == (503, "unavailable")
    assert not SummaryRequest.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"rid": "x"}, {"wk": "x"}, {"ek": "AAAA"}, {"box": "*"}, {"dis": -1}, {"more": 1}]
)
def test_what_is_malformed_is_refused(room, ada, wrong):
    assert ask(room, ada, disclose(room, ada), **wrong).status_code == 400


# --- what is lost, and what is old -------------------------------------------------------------


def test_a_request_whose_worker_was_lost_says_so_and_is_tidied(room, ada):
    ask(room, ada, disclose(room, ada))
    SummaryRequest.objects.update(state="working", moved_at=now() - timedelta(minutes=4))
    path = f"/api/v1/chatrooms/{room.id}/summary/{RID}"
    assert ada.client.get(path).json()["code"] == "interrupted"
    call_command("tidy")
    kept = SummaryRequest.objects.get()
    assert (kept.state, kept.box) == ("failed", "")
    SummaryRequest.objects.update(asked_at=now() - timedelta(days=2))
    call_command("tidy")
    assert not SummaryRequest.objects.exists()


def test_closing_a_room_drops_requests_and_summaries(room, ada):
    dis = answered(room, ada)
    assert share(room, ada, dis).status_code == 201
    room.post(ada, room.event(ada, "close"))
    assert not SummaryRequest.objects.exists()
    assert get_store().of_room(room.id, limit=5)[0] == []


# --- what members share ------------------------------------------------------------------------


def share(where, who, at: int, *, sign_as=None, box: bytes = b"sealed" * 20, **changes):
    body = {
        "v": 1, "room": where.id, "uid": who.uid, "kid": who.kid, "dis": at, "from": 1, "to": 9,
        "a": 1, "b": 1, "box": wire.b64(sha256(box).digest()), **changes,
    }  # fmt: skip
    text = json.dumps(body, separators=(",", ":"))
    sig = (sign_as or who).sign("summary", text)
    path = f"/api/v1/chatrooms/{where.id}/summary/cache"
    return who.client.post(path, {"body": text, "sig": sig, "box": wire.b64(box)})


def answered(where, who, *, rid: str = RID) -> int:
    """The disclosure of a request that the worker has answered."""
    dis = disclose(where, who)
    assert ask(where, who, dis, rid=rid).status_code == 202
    SummaryRequest.objects.filter(id=rid).update(
        state="done", answer="sealed", sealed_key="", box=""
    )
    return dis


def test_a_summary_is_shared_with_the_room(room, ada, ben):
    dis = answered(room, ada)
    assert share(room, ada, dis).status_code == 201
    assert share(room, ada, dis).status_code == 201
    [kept] = ben.client.get(f"/api/v1/chatrooms/{room.id}/summary").json()["summaries"]
    assert set(kept) == {"body", "sig", "box", "at"}


def test_what_is_not_one_s_own_is_not_shared(room, ada, ben):
    mine, theirs = answered(room, ada), answered(room, ben, rid="2" * 32)
    assert share(room, ada, theirs).status_code == 400
    assert share(room, ada, mine, sign_as=ben).status_code == 400
    assert share(room, ada, mine, uid=ben.uid).status_code == 400
    assert share(room, ada, mine, kid=ben.kid).status_code == 404
    assert share(room, ada, mine, to=8).status_code == 400
    assert share(room, ada, mine, room="9" * 32).status_code == 400
    assert share(room, ada, mine, box=b"x", **{"from": 1}).status_code == 201
    assert len(get_store().of_room(room.id, limit=9)[0]) == 1


def test_only_what_was_answered_is_shared(room, ada):
    dis = disclose(room, ada)
    assert (share(room, ada, dis).status_code, code(share(room, ada, dis))) == (409, "no_answer")
    ask(room, ada, dis)
    assert code(share(room, ada, dis)) == "no_answer", "the worker is not done"


def test_what_was_read_before_a_message_was_erased_is_not_shared_afterwards(room, ada):
    dis = answered(room, ada)
    messages_gone.send(None, room_id=room.id, seqs=(4,))
    assert code(share(room, ada, dis)) == "no_answer"
    assert get_store().of_room(room.id, limit=5)[0] == []


def test_a_box_is_no_longer_than_a_summary_can_be(room, ada):
    dis = answered(room, ada)
    assert share(room, ada, dis, box=bytes(12 + 65_536 + 16)).status_code == 201
    answer = share(room, ada, dis, box=bytes(12 + 65_536 + 17))
    assert (answer.status_code, code(answer)) == (413, "too_long")


def test_sharing_has_a_limit_of_its_own(room, ada, settings):
    """Who has asked as often as one may can still share what came of it."""
    dis = answered(room, ada)
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "summary": (1, 3600), "summary_share": (2, 60)}
    assert ask(room, ada, dis).status_code == 202
    assert ask(room, ada, dis).status_code == 429
    for _ in range(2):
        assert share(room, ada, dis).status_code == 201
    answer = share(room, ada, dis)
    assert (answer.status_code, code(answer)) == (429, "rate")
    assert 0 < int(answer["Retry-After"]) <= 60


def test_a_disclosure_names_the_worker_s_model(room, ada):
    dis = disclose(room, ada)
    SummaryWorker.objects.update(engine="openai", model="another")
    answer = ask(room, ada, dis)
    assert (answer.status_code, code(answer)) == (409, "other_model")
