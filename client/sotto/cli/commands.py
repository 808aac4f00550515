"""What each command of `sotto` does."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from argparse import Namespace
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from sotto.api import ApiError
from sotto.cli.output_files import place, read_text, usable, write_new
from sotto.cli.terminal import (
    Bar,
    Usage,
    confirmed,
    label,
    line,
    note,
    printable,
    say,
    secret,
)
from sotto.client import Client
from sotto.export import check_export as checked
from sotto.html_export import as_html
from sotto.profile_dir import Home
from sotto.protocol.encoding import WireError
from sotto.protocol.identity import safety_number
from sotto.protocol.invite_link import Link
from sotto.protocol.search_query import meant, parse_query
from sotto.room import Frozen, Message, Room
from sotto.search import Coverage, SearchOrder
from sotto.search_backfill import Filled
from sotto.trust import problem

Command = Callable[[Namespace], Coroutine[Any, Any, None]]
DEFAULT_SERVER = "http://localhost:8000"
WAY_OUT = (
    "`sotto export ROOM FILE` saves the evidence; `sotto accept-server-version ROOM` goes on "
    "with what the server has now."
)

PUBLISH_AGAIN = "Yours are still here: `sotto publish-keys` publishes the same ones again."
NAMESAKE = (
    "Nothing is sent to either. Ask the person, outside this chat; then `sotto namesake NAME` with "
    "--accept or --refuse."
)
OLDER = "Somebody has to let them in with the newer one; or `sotto accept-older-key ROOM NAME`."
OPERATORS = (
    "{} means nothing. There are from:NAME, has:file, has:link, has:image, before:2026-11-01, "
    "after:2026-11-01 and in:ROOM."
)

LOST = "{}: the server no longer has {} of the messages that were read here before."

UNINDEXED = "{}: the server's index covers {} of {} messages. `sotto index {}` adds others."


def _home(given: Namespace) -> Home:
    return Home(given.home or os.environ.get("SOTTO_HOME") or None)


def _client(given: Namespace) -> Client:
    home = _home(given)
    account = home.account()
    kept = account.url if account is not None else DEFAULT_SERVER
    url = given.server or os.environ.get("SOTTO_SERVER") or kept
    return Client(url, home=home, progress=Bar("Reading"))


@asynccontextmanager
async def _signed_in(given: Namespace) -> AsyncIterator[Client]:
    async with _client(given) as client:
        await client.resume()
        try:
            yield client
        except Frozen as problem:
            with suppress(ApiError, WireError):
                problem.restored = await client.restorations()
            raise


# --- account ----------------------------------------------------------------------------------


async def signup(given: Namespace) -> None:
    """make an account, and keep its keys here"""
    password = secret(f"Password for {given.name}: ", "SOTTO_PASSWORD")
    link = _link(given.link) if given.link else ""
    async with _client(given) as client:
        await client.sign_up(given.name, password, link=link)
        if given.kit:
            write_new(Path(given.kit), client.kit())
        else:
            note(
                "Only this folder has your keys. `sotto kit FILE` makes a recovery kit: do it now."
            )


async def login(given: Namespace) -> None:
    """log in with the keys that are here, or that a recovery kit brings"""
    password = secret(f"Password for {given.name}: ", "SOTTO_PASSWORD")
    kit = read_text(Path(given.kit)) if given.kit else ""
    if given.code:
        kit = secret("Recovery code: ", "SOTTO_CODE")
    async with _client(given) as client:
        if given.new_keys:
            await client.reset(given.name, password)
            asked = await client.ask_back_in()
            note(f"Rooms in which a member has to confirm your new keys: {len(asked)}.")
        elif kit:
            await client.restore(given.name, password, kit)
        else:
            await client.login(given.name, password)


async def logout(given: Namespace) -> None:
    """end this login; keys stay in the profile"""
    async with _client(given) as client:
        await client.log_out()


async def kit(given: Namespace) -> None:
    """write the recovery kit, which alone restores your keys"""
    async with _signed_in(given) as client:
        write_new(Path(given.file), client.kit())


async def publish_keys(given: Namespace) -> None:
    """publish this profile's keys again, where the server has lost them; never new ones"""
    async with _client(given) as client:
        asked = "Password: "
        await client.publish_keys(secret(asked, "SOTTO_PASSWORD") if given.password else None)


# --- rooms ------------------------------------------------------------------------------------


