"""A room: its verified log, its keys and its messages in order."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sotto.conversation import Message, Status, conversation_of
from sotto.protocol.content import is_known
from sotto.protocol.encoding import WireError
from sotto.protocol.message import (
    Header,
    MessageError,
    ParsedMessage,
    StoredMessage,
    check_stored,
    decrypt_message,
    is_tombstone,
    parse_message,
    verify_message,
)
from sotto.protocol.message_order import MessageOrder
from sotto.protocol.retention import honest_absence, rules_of
from sotto.room_log import Closed, Frozen, Me, NewerVersion, RoomLog, UnapprovedKeys
from sotto.trust import Trust

__all__ = [
    "Closed",
    "Frozen",
    "Me",
    "Message",
    "NewerVersion",
    "Room",
    "UnapprovedKeys",
]


class Room(RoomLog):
    """A room's log and its messages, each verified against the log."""

    def __init__(self, room: str, me: Me, trust: Trust) -> None:
        super().__init__(room, me, trust)
        self.messages: list[Message] = []
        """One per message on the server, in order; `conversation` applies changes."""
        self.rows: dict[int, StoredMessage] = {}
        """The messages as the server sent them, by seq."""
        self.sent: dict[int, str] = {}
        """Ids of this account's acknowledged messages, by seq."""
        self.sent_at: dict[int, int] = {}
        """The times when those were sealed, in ms; 0 if unknown."""
        self.known_last: tuple[int, str] | None = None
        """Seq and id of the newest message that an earlier run verified."""
        self.lost: list[Message] = []
        """Verified messages of others that the server no longer has."""
        self.lost_before = 0
        """The number of further lost messages, which only earlier runs read."""
        self.read_lock = asyncio.Lock()
        self._order: MessageOrder | None = None
        self._after = 0
        self.first = 1
        """The seq of the oldest message that may still exist."""
        self._locked: dict[int, Header] = {}

    @property
    def last(self) -> int:
        """The newest message's seq, 0 for none."""
        return self.messages[-1].seq if self.messages else 0

    @property
    def highest(self) -> tuple[int, str]:
        """Seq and id of the newest message, refused ones included."""
        return self._order.highest if self._order is not None else (0, "")

    @property
    def lost_count(self) -> int:
        """The number of messages read here that the server no longer has."""
        return len(self.lost) + self.lost_before

    def conversation(self) -> list[Message]:
        """The messages to show, with edits, deletions and reactions applied."""
        return conversation_of(self.messages)

    def find(self, seq: int) -> Message:
        """The message with that seq.

        Raises:
            KeyError: there is none.
        """
        for message in reversed(self.messages):
            if message.seq == seq:
                return message
        raise KeyError(seq)

    def begin(self, first: int) -> None:
        """Prepare for the first message.

        Args:
            first: the oldest seq that the server has, 0 for none.
        """
        expired = first > 1 and any(ttl for _, ttl in rules_of(self.events))
        if expired:
            self.first = max(self.first, first)
        if self._order is None:
            self._after = first - 1 if expired else 0
            self._order = MessageOrder(self._after)

    def add(self, given: Any, *, patient: bool = True) -> Message | None:
        """Verify and append the next message.

        Args:
            given: the message as the server sent it.
            patient: raise if the message refers to log events that are not here yet, so that the
                caller can fetch them and try again. Otherwise such a message is refused.

        Returns:
            The message, or None if it is here already.

        Raises:
            MessageError: "ahead", while `patient`.
            Frozen: it replaces one of this account's acknowledged messages.
        """
        row = check_stored(given)
        if row["seq"] <= self.last:
            return None
        message = self._judge(row, patient)
        self.messages.append(message)
        self.rows[row["seq"]] = row
        return message

    def _judge(self, row: StoredMessage, patient: bool) -> Message:
        assert self._order is not None
        seq = row["seq"]
        opened: ParsedMessage | None = None
        try:
            opened = parse_message(row)
            self._check_own(seq, opened.id)
            verify_message(row, opened, self.state, self.trust.known)
            status, content = self._content(row, opened.header)
        except (WireError, MessageError) as error:
            if isinstance(error, MessageError) and error.reason == "ahead" and patient:
                raise
            known = (opened.id, opened.header) if opened is not None else ()
            return Message(self.id, seq, "refused", missing=self._order.hold(seq, *known))
        verdict = self._order.push(seq, opened.id, opened.header)
        if not verdict.accepted:
            self._locked.pop(seq, None)
            return Message(self.id, seq, "refused", missing=verdict.missing)
        return replace(
            self._described(row, opened, status, content),
            missing=verdict.missing,
            other_view=verdict.other_view,
        )

    def peek(self, given: Any) -> Message | None:
        """Verify and decrypt one message without its neighbours, as search needs it.

        Returns:
            None if it is invalid or its key is not here.

        Raises:
            MessageError: "ahead" if it refers to log events that are not here yet.
        """
        try:
            row = check_stored(given)
            opened = parse_message(row)
            verify_message(row, opened, self.state, self.trust.known)
            key = self.keys.get(opened.header.e)
            if is_tombstone(row) or key is None:
                return None
            content = decrypt_message(row, opened.header, key)
        except (WireError, MessageError) as error:
            if isinstance(error, MessageError) and error.reason == "ahead":
                raise
            return None
        return self._described(row, opened, "ok", content) if is_known(content) else None

    def _described(
        self, row: StoredMessage, opened: ParsedMessage, status: Status, content: Any
    ) -> Message:
        header = opened.header
        return Message(
            room=self.id,
            seq=row["seq"],
            status=status,
            uid=header.uid,
            name=self.trust.known[header.kid].name,
            ts=header.ts,
            content=content,
            id=opened.id,
            kid=header.kid,
            leads=self.state.role_at(header.lh[0], header.uid) in ("owner", "moderator"),
            erased_by=row["del"] if is_tombstone(row) else 0,
            changes=is_tombstone(row) and bool(row.get("re")),
        )

    def _content(self, row: StoredMessage, header: Header) -> tuple[Status, Any]:
        if is_tombstone(row):
            return "erased", None
        key = self.keys.get(header.e)
        if key is None:
            self._locked[row["seq"]] = header
            return "locked", None
        content = decrypt_message(row, header, key)
        return ("ok", content) if is_known(content) else ("newer", None)

    def unlock(self) -> list[Message]:
        """Decrypt messages whose key has arrived; returns them."""
        opened = []
        for at, message in enumerate(self.messages):
            header = self._locked.get(message.seq)
            if header is None or header.e not in self.keys:
                continue
            del self._locked[message.seq]
            try:
                status, content = self._content(self.rows[message.seq], header)
                self.messages[at] = replace(message, status=status, content=content)
            except WireError:
                self.messages[at] = Message(self.id, message.seq, "refused")
            opened.append(self.messages[at])
        return opened

    # --- absences --------------------------------------------------------------------------

    def acknowledged(self, seq: int, id_: str, at: int = 0) -> None:
        """Record that the server acknowledged one of this account's messages: from now on it must
        have it.

        Args:
            at: when it was sealed, in ms.

        Raises:
            Frozen: another message has that seq.
        """
        self.sent[seq] = id_
        self.sent_at[seq] = at
        if seq <= self.last and self._order is not None:
            self._check_own(seq, self._order.id_at(seq) or "")

    def lacks_messages(self, sent: Mapping[int, str], head: int) -> bool:
        """True if the server lacks messages that were read or acknowledged.

        Args:
            sent: ids of acknowledged messages, by seq.
            head: the seq of the server's newest message.
        """
        known = self.known_last
        lacks = head < self.last or (known is not None and head < known[0])
        return lacks or any(seq not in self.rows for seq in sent)

    def check_absences(self, sent: Mapping[int, str], first: int, head: int, now: int) -> None:
        """Decide about absent messages, once everything on the server and the log were read. Absent
        messages of others go to `lost`; a closed room stays as it was read.

        Args:
            sent: ids of acknowledged messages, by seq.
            first: the seq of the server's oldest message.
            head: the seq of its newest.
            now: ms.

        Raises:
            Frozen: one of this account's messages is absent and may not be.
        """
        may = honest_absence(self.events, ended=self.state.ended, first=first, now=now)
        for seq in sent:
            if seq not in self.rows and not may(seq, self.sent_at.get(seq, 0)):
                self.freeze("an acknowledged message of the account's own is gone")
        if self.state.ended:
            return
        self._rewind(head)
        if self.known_last is not None:
            self.lost_before = max(0, self.known_last[0] - max(head, self._top()))

    def _top(self) -> int:
        """The seq of the newest message that this run read, lost or not."""
        return max([self.last, *(message.seq for message in self.lost)])

    def _rewind(self, head: int) -> None:
        """Drop messages after `head`: the server may give their numbers to others."""
        lost = [message for message in self.messages if message.seq > head]
        if not lost:
            return
        if any(message.uid == self.me.uid or message.seq in self.sent for message in lost):
            self.freeze("an acknowledged message of the account's own is gone")
        view = {message.seq: message for message in self.conversation()}
        self.lost += [view[message.seq] for message in lost if message.seq in view]
        rows = [self.rows[message.seq] for message in self.messages if message.seq <= head]
        self.messages, self.rows, self._locked = [], {}, {}
        self._order = MessageOrder(self._after)
        for row in rows:
            self.add(row, patient=False)

    def _check_own(self, seq: int, id_: str) -> None:
        if self.sent.get(seq, id_) != id_:
            self.freeze("another message has the place of an acknowledged one")
