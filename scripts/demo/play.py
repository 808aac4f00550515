"""Playing the stories against a server, as six people with keys of their own."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable
from pathlib import Path

from scripts.demo.story import EVENTS, Step, Story
from sotto.api import ApiError
from sotto.client import Client
from sotto.conversation import Message
from sotto.log_api import Clock, machine_clock
from sotto.profile_dir import ProfileDir
from sotto.protocol.identity import Keys

PEOPLE = ("demo", "mira", "jonas", "lena", "theo", "sami")
SPAN = 270_000  # ms: how long ago the first message was; a server takes nothing older than 300,000
Told = Callable[[bool], None]
"""Called after each step; whether it was a message."""


class StoryClock(Clock):
    """The time of the story, whatever a server says."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0

    def now(self) -> int:
        return self.at or machine_clock()

    def set(self, now: object) -> None:
        pass


class Cast:
    """Everybody, signed in. What they need to come back is in `folder`."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._folder = folder
        self._passwords = self._read_passwords()
        self.clock = StoryClock()
        self.clients: dict[str, Client] = {}

    def _read_passwords(self) -> dict[str, str]:
        """Made before there are accounts: an interrupted run goes on with them."""
        path = self._folder / "passwords.json"
        if not path.exists():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            made = {name: secrets.token_urlsafe(16) for name in PEOPLE}
            path.touch(0o600)
            path.write_text(json.dumps(made))
        found: dict[str, str] = json.loads(path.read_text())
        return found

    async def enter(self) -> None:
        homes = {name: ProfileDir(self._folder / name) for name in PEOPLE}
        there = {name: account for name in PEOPLE if (account := homes[name].account())}
        new = [name for name in PEOPLE if name not in there]
        made = await asyncio.gather(*(asyncio.to_thread(Keys.generate) for _ in new))
        for name in PEOPLE:
            self.clients[name] = Client(self._url, profile_dir=homes[name], clock=self.clock)
        for name, account in there.items():
            await self.clients[name].account.log_in(account.name, self._passwords[name])
        for name, keys in zip(new, made, strict=True):
            await self._sign_up(self.clients[name], name, keys)

    async def leave(self) -> None:
        await asyncio.gather(*(client.close() for client in self.clients.values()))

    async def _sign_up(self, client: Client, name: str, keys: Keys) -> None:
        for called in (name, f"{name}.demo"):  # somebody else may have the first one
            try:
                await client.account.sign_up(called, self._passwords[name], keys)
                return
            except ApiError as error:
                if error.code != "name_taken" or called != name:
                    raise


class Play:
    """One story in one room."""

    def __init__(self, cast: Cast, story: Story, told: Told) -> None:
        self._cast = cast
        self._story = story
        self._told = told
        self.room = ""
        self._named: dict[str, Message] = {}
        self._last: Message | None = None
        self._last_of: dict[str, Message] = {}
        self._poll: Message | None = None

    async def run(self) -> None:
        story, clock = self._story, self._cast.clock
        began = machine_clock() - SPAN
        clock.at = began
        owner = self._cast.clients[story.owner]
        self.room = await owner.rooms.create(story.name, story.topic, ai="ask")
        for name in story.members:
            await self._join(name)
        for at, step in enumerate(story.steps, 1):
            clock.at = began + SPAN * at // len(story.steps)
            await self._step(self._cast.clients[step.who], step)
            self._told(step.act not in EVENTS)

    async def _step(self, client: Client, step: Step) -> None:
        if step.act in EVENTS:
            await self._event(client, step)
        elif step.act in ("", ">", "?"):
            await self._say(client, step)
        else:
            await self._change(client, step)

    async def _event(self, client: Client, step: Step) -> None:
        owner = self._cast.clients[self._story.owner]
        if step.act == "join":
            await self._join(step.who)
        elif step.act == "rotate":
            await client.room_admin.rotate_key(self.room)
        elif step.act == "moderator":
            await owner.members.set_role(self.room, client.me.uid, "moderator")
        else:
            await client.messages.mark_read(self.room)

    async def _join(self, name: str) -> None:
        owner = self._cast.clients[self._story.owner]
        await self._cast.clients[name].rooms.join(await owner.room_admin.invite(self.room))

    async def _say(self, client: Client, step: Step) -> None:
        if step.act == "?":
            question, *options = step.text.split(" | ")
            seq = await client.messages.poll(self.room, question, options)
        else:
            seq = await client.messages.send(self.room, step.text, self._named.get(step.on))
        said = (await client.rooms.open(self.room)).find(seq)
        self._last = self._last_of[step.who] = said
        if step.act == "?":
            self._poll = said
        if step.label:
            self._named[step.label] = said

    async def _change(self, client: Client, step: Step) -> None:
        about = self._named[step.on] if step.on else self._last
        own = self._last_of.get(step.who)
        if step.act == "+" and about is not None:
            await client.messages.react(about, step.text)
        elif step.act == "pin" and about is not None:
            await client.messages.pin(about)
        elif step.act == "!" and self._poll is not None:
            await client.messages.vote(self._poll, int(step.text))
        elif step.act == "~" and own is not None:
            await client.messages.edit(own, step.text)
        elif step.act == "-" and own is not None:
            await client.messages.delete(own)


async def play_all(url: str, folder: Path, stories: dict[str, Story], told: Told) -> str:
    """Make what is not there yet; the demo account's recovery kit."""
    cast = Cast(url, folder)
    try:
        await cast.enter()
        done = _Done(folder / "done.json")
        await _clear(cast, done.rooms)
        for name, story in stories.items():
            if name not in done.stories:
                play = Play(cast, story, told)
                await play.run()
                done.add(name, play.room)
        return cast.clients["demo"].account.recovery_kit()
    finally:
        await cast.leave()


class _Done:
    """Which stories were told to the end, and in which rooms."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.stories: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    @property
    def rooms(self) -> set[str]:
        return set(self.stories.values())

    def add(self, story: str, room: str) -> None:
        self.stories[story] = room
        self._path.write_text(json.dumps(self.stories))


async def _clear(cast: Cast, keep: set[str]) -> None:
    """Rooms of a run that was interrupted go; their stories are told again."""
    for client in cast.clients.values():
        for item in await client.rooms.overview():
            if item["id"] not in keep and item["role"] == "owner" and not item["closed"]:
                await client.room_admin.close(item["id"])
    for client in cast.clients.values():
        for item in await client.rooms.overview():
            if item["closed"] and item["id"] not in keep:
                await client.rooms.delete(item["id"])
