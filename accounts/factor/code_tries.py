"""Pauses between tries of second-factor codes, per account.

A code has six digits, and three of them count at any moment. After a few wrong ones each further
one makes the next pause longer, in all processes and over restarts. Only a person whose password
was right, or whom a provider has confirmed, can try a code: strangers lock nobody out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts import mail
from accounts.models import CodeTries, User
from chatsite.lib import metrics
from chatsite.lib.errors import TooMany

FREE = 5  # wrong codes without a pause
FIRST_PAUSE = timedelta(minutes=1)  # each further one is twice as long as the one before
LONGEST_PAUSE = timedelta(hours=4)
FORGOTTEN = timedelta(days=1)  # after the last wrong code
NOTICE = f"The password was right, and {FREE} codes of the second factor were wrong."


class Paused(TooMany):
    """Too many codes were wrong: none is looked at until the pause is over."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        minutes = int(seconds // 60) + 1
        self.detail = (
            "Too many codes were wrong, so none is looked at for now. Try again in "
            f"{minutes} {'minute' if minutes == 1 else 'minutes'}."
        )


@transaction.atomic
def is_right(user: User, check: Callable[[], bool]) -> bool:
    """Run `check`, which tells if a code of `user` is right, and remember the outcome.

    The account is locked meanwhile: codes that are sent at once are tried one after another.

    Raises:
        Paused: a pause is on.
    """
    User.objects.select_for_update().get(pk=user.pk)
    now = timezone.now()
    tries = CodeTries.objects.filter(user=user, last_at__gt=now - FORGOTTEN).first()
    left = _pause_left(tries, now)
    if left > timedelta(0):
        metrics.limited.labels("second_factor").inc()
        raise Paused(left.total_seconds())
    if check():
        forget(user)
        return True
    wrong = 1 + (tries.wrong if tries is not None else 0)
    CodeTries.objects.update_or_create(user=user, defaults={"wrong": wrong, "last_at": now})
    if wrong == FREE:
        mail.send_notice(user, NOTICE)
    return False


def forget(user: User) -> None:
    """Begin anew."""
    CodeTries.objects.filter(user=user).delete()


def _pause_left(tries: CodeTries | None, now: datetime) -> timedelta:
    if tries is None or tries.wrong < FREE:
        return timedelta(0)
    doubled = min(tries.wrong - FREE, 20)
    pause = min(FIRST_PAUSE * 2**doubled, LONGEST_PAUSE)
    return tries.last_at + pause - now
