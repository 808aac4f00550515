"""The record of what was done to accounts, which the admin shows."""

from __future__ import annotations

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType

from accounts.models import User


def record(user: User, by: User | None, what: str, flag: int = CHANGE) -> None:
    """Write on the audit record what was done to `user`; a command's entries bear its own name."""
    LogEntry.objects.create(
        user_id=(by or user).pk,
        content_type=ContentType.objects.get_for_model(User),
        object_id=user.pk,
        object_repr=user.name,
        action_flag=flag,
        change_message=what if by is not None else f"{what} By a command on the server.",
    )
