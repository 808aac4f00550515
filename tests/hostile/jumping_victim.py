"""A program that reads parts of a room before it reads all of it."""

from __future__ import annotations

from contextlib import suppress

from sotto.client import Client
from sotto.room_errors import FormerMember, Frozen
from tests.hostile.client_victim import ClientVictim
from tests.hostile.victims import FORGED, Seen


class JumpingVictim(ClientVictim):
    """Reads here and there before it reads everything, and compares what it was told."""

    JUMPS = ((3, 2), (1, 1), (4, 3), (2, 2))
    """Around which message, how many."""

    async def _listen(self, client: Client) -> None:
        """What listens reads every room from its beginning, so that nothing is left to jump to."""

    async def join(self, link: str, room: str) -> None:
        await super().join(link, room)
        self.client.session.manager.forget(room)

    async def see(self, room: str) -> Seen:
        with suppress(Frozen, FormerMember, KeyError):
            for seq, limit in self.JUMPS:
                lines = await self.client.messages.around(room, seq, limit)
                assert FORGED not in repr(lines), "forged text was given out"
        seen = await super().see(room)
        if not seen.frozen and not seen.out:
            await self._compare(room)
        return seen

    async def _compare(self, room: str) -> None:
        """Windows that cover all say what the whole conversation says."""
        held = await self.client.rooms.open(room)
        first = held.messages[0].seq if held.messages else 1
        assert held.window(first, held.last) == held.conversation()
