"""Alerts: to a real receiver of webhooks and a real mail server, and to nobody else."""

from __future__ import annotations

import hmac
import json
import signal as signals
import time
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from celery import current_app
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from accounts.intrusion import alerts
from accounts.intrusion.kinds import ENUMERATION, KINDS, PASSWORD_SPRAYING, REFRESH_REUSE
from accounts.intrusion.raising import signal
from accounts.models import IntrusionSignal
from chatsite import variables
from chatsite.lib import task_queue
from tests.accounts.intrusion.receiver import SECRET, Receiver, receiver
from tests.accounts.test_mail import inbox, mail_server
from tests.base import api
from tests.live import LiveServer, free_port

__all__ = ["inbox", "mail_server", "receiver"]

pytestmark = pytest.mark.django_db(transaction=True)
THERE = "198.51.100.7"
WITHIN = 60  # seconds


@pytest.fixture
def queued(monkeypatch) -> list[list[Any]]:
    """Arguments of the alerts that were passed on to Celery."""
    found: list[list[Any]] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **_: found.append(args))
    return found


def verified(headers: dict[str, str], body: bytes, secret: str = SECRET) -> dict[str, Any]:
    """The facts of an alert, as the documentation tells receivers to check it."""
    stamp, mac = headers["Sotto-Signature"].split(",")
    at = stamp.removeprefix("t=")
    expected = hmac.new(secret.encode(), f"{at}.".encode() + body, "sha256").hexdigest()
    assert hmac.compare_digest(mac.removeprefix("v1="), expected), "forged"
    assert abs(time.time() - int(at)) < 300, "replayed"
    found: dict[str, Any] = json.loads(body)
    return found


def raise_one(network: str = "198.51.100.0/24") -> IntrusionSignal:
    for _ in range(ENUMERATION.threshold):
        signal(ENUMERATION, network=network)
    return IntrusionSignal.objects.latest("pk")


def test_a_signal_reaches_the_receiver_signed_with_ids_alone(receiver, queued):
    raised = raise_one()
    assert queued == [[raised.pk, "webhook"]]
    assert alerts.deliver(raised.pk, "webhook", 0) is None
    [(headers, body)] = receiver.got
    assert headers["Content-Type"] == "application/json"
    assert verified(headers, body) == {
        "v": 1,
        "id": raised.pk,
        "kind": "enumeration",
        "severity": "notice",
        "account": "",
        "at": raised.at.isoformat(timespec="seconds"),
        "site": "http://localhost:8000",
    }
    assert IntrusionSignal.objects.get().webhook == "sent"
    alerts.deliver(raised.pk, "webhook", 0)
    assert len(receiver.got) == 1, "a task that comes twice sends once"


def test_abuse_a_signature_fits_its_body_its_time_and_its_key(receiver):
    raised = raise_one()
    alerts.deliver(raised.pk, "webhook", 0)
    [(headers, body)] = receiver.got
    for wrong in (
        (headers, body.replace(b"notice", b"absent"), SECRET),
        (headers, body, SECRET + "x"),
        ({"Sotto-Signature": headers["Sotto-Signature"].replace("t=", "t=1")}, body, SECRET),
    ):
        with pytest.raises(AssertionError, match="forged"):
            verified(*wrong)


def test_a_signal_reaches_the_operator_by_mail(inbox, settings, queued):
    settings.ALERT_MAIL = ["ops@example.org", "more@example.org"]
    raised = raise_one()
    assert queued == [[raised.pk, "mail"]]
    alerts.deliver(raised.pk, "mail", 0)
    message = inbox.next()
    assert message["Subject"] == "Sotto: notice: enumeration"
    assert message["To"] == "ops@example.org, more@example.org"
    text = message.get_payload(decode=True)
    assert isinstance(text, bytes)
    assert f"/admin/accounts/intrusionsignal/{raised.pk}/change/".encode() in text
    assert IntrusionSignal.objects.get().mail == "sent"


def test_who_names_no_receiver_gets_no_tasks(queued):
    raised = raise_one()
    assert (queued, raised.webhook, raised.mail) == ([], "", "")


# --- what is in one ---


