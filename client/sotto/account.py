"""Signing up, signing in, and the keys that an account acts with."""

from __future__ import annotations

import asyncio
import json
import os
from types import TracebackType
from typing import Any, Self

import httpx

from sotto import frame_handlers as frames
from sotto.api import Api, ApiError, part
from sotto.log_api import Clock, Logbook
from sotto.message_reader import Progress
from sotto.own_keys import OwnKeys
from sotto.persistence import Keeper
from sotto.profile_dir import Home, HomeError
from sotto.protocol.encoding import WireError, new_id, strict_json
from sotto.protocol.identity import Keys
from sotto.protocol.invite_link import Link, registration_proof
from sotto.protocol.recovery_kit import make_kit, open_kit
from sotto.room import Me
from sotto.room_manager import Desk
from sotto.stream import Connect, connect
from sotto.trust import Trust


class SignedIn:
    """What every client needs: an account, its keys, and the way to its server.

    `home` is where it remembers things between runs; without one each run is a new device that
    reads the logs from the start. `transport` and `connect` stand in for the network, `clock`
    for the machine's. `progress` is told how many messages of a room were read, of how many.
    """

    def __init__(
        self,
        url: str,
        *,
        home: Home | None = None,
        accept_resets: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
        connect: Connect = connect,
        clock: Clock | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self.trust = Trust(accept_resets=accept_resets)
        self._home = home
        self._api = Api(self.url, transport, home)
        self._own = OwnKeys(self.url, self._api, self.trust, home)
        self._connect = connect
        self._clock = clock or Clock()
        self._progress = progress
        self._signed_in: Desk | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        if self._signed_in is not None:
            await self._signed_in.close()
            self._signed_in = None
        await self._api.close()
        if self._home is not None:
            self._home.close()

    # --- ways in ------------------------------------------------------------------------------

    async def sign_up(
        self, name: str, password: str, keys: Keys | None = None, link: str = ""
    ) -> None:
        """A new account with `keys`, or new ones: then keep `kit()`, nobody else has them.

        Args:
            link: an invitation link, where the server takes no new accounts without. It is not
                sent: the server gets its id and a signature. Joining the room comes afterwards.

        Raises:
            ApiError: `registration_closed`, `invitation_needed`, `bad_invitation`, `invite_…`,
                `name_taken`, `invalid`.
            HomeError: the profile has keys already.
            WireError: `link` is no invitation link.
        """
        if self._own.kept(name) is not None:
            raise HomeError("This profile has keys already: log in, or choose another folder.")
        proof = {"invite": registration_proof(Link.parse(link), name)} if link else {}
        if keys is None:
            keys = await asyncio.to_thread(Keys.generate)
        signed_in = await self._api.sign_in("register", name, password, **proof)
        uid, name = part(signed_in, "uid", str), part(signed_in, "name", str)
        async with self._own.lock():
            await self._own.keep_first(uid, name, keys)
        await self._begin(signed_in, keys, publish=True)

    async def login(self, name: str, password: str, keys: Keys | None = None) -> None:
        """An account that exists, with the keys that it has: `keys`, or those in the profile.
        Where the server has lost their identity, the same one is published again.

        Raises:
            HomeError: there are no keys here, or the profile has others.
        """
        account = self._own.kept(name)
        keys = keys or (account.keys if account is not None else None)
        if keys is None:
            raise HomeError("This account's keys are not here: restore them from its kit.")
        signed_in = await self._api.sign_in("login", name, password)
        await self._begin(signed_in, keys, publish=True, password=password)

    async def restore(self, name: str, password: str, kit: str) -> None:
        """An account that exists, with a recovery kit: its file's text, or its code alone where
        the server keeps the kit. Keys in the profile stay, unless those of the kit followed them.
        """
        self._own.kept(name)
        signed_in = await self._api.sign_in("login", name, password)
        if kit.lstrip().startswith("{"):
            uid, kid, keys = open_kit(kit)
        else:
            sealed = part(await self._api.get("kit"), "kit", dict)
            uid, kid, keys = open_kit(_kit_file(kit.strip(), sealed))
        if uid != signed_in.get("uid"):
            raise WireError("this kit is of another account")
        await self._begin(signed_in, keys, publish=True, password=password, kid=kid)

    async def resume(self) -> None:
        """Go on as the profile's account, without a password.

        Raises:
            KeysNotPublished: the server has lost the account's identity: see `publish_keys`.
        """
        await self._resume(publish=False)

    async def publish_keys(self, password: str | None = None) -> None:
        """`resume` where the server has lost the account's identity: the same one is published
        again, never another. `password` is needed where the keys were reset before."""
        await self._resume(publish=True, password=password)

    async def _resume(self, *, publish: bool, password: str | None = None) -> None:
        account = self._own.kept()
        if account is None or not self._api.resume():
            raise ApiError("signed_out", "Nobody is logged in here.", 401)
        signed_in = {"uid": account.uid, "name": account.name}
        await self._begin(signed_in, account.keys, publish=publish, password=password)

    async def reset(self, name: str, password: str) -> None:
        """Log in with new keys, because the old ones are lost or stolen. Old messages cannot be
        read until members confirm the new keys: see `ask_back_in`. Keys in the profile stay until
        the server has taken the new ones.
        """
        self._own.kept(name)
        signed_in = await self._api.sign_in("login", name, password)
        uid, name = part(signed_in, "uid", str), part(signed_in, "name", str)
        self._remember()
        async with self._own.lock():
            keys = await self._own.reset(uid, name, password)
        await self._begin(signed_in, keys)

    async def log_out(self) -> None:
        """The tokens end here. Keys stay in the profile."""
        self._api.resume()
        await self._api.sign_out()
        if self._home is not None:
            self._home.forget_tokens()

    # --- keys ---------------------------------------------------------------------------------

    def kit(self) -> str:
        """The text of a recovery kit. Whoever has it is you."""
        return make_kit(self.me.uid, self.me.kid, self.me.keys)

    async def store_kit(self) -> str:
        """Keep a sealed kit on the server; returns the code that opens it, which it never sees."""
        made = strict_json(self.kit())
        await self._api.put("kit", {"kit": made["kit"]})
        return str(made["code"])

    def _remember(self) -> None:
        """What earlier runs have pinned."""
        if self._home is not None:
            self.trust.restore(self._home.trust())

    async def _begin(
        self,
        signed_in: dict[str, Any],
        keys: Keys,
        *,
        publish: bool = False,
        password: str | None = None,
        kid: str = "",
    ) -> None:
        """Act with `keys`, whose kid is `kid` where that is known."""
        uid, name = part(signed_in, "uid", str), part(signed_in, "name", str)
        self._remember()
        async with self._own.lock():
            own, keys = await self._own.begin(
                uid, name, keys, publish=publish, password=password, kid=kid
            )
        await self._start(Me(uid, name, own, keys, new_id(os.urandom)))

    async def _start(self, me: Me) -> None:
        keeper = Keeper(self._home, self.trust)
        self._signed_in = Desk(
            self.url, self._api, me, self.trust, self._clock, frames.handle, self._connect, keeper
        )
        self._signed_in.progress = self._progress
        await self._signed_in.start()

    @property
    def _desk(self) -> Desk:
        if self._signed_in is None:
            raise RuntimeError("sign up or log in first")
        return self._signed_in

    @property
    def _book(self) -> Logbook:
        return self._desk.logbook

    @property
    def me(self) -> Me:
        return self._desk.me


def _kit_file(code: str, sealed: dict[str, Any]) -> str:
    """The file that a code and the server's half would have been."""
    return json.dumps({"sotto": "recovery kit", "code": code, "kit": sealed})
