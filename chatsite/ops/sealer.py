"""Seals the audit log every second, in a thread of the web process, which also takes the samples of
the charts, and passes alerts and events on again that an embedded broker forgot with its process.

Where several processes run, each looks, and the database lets one seal at a time. A queue would be
too slow: a worker that summarises is busy for minutes.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import connections

from accounts import event_webhook
from accounts.audit.sealing import seal
from accounts.intrusion import alerts, slow_down
from chatsite.ops import activity
from chatsite.ops.settings_record import record_settings

EVERY = 1.0  # seconds
SAMPLE_EVERY, SAMPLE_FIRST = 300, 30  # passes
CLOSE_WITHIN = 5.0  # seconds
log = logging.getLogger(__name__)


def _resume() -> None:
    alerts.resume(lost_after=timedelta())
    event_webhook.resume(lost_after=timedelta())


class Sealer:
    """`start` once; `stop` seals what was written until then."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sealer", daemon=True)
        self._failing = False

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(CLOSE_WITHIN)

    def _run(self) -> None:
        self._try(record_settings)
        self._try(slow_down.publish)  # the cache of one process begins empty
        if not settings.REDIS_URL:
            self._try(_resume)
        passes = 0
        while not self._stopped.wait(EVERY):
            self._try(seal)
            passes += 1
            if passes % SAMPLE_EVERY == SAMPLE_FIRST:
                self._sample()
        self._try(seal)

    def _sample(self) -> None:
        try:
            activity.sample()
        except Exception as error:  # of any engine: the next sample is as good
            log.warning("activity.not_sampled %s", type(error).__name__)
        finally:
            connections.close_all()

    def _try(self, chore: Callable[[], object]) -> None:
        """One pass. Of failures in a row only the first is logged; the next pass goes on."""
        try:
            chore()
            self._failing = False
        except Exception as error:  # of any engine: a thread that ended would seal nothing more
            if not self._failing:
                log.warning("audit.not_sealed %s", type(error).__name__)
            self._failing = True
        finally:
            connections.close_all()
