"""The turns in which new sockets sign in."""

from __future__ import annotations

import asyncio


class Arrivals:
    """Lets one new socket at a time do its work, and the event loop do its other work in between.

    The steps of signing in hold the event loop for some milliseconds each. When hundreds of sockets
    come at once, one pass of the loop would do a step of each, and a request, which needs several
    passes, would wait for all of them several times.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def turn(self) -> None:
        """Wait until this socket may go on: first come, first served."""
        async with self._turn:
            await asyncio.sleep(0)  # one pass of the event loop
