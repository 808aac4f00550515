"""Paces sockets that connect: a few sign in at a time, and the address that has used the least goes
first.

Signing in and reading a person's rooms takes several queries. Hundreds of sockets that connect at
once would take the processor from everybody else; the others wait here, and their frames with them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from django.conf import settings

from chatsite.lib.errors import Unavailable
from chatsite.lib.limits import customer
from chatsite.lib.turns import Asker, Turns
from messaging.live.handshake import CloseConnection

AT_ONCE = 2
TRY_LATER = 1013
COST = 0.01  # CPU seconds, about what a step takes


class Arrivals:
    """Turns of sockets that connect. An office behind one address comes back all at once after a
    restart, so that as many may wait as an address may have.
    """

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._turns = Turns(at_once, queued=settings.SOCKETS_PER_ADDRESS, limit="sockets")

    @asynccontextmanager
    async def turn(self, scope: dict[str, Any]) -> AsyncIterator[None]:
        """Hold a turn for a step of the socket with `scope`.

        Raises:
            CloseConnection: none came in time, or too many wait already. Clients try again later.
        """
        client = scope.get("client")
        asker = Asker(customer(client[0] if client else ""), "socket", costly=False)
        try:
            await self._turns.take(asker)
        except Unavailable:
            raise CloseConnection(TRY_LATER) from None
        try:
            yield
        finally:
            self._turns.give(asker, COST)
