"""The embedded workers' threads: one for summaries, one for all else; they end with the process."""

from __future__ import annotations

import asyncio
import threading

from celery import current_app
from celery.worker import WorkController

from chatsite.ops.worker import OTHERS, SUMMARIES, EmbeddedWorker

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
    worker = EmbeddedWorker(SUMMARIES)
    worker.start()
    assert await asyncio.to_thread(begun.wait, WITHIN)
    stopping = asyncio.create_task(asyncio.to_thread(worker.stop))
    assert await asyncio.to_thread(asked.wait, WITHIN)
    go_on.set()
    await asyncio.wait_for(stopping, WITHIN)
    for thread in threading.enumerate():
        if thread.name == "worker-summaries":
            thread.join(WITHIN)
    assert started == []


async def test_a_slow_summary_holds_up_no_index(monkeypatch):
    """Background Tasks: Celery for async processing (summaries, indexing)."""
    busy, go_on, sealed = threading.Event(), threading.Event(), threading.Event()

    def slow(*_: object) -> None:
        busy.set()
        go_on.wait(WITHIN)

    monkeypatch.setattr("summaries.worker.tasks.begin_embedded", lambda: None)
    monkeypatch.setattr("summaries.worker.tasks._work", slow)
    monkeypatch.setattr("summaries.worker.tasks.SummaryRequest", Found)
    monkeypatch.setattr("messaging.tasks.get_store", lambda: Store)
    monkeypatch.setattr("messaging.search.indexing.seal_full", lambda *_: sealed.set())
    workers = [EmbeddedWorker(SUMMARIES), EmbeddedWorker(OTHERS)]
    for worker in workers:
        worker.start()
    try:
        current_app.send_task("summaries.summarise", ["0" * 32])
        assert await asyncio.to_thread(busy.wait, WITHIN)
        current_app.send_task("index.seal", ["0" * 32])
        assert await asyncio.to_thread(sealed.wait, WITHIN)
        assert not go_on.is_set()
    finally:
        go_on.set()
        await asyncio.gather(*(asyncio.to_thread(worker.stop) for worker in workers))


class Store:
    @staticmethod
    def heads(rooms: list[str]) -> dict[str, int]:
        return dict.fromkeys(rooms, 0)


class Found:
    """A request that has not ended, without a database."""

    ENDED: tuple[str, ...] = ()
    state = "queued"
    objects: type[Found]

    @classmethod
    def filter(cls, **_: object) -> type[Found]:
        return cls

    @classmethod
    def first(cls) -> type[Found]:
        return cls


Found.objects = Found
