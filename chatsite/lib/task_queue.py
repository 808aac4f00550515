"""Passes tasks on to Celery from requests, which a broker that does not answer must not hold up.

The caller keeps a row of what is to be done, so that what got lost is found again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from celery import current_app

AWAY = 10.0  # seconds without asking the broker again, once it did not answer


class BrokerAway(Exception):
    """The broker did not take a task. `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class TaskQueue:
    """`clock` returns seconds and never goes back. Any thread may send."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._away_until = float("-inf")

    def send(self, task: str, arguments: list[Any]) -> None:
        """Try once, with the time limits of `CELERY_BROKER_TRANSPORT_OPTIONS`.

        Raises:
            BrokerAway: it did not answer, or has not answered somebody in the last AWAY seconds.
        """
        if self._clock() < self._away_until:
            raise BrokerAway("away")
        try:
            current_app.send_task(task, arguments, retry=False)
        except Exception as error:  # any broker's; its text may hold an address
            self._away_until = self._clock() + AWAY
            raise BrokerAway(type(error).__name__) from None

    def forget(self) -> None:
        """Ask the broker again."""
        self._away_until = float("-inf")


queue = TaskQueue()
"""The queue of this process."""
