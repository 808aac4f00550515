"""A room: its verified log, its keys and its messages in order."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from itertools import dropwhile
from typing import Any

from sotto.conversation import Message, conversation_of
from sotto.keys.trust import Trust
from sotto.protocol.message import (
    check_stored,
)
from sotto.protocol.message_order import MessageOrder, Verdict
from sotto.protocol.retention import honest_absence, rules_of
from sotto.protocol.seen_messages import SeenMessages
from sotto.room_log import Me
from sotto.seen_room import SeenRoom, judged

__all__ = ["Me", "Message", "Room"]


class Room(SeenRoom):
    """A room's log and its messages, each verified against the log."""

    def __init__(self, room: str, me: Me, trust: Trust) -> None:
        super().__init__(room, me, trust)
        self.messages: list[Message] = []
        """One per message on the server, in order; `conversation` applies changes."""
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
        self.first = 1
        """The seq of the oldest message that may still exist."""

    @property
    def last(self) -> int:
        """The newest message's seq, 0 for none."""
        return self.messages[-1].seq if self.messages else 0

    @property
    def highest(self) -> tuple[int, str]:
        """Seq and id of the newest message seen, refused ones included."""
        return self._seen.highest

    @property
    def last_known(self) -> int:
        """The seq of the newest message that an earlier run verified, 0 for none."""
        return self.known_last[0] if self.known_last is not None else 0

    @property
    def lost_count(self) -> int:
        """The number of messages read here that the server no longer has."""
        return len(self.lost) + self.lost_before + len(self._replaced)

    def conversation(self) -> list[Message]:
        """The messages to show, with edits, deletions and reactions applied, without those that the
        room's rules have ended.
        """
        return [message for message in conversation_of(self.messages) if self.stands(message)]

    def standing(self) -> list[Message]:
        """The messages, without the oldest ones that the room's rules have ended."""
        return list(dropwhile(lambda message: not self.stands(message), self.messages))

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
            self._seen = SeenMessages(self._after)

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
        if row["seq"] <= max(self.last, self._after):
            return None
        assert self._order is not None
        self._see(row, patient)
        message = judged(self._alone[row["seq"]], self._place(self._order, row["seq"]))
        if message.status == "refused":
            self._locked.pop(message.seq, None)
        self.messages.append(message)
        return message

    def _place(self, order: MessageOrder, seq: int) -> Verdict:
        seen = self._seen.get(seq)
        assert seen is not None
        return seen.judge(order)

    def unlock(self) -> list[Message]:
        """Decrypt messages whose key has arrived; returns those among `messages`."""
        found = self.unlock_seen()
        opened = []
        for at, message in enumerate(self.messages):
            if message.seq not in found:
                continue
            alone = self._alone[message.seq]
            if alone.status == "refused":
                self.messages[at] = alone
            else:
                self.messages[at] = replace(message, status=alone.status, content=alone.content)
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
        seen = self._seen.get(seq)
        if seen is not None:
            self._check_own(seq, seen.id)

    def lacks_messages(self, sent: Mapping[int, str], head: int) -> bool:
        """True if the server lacks messages that were read or acknowledged.

        Args:
            sent: ids of acknowledged messages, by seq.
            head: the seq of the server's newest message.
        """
        known = self.known_last
        lacks = head < self.newest_seen or (known is not None and head < known[0])
        return lacks or any(seq not in self._alone for seq in sent)

    def compare_known(self, first: int, head: int) -> None:
        """Compare the newest message that an earlier run verified with the one at its number now.
        Where there is another one, or none, it is counted as lost.

        Args:
            first: the seq of the server's oldest message.
            head: the seq of its newest.
        """
        if self.known_last is None or self.state.ended or self.lost_before:
            return
        seq, id_ = self.known_last
        if max(first, self._after + 1) <= seq <= head and self.id_seen(seq) != id_:
            self._replaced.add(seq)

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
            if seq not in self._alone and not may(seq, self.sent_at.get(seq, 0)):
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
        everything = self.everything()
        lost = [message for message in everything if message.seq > head]
        if not lost:
            return
        if any(message.uid == self.me.uid or message.seq in self.sent for message in lost):
            self.freeze("an acknowledged message of the account's own is gone")
        view = {message.seq: message for message in conversation_of(everything)}
        self.lost += [view[message.seq] for message in lost if message.seq in view]
        for seq in self._seen.drop_after(head):
            del self._alone[seq]
            self.rows.pop(seq, None)
            self._locked.pop(seq, None)
        if self.messages and self.last > head:
            self._read_again([message.seq for message in self.messages if message.seq <= head])

    def _read_again(self, seqs: list[int]) -> None:
        self.messages = []
        self._order = MessageOrder(self._after)
        for seq in seqs:
            verdict = self._place(self._order, seq)
            self.messages.append(judged(self._alone[seq], verdict))
