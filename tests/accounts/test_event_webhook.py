"""Outgoing webhooks: to a real receiver, by http where that is allowed, and by https."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone

from accounts import event_webhook
from accounts.audit.recording import record
from accounts.intrusion import alerts, webhook
from accounts.models import AuditEntry, PendingEvent
from chatsite import variables
from chatsite.lib import metrics
from tests.accounts.intrusion.receiver import SECRET, Receiver, receiver
from tests.accounts.intrusion.test_alerts import verified

__all__ = ["receiver"]

pytestmark = pytest.mark.django_db(transaction=True)
ROOM, ADA = "a" * 32, "b" * 32


@pytest.fixture
def queued(monkeypatch) -> list[Any]:
    """Arguments of the tasks that were passed on to Celery."""
    found: list[Any] = []
    monkeypatch.setattr(
        current_app, "send_task", lambda name, args, **_: found.append((name, args))
    )
    return found


@pytest.fixture
def told(receiver, settings) -> Receiver:
    settings.EVENT_WEBHOOK, settings.EVENT_WEBHOOK_SECRET = receiver.url, SECRET
    return receiver


def recorded(kind: str = "room.join", room: str = ROOM) -> AuditEntry:
    record(kind, by=ADA, account=ADA, room=room, seq=3, network="198.51.100.0/24")
    return AuditEntry.objects.latest("pk")


def test_canary_an_event_is_posted_signed_with_ids_alone(told, queued):
    entry = recorded()
    assert queued == [("event_webhook", [entry.pk])]
    assert event_webhook.deliver(entry.pk, 0) is None
    [(headers, body)] = told.got
    assert verified(headers, body) == {
        "v": 1,
        "id": entry.pk,
        "kind": "room.join",
        "room": ROOM,
        "seq": 3,
        "account": ADA,
        "by": ADA,
        "at": entry.at.isoformat(timespec="seconds"),
        "site": "http://localhost:8000",
    }
    assert b"198.51.100" not in body, "no network"


def test_what_is_rolled_back_sign_ins_and_other_rooms_are_not_posted(told, queued, settings):
    with transaction.atomic():
        recorded()
        transaction.set_rollback(True)
    record("sign_in", by=ADA, network="198.51.100.0/24")
    settings.EVENT_WEBHOOK_ROOMS = [ROOM]
    recorded(room="c" * 32)
    recorded("account.disabled", room="")
    assert queued == []
    recorded()
    assert len(queued) == 1
    settings.EVENT_WEBHOOK = ""
    recorded()
    assert len(queued) == 1


def test_a_receiver_that_is_away_is_tried_again_and_then_given_up(told, queued):
    entry = recorded()
    told.otherwise = 503
    waits = [event_webhook.deliver(entry.pk, tries) for tries in range(6)]
    assert waits == [10, 60, 300, 600, 600, None]
    assert event_webhook.deliver(entry.pk, 0) is None
    assert len(told.got) == 6, "a task that comes late sends nothing more"
    told.otherwise, entry = 410, recorded()
    before = metrics.failures.labels("event_webhook")._value.get()
    assert event_webhook.deliver(entry.pk, 0) is None, "no further try would change that"
    assert metrics.failures.labels("event_webhook")._value.get() == before + 1


def test_fault_an_event_whose_task_got_lost_is_passed_on_again(told, queued, settings):
    entry = recorded()
    queued.clear()
    event_webhook.resume()
    assert queued == [], "its task may be under way"
    PendingEvent.objects.update(at=entry.at - alerts.LOST_AFTER)
    event_webhook.resume()
    assert queued == [("event_webhook", [entry.pk])]
    assert event_webhook.deliver(entry.pk, 0) is None
    assert (len(told.got), PendingEvent.objects.count()) == (1, 0)
    event_webhook.deliver(entry.pk, 0)
    assert len(told.got) == 1, "a task that comes twice posts once"


def test_fault_an_event_that_waits_for_a_day_or_has_no_receiver_is_given_up(told, queued, settings):
    recorded()
    PendingEvent.objects.update(at=timezone.now() - alerts.GIVEN_UP_AFTER)
    before = metrics.failures.labels("event_webhook")._value.get()
    event_webhook.resume()
    assert not PendingEvent.objects.exists()
    assert metrics.failures.labels("event_webhook")._value.get() == before + 1
    recorded()
    settings.EVENT_WEBHOOK = ""
    event_webhook.resume()
    assert not PendingEvent.objects.exists()


def test_abuse_nothing_is_posted_to_a_private_address_that_nobody_allowed(told, settings):
    settings.ALERT_NETWORKS = []
    entry = recorded()
    assert event_webhook.deliver(entry.pk, 0) is None
    assert told.got == []


# --- https with an own authority ---


def _certificate(name: str, key: Any, issuer: Any = None, signer: Any = None) -> x509.Certificate:
    """Of an authority, or signed by one for 127.0.0.1."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if issuer is not None:
        names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return made.sign(signer or key, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


@pytest.fixture
def secure(tmp_path, settings) -> Iterator[tuple[Receiver, Path]]:
    """A receiver by https, and the file with its authority."""
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _certificate("An authority of the test", root_key)
    leaf = _certificate("receiver", key, root, root_key)
    (tmp_path / "ca.pem").write_bytes(_pem(root))
    plain = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (tmp_path / "leaf.pem").write_bytes(plain + _pem(leaf))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "leaf.pem")
    with Receiver(context) as running:
        settings.ALERT_NETWORKS = ["127.0.0.0/8", "::1/128"]
        yield running, tmp_path / "ca.pem"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_https_is_verified_against_the_authority_that_the_operator_names(secure, settings, host):
    running, authority = secure
    address = running.url.replace("127.0.0.1", host)
    settings.WEBHOOK_CA = str(authority)
    webhook.post(address, b'{"v":1}', SECRET)
    [(headers, body)] = running.got
    assert verified(headers, body) == {"v": 1}


def test_abuse_https_without_that_authority_or_for_another_name_is_refused(secure, settings):
    running, authority = secure
    settings.WEBHOOK_CA = ""
    with pytest.raises(webhook.TryAgain):
        webhook.post(running.url, b"{}", SECRET)
    settings.WEBHOOK_CA = str(authority)
    with pytest.raises(webhook.TryAgain):  # the certificate names 127.0.0.1 and localhost alone
        webhook.post(running.url.replace("127.0.0.1", "127.0.0.2"), b"{}", SECRET)
    assert running.got == []


def test_a_receiver_needs_a_secret_and_an_authority_a_file(monkeypatch, tmp_path):
    monkeypatch.setenv("EVENT_WEBHOOK", "https://hook.example.org/")
    with pytest.raises(ImproperlyConfigured, match="EVENT_WEBHOOK_SECRET"):
        variables.event_webhook()
    monkeypatch.setenv("EVENT_WEBHOOK_SECRET", SECRET)
    assert variables.event_webhook() == ("https://hook.example.org/", SECRET, [])
    for bad in ("/nowhere/ca.pem", str(tmp_path)):
        monkeypatch.setenv("WEBHOOK_CA", bad)
        with pytest.raises(ImproperlyConfigured, match="WEBHOOK_CA"):
            variables.WEBHOOK_CA.read()


def test_the_body_is_small(told):
    assert len(json.dumps(event_webhook.body_of(recorded()))) < webhook.MOST
