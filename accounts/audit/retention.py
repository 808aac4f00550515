"""Deletes old entries of the audit log. The rest stays verifiable: the head keeps the hash of the
newest entry that was deleted, and an entry of the chain repeats it.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.audit.models import AuditEntry, AuditHead
from accounts.audit.recording import record


@transaction.atomic
def forget_old() -> int:
    """Delete sealed entries older than `AUDIT_DAYS`; how many. 0 days keep all of them."""
    if not settings.AUDIT_DAYS:
        return 0
    head = AuditHead.locked()
    since = timezone.now() - timedelta(days=settings.AUDIT_DAYS)
    sealed = AuditEntry.objects.filter(number__gt=head.base_number, number__lte=head.number)
    kept = sealed.filter(at__gte=since).order_by("number").first()
    old = sealed if kept is None else sealed.filter(number__lt=kept.number)
    newest = old.order_by("-number").first()
    if newest is None or newest.number is None:
        return 0
    many: int = AuditEntry.objects.filter(number__lte=newest.number).delete()[0]
    head.base_number, head.base_hash = newest.number, newest.hash
    head.save(update_fields=["base_number", "base_hash"])
    record("audit.pruned", number=newest.number, hash=newest.hash, count=many)
    return many
