"""Verifies the chain of the audit log, and reads it for an export."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Subquery
from django.utils import timezone

from accounts.audit.models import AuditEntry, AuditHead
from accounts.audit.sealing import canonical, digest

UNSEALED_FOR = timedelta(minutes=1)
PAGE = 1000


@dataclass
class Report:
    """The outcome of a check: the chain's ends, a sentence for each finding, and notes, which are
    about what could not be checked.
    """

    first: int = 0
    last: int = 0
    head: str = ""
    sealed: int = 0
    unsealed: int = 0
    findings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def verify(expected: tuple[int, str] | None = None) -> Report:
    """Check each entry against its hash, and the ends against what is on record.

    Args:
        expected: number and hash of an entry as an earlier check or export named them. It finds a
            chain that was written anew as a whole, unless retention has deleted that entry.
    """
    while True:
        head = AuditHead.objects.filter(pk=AuditHead.ONLY).first() or AuditHead()
        report = _walk(head, expected)
        now = AuditHead.objects.filter(pk=AuditHead.ONLY).first() or AuditHead()
        if now.base_number == head.base_number:  # else retention deleted entries meanwhile
            break
    _check_beyond(report)
    _check_base(head, report)
    _check_unsealed(report)
    return report


def _walk(head: AuditHead, expected: tuple[int, str] | None) -> Report:
    report = Report(first=head.base_number + 1, last=head.number, head=head.hash)
    number, before = head.base_number, head.base_hash
    known = expected is not None and expected == (number, before)
    for entry in entries_from(head.base_number, head.number):
        assert entry.number is not None
        if entry.number > number + 1:
            report.findings.append(_missing(number + 1, entry.number - 1))
        elif entry.hash != digest(entry, before):
            report.findings.append(
                f"Entry {entry.number} does not fit its hash: it, or the entry before it, was "
                "changed, inserted or moved."
            )
        number, before = entry.number, entry.hash
        known = known or expected == (number, before)
        report.sealed += 1
    if number < head.number:
        report.findings.append(_missing(number + 1, head.number))
    elif before != head.hash:
        report.findings.append("The newest entry is not the one that was sealed last.")
    if expected is not None and not known:
        _say_unknown(expected[0], head, report)
    return report


def _say_unknown(number: int, head: AuditHead, report: Report) -> None:
    """An entry was expected and is not there: retention has deleted it, or it is another one."""
    if number >= head.base_number:
        report.findings.append(f"Entry {number} is not the one that was expected.")
        return
    report.notes.append(
        f"Entry {number} cannot be compared: retention has deleted all up to {head.base_number}. "
        f"If you noted it in the last {settings.AUDIT_DAYS} days (AUDIT_DAYS), it was deleted too "
        "early. Note the newest head."
    )


def _missing(first: int, last: int) -> str:
    if first == last:
        return f"Entry {first} is missing."
    return f"Entries {first} to {last} are missing."


def _check_beyond(report: Report) -> None:
    """Entries above the newest: in one statement, because the site goes on to seal."""
    newest = AuditHead.objects.filter(pk=AuditHead.ONLY).values("number")
    sealed = AuditEntry.objects.exclude(number=None).annotate(newest=Subquery(newest))
    beyond = [entry.number for entry in sealed.order_by("-number")[:1]
              if entry.newest is None or entry.number > entry.newest]  # fmt: skip
    if beyond:
        report.findings.append(f"Entry {beyond[0]} has a number that was never sealed.")


def _check_base(head: AuditHead, report: Report) -> None:
    """Retention leaves an entry that says up to where it deleted."""
    if not head.base_number:
        return
    noted = AuditEntry.objects.filter(kind="audit.pruned").values_list("facts", flat=True)
    if {"number": head.base_number, "hash": head.base_hash} not in [
        {key: facts.get(key) for key in ("number", "hash")} for facts in noted
    ]:
        report.findings.append(
            f"Entries up to {head.base_number} are gone, and no entry says that retention deleted "
            "them."
        )


def _check_unsealed(report: Report) -> None:
    unsealed = AuditEntry.objects.filter(number=None)
    report.unsealed = unsealed.count()
    late = unsealed.filter(at__lt=timezone.now() - UNSEALED_FOR).count()
    if late:
        report.findings.append(
            f"{late} entries are unsealed for more than a minute. If no server runs, "
            "`manage.py audit seal` seals them."
        )


def entries_from(after: int, last: int | None = None) -> Iterator[AuditEntry]:
    """Sealed entries in their order, page by page, with numbers above `after` and up to `last`."""
    while True:
        rows = AuditEntry.objects.filter(number__gt=after).order_by("number")
        page = list((rows if last is None else rows.filter(number__lte=last))[:PAGE])
        if not page:
            return
        yield from page
        assert page[-1].number is not None
        after = page[-1].number


def exported(entry: AuditEntry) -> dict[str, Any]:
    """An entry as exports carry it: what is hashed, and the hash."""
    return {**json.loads(canonical(entry)), "hash": entry.hash}