def test_canary_alerts_hold_no_name_no_secret_and_no_network(receiver, inbox, settings, queued):
    settings.ALERT_MAIL = ["ops@example.org"]
    settings.SIGNALS = {**settings.SIGNALS, "password_spraying": (2, 600)}
    for name in ("canary-one", "canary-two"):
        sent = {"name": name, "password": "canary-password"}
        api().post("/api/v1/auth/login", sent, REMOTE_ADDR=THERE, HTTP_USER_AGENT="canary-agent")
    Client(REMOTE_ADDR=THERE).get("/canary-path/")
    for pk, channel in queued:
        alerts.deliver(pk, channel, 0)
    [(headers, body)] = receiver.got
    said = str(headers) + body.decode() + inbox.next().as_string() + str(queued)
    for hidden in ("canary", "198.51.100", SECRET, settings.SECRET_KEY):
        assert hidden not in said
    assert json.loads(body)["kind"] == PASSWORD_SPRAYING.name


def test_abuse_a_flood_of_signals_is_no_flood_of_alerts(receiver, queued, settings):
    settings.SIGNALS = {**settings.SIGNALS, "enumeration": (1, 300)}
    for n in range(alerts.MOST + 5):
        signal(ENUMERATION, network=f"198.51.{n}.0/24")
    assert len(queued) == alerts.MOST
    assert IntrusionSignal.objects.filter(webhook="").count() == 5


def test_abuse_a_flood_of_notices_mutes_no_critical_alert(receiver, queued, settings):
    settings.SIGNALS = {**settings.SIGNALS, "enumeration": (1, 300)}
    for n in range(40):
        signal(ENUMERATION, network=f"198.51.{n}.0/24")
    notices = len(queued)
    assert notices < 40
    signal(REFRESH_REUSE, person="a" * 32)
    assert len(queued) == notices + 1
    most = alerts.MOST * len(KINDS)
    assert most <= 100, "in an hour, of all kinds"


def test_abuse_redirects_are_not_followed(receiver, queued):
    with Receiver() as other:
        receiver.otherwise, receiver.headers = 307, {"Location": other.url}
        raised = raise_one()
        assert alerts.deliver(raised.pk, "webhook", 0) is None
        assert other.got == []
    assert IntrusionSignal.objects.get().webhook == "failed"


# --- receivers that fail ---


def test_fault_a_receiver_that_fails_is_tried_again_a_bounded_number_of_times(receiver, queued):
    receiver.otherwise = 503
    raised = raise_one()
    waits, tries = [], 0
    while (wait := alerts.deliver(raised.pk, "webhook", tries)) is not None:
        waits.append(wait)
        tries += 1
    assert waits == list(alerts.WAITS)
    assert len(receiver.got) == len(alerts.WAITS) + 1
    assert IntrusionSignal.objects.get().webhook == "failed"


def test_fault_a_receiver_that_comes_back_gets_it(receiver, queued):
    receiver.answers = [500, 429]
    raised = raise_one()
    assert [alerts.deliver(raised.pk, "webhook", n) for n in range(3)] == [10, 60, None]
    assert IntrusionSignal.objects.get().webhook == "sent"


def test_what_a_receiver_refuses_is_not_tried_again(receiver, queued):
    receiver.otherwise = 403
    raised = raise_one()
    assert alerts.deliver(raised.pk, "webhook", 0) is None
    assert IntrusionSignal.objects.get().webhook == "failed"


def test_fault_a_mail_server_that_fails_is_tried_again(settings, queued):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    settings.ALERT_MAIL = ["ops@example.org"]
    raised = raise_one()
    assert alerts.deliver(raised.pk, "mail", 0) == 10


def test_fault_a_broker_that_is_unreachable_is_noted_and_stops_nothing(
    receiver, monkeypatch, caplog
):
    def away(*_: Any, **__: Any) -> None:
        raise OSError("canary")

    monkeypatch.setattr(current_app, "send_task", away)
    raise_one()
    raised = IntrusionSignal.objects.get()
    assert raised.webhook == "waiting"
    assert "alert.late channel=webhook" in caplog.text
    assert "canary" not in caplog.text
    sent: list[list[Any]] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **_: sent.append(args))
    task_queue.queue.forget()
    alerts.resume()
    assert sent == [], "its task may be under way"
    made_older(raised, alerts.LOST_AFTER)
    alerts.resume()
    assert sent == [[raised.pk, "webhook"]]


