"""One account's connection to one server, which the parts of a client share."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field

import httpx2

from sotto import frame_handlers
from sotto.api import Api
from sotto.keys.own_keys import OwnKeys
from sotto.keys.trust import Trust
from sotto.log_api import Clock, LogApi
from sotto.message_reader import Progress
from sotto.profile.persistence import Persistence
from sotto.profile.profile_dir import ProfileDir
from sotto.room import Me
from sotto.room_manager import RoomManager
from sotto.stream import Connect, connect


@dataclass(frozen=True)
class Options:
    """Options of a client's connection and profile; see `Client`."""

    profile_dir: ProfileDir | None = None
    accept_resets: bool = False
    transport: httpx2.AsyncBaseTransport | None = None
    connect: Connect = connect
    clock: Clock = field(default_factory=Clock)
    progress: Progress | None = None
    trusted: ssl.SSLContext | None = None


class Session:
    """One account's connection to one server. Answers of `api` are unverified.

    Args:
        url: the server's address, as in a browser.
        options: see `Client`.
    """

    def __init__(self, url: str, options: Options) -> None:
        self.url = url.rstrip("/")
        self.profile_dir = options.profile_dir
        self.clock = options.clock
        self.connect = options.connect
        self.trust = Trust(accept_resets=options.accept_resets)
        self.api = Api(self.url, options.transport, options.profile_dir, options.trusted)
        self.own_keys = OwnKeys(self.url, self.api, self.trust, options.profile_dir)
        self._progress = options.progress
        self._manager: RoomManager | None = None

    @property
    def manager(self) -> RoomManager:
        """The open rooms.

        Raises:
            RuntimeError: nobody is logged in.
        """
        if self._manager is None:
            raise RuntimeError("sign up or log in first")
        return self._manager

    @property
    def log_api(self) -> LogApi:
        """Access to the logs of the account's rooms."""
        return self.manager.log_api

    @property
    def me(self) -> Me:
        """The account that is logged in."""
        return self.manager.me

    async def start(self, me: Me) -> None:
        """Connect the socket as `me`; returns once it is ready."""
        self._manager = RoomManager(
            self.url,
            self.api,
            me,
            self.trust,
            self.clock,
            frame_handlers.handle,
            self.connect,
            Persistence(self.profile_dir, self.trust),
        )
        self._manager.progress = self._progress
        await self._manager.start()

    async def close(self) -> None:
        """Save the profile and close every connection."""
        if self._manager is not None:
            await self._manager.close()
            self._manager = None
        await self.api.close()
        if self.profile_dir is not None:
            self.profile_dir.close()
