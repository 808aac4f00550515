"""The chain of the audit log: a change, a gap or another order shows, and sealing skips nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connections, transaction
from django.db.models import F
from django.db.utils import IntegrityError
from django.utils import timezone

from accounts.audit import checking, retention
from accounts.audit.models import AuditEntry, AuditHead, FailedSignIns
from accounts.audit.recording import count_failed_sign_in, record
from accounts.audit.sealing import digest, seal

pytestmark = pytest.mark.django_db
WHO = "0" * 31


def write(many: int, start: int = 0) -> None:
    for n in range(start, start + many):
        record("kit.kept", by=f"{WHO}{n % 10}", account=f"{WHO}{n % 10}", n=n)


@pytest.fixture
def chain() -> None:
    """Ten sealed entries."""
    write(10)
    assert seal() == 10


def findings(expected: tuple[int, str] | None = None) -> list[str]:
    return checking.verify(expected).findings


def numbers() -> list[int]:
    return [entry.facts["n"] for entry in checking.entries_from(0)]


def at(number: int) -> Any:
    return AuditEntry.objects.filter(number=number)


def test_an_untouched_chain_has_no_finding(chain):
    report = checking.verify()
    assert (report.sealed, report.unsealed, report.findings) == (10, 0, [])
    assert (report.last, report.head) == (10, at(10).get().hash)


def test_an_empty_log_has_no_finding():
    assert findings() == []


def _swap() -> None:
    first, second = at(4).get(), at(5).get()
    AuditEntry.objects.filter(pk=first.pk).update(number=99, hash="x")
    AuditEntry.objects.filter(pk=second.pk).update(number=4, hash=first.hash)
    AuditEntry.objects.filter(pk=first.pk).update(number=5, hash=second.hash)


def _insert() -> None:
    """One more between 4 and 5, with a hash that fits there."""
    for number in range(10, 4, -1):
        at(number).update(number=F("number") + 1)
    AuditHead.objects.update(number=11)
    entry = AuditEntry(kind="kit.dropped", number=5)
    entry.hash = digest(entry, at(4).get().hash)
    entry.save()


def _rehash() -> None:
    """A change whose own hash was computed anew."""
    entry = at(5).get()
    entry.facts = {"n": 77}
    entry.hash = digest(entry, at(4).get().hash)
    entry.save()


TAMPERING: dict[str, tuple[Callable[[], Any], str]] = {
    "changed kind": (lambda: at(5).update(kind="kit.dropped"), "Entry 5 does not fit"),
    "changed actor": (lambda: at(5).update(actor="f" * 32), "Entry 5 does not fit"),
    "changed account": (lambda: at(5).update(account=""), "Entry 5 does not fit"),
    "changed room": (lambda: at(5).update(room="f" * 32), "Entry 5 does not fit"),
    "changed seq": (lambda: at(5).update(seq=1), "Entry 5 does not fit"),
    "changed network": (lambda: at(5).update(network="192.0.2.0/24"), "Entry 5 does not fit"),
    "changed facts": (lambda: at(5).update(facts={"n": 77}), "Entry 5 does not fit"),
    "changed time": (
        lambda: at(5).update(at=F("at") - timedelta(seconds=1)),
        "Entry 5 does not fit",
    ),
    "changed hash": (lambda: at(5).update(hash="0" * 64), "Entry 5 does not fit"),
    "changed with its hash": (_rehash, "Entry 6 does not fit"),
    "deleted": (lambda: at(5).delete(), "Entry 5 is missing"),
    "deleted first": (lambda: at(1).delete(), "Entry 1 is missing"),
    "deleted many": (
        lambda: AuditEntry.objects.filter(number__in=[4, 5, 6]).delete(),
        "Entries 4 to 6 are missing",
    ),
    "inserted": (_insert, "Entry 6 does not fit"),
    "inserted at the end": (
        lambda: AuditEntry.objects.create(kind="kit.kept", number=11, hash="a" * 64),
        "Entry 11 has a number that was never sealed",
    ),
    "reordered": (_swap, "Entry 4 does not fit"),
    "end cut off": (
        lambda: AuditEntry.objects.filter(number__gt=7).delete(),
        "Entries 8 to 10 are missing",
    ),
    "begin cut off": (
        lambda: (
            AuditHead.objects.update(base_number=3, base_hash=at(3).get().hash),
            AuditEntry.objects.filter(number__lte=3).delete(),
        ),
        "no entry says that retention deleted them",
    ),
    "emptied": (lambda: AuditEntry.objects.all().delete(), "Entries 1 to 10 are missing"),
    "head deleted": (lambda: AuditHead.objects.all().delete(), "was never sealed"),
    "head changed": (
        lambda: AuditHead.objects.update(hash="0" * 64),
        "The newest entry is not the one that was sealed last",
    ),
}


@pytest.mark.parametrize("way", TAMPERING)
def test_hostile_a_touched_chain_is_found(way, chain):
    tamper, expected = TAMPERING[way]
    tamper()
    assert any(expected in found for found in findings()), findings()
    with pytest.raises(CommandError) as ended:
        call_command("audit", "verify", stdout=StringIO())
    assert ended.value.returncode == 1


def test_hostile_a_chain_that_was_written_anew_fits_no_head_that_was_noted(chain):
    noted = (10, at(10).get().hash)
    assert findings(noted) == []
    AuditEntry.objects.all().delete()
    AuditHead.objects.all().delete()
    write(12, start=50)
    seal()
    assert findings() == []
    assert findings(noted) == ["Entry 10 is not the one that was expected."]


def test_half_sealed_entries_are_refused_by_the_database():
    for number, hashed in ((1, ""), (None, "a" * 64), (0, "a" * 64)):
        with pytest.raises(IntegrityError), transaction.atomic():
            AuditEntry.objects.create(kind="kit.kept", number=number, hash=hashed)


def test_an_unsealed_tail_may_be_a_minute_old(chain):
    write(2)
    assert findings() == []
    with time_machine.travel(timezone.now() + timedelta(seconds=90)):
        assert "2 entries are unsealed for more than a minute" in findings()[0]
        seal()
        assert findings() == []


# --- sealing ---


def test_an_entry_with_a_lower_id_that_shows_late_is_sealed_later(chain):
    lowest = AuditEntry.objects.order_by("pk").values_list("pk", flat=True)[0]
    AuditEntry.objects.create(pk=lowest - 1, kind="kit.kept", facts={"n": 42})
    assert seal() == 1
    assert numbers()[-1] == 42
    assert findings() == []


@pytest.mark.django_db(transaction=True)
def test_two_sealers_at_once_seal_each_entry_once():
    write(200)

    def run(_: int) -> int:
        try:
            return seal()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(run, range(4))) == 200
    assert numbers() == list(range(200))
    assert findings() == []


def test_failed_sign_ins_become_one_entry_when_their_hour_is_over():
    with time_machine.travel("2027-01-05T10:20:00Z", tick=False) as clock:
        for _ in range(3):
            count_failed_sign_in("192.0.2.0/24")
        count_failed_sign_in("198.51.100.0/24")
        assert seal() == 0
        clock.move_to("2027-01-05T11:00:30Z")
        assert seal() == 0, "a request may still be under way"
        clock.move_to("2027-01-05T11:01:00Z")
        assert seal() == 2
        assert not FailedSignIns.objects.exists()
        found = list(checking.entries_from(0))
        assert [(entry.network, entry.facts) for entry in found] == [
            ("192.0.2.0/24", {"hour": "2027-01-05T10:00Z", "count": 3}),
            ("198.51.100.0/24", {"hour": "2027-01-05T10:00Z", "count": 1}),
        ]
        assert findings() == []


# --- retention ---


def test_old_entries_go_and_the_rest_stays_verifiable(chain, settings):
    settings.AUDIT_DAYS = 30
    assert retention.forget_old() == 0
    noted = (10, at(10).get().hash)
    for days in (31, 62):
        with time_machine.travel(timezone.now() + timedelta(days=days)):
            write(5)
            assert seal() >= 5
            assert retention.forget_old() >= 1
            write(1)
            seal()
            assert findings() == []
    report = checking.verify(noted)
    assert report.findings == [], "no alarm about what retention did"
    assert "Entry 10 cannot be compared: retention has deleted all up to" in report.notes[0]
    assert "last 30 days" in report.notes[0]
    assert findings((checking.verify().last, "0" * 64)) != []
    assert "cannot be compared" in said("verify", "--expect", f"10:{noted[1]}")
    assert AuditEntry.objects.filter(kind="audit.pruned").exists()


def test_unsealed_entries_and_all_of_a_site_that_keeps_them_stay(chain, settings):
    write(1)
    with time_machine.travel(timezone.now() + timedelta(days=4000)):
        settings.AUDIT_DAYS = 0
        assert retention.forget_old() == 0
        settings.AUDIT_DAYS = 1
        assert retention.forget_old() == 10
    assert AuditEntry.objects.filter(number=None, kind="kit.kept").count() == 1


# --- the command ---


def said(*words: str) -> str:
    out = StringIO()
    call_command("audit", *words, stdout=out)
    return out.getvalue()


def test_the_command_tells_the_head_and_takes_it_again(chain):
    facts = json.loads(said("verify", "--json"))
    head = f"{facts['last']}:{facts['head']}"
    assert f"Head: {head}" in said("verify")
    assert "Nothing was changed." in said("verify", "--expect", head)
    with pytest.raises(CommandError, match="1 findings"):
        said("verify", "--expect", f"10:{'0' * 64}")
    with pytest.raises(CommandError, match="give NUMBER:HASH"):
        said("verify", "--expect", "10")


def test_an_export_holds_what_is_hashed(chain):
    lines = [json.loads(line) for line in said("export").splitlines()]
    assert [line["number"] for line in lines] == list(range(1, 11))
    assert lines[-1]["hash"] == at(10).get().hash
    seal()
    later = json.loads(said("export", "--after", "10", "--json"))
    assert [entry["kind"] for entry in later] == ["audit.exported"]
    assert json.loads(said("seal", "--json")) == {"sealed": 1}
