"""`Client`: an account on a server, composed of one part per topic."""

from __future__ import annotations

import os
from functools import partial
from types import TracebackType
from typing import Self

import httpx2

from sotto import tls
from sotto.account import Account
from sotto.bots import Bots
from sotto.files import Files
from sotto.keys.trust import Trust
from sotto.log_api import Clock
from sotto.members import Members
from sotto.message_reader import Progress
from sotto.messages import Messages
from sotto.profile.contacts import Contacts
from sotto.profile.profile_dir import ProfileDir
from sotto.reports import Reports
from sotto.room import Me
from sotto.room_admin import RoomAdmin
from sotto.rooms import Rooms
from sotto.search import Search
from sotto.session import Options, Session
from sotto.stream import Connect
from sotto.stream import connect as connect_to
from sotto.summaries import Summaries


class Client:
    """An account on a server. Use it as `async with Client(url) as client`, then sign up or log in
    with `client.account`.

    Rooms are named by their id and people by their uid. Every method may raise `ApiError` (the
    server refused) and `WireError` (the server's answer cannot be verified); methods of a room also
    a `RoomError`: `Frozen`, `NewerVersion`, `Closed`, `FormerMember`, `PeerLeft`, `KeysReplaced`
    or `UnapprovedKeys`.

    Args:
        url: the server's address, as in a browser.
        profile_dir: where to keep keys and verified state between runs. Without it every run is
            a new device that reads all logs from the start.
        accept_resets: trust a published key reset without asking.
        transport: replaces the network for HTTP.
        connect: replaces the network for the socket.
        clock: replaces the machine's clock.
        progress: is called with (messages read, messages in all) while a room is read.
        ca_file: a PEM file with certificates that are trusted beside the system's.

    Raises:
        OSError: `ca_file` cannot be read, or holds no certificate.
    """

    def __init__(
        self,
        url: str,
        *,
        profile_dir: ProfileDir | None = None,
        accept_resets: bool = False,
        transport: httpx2.AsyncBaseTransport | None = None,
        connect: Connect | None = None,
        clock: Clock | None = None,
        progress: Progress | None = None,
        ca_file: str | os.PathLike[str] | None = None,
    ) -> None:
        trusted = tls.context_with(ca_file) if ca_file is not None else None
        options = Options(
            profile_dir,
            accept_resets,
            transport,
            connect or partial(connect_to, trusted=trusted),
            clock or Clock(),
            progress,
            trusted,
        )
        self.session = Session(url, options)
        """The connection that the parts share. Its answers are not verified."""
        self.account = Account(self.session)
        self.rooms = Rooms(self.session)
        self.room_admin = RoomAdmin(self.session)
        self.members = Members(self.session)
        self.messages = Messages(self.session)
        self.files = Files(self.session)
        self.search = Search(self.session)
        self.summaries = Summaries(self.session)
        self.reports = Reports(self.session)
        self.contacts = Contacts(self.session)
        self.bots = Bots(self.session)

    @property
    def url(self) -> str:
        """The server's address."""
        return self.session.url

    @property
    def me(self) -> Me:
        """The account that is logged in.

        Raises:
            RuntimeError: nobody is logged in.
        """
        return self.session.me

    @property
    def trust(self) -> Trust:
        """The keys that this device trusts; `contacts` changes it."""
        return self.session.trust

    async def close(self) -> None:
        """Save the profile and close every connection."""
        await self.session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
