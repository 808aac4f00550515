"""Checks for every incoming frame that its sign-in still holds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from accounts.access import SessionRef
from chatsite.lib.errors import SignInNeeded
from messaging.live.dataloader import DataLoader

VALID_FOR = 5.0  # seconds for which an answer is valid
SWEEP_INTERVAL = 3.5  # seconds between two checks of all active sessions
ACTIVE_WINDOW = 60.0  # seconds after its last frame for which a session is active


class SessionMonitor:
    """Revalidates all active sessions in one query per sweep: frames do not wait for the database.

    A session that was silent is checked at its first frame. `ticks` returns seconds and never goes
    back.
    """

    def __init__(
        self,
        asked: DataLoader[SessionRef, bool],
        ticks: Callable[[], float],
        *,
        sweep: float = SWEEP_INTERVAL,
    ) -> None:
        self._asked = asked
        self._ticks = ticks
        self._sweep = sweep
        self._good: dict[SessionRef, float] = {}  # when it was last found valid
        self._spoke: dict[SessionRef, float] = {}
        self._sweeping: asyncio.Task[None] | None = None

    def begin(self, ref: SessionRef) -> None:
        """Record that the session is valid now."""
        self._good[ref] = self._ticks()

    async def check(self, ref: SessionRef) -> None:
        """Raise SignInNeeded if the sign-in has ended. A positive answer may be VALID_FOR seconds
        old.
        """
        now = self._spoke[ref] = self._ticks()
        if self._sweeping is None:
            self._sweeping = asyncio.create_task(self._keep_sweeping())
        if now - self._good.get(ref, now - VALID_FOR) < VALID_FOR:
            return
        if not await self._asked.load(ref):
            self._good.pop(ref, None)
            raise SignInNeeded
        self._good[ref] = now

    async def _keep_sweeping(self) -> None:
        try:
            while self._spoke:
                await asyncio.sleep(self._sweep)
                await self.sweep()
        finally:
            self._sweeping = None

    async def sweep(self) -> None:
        """Revalidate all active sessions."""
        now = self._ticks()
        self._spoke = {ref: at for ref, at in self._spoke.items() if now - at <= ACTIVE_WINDOW}
        self._good = {ref: at for ref, at in self._good.items() if now - at < VALID_FOR}
        answers = {ref: self._asked.load_soon(ref) for ref in self._spoke}
        for ref, answer in answers.items():
            try:
                alive = await asyncio.shield(answer)
            except Exception:  # noqa: S112 (the database is down: their next frames ask, and say so)
                continue
            if alive:
                self._good[ref] = now
            else:
                self._good.pop(ref, None)

    def close(self) -> None:
        if self._sweeping is not None:
            self._sweeping.cancel()
