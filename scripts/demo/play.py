"""Playing the stories, as six people with keys of their own."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from scripts.demo.clock import ProcessClock, machine_now, story_time
from scripts.demo.pictures import PICTURES
from scripts.demo.site import PrivateSite
from scripts.demo.story import EVENTS, Step, Story
from sotto.api import ApiError
from sotto.client import Client
from sotto.conversation import Message
from sotto.keys.own_keys import KeysNotPublished
from sotto.profile.profile_dir import ProfileDir
from sotto.protocol.identity import Keys

PEOPLE = ("demo", "mira", "jonas", "lena", "theo", "sami")
BEFORE = timedelta(minutes=20)  # a room is there before anybody says a word in it
Told = Callable[[], None]
"""Called after each message."""
Planned = tuple[datetime, Callable[[], Awaitable[None]], Step | None]
"""When something is done, what, and the step that it is, if any."""


class Cast:
    """Everybody, signed in. What they need to come back is in `folder`."""

    def __init__(self, url: str, folder: Path, site: PrivateSite) -> None:
        self._url = url
        self._folder = folder
        self._site = site
        self._passwords = self._read_passwords()
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

    async def enter(self, *, new: bool = True) -> None:
        """Sign everybody in, and up who has no account yet, unless not `new`."""
        homes = {name: ProfileDir(self._folder / name) for name in PEOPLE}
        there = {name: account for name in PEOPLE if (account := homes[name].account())}
        missing = [name for name in PEOPLE if new and name not in there]
        made = await asyncio.gather(*(asyncio.to_thread(Keys.generate) for _ in missing))
        for name in (*there, *missing):
            self.clients[name] = Client(
                self._url,
                profile_dir=homes[name],
                transport=self._site.transport(),
                connect=self._site.connect,
                clock=ProcessClock(),
            )
        for name, account in there.items():
            await self._return(self.clients[name], account.name, self._passwords[name])
        for name, keys in zip(missing, made, strict=True):
            await self._sign_up(self.clients[name], name, keys)

    async def _return(self, client: Client, name: str, password: str) -> None:
        """Go on with the sign-in of a run that was interrupted, so that `leave` ends it."""
        try:
            await client.account.resume()
        except (ApiError, KeysNotPublished):
            await client.account.log_in(name, password)

    async def leave(self) -> None:
        """Sign everybody out: sessions of theirs are in nobody's list."""
        for client in self.clients.values():
            await client.account.log_out()
        await self.close()

    async def close(self) -> None:
        await asyncio.gather(*(client.close() for client in self.clients.values()))
        self.clients.clear()

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

    def __init__(self, cast: Cast, story: Story) -> None:
        self._cast = cast
        self._story = story
        self.room = ""
        self._named: dict[str, Message] = {}
        self._last: Message | None = None
        self._last_of: dict[str, Message] = {}
        self._poll: Message | None = None

    async def begin(self) -> None:
        """Make the room, and let those in who are there from the beginning."""
        owner = self._cast.clients[self._story.owner]
        self.room = await owner.rooms.create(self._story.name, self._story.topic, ai="ask")
        for name in self._story.members:
            await self._join(name)

    async def do(self, step: Step) -> None:
        client = self._cast.clients[step.who]
        if step.act in EVENTS:
            await self._event(client, step)
        elif step.act in ("", ">", "?", "#"):
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
        elif step.act == "#":
            drawn = PICTURES[step.file]()
            seq = await client.files.send(
                self.room,
                drawn.png(),
                name=step.file,
                body=step.text,
                pixels=(drawn.width, drawn.height),
            )
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


async def play_all(
    url: str, folder: Path, site: PrivateSite, stories: list[Story], told: Told
) -> str:
    """Make accounts, rooms and messages; returns the demo account's recovery kit."""
    cast = Cast(url, folder, site)
    try:
        await _clear(cast)
        now = machine_now()
        steps = _in_order(cast, stories, now)
        with story_time(steps[0][0] - BEFORE) as clock:
            await cast.enter()
            for at, do, step in steps:
                clock.advance(at)
                await do()
                if step is not None and step.act not in EVENTS:
                    told()
            kit = cast.clients["demo"].account.recovery_kit()
            await cast.leave()
        return kit
    finally:
        await cast.close()


def _in_order(cast: Cast, stories: list[Story], now: datetime) -> list[Planned]:
    """All rooms' steps, sorted by time: clocks do not go back."""
    planned: list[Planned] = []
    for story in stories:
        play = Play(cast, story)
        times = list(story.times(now))
        planned.append((times[0][0] - BEFORE, play.begin, None))
        planned += [(at, partial(play.do, step), step) for at, step in times]
    return sorted(planned, key=lambda one: one[0])


async def _clear(cast: Cast) -> None:
    """Rooms of a run that was interrupted go; their stories are told again."""
    await cast.enter(new=False)
    for client in cast.clients.values():
        for item in await client.rooms.overview():
            if item["role"] == "owner" and not item["closed"]:
                await client.room_admin.close(item["id"])
    for client in cast.clients.values():
        for item in await client.rooms.overview():
            if item["closed"]:
                await client.rooms.delete(item["id"])
    await cast.leave()
