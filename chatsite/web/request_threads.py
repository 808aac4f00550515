"""Threads for requests, used again: starting one for each would hold up the event loop.

`Thread.start` waits until the new thread runs, and that is until the interpreter switches to it:
under load some milliseconds, in which the loop does nothing for anybody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any


class RequestThread(ThreadPoolExecutor):
    """One thread, which runs the synchronous parts of one request at a time."""

    def __init__(self) -> None:
        super().__init__(1, "request")
        self._last: Future[Any] | None = None

    def submit(self, call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self._last = super().submit(call, *args, **kwargs)
        return self._last

    def when_idle(self, then: Callable[[], None]) -> None:
        """Call `then`, now or from the thread as soon as it has nothing more to run."""
        if self._last is None or self._last.done():
            then()
        else:
            self._last.add_done_callback(lambda _: then())


class RequestThreads:
    """Those of a process, made when they are needed and kept. Used by the event loop's thread."""

    def __init__(self) -> None:
        self._free: list[RequestThread] = []

    @contextmanager
    def taken(self) -> Iterator[RequestThread]:
        """One that nothing else runs in.

        A view outlives a client that goes away: its thread is free when the view has ended.
        """
        loop = asyncio.get_running_loop()
        thread = self._free.pop() if self._free else RequestThread()
        try:
            yield thread
        finally:
            thread.when_idle(lambda: self._give_back(loop, thread))

    def _give_back(self, loop: asyncio.AbstractEventLoop, thread: RequestThread) -> None:
        try:
            loop.call_soon_threadsafe(self._free.append, thread)
        except RuntimeError:  # the loop has ended meanwhile
            thread.shutdown(wait=False)
