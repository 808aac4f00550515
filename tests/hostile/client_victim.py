"""A Python client that the hostile server serves."""

from __future__ import annotations

import asyncio
import json
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from sotto.api import ApiError
from sotto.client import Client
from sotto.exports.export import export_room
from sotto.keys.own_keys import KeysNotPublished
from sotto.log_api import Clock, machine_clock
from sotto.profile.profile_dir import ProfileDir, ProfileDirError
from sotto.protocol.encoding import WireError
from sotto.protocol.events import LogError
from sotto.protocol.identity import open_identity
from sotto.room import Me, Message
from sotto.room_errors import (
    Closed,
    FormerMember,
    Frozen,
    KeysReplaced,
    NewerVersion,
    UnapprovedKeys,
)
from tests.browser.people import PASSWORD
from tests.hostile.server import Hostile, network
from tests.hostile.victims import FORGED, RoomRecord, Seen
from tests.vectors.making import cast

OUT = {"remove": "removed", "leave": "left", "succeed": "succeeded"}


class ClientVictim:
    """Remembers between runs, as a program with a profile does."""

    rereads = True

    def __init__(self, hostile: Hostile, home: Path) -> None:
        self._hostile = hostile
        self._home = home
        self._ahead = 0
        self.client = self._make()
        self.name = ""
        self._me: Me
        self.heard: list[Message] = []
        """What came by itself since the last start."""
        self._listening: asyncio.Task[None] | None = None

    def _make(self) -> Client:
        clock = Clock(lambda: machine_clock() + self._ahead)
        home = ProfileDir(self._home)
        return Client(self._hostile.url, profile_dir=home, transport=network(), clock=clock)

    @property
    def uid(self) -> str:
        return self._me.uid

    @property
    def kid(self) -> str:
        return self._me.kid

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
        await self.client.close()

    async def sign_up(self, name: str) -> None:
        self.name = name
        await self.client.account.sign_up(name, PASSWORD, cast()["dan"].keys)
        self._me = self.client.me
        self._listening = asyncio.create_task(self._listen(self.client))

    async def _listen(self, client: Client) -> None:
        while True:
            with suppress(Frozen, KeysReplaced, NewerVersion):
                async for message in client.messages.receive():
                    self.heard.append(message)

    async def join(self, link: str, room: str) -> None:
        await self.client.rooms.join(link)

    async def joins(self, link: str) -> bool:
        try:
            await self.client.rooms.join(link)
        except (LogError, WireError, ApiError, Frozen):
            return False
        return True

    async def restart(self, room: str) -> None:
        await self.close()
        self.client, self.heard = self._make(), []
        await self.client.account.resume()
        self._listening = asyncio.create_task(self._listen(self.client))

    async def see(self, room: str) -> Seen:
        frozen = False
        try:
            held = await self.client.rooms.open(room)
        except FormerMember as former:
            exit_ = former.exit
            assert exit_ is not None
            return Seen([], out="banned" if exit_.ban else OUT[exit_.t])
        except Frozen:
            frozen = True
            try:
                held = self.client.session.manager.cached(room)
            except KeyError:
                return Seen([], frozen=True)
        given = [repr(held.conversation()), repr(self.heard), json.dumps(export_room(held, 0))]
        assert FORGED not in "".join(given), "forged text was given out"
        lines = held.conversation()
        counted = [line.status for line in lines]
        return Seen(
            [line.text for line in lines if line.status == "ok"],
            counted.count("refused") + counted.count("erased"),
            sum(line.missing for line in lines),
            sum(line.other_view for line in lines),
            counted.count("locked"),
            held.lost_count > 0,
            frozen or bool(held.frozen),
        )

    async def say(self, room: str, text: str) -> None:
        await self.client.messages.send(room, text)

    async def tries_to_say(self, text: str, room: str) -> None:
        with suppress(Frozen):
            await self.say(room, text)

    async def can_write(self, room: str) -> bool:
        try:
            self.client.session.manager.cached(room).check_writable()
        except (
            Closed,
            FormerMember,
            Frozen,
            KeysReplaced,
            NewerVersion,
            UnapprovedKeys,
            KeyError,
        ):  # or it has no log that can be believed
            return False
        return True

    async def room_name(self, room: str) -> str:
        return (await self.client.rooms.open(room)).name

    async def finds(self, room: str, query: str) -> list[str]:
        return [message.text async for message in self.client.search.messages(room, query)]

    async def restores(self, name: str, kit: str) -> bool:
        async with Client(self._hostile.url) as client:
            try:
                await client.account.restore(name, PASSWORD, kit)
            except (WireError, KeysReplaced):
                return False
        return True

    async def accepts(self, room: str) -> None:
        await self.client.rooms.accept_server_version(room)

    async def leaves(self, room: str) -> None:
        await self.client.rooms.leave(room)

    async def signs_in_again(self) -> None:
        await self.close()
        self.client, self.heard = self._make(), []
        await self.client.account.log_in(self.name, PASSWORD)
        self._listening = asyncio.create_task(self._listen(self.client))

    async def lives_on(self, ms: int) -> None:
        """The machine's clock goes on by that much, from the next run on."""
        self._ahead += ms

    async def idle(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def begins(self) -> bool:
        """A new run; whether it gets as far as its rooms."""
        await self.close()
        self.client, self.heard = self._make(), []
        try:
            await self.client.account.resume()
        except (KeysNotPublished, KeysReplaced, WireError, ProfileDirError, ApiError):
            return False
        self._listening = asyncio.create_task(self._listen(self.client))
        return True

    async def publishes_again(self) -> None:
        await self.close()
        self.client = self._make()
        await self.client.account.publish_keys()

    async def kept(self) -> RoomRecord:
        home = ProfileDir(self._home)
        account = home.account()
        assert account is not None
        rooms = [home.room(path.stem) for path in (self._home / "rooms").glob("*.json")]
        pins = {open_identity(signed).uid for signed in home.trust().pins}
        return RoomRecord(account.kid, sum(len(room.keys) for room in rooms), len(pins))

    def forgets_logs(self) -> None:
        """Only the heads of the rooms' logs are left."""
        shutil.rmtree(self._home / "logs")

    async def loses_storage(self) -> str:
        """Only the recovery kit is left."""
        kit = self.client.account.recovery_kit()
        await self.close()
        shutil.rmtree(self._home)
        return kit

    async def brings(self, kit: str) -> None:
        await self.close()
        self.client = self._make()
        with pytest.raises(ProfileDirError):
            await self.client.account.log_in(self.name, PASSWORD)
        await self.client.account.restore(self.name, PASSWORD, kit)

    async def writes_to(self, name: str) -> bool:
        """Whether a conversation with somebody begins without a question."""
        try:
            await self.client.rooms.direct(name)
        except (UnapprovedKeys, WireError, ApiError):
            return False
        return True

    async def trusts_new_key(self, name: str) -> None:
        self.client.contacts.approve_key((await self.client.contacts.find(name)).kid)
        await self.writes_to(name)

    async def accepts_namesake(self, name: str, room: str = "") -> None:
        for person in self.client.contacts.namesakes(name):
            self.client.contacts.accept_namesake(person.uid)
        if not room:
            await self.writes_to(name)
