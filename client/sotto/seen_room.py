"""A room's messages, wherever they stand: verified, decrypted, and judged by all that was seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from sotto.conversation import Message, Status, conversation_of
from sotto.keys.trust import Trust
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
from sotto.protocol.message_order import Verdict
from sotto.protocol.retention import honest_absence, is_over
from sotto.protocol.seen_messages import SeenMessage, SeenMessages
from sotto.room_log import Me, RoomLog


class SeenRoom(RoomLog):
    """A room's log, and every message of it that was seen. Nothing that was verified is forgotten,
    so that it can be read in windows.
    """

    def __init__(self, room: str, me: Me, trust: Trust) -> None:
        super().__init__(room, me, trust)
        self.rows: dict[int, StoredMessage] = {}
        """The messages as the server sent them, by seq."""
        self.sent: dict[int, str] = {}
        """Ids of this account's acknowledged messages, by seq."""
        self.now: Callable[[], int] = lambda: 0
        """The time (ms) by which messages end; at 0 none does, as in an export."""
        self._after = 0
        self._seen = SeenMessages()
        self._alone: dict[int, Message] = {}
        """Every message that was seen, as it is by itself, by seq."""
        self._locked: dict[int, Header] = {}
        self._replaced: set[int] = set()
        """Seqs of verified messages of others for which the server later gave other ones."""

    @property
    def newest_seen(self) -> int:
        """The seq of the newest message seen anywhere, 0 for none."""
        return self._seen.newest

    def see(self, given: Any, *, patient: bool = True) -> int:
        """Verify a message anywhere in the room and remember it; `window` shows it.

        Args, Raises: as of `add`.

        Returns:
            Its seq.
        """
        row = check_stored(given)
        if row["seq"] > self._after:
            self._see(row, patient)
        return int(row["seq"])

    def _see(self, row: StoredMessage, patient: bool) -> None:
        """Keeps what was verified: the server cannot put another message in its place."""
        seq = row["seq"]
        seen, message = self._open(row, patient)
        before = self._seen.get(seq)
        if before is not None and before.good:
            if before.id != seen.id:
                self._replace(seq)
                return
            if not (seen.good and message.status == "erased"):
                return
        self._seen.add(seen)
        self._alone[seq] = message
        self.rows[seq] = row

    def _replace(self, seq: int) -> None:
        """The server gave another message where a verified one was."""
        if self._alone[seq].uid == self.me.uid:
            self.freeze("another message in the place of an own one")
        self._replaced.add(seq)

    def cover(self, first: int, last: int) -> None:
        """Record that the server was asked for all messages from `first` to `last`."""
        self._seen.cover(first, last)

    def window(self, first: int, last: int) -> list[Message]:
        """The messages to show from `first` to `last`, judged by all that was seen, with every
        change that was seen applied.
        """
        shown = conversation_of(self.everything(), all_changes=True)
        return [
            message for message in shown if first <= message.seq <= last and self.stands(message)
        ]

    def stands(self, message: Message) -> bool:
        """False if the room's rules have ended a message: nothing shows it."""
        return not is_over(self.state.policy["ttl"], message.ts, self.now()) or message.ts == 0

    def everything(self) -> list[Message]:
        """All messages that were seen, in order."""
        return [judged(self._alone[seq], self._seen.verdict(seq)) for seq in sorted(self._alone)]

    def id_seen(self, seq: int) -> str | None:
        """The id of the message that was seen at that number, None if none was."""
        seen = self._seen.get(seq)
        return None if seen is None else seen.id

    def own_cid(self, seq: int) -> str:
        """The cid of this account's verified message at that number; "" if none was seen there."""
        seen = self._seen.get(seq)
        own = seen is not None and seen.good and seen.header and seen.header.uid == self.me.uid
        return seen.header.cid if own and seen is not None and seen.header is not None else ""

    def sent_time(self, seq: int) -> int | None:
        """When the sender of a verified message says that it was sent, in ms; None if no verified
        one was seen at that number.
        """
        seen = self._seen.get(seq)
        return seen.header.ts if seen is not None and seen.good and seen.header else None

    def is_locked(self, seq: int) -> bool:
        """True if the key of a message that was seen is not here."""
        return seq in self._locked

    def left_out(self, first: int, last: int, seqs: Iterable[int]) -> dict[int, int]:
        """Note verified messages from `first` to `last` that the server left out of an answer.

        Those of others stay as they were read, and are counted as lost.

        Args:
            seqs: what it gave.

        Returns:
            When this account's own ones were sealed (ms), by seq.
        """
        own: dict[int, int] = {}
        for seen in self._seen.between(first, last, without=set(seqs)):
            if not seen.good or seen.header is None:
                continue
            if seen.header.uid == self.me.uid:
                own[seen.seq] = seen.header.ts
            else:
                self._replaced.add(seen.seq)
        return own

    def check_own_absences(self, own: Mapping[int, int], first: int, now: int) -> None:
        """Decide whether messages of this account may be absent, once the log is up to date.

        Args:
            own: when they were sealed (ms), by seq.
            first: the seq of the server's oldest message.
            now: ms.

        Raises:
            Frozen: one of them may not.
        """
        may = honest_absence(self.events, ended=self.state.ended, first=first, now=now)
        if not all(may(seq, at) for seq, at in own.items()):
            self.freeze("an own message is gone")

    def lacking(self, sent: Mapping[int, str]) -> list[int]:
        """The acknowledged messages that the server was asked for and did not give."""
        return [seq for seq in sent if self._seen.covers(seq) and seq not in self._seen]

    def _open(self, row: StoredMessage, patient: bool) -> tuple[SeenMessage, Message]:
        """Verify and decrypt a message by itself."""
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
            id_, header = (opened.id, opened.header) if opened is not None else ("", None)
            return SeenMessage(seq, id_, header, False), Message(self.id, seq, "refused")
        seen = SeenMessage(seq, opened.id, opened.header, True)
        return seen, self._described(row, opened, status, content)

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

    def unlock_seen(self) -> set[int]:
        """Decrypt messages whose key has arrived; returns their seqs."""
        found = {seq for seq, header in self._locked.items() if header.e in self.keys}
        for seq in found:
            self._unlock(seq, self._locked.pop(seq))
        return found

    def _unlock(self, seq: int, header: Header) -> None:
        try:
            status, content = self._content(self.rows[seq], header)
        except WireError:
            seen = self._seen.get(seq)
            assert seen is not None
            self._seen.add(replace(seen, good=False))
            self._alone[seq] = Message(self.id, seq, "refused")
        else:
            self._alone[seq] = replace(self._alone[seq], status=status, content=content)

    def _check_own(self, seq: int, id_: str) -> None:
        if self.sent.get(seq, id_) != id_:
            self.freeze("another message has the place of an acknowledged one")


def judged(message: Message, verdict: Verdict) -> Message:
    """A message by what the others say about it."""
    if not verdict.accepted:
        return Message(message.room, message.seq, "refused", missing=verdict.missing)
    if verdict.missing or verdict.other_view:
        return replace(message, missing=verdict.missing, other_view=verdict.other_view)
    return message
