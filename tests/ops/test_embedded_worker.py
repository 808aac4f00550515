"""The embedded worker's thread ends with its process."""

from __future__ import annotations

import asyncio
import threading

from celery.worker import WorkController

from chatsite.ops.worker import EmbeddedWorker

WITHIN = 10  # seconds


async def test_a_worker_that_is_stopped_while_it_begins_does_not_start(monkeypatch):
    begun, asked, go_on = threading.Event(), threading.Event(), threading.Event()
    started: list[object] = []

    def begin() -> None:
        begun.set()
        go_on.wait(WITHIN)

    monkeypatch.setattr("chatsite.lib.pubsub.publish_through", lambda loop: None)
    monkeypatch.setattr("summaries.worker.tasks.begin_embedded", begin)
    monkeypatch.setattr(WorkController, "stop", lambda *_, **__: asked.set())
    monkeypatch.setattr(WorkController, "start", lambda self: started.append(self))
    worker = EmbeddedWorker()
    worker.start()
    assert await asyncio.to_thread(begun.wait, WITHIN)
    stopping = asyncio.create_task(asyncio.to_thread(worker.stop))
    assert await asyncio.to_thread(asked.wait, WITHIN)
    go_on.set()
    await asyncio.wait_for(stopping, WITHIN)
    for thread in threading.enumerate():
        if thread.name == "worker":
            thread.join(WITHIN)
    assert started == []
