"""Answers are freed once they are sent, without the garbage collector: large ones would pile up."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from typing import Any

import pytest
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from chatsite.web.request_limits import Handler

ME = "/api/v1/me"


class NotingHandler(Handler):
    """Notes its responses without keeping them."""

    def __init__(self) -> None:
        super().__init__()
        self.responses: list[weakref.ref[HttpResponseBase]] = []

    def _respond(self, request: HttpRequest) -> HttpResponseBase:
        response = super()._respond(request)
        self.responses.append(weakref.ref(response))
        return response


async def ask(handler: Handler) -> list[str]:
    """One request, as uvicorn passes it on: after the answer it says that the client has gone."""
    sent: list[str] = []
    over = asyncio.Event()
    bodies = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        for body in bodies:
            return body
        await over.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message["type"])
        if message["type"] == "http.response.body" and not message.get("more_body"):
            over.set()
            await asyncio.sleep(0)

    await handler(
        {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": ME,
            "raw_path": ME.encode(),
            "query_string": b"",
            "headers": [(b"host", b"localhost")],
            "client": ("127.0.0.1", 1),
            "server": ("localhost", 80),
        },
        receive,
        send,
    )
    return sent


@pytest.mark.django_db(transaction=True)
async def test_an_answer_that_was_sent_is_freed_at_once():
    handler = NotingHandler()
    await ask(handler)  # loads what is loaded once
    gc.collect()
    gc.disable()
    try:
        assert await ask(handler) == ["http.response.start", "http.response.body"]
        for _ in range(1000):  # the thread lets go of it last
            if handler.responses[1]() is None:
                break
            await asyncio.sleep(0.01)
        assert handler.responses[1]() is None
    finally:
        gc.enable()


@pytest.mark.django_db(transaction=True)
async def test_requests_one_after_another_run_in_one_thread():
    threads: set[int] = set()

    class ThreadNotingHandler(Handler):
        def _respond(self, request: HttpRequest) -> HttpResponseBase:
            threads.add(threading.get_native_id())
            return super()._respond(request)

    handler = ThreadNotingHandler()
    for _ in range(3):
        await ask(handler)
        await asyncio.sleep(0)
    assert len(threads) == 1
    assert threads != {threading.main_thread().native_id}
