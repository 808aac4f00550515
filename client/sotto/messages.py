"""Sending, reading and following messages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

from sotto.message_reader import MessageReader
from sotto.names import is_invisible
from sotto.protocol.content import reaction_key
from sotto.protocol.encoding import field_of
from sotto.room import Message, Room
from sotto.room_errors import FormerMember, Frozen, NewerVersion, RoomFailure
from sotto.session import Session


class Messages:
    """`client.messages`. Every method that sends returns the message's seq once the server has
    stored it.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def send(self, room: str, text: str, re: Message | None = None) -> int:
        """Send a text.

        Args:
            re: the message that it answers.

        Raises:
            ValueError: the text shows nothing; nothing was sent.
            UnapprovedKeys: it is not certain whose keys a member has; nothing was sent.
        """
        _require_visible(text)
        content: dict[str, Any] = {"t": "text", "body": text}
        return await self._send(room, content if re is None else {**content, "re": re.ref})

    async def edit(self, message: Message, text: str) -> int:
        """Replace the text of one of your messages. Raises as `send`."""
        if not message.files:
            _require_visible(text)
        return await self._send(message.room, {"t": "edit", "of": message.ref, "body": text})

    async def delete(self, message: Message) -> int:
        """Delete a message and its edits. The server erases their content."""
        room = await self._session.manager.open(message.room)
        edits = [
            other.ref
            for other in room.messages
            if other.kind == "edit" and other.content["of"] == message.ref
        ]
        return await self._send(room.id, {"t": "delete", "of": [message.ref, *edits]})

    async def react(self, message: Message, emoji: str, *, on: bool = True) -> int:
        """Add a reaction, or remove it with `on=False`.

        Raises:
            ValueError: `emoji` is not one emoji; nothing was sent.
        """
        if not reaction_key(emoji):
            raise ValueError("A reaction is one emoji.")
        content = {"t": "react", "of": message.ref, "emoji": emoji, "on": int(on)}
        return await self._send(message.room, content)

    async def pin(self, message: Message, *, on: bool = True) -> int:
        """Pin a message, or unpin it with `on=False`."""
        return await self._send(message.room, {"t": "pin", "of": message.ref, "on": int(on)})

    async def poll(
        self, room: str, question: str, options: list[str], *, multi: bool = False
    ) -> int:
        """Start a poll.

        Args:
            options: 2 to 20 answers.
            multi: whether a person may choose several.

        Raises:
            ValueError: the question or an answer shows nothing; nothing was sent.
        """
        for text in (question, *options):
            _require_visible(text)
        content = {"t": "poll", "body": question, "options": options, "multi": int(multi)}
        return await self._send(room, content)

    async def vote(self, poll: Message, *picks: int) -> int:
        """Vote in a poll, replacing your earlier vote.

        Args:
            picks: indexes of the options.
        """
        return await self._send(poll.room, {"t": "vote", "of": poll.ref, "picks": list(picks)})

    async def _send(self, room: str, content: dict[str, Any]) -> int:
        return await self._session.manager.send(room, content)

    async def mark_read(self, room: str) -> None:
        """Tell the server that you have read up to the newest message here."""
        seq = (await self._session.manager.open(room)).last
        await self._session.manager.stream.send({"type": "read", "room": room, "seq": seq})

    async def history(self, room: str) -> list[Message]:
        """A room's conversation up to now, with edits, deletions and reactions applied."""
        opened = await self._session.manager.open(room)
        await self._session.manager.catch_up(opened)
        return opened.conversation()

    async def around(self, room: str, seq: int, limit: int = 50) -> list[Message]:
        """The part of a conversation around a message, without reading the whole room.

        Every message is verified, judged by all that was seen of the room so far, and has the later
        changes applied that the server names. Whether it names all of them is known only once the
        room was read: `history`.

        Args:
            seq: the message; one that is not there gives way to the nearest.
            limit: how many, at most 200. Edits and other changes count, and are not listed.

        Raises:
            Frozen: the server contradicts what was read or acknowledged.
        """
        reader, opened = await self._reader(room)
        window = await reader.around(limit, seq=seq)
        return opened.window(window.low, window.high)

    async def since(self, room: str, moment: datetime, limit: int = 50) -> list[Message]:
        """The part of a conversation that begins at a moment: up to `limit` messages, at most 100.

        The server names the place; where the times that the senders signed contradict it, it is
        looked for among them. Raises as `around`.
        """
        at = int(moment.timestamp() * 1000)
        reader, opened = await self._reader(room)
        seq = await reader.first_since(at)
        window = await reader.around(min(2 * limit, 200), seq=seq)
        return opened.window(seq, window.high)[:limit]

    async def _reader(self, room: str) -> tuple[MessageReader, Room]:
        manager = self._session.manager
        opened = await manager.load(room)
        if opened.frozen:
            raise Frozen(opened.frozen)
        return MessageReader(manager.api, manager.log_api, opened), opened

    async def receive(
        self, *rooms: str, on_stop: Callable[[Room], None] | None = None
    ) -> AsyncIterator[Message]:
        """Messages that arrive from now on, your own and changes included, and older ones whose key
        arrived late. `history` has the ones before.

        Args:
            rooms: which rooms; all of yours by default, later ones included.
            on_stop: is called when the operator of the server stops a room or lets it go on, as
                its `stopped` says.

        Raises:
            Frozen, NewerVersion: a room cannot be followed any longer. Call `receive` again for
                the other rooms.
            FormerMember, Closed: one of `rooms` has ended, as its signed log proves. Without
                `rooms` the others are followed on.
            ApiError: the account was signed out, or the server denies one of `rooms` without a
                signed reason (`not_found`).
            KeysReplaced: the account has newer keys, made elsewhere. Called again, it gives what
                these keys can still read.
            KeysNotPublished: the server has lost the account's keys.
        """
        manager = self._session.manager
        if on_stop is not None:
            manager.on_stop = on_stop
        if rooms:
            for room in rooms:
                (await manager.open(room)).check_not_closed()
        elif not manager.follows_new_rooms:
            await self._open_all()
        while True:
            item = await manager.inbox.get()
            if isinstance(item, Exception):
                raise item
            if rooms and item.room not in rooms:
                continue
            if isinstance(item, RoomFailure):
                self._check_failure(item, named=bool(rooms))
            else:
                yield item

    def _check_failure(self, failure: RoomFailure, *, named: bool) -> None:
        """Raise what ended a room that is followed, unless the account is in it again.

        Args:
            named: whether that room is followed by name; the end of another one is no failure.
        """
        manager, room, why = self._session.manager, failure.room, failure.why
        if isinstance(why, (Frozen, NewerVersion)):
            raise why
        if named and not (manager.has(room) and manager.cached(room).goes_on):
            raise why

    async def _open_all(self) -> None:
        manager = self._session.manager
        manager.follows_new_rooms = True
        for item in await manager.overview():
            if item.get("accepted") is False or item.get("closed"):
                continue
            id_ = field_of(item, "id", str)
            try:
                await manager.open(id_)
            except (Frozen, NewerVersion) as failure:
                manager.fail(id_, failure)
            except FormerMember:
                continue  # removed since the list was made


def _require_visible(text: str) -> None:
    if is_invisible(text):
        raise ValueError("The text has no visible characters.")