async def rooms(given: Namespace) -> None:
    """list your rooms"""
    async with _signed_in(given) as client:
        unread = {item["id"]: item.get("unread", 0) for item in await client.summaries()}
        for room in await client.rooms():
            if given.json:
                say(json.dumps({"id": room.id, "name": label(room), "frozen": room.frozen}))
                continue
            state = "frozen" if room.frozen else "closed" if room.state.ended else ""
            marks = f"{len(room.state.members)} members, {unread.get(room.id, 0)} unread"
            say(f"{room.id[:8]}  {label(room)}  ({state or marks})")


async def members(given: Namespace) -> None:
    """list who is in a room, and whose account has ended"""
    async with _signed_in(given) as client:
        room = await _room(client, given.room)
        ended = await client.ended(room.id)
        for uid, member in sorted(room.state.members.items(), key=lambda item: item[1].name):
            how = f", account {printable(ended[uid])}" if uid in ended else ""
            say(f"{member.name}  ({member.role}{how})")


async def create(given: Namespace) -> None:
    """make a room; prints its id"""
    async with _signed_in(given) as client:
        policy = {"join": given.join, "history": given.history}
        say(await client.create_room(given.name, given.topic, **policy))


async def invite(given: Namespace) -> None:
    """print a link into a room: whoever has it can join"""
    async with _signed_in(given) as client:
        room = await _room(client, given.room)
        say(await client.invite(room.id, given.uses, given.hours))


async def join(given: Namespace) -> None:
    """join by a link (- reads it from standard input); prints the room's id"""
    url = _link(given.link)
    async with _signed_in(given) as client:
        say(await client.join(url, given.wait))


def _link(text: str) -> str:
    """An invitation link, given or read from standard input."""
    url = (sys.stdin.readline() if text == "-" else text).strip()
    try:
        Link.parse(url)
    except WireError:
        raise Usage("That is no invitation link.") from None
    return url


async def knocks(given: Namespace) -> None:
    """show who waits to be let in, and let them in"""
    async with _signed_in(given) as client:
        room = await _room(client, given.room)
        for waiting in await client.knocks(room.id):
            if given.let_in in (None, waiting.name):
                say(f"{waiting.name}  {'has new keys' if waiting.reset else 'wants to join'}")
            if given.let_in == waiting.name:
                await client.let_in(room.id, waiting.uid)


async def remove(given: Namespace) -> None:
    """take somebody out of a room, whose key is renewed"""
    async with _signed_in(given) as client:
        room = await _room(client, given.room)
        await client.remove(room.id, _uid(client, room, given.name), ban=given.ban)


async def ban(given: Namespace) -> None:
    """keep a former member from coming back by a link, or let them again"""
    async with _signed_in(given) as client:
        room = await _room(client, given.room)
        await client.ban(room.id, _uid(client, room, given.name), on=not given.lift)


async def role(given: Namespace) -> None:
    """make a member owner (you become moderator), moderator or member"""
    async with _signed_in(given) as client:
        room = await _room(client, given.room)
        await client.set_role(room.id, _uid(client, room, given.name), given.role)


async def successor(given: Namespace) -> None:
    """name who may take your room over once your account has ended; without a name nobody

    Only the server knows whether it has: name somebody you trust.
    """
    async with _signed_in(given) as client:
        room = await _room(client, given.room)
        uid = _uid(client, room, given.name) if given.name else ""
        await client.name_successor(room.id, uid)


async def take_over(given: Namespace) -> None:
    """become owner of a room whose owner named you and whose account has ended"""
    async with _signed_in(given) as client:
        await client.take_over((await _room(client, given.room)).id)


def _uid(client: Client, room: Room, name: str) -> str:
    """Of a present or former member, by the name in the log."""
    wanted = name.removeprefix("@").lower()
    known = {identity.uid: identity.name for identity in client.trust.known.values()}
    found = [uid for uid in room.state.spans if known.get(uid) == wanted]
    if len(found) != 1:
        raise Usage(f"{'Several are' if found else 'Nobody here is'} called {wanted}.")
    return found[0]


async def _room(client: Client, wanted: str) -> Room:
    """By its name, its id or how that begins, or @somebody."""
    if wanted.startswith("@"):
        return await client.room(await client.direct(wanted[1:].lower()))
    found = [room for room in await client.rooms() if _is(room, wanted)]
    if len(found) != 1:
        what = "Several rooms are" if found else "No room is"
        raise Usage(f"{what} called {wanted}. `sotto rooms` lists them with their ids.")
    return found[0]


