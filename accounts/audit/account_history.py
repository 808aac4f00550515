"""Changes of accounts: on the audit log, and in the history that the admin shows of an account."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType

from accounts.audit.recording import record_each
from accounts.models import User


def record_change(
    kind: str,
    user: User,
    by: User | None,
    what: str,
    flag: int = CHANGE,
    **facts: str | int,
) -> None:
    """Record what was done to `user`. In the history a command's entries bear the account's name.

    Args:
        kind, facts: as `accounts.audit.recording.record` takes them.
        by: who did it; None for a command on the server.
        what: a sentence for the account's history.
    """
    record_changes(kind, [user], by, what, flag, **facts)


def record_changes(
    kind: str,
    users: Sequence[User],
    by: User | None,
    what: str,
    flag: int = CHANGE,
    **facts: str | int,
) -> None:
    """Record what was done to each of `users`, in a constant number of statements."""
    record_each(kind, users, by=by, **facts)
    accounts = ContentType.objects.get_for_model(User)
    LogEntry.objects.bulk_create(
        LogEntry(
            user_id=(by or user).pk,
            content_type=accounts,
            object_id=user.pk,
            object_repr=user.name,
            action_flag=flag,
            change_message=what if by is not None else f"{what} By a command on the server.",
        )
        for user in users
    )
