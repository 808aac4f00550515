"""Reads of accounts, for the apps above."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import User

DELETED, DISABLED = "deleted", "disabled"


def ended_among(uids: Iterable[str]) -> dict[str, str]:
    """How accounts have ended, for those of `uids` that have: DELETED or DISABLED by uid.

    A deleted account never comes back; a disabled one may.
    """
    found = User.objects.filter(pk__in=set(uids), is_active=False)
    return {
        uid: DELETED if deleted_at else DISABLED
        for uid, deleted_at in found.values_list("pk", "deleted_at")
    }


def has_ended(uid: str) -> bool:
    """True if an account was deleted or is disabled: nobody can act as `uid`."""
    return bool(ended_among([uid]))