def _is(room: Room, wanted: str) -> bool:
    by_id = len(wanted) >= 4 and room.id.startswith(wanted)
    return by_id or label(room).casefold() == wanted.casefold()


# --- messages ---------------------------------------------------------------------------------


async def send(given: Namespace) -> None:
    """send a message, a file or both; - reads the message from standard input"""
    text = sys.stdin.read().rstrip("\n") if given.text == "-" else given.text or ""
    if not text.strip() and not given.file:
        raise Usage("There is nothing to send.")
    async with _signed_in(given) as client:
        room = await _room(client, given.room)
        if not given.file:
            await client.send(room.id, text)
            return
        with usable(given.file):
            await client.send_file(room.id, given.file, body=text, progress=Bar("Sending"))


async def fetch(given: Namespace) -> None:
    """write the file of a message to PATH, or under its own name; prints where it is"""
    async with _signed_in(given) as client:
        room = await _room(client, given.room)
        found = [message for message in await client.history(room.id) if message.seq == given.seq]
        files = found[0].files if found else []
        if not 1 <= given.n <= len(files):
            raise Usage(f"Message {given.seq} has no such file. `sotto history` shows those.")
        file = files[given.n - 1]
        to = place(given.to, file)
        with usable(to):
            say(str(await client.fetch(file, to, progress=Bar("Fetching"))))


async def history(given: Namespace) -> None:
    """print a room's messages"""
    async with _signed_in(given) as client:
        room = await _room(client, given.room)
        _print(await client.history(room.id), given)
        _note_lost(room)


async def tail(given: Namespace) -> None:
    """print a room's last messages and those that come, until Ctrl-C"""
    async with _signed_in(given) as client:
        room = await _room(client, given.room)
        _print(await client.history(room.id), given)
        told = _note_lost(room)
        async for message in client.receive(room.id):
            say(_as_json(message) if given.json else line(message))
            if room.lacks > told:
                told = _note_lost(room)


def _note_lost(room: Room) -> int:
    """Say how many messages the server has lost, and show those that were read here."""
    if room.lacks:
        note(LOST.format(label(room), room.lacks))
    for message in room.lost:
        note(f"{line(message)}  [the server no longer has this]")
    return room.lacks


def _print(messages: list[Message], given: Namespace) -> None:
    for message in messages[-given.n :] if given.n > 0 else messages:
        say(_as_json(message) if given.json else line(message))


def _as_json(message: Message) -> str:
    keys = ("room", "seq", "status", "uid", "name", "ts", "kind", "content")
    value = {key: getattr(message, key) for key in keys}
    flags = ("edited", "pinned", "missing", "other_view")
    return json.dumps(value | {key: True for key in flags if getattr(message, key)})


async def search(given: Namespace) -> None:
    """find messages by words, beginnings of words, and from: has: before: after: in:"""
    query = " ".join(given.query)
    asked = parse_query(query)
    if asked.problems:
        raise Usage(OPERATORS.format(":".join(asked.problems[0])))
    if not asked.asks_anything:
        raise Usage("There is nothing to look for: very common words are not searched.")
    async with _signed_in(given) as client:
        for room in await _rooms_to_search(client, given.room, asked.rooms):
            await _search(client, room, query, given)


async def _rooms_to_search(client: Client, wanted: str, names: list[str]) -> list[Room]:
    if wanted != "-":
        return [await _room(client, wanted)]
    rooms = [room for room in await client.rooms() if not room.frozen and not room.state.ended]
    called = {room.id: label(room).removeprefix("@") for room in rooms}
    chosen = {name for one in names for name in meant(called.values(), one)}
    return [room for room in rooms if not names or called[room.id] in chosen]


async def _search(client: Client, room: Room, query: str, given: Namespace) -> None:
    """Prints hits as they are found, and beside them how much was searched."""
    covered = Coverage()

    def cover(reached: Coverage) -> None:
        nonlocal covered
        covered = reached

    hits = 0
    order: SearchOrder = "relevance" if given.best else "newest"
    async for message in client.search(room.id, query, order=order, covered=cover):
        if given.json:
            say(_as_json(message))
        else:
            say(f"{label(room)}  {line(message)}" if given.room == "-" else line(message))
        hits += 1
        if hits == given.n:
            note(f"{label(room)}: the first {hits} of what there may be; -n 0 shows all.")
            return
    note(f"{label(room)}: searched {covered.searched} of {covered.total} messages.")
    if covered.indexed < covered.total:
        note(UNINDEXED.format(label(room), covered.indexed, covered.total, room.id[:8]))


