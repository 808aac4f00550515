"""Bots: accounts of programs that you own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sotto.api import ApiError
from sotto.protocol.encoding import field_of
from sotto.session import Session

SCOPES = ("read", "send", "rooms")
DAYS = 90


@dataclass(frozen=True, slots=True)
class BotToken:
    """A token of a bot, without its secret. Times are in ms; `used` is None before the first."""

    id: str
    scopes: tuple[str, ...]
    made: int
    expires: int
    used: int | None

    @classmethod
    def read(cls, given: Any) -> BotToken:
        """As the server describes it. Raises WireError."""
        used = given.get("used") if type(given) is dict else None
        return cls(
            id=field_of(given, "id", str),
            scopes=tuple(str(scope) for scope in field_of(given, "scopes", list)),
            made=field_of(given, "made", int),
            expires=field_of(given, "expires", int),
            used=used if type(used) is int else None,
        )


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot of yours. `active` is false once an administrator has disabled it."""

    uid: str
    name: str
    active: bool
    tokens: tuple[BotToken, ...]

    @classmethod
    def read(cls, given: Any) -> Bot:
        """As the server describes it. Raises WireError."""
        return cls(
            uid=field_of(given, "uid", str),
            name=field_of(given, "name", str),
            active=field_of(given, "active", bool),
            tokens=tuple(BotToken.read(one) for one in field_of(given, "tokens", list)),
        )


class Bots:
    """`client.bots`: the bots that you own. A bot itself has none."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def all(self) -> list[Bot]:
        """Your bots, by name."""
        found: list[Bot] = []
        async for page in self._session.api.pages("me/bots"):
            found += [Bot.read(one) for one in field_of(page, "bots", list)]
        return found

    async def find(self, name: str) -> Bot:
        """A bot of yours by its user name.

        Raises:
            ApiError: `no_such_bot`.
        """
        for bot in await self.all():
            if bot.name == name:
                return bot
        raise ApiError("no_such_bot", "You have no such bot.", 404)

    async def create(self, name: str) -> Bot:
        """Make a bot. It signs in by a token: see `make_token`.

        Raises:
            ApiError: `bots_closed` where the site lets others make bots, `name_taken`,
                `too_many_bots`, `invalid`.
        """
        return Bot.read(await self._session.api.post("me/bots", {"name": name}))

    async def make_token(
        self, bot: str, scopes: Iterable[str] = ("read", "send"), days: int = DAYS
    ) -> str:
        """Make a token for the bot with that uid.

        Args:
            scopes: of `read` (needed), `send` and `rooms`.
            days: until it ends, at most 366.

        Returns:
            The token. The server shows it this once.
        """
        wanted = {"scopes": list(scopes), "days": days}
        return field_of(await self._session.api.post(f"me/bots/{bot}/tokens", wanted), "token", str)

    async def revoke(self, bot: str, token_id: str) -> None:
        """End a token, and every sign-in by it."""
        await self._session.api.delete(f"me/bots/{bot}/tokens/{token_id}")

    async def delete(self, bot: str) -> None:
        """End a bot forever. Its messages stay; nobody gets its name."""
        await self._session.api.delete(f"me/bots/{bot}")
