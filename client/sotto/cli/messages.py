"""Commands that send and print messages and files."""

from __future__ import annotations

import json
import sys
from argparse import Namespace

from sotto.cli.context import find_message, find_room, logged_in
from sotto.cli.output_files import place, usable
from sotto.cli.terminal import ProgressBar, UsageError, label, line, note, say
from sotto.client import Client
from sotto.names import is_invisible
from sotto.protocol.content import reaction_key
from sotto.room import Message, Room

MOST_OPTIONS = 20  # of a poll
MOST_SINCE = 100  # messages of a part that begins at a moment
LOST = "{}: the server no longer has {} of the messages that were read here before."

STOPPED = "{}: the operator of this server stopped this room. All that was written stays readable."
GOES_ON = "{}: the operator of this server lets this room go on."


async def send(given: Namespace) -> None:
    """send a message, a file or both; - reads the message from standard input"""
    text = _text_of(given)
    if is_invisible(text) and not given.file:
        raise UsageError("There is nothing to send: the message shows no characters.")
    async with logged_in(given) as client:
        room = await find_room(client, given.room)
        answered = None if given.re is None else await find_message(client, room, given.re)
        if not given.file:
            await client.messages.send(room.id, text, answered)
        else:
            with usable(given.file):
                shown = ProgressBar("Sending")
                await client.files.send(room.id, given.file, body=text, progress=shown)
        _note_lost(room)


async def poll(given: Namespace) -> None:
    """ask a question with answers to choose from; prints the number of its message"""
    texts = [given.question, *given.option]
    if any(map(is_invisible, texts)):
        raise UsageError("The question and each answer show something.")
    if not 2 <= len(given.option) <= MOST_OPTIONS:
        raise UsageError(f"A poll has 2 to {MOST_OPTIONS} answers.")
    async with logged_in(given) as client:
        room = await find_room(client, given.room)
        asked = (room.id, given.question, given.option)
        say(str(await client.messages.poll(*asked, multi=given.multi)))


async def vote(given: Namespace) -> None:
    """choose answers of a poll, by their numbers; without one you take your vote back"""
    async with logged_in(given) as client:
        message = await find_message(client, await find_room(client, given.room), given.seq)
        if message.kind != "poll":
            raise UsageError("That message is no poll.")
        options = message.content["options"]
        if not all(1 <= pick <= len(options) for pick in given.pick):
            raise UsageError(f"Its answers have the numbers 1 to {len(options)}.")
        if len(set(given.pick)) > 1 and not message.content["multi"]:
            raise UsageError("One answer may be chosen.")
        await client.messages.vote(message, *sorted({pick - 1 for pick in given.pick}))


async def read(given: Namespace) -> None:
    """tell the server that you have read a room, as `sotto rooms` counts"""
    async with logged_in(given) as client:
        await client.messages.mark_read((await find_room(client, given.room)).id)


async def edit(given: Namespace) -> None:
    """replace the text of one of your messages; - reads it from standard input"""
    text = _text_of(given)
    async with logged_in(given) as client:
        message = await _own(client, given)
        if is_invisible(text) and not message.files:
            raise UsageError("A message shows something: `sotto delete` removes it.")
        await client.messages.edit(message, text)


async def delete(given: Namespace) -> None:
    """delete one of your messages, or as a leader anybody's; the server erases its content"""
    async with logged_in(given) as client:
        room = await find_room(client, given.room)
        message = await find_message(client, room, given.seq)
        member = room.state.members.get(client.me.uid)
        if message.uid != client.me.uid and (member is None or member.role == "member"):
            raise UsageError("That message is somebody else's.")
        await client.messages.delete(message)


async def react(given: Namespace) -> None:
    """add an emoji to a message, or take it back"""
    if not reaction_key(given.emoji):
        raise UsageError("A reaction is one emoji.")
    async with logged_in(given) as client:
        message = await find_message(client, await find_room(client, given.room), given.seq)
        await client.messages.react(message, given.emoji, on=not given.off)


async def pin(given: Namespace) -> None:
    """pin a message for everybody in the room, or unpin it"""
    async with logged_in(given) as client:
        message = await find_message(client, await find_room(client, given.room), given.seq)
        await client.messages.pin(message, on=not given.off)


async def _own(client: Client, given: Namespace) -> Message:
    message = await find_message(client, await find_room(client, given.room), given.seq)
    if message.uid != client.me.uid:
        raise UsageError("That message is somebody else's.")
    if message.kind != "text":
        raise UsageError("Only the text of a message can be changed.")
    return message


def _text_of(given: Namespace) -> str:
    return sys.stdin.read().rstrip("\n") if given.text == "-" else given.text or ""


async def fetch(given: Namespace) -> None:
    """write the file of a message to PATH, or under its own name; prints where it is"""
    async with logged_in(given) as client:
        room = await find_room(client, given.room)
        files = (await find_message(client, room, given.seq)).files
        if not 1 <= given.n <= len(files):
            raise UsageError(f"Message {given.seq} has no such file. `sotto history` lists files.")
        file = files[given.n - 1]
        to = place(given.to, file)
        with usable(to):
            say(str(await client.files.download(file, to, progress=ProgressBar("Fetching"))))


async def history(given: Namespace) -> None:
    """print a room's messages; with --since those that follow that moment, 50 or as -n says"""
    async with logged_in(given) as client:
        room = await find_room(client, given.room)
        if given.since is None:
            _print(await client.messages.history(room.id), given)
        else:
            many = min(given.n if given.n > 0 else 50, MOST_SINCE)
            moment = given.since.astimezone()  # of this machine's zone where it names none
            found = await client.messages.since(room.id, moment, many)
            at = moment.timestamp() * 1000
            _print(found if any(one.ts >= at for one in found) else [], given)
        _note_lost(room)


async def tail(given: Namespace) -> None:
    """print a room's last messages and those that arrive, until Ctrl-C"""
    async with logged_in(given) as client:
        room = await find_room(client, given.room)
        _print(await client.messages.history(room.id), given)
        reported = _note_lost(room)
        if room.stopped:
            _note_stop(room)
        async for message in client.messages.receive(room.id, on_stop=_note_stop):
            say(as_json(message) if given.json else line(message))
            if room.lost_count > reported:
                reported = _note_lost(room)


def _note_stop(room: Room) -> None:
    note((STOPPED if room.stopped else GOES_ON).format(label(room)))


def _note_lost(room: Room) -> int:
    """Report how many messages the server has lost, and print those that this run has read."""
    if room.lost_count:
        note(LOST.format(label(room), room.lost_count))
    for message in room.lost:
        note(f"{line(message)}  [the server no longer has this]")
    return room.lost_count


def _print(messages: list[Message], given: Namespace) -> None:
    for message in messages[-given.n :] if given.n > 0 else messages:
        say(as_json(message) if given.json else line(message))


def as_json(message: Message) -> str:
    """A message as one line of JSON."""
    keys = ("room", "seq", "status", "uid", "name", "ts", "kind", "content")
    value = {key: getattr(message, key) for key in keys}
    flags = ("edited", "pinned", "missing", "other_view")
    return json.dumps(value | {key: True for key in flags if getattr(message, key)})
