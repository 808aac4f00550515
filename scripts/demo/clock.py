"""The clock of the story, for everything in this process: the site and the six clients."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import time_machine

from sotto.log_api import Clock


class ProcessClock(Clock):
    """The machine's, which is the server's as well, whatever an answer from before a leap says."""

    def set(self, now: object) -> None:
        pass


class StoryTime:
    """Moves the time of day of this process, only forward. Clocks that measure go on."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self._traveller = traveller

    def advance(self, moment: datetime) -> None:
        """Go to `moment`, unless it is over already."""
        self._traveller.move_to(max(moment.timestamp(), time.time()))


@contextmanager
def story_time(begin: datetime) -> Iterator[StoryTime]:
    """From `begin` on, until the end of the `with` block."""
    with time_machine.travel(begin.timestamp()) as traveller:
        yield StoryTime(traveller)


def machine_now() -> datetime:
    """Now, where this machine is: Django has set the time zone of the process to UTC."""
    return datetime.now(_machine_zone())


def _machine_zone() -> tzinfo:
    try:
        with open("/etc/localtime", "rb") as file:
            return ZoneInfo.from_file(file)
    except (OSError, ValueError):
        return UTC
