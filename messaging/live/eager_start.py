"""Start a coroutine at once, without a task.

Writing to a socket that keeps up never waits, but in ASGI it is a coroutine. A task for each of
a thousand writes costs as much as the writes.
"""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from typing import Any


class StartedCoroutine:
    """A started coroutine that must wait; awaiting this finishes it."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], waits_for: Any) -> None:
        self._coroutine = coroutine
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, Any]:
        waits_for = self._waits_for
        try:
            while True:
                try:
                    came = yield waits_for
                except BaseException as error:  # also cancellation: it belongs inside
                    waits_for = self._coroutine.throw(error)
                else:
                    waits_for = self._coroutine.send(came)
        except StopIteration as done:
            return done.value


def start_eagerly(coroutine: Coroutine[Any, Any, Any]) -> StartedCoroutine | None:
    """Run a coroutine until it waits; returns None if it has finished. Raises its exceptions."""
    try:
        return StartedCoroutine(coroutine, coroutine.send(None))
    except StopIteration:
        return None
