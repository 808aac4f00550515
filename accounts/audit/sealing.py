"""Chains entries: each gets a number and a hash over itself and the hash before it.

Entries are sealed in the order in which the sealer sees them committed, and by id within one pass.
The sealer looks for all that have no number, never for ids above the last one: an entry whose
transaction commits late is sealed late, and not skipped.
"""

from __future__ import annotations

import json
from datetime import UTC, timedelta
from hashlib import sha256

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.audit.models import AuditEntry, AuditHead, FailedSignIns
from accounts.audit.recording import record

AT_ONCE = 500  # entries in one transaction
HOUR_ENDED = timedelta(hours=1, minutes=1)  # requests that began in an hour end a little later


def seal() -> int:
    """Chain all entries that are committed; returns how many.

    Processes may call it at the same time: each waits for the other's transaction.
    """
    many = 0
    while _something_to_seal():
        sealed = _seal_some()
        many += sealed
        if not sealed:
            break
    return many


def _something_to_seal() -> bool:
    unsealed = AuditEntry.objects.filter(number=None)
    return unsealed.exists() or _ended_hours().exists()


def _ended_hours() -> QuerySet[FailedSignIns]:
    return FailedSignIns.objects.filter(hour__lte=timezone.now() - HOUR_ENDED)


@transaction.atomic
def _seal_some() -> int:
    head = AuditHead.locked()
    _record_failed_sign_ins()
    entries = list(AuditEntry.objects.filter(number=None).order_by("pk")[:AT_ONCE])
    for entry in entries:
        head.number += 1
        entry.number = head.number
        entry.hash = head.hash = digest(entry, head.hash)
    AuditEntry.objects.bulk_update(entries, ["number", "hash"], batch_size=100)
    head.save(update_fields=["number", "hash"])
    return len(entries)


def _record_failed_sign_ins() -> None:
    """Turn each network's count of an hour that is over into an entry."""
    for counted in _ended_hours().select_for_update().order_by("pk")[:AT_ONCE]:
        hour = counted.hour.astimezone(UTC).strftime("%Y-%m-%dT%H:00Z")
        record("sign_in.failed", network=counted.network, hour=hour, count=counted.many)
        counted.delete()


def digest(entry: AuditEntry, before: str) -> str:
    """The hash of an entry that has its number, after an entry with the hash `before`."""
    return sha256(f"sotto/audit|{before}|{canonical(entry)}".encode()).hexdigest()


def canonical(entry: AuditEntry) -> str:
    """The text of an entry that is hashed: JSON with sorted keys, without spaces."""
    body = {
        "v": 1,
        "number": entry.number,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "kind": entry.kind,
        "actor": entry.actor,
        "account": entry.account,
        "room": entry.room,
        "seq": entry.seq,
        "network": entry.network,
        "facts": entry.facts,
    }
    return json.dumps(body, sort_keys=True, separators=(",", ":"))