async def index(given: Namespace) -> None:
    """make messages findable that the server has no index of; it can be stopped and run again"""
    bar, done = Bar("Indexing"), Filled(0, 0, 0, 0)
    async with _signed_in(given) as client:
        room = await _room(client, given.room)
        async for done in client.backfill(room.id):
            bar(done.seen, done.total)
    note(f"{label(room)}: {done.taken} of {done.total} messages can be found now.")


async def summary(given: Namespace) -> None:
    """Have a room's messages summarised by the server's worker, which then reads them."""
    async with _signed_in(given) as client:
        room = await _room(client, given.room)
        if given.shared:
            for one in reversed(await client.summaries_of(room.id)):
                say(f"{one.first}-{one.last} for {one.by}, by {one.model}\n{printable(one.text)}\n")
            return
        about = {"lang": given.lang, "worker": given.worker}
        made = await client.summarise(room.id, given.first, given.last, **about)
        say(printable(made.text))


async def export(given: Namespace) -> None:
    """write a room into a file, with what proves every message of it"""
    path = Path(given.file)
    async with _signed_in(given) as client:
        room = await _room(client, given.room)
        found = await client.export(room.id)
    html = given.html or path.suffix == ".html"
    write_new(path, as_html(found) if html else json.dumps(found, indent=1, ensure_ascii=False))
    note(f"{len(found['messages'])} messages in {path}.")


async def check_export(given: Namespace) -> None:
    """check every signature and chain of an exported room, without any server"""
    try:
        found = json.loads(read_text(Path(given.file)))
    except ValueError:
        raise Usage("That file is no export of a room.") from None
    room = await asyncio.to_thread(checked, found)
    say(
        f"Good: {len(room.messages)} messages and {len(room.events)} log events of "
        f"“{printable(str(found.get('name')))}”, room {room.id}."
    )


# --- trust ------------------------------------------------------------------------------------


async def verify(given: Namespace) -> None:
    """show the safety number that you and somebody else compare"""
    async with _signed_in(given) as client:
        name = given.name.removeprefix("@").lower()
        person = await client.find(name)
        doubt = client.trust.doubt(person)
        digits = safety_number(client.me.kid, person.kid)
        say("  ".join(digits[at : at + 5] for at in range(0, 60, 5)))
        if given.mark:
            client.approve_key(person.kid)
            client.mark_verified(person.uid)
        elif doubt:
            raise problem(doubt, [name])
        elif person.kid in client.trust.verified:
            note("You have verified this key.")


async def namesake(given: Namespace) -> None:
    """say whether a second account of a known name is another person, or nobody to write to"""
    async with _signed_in(given) as client:
        found = client.namesakes(given.name.removeprefix("@").lower())
        if not found:
            raise Usage("No second account of that name was seen.")
        for person in found:
            digits = safety_number(client.me.kid, person.kid)
            say(f"{person.uid}  {'  '.join(digits[at : at + 5] for at in range(0, 60, 5))}")
            if given.accept:
                client.accept_namesake(person.uid)
            elif given.refuse:
                client.refuse_namesake(person.uid)


async def accept_older_key(given: Namespace) -> None:
    """believe a member's older key, in one room"""
    async with _signed_in(given) as client:
        room = await _room(client, given.room)
        name = given.name.removeprefix("@").lower()
        found = [uid for uid, member in room.state.members.items() if member.name == name]
        if len(found) != 1:
            raise Usage("Nobody in that room, or more than one, is called that.")
        await client.accept_older_key(room.id, found[0])


async def accept_server_version(given: Namespace) -> None:
    """go on with a frozen room as the server has it now"""
    async with _signed_in(given) as client:
        room = await _room(client, given.room)
        if not room.frozen:
            raise Usage("That room is not frozen.")
        with suppress(ApiError, WireError):  # an older server has no such answer
            for said in (await client.restorations())[:1]:
                note(str(said))
        question = f"{label(room)}: {room.frozen}. Forget what was known of it? [y/N] "
        if not given.yes and not await asyncio.to_thread(confirmed, question):
            raise Usage("Nothing was changed.")
        await client.accept_server_version(room.id)