def made_older(raised: IntrusionSignal, by: timedelta) -> None:
    IntrusionSignal.objects.filter(pk=raised.pk).update(at=raised.at - by)


def test_fault_an_alert_that_waits_for_a_day_has_failed(receiver, queued, caplog):
    raised = raise_one()
    queued.clear()
    made_older(raised, alerts.GIVEN_UP_AFTER)
    alerts.resume()
    assert IntrusionSignal.objects.get().webhook == "failed"
    assert queued == []
    assert "alert.failed channel=webhook" in caplog.text


# --- the whole way ---


@pytest.mark.slow
@pytest.mark.parametrize("answers", [[], [500]])
def test_a_running_site_alerts_its_operator(tmp_path, answers):
    """Attack over HTTP through a proxy's header, Celery's embedded worker, a receiver."""
    with (
        Receiver() as receiver,
        LiveServer(
            tmp_path / "data",
            ALERT_WEBHOOK=receiver.url,
            ALERT_WEBHOOK_SECRET=SECRET,
            ALERT_NETWORKS="127.0.0.0/8",
            SIGNALS="enumeration=3/300",
            DJANGO_SETTINGS_MODULE="tests.live_settings",
        ) as site,
    ):
        receiver.answers = list(answers)  # after each of them it comes again, ten seconds later
        found = [get(site, f"/nothing/{n}") for n in range(3)]
        assert found == [404] * 3
        deadline = time.monotonic() + WITHIN
        while len(receiver.got) <= len(answers) and time.monotonic() < deadline:
            receiver.came.wait(1)
            receiver.came.clear()
        assert [verified(*one)["kind"] for one in receiver.got] == ["enumeration"] * (
            len(answers) + 1
        )
        assert get(site, "/nothing/") == 404
        assert [get(site, "/nothing/") for _ in range(10)][-1] == 429
        log = site.log.read_text()
        assert "signal.raised kind=enumeration" in log
        assert THERE not in log
        assert SECRET not in log


@pytest.mark.slow
def test_fault_an_alert_survives_a_restart(tmp_path):
    """The receiver refuses, the process is killed while the alert waits for its next try, and the
    next process sends it.
    """
    with Receiver() as receiver:
        receiver.otherwise = 503
        site = LiveServer(
            tmp_path / "data",
            ALERT_WEBHOOK=receiver.url,
            ALERT_WEBHOOK_SECRET=SECRET,
            ALERT_NETWORKS="127.0.0.0/8",
            EVENT_WEBHOOK=receiver.url,
            EVENT_WEBHOOK_SECRET=SECRET,
            SIGNALS="enumeration=3/300",
            DJANGO_SETTINGS_MODULE="tests.live_settings",
        )
        with site:
            for n in range(3):
                get(site, f"/nothing/{n}")
            kinds_got(receiver, {"enumeration"})
            site.manage("people", "create", "zoe")  # another process: its broker ends with it
            site.stop(signals.SIGKILL)
            receiver.got.clear()
            receiver.otherwise = 204
            site.start()
            kinds_got(receiver, {"enumeration", "account.registered"})


def kinds_got(receiver: Receiver, kinds: set[str]) -> None:
    """Wait until the receiver got these."""
    deadline = time.monotonic() + WITHIN
    found: set[str] = set()
    while not kinds <= found and time.monotonic() < deadline:
        receiver.came.wait(1)
        receiver.came.clear()
        found = {verified(*one)["kind"] for one in list(receiver.got)}
    assert kinds <= found


def get(site: LiveServer, path: str) -> int:
    return httpx2.get(f"{site.url}{path}", headers={"X-Forwarded-For": THERE}).status_code


# --- variables ---


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"ALERT_WEBHOOK": "https://hook.example.org/"}, "ALERT_WEBHOOK_SECRET"),
        (
            {"ALERT_WEBHOOK": "https://hook.example.org/", "ALERT_WEBHOOK_SECRET": "hunter2"},
            "ALERT_WEBHOOK_SECRET",
        ),
        ({"ALERT_MAIL": "ops@example.org"}, "SMTP_URL"),
    ],
)
def test_half_a_configuration_is_refused(monkeypatch, given, named):
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=named) as refused:
        variables.alerts()
    assert "hunter2" not in str(refused.value)
