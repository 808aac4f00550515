"""The embedded workers: Celery in two threads, on a broker in this process's memory.

Summaries have a thread of their own, so that a slow model holds up nothing else. Queued requests
end with the process; their askers see it and can ask again.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Sequence

from celery.worker import WorkController, state

from chatsite.celery import make_app
from chatsite.lib import pubsub

CLOSE_WITHIN = 5.0  # seconds
SUMMARIES = ("summaries",)
OTHERS = ("index", "chores")
log = logging.getLogger(__name__)


class EmbeddedWorker:
    """Takes from some queues. `start` in the event loop whose sockets hear what tasks publish;
    `stop` lets the task under way end, if it does so soon.
    """

    def __init__(self, queues: Sequence[str]) -> None:
        self._queues = list(queues)
        self._thread: threading.Thread | None = None
        self._worker: WorkController | None = None
        self._stopping = threading.Event()
        self._begun = False

    def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._thread = threading.Thread(
            target=self._run, args=(loop,), name=f"worker-{self._queues[0]}", daemon=True
        )
        self._thread.start()

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        pubsub.publish_through(loop)
        app = make_app()
        app.finalize()
        self._worker = WorkController(
            app=app,
            hostname=f"embedded-{self._queues[0]}",
            queues=self._queues,
            pool_cls="solo",
            concurrency=1,
            loglevel=logging.WARNING,
            task_events=False,
        )
        try:
            self._begin()
            self._begun = True
            if not self._stopping.is_set():  # Celery forgets a stop that comes before its start
                self._worker.start()
        except Exception as error:  # pages and messages go on without it
            log.error("worker.failed %s", type(error).__name__)

    def _begin(self) -> None:
        if "summaries" in self._queues:
            from summaries.worker.tasks import begin_embedded  # what the web tier never imports

            begin_embedded()

    def stop(self) -> None:
        self._stopping.set()
        if self._worker is not None:
            self._worker.stop(in_sighandler=True)
        deadline = time.monotonic() + CLOSE_WITHIN
        while self._busy() and time.monotonic() < deadline:
            time.sleep(0.02)

    def _busy(self) -> bool:
        """True while it begins or a task is under way. A worker that only waits for the next one
        wakes up every two seconds; its thread ends with the process.
        """
        alive = self._thread is not None and self._thread.is_alive()
        return alive and (not self._begun or bool(state.active_requests))
