"""Whom the hostile server serves: a Python client and a browser, asked the same questions."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Protocol

WITHIN = 20.0  # seconds
FORGED = "FORGED"
"""What the hostile server wants somebody to believe."""


@dataclass
class Seen:
    """A room as its member sees it. `gaps`: places where messages are missing; `others`: messages
    whose author saw a different conversation.
    """

    texts: list[str]
    refused: int = 0
    gaps: int = 0
    others: int = 0
    locked: int = 0
    lost: bool = False
    frozen: bool = False


@dataclass(frozen=True)
class RoomRecord:
    """What the victim has of its account: the kid of its keys, and how many room keys and pins."""

    kid: str
    keys: int
    pins: int


class Victim(Protocol):
    name: str
    rereads: bool
    """Whether every run reads all messages again."""

    @property
    def uid(self) -> str: ...
    @property
    def kid(self) -> str: ...

    async def sign_up(self, name: str) -> None: ...
    async def join(self, link: str, room: str) -> None: ...
    async def joins(self, link: str) -> bool: ...
    async def restart(self, room: str) -> None: ...
    async def see(self, room: str) -> Seen: ...
    async def say(self, room: str, text: str) -> None: ...
    async def tries_to_say(self, text: str, room: str) -> None: ...
    async def can_write(self, room: str) -> bool: ...
    async def room_name(self, room: str) -> str: ...
    async def finds(self, room: str, query: str) -> list[str]: ...
    async def restores(self, name: str, kit: str) -> bool: ...
    async def accepts(self, room: str) -> None: ...
    async def idle(self, seconds: float) -> None: ...
    async def begins(self) -> bool: ...
    async def publishes_again(self) -> None: ...
    async def kept(self) -> RoomRecord: ...
    async def loses_storage(self) -> str: ...
    async def brings(self, kit: str) -> None: ...
    async def writes_to(self, name: str) -> bool: ...
    async def trusts_new_key(self, name: str) -> None: ...
    async def accepts_namesake(self, name: str, room: str = "") -> None: ...


async def sees(victim: Victim, room: str, **expected: Any) -> None:
    """In the end the victim sees just this; never, meanwhile, what was forged."""
    deadline = asyncio.get_running_loop().time() + WITHIN
    while True:
        seen = await victim.see(room)
        assert not [text for text in seen.texts if FORGED in text], seen
        if all(getattr(seen, key) == value for key, value in expected.items()):
            return
        assert asyncio.get_running_loop().time() < deadline, (seen, expected)
        await asyncio.sleep(0.2)
