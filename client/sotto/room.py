"""One room as its member sees it: the verified log, the keys, and the messages in their order."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sotto.content import is_known
from sotto.encoding import WireError
from sotto.ledger import Closed, Frozen, Ledger, Me, NewerVersion, UnapprovedKeys
from sotto.message import (
    Header,
    MessageError,
    Opened,
    Row,
    check_row,
    decrypt_message,
    is_tombstone,
    open_header,
    verify_message,
)
from sotto.order import Order
from sotto.reading import Message, Status, shown
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


class Room(Ledger):
    """A ledger and its messages. Believes only what follows from the log."""

    def __init__(self, room: str, me: Me, trust: Trust) -> None:
        super().__init__(room, me, trust)
        self.messages: list[Message] = []
        """One for each that the server has, in order; `conversation` puts them together."""
        self.rows: dict[int, Row] = {}
        """The messages as they came, by seq."""
        self.sent: dict[int, str] = {}
        """Ids of acknowledged messages of one's own, by seq."""
        self.feed_lock = asyncio.Lock()
        self._order: Order | None = None
        self.first = 1
        """Of the oldest message that may still be there."""
        self._locked: dict[int, Header] = {}

    @property
    def last(self) -> int:
        """The newest message's seq, 0 for none."""
        return self.messages[-1].seq if self.messages else 0

    @property
    def highest(self) -> tuple[int, str]:
        return self._order.highest if self._order is not None else (0, "")

    def conversation(self) -> list[Message]:
        """What there is to read: edits, deletions and reactions applied."""
        return shown(self.messages)

    def find(self, seq: int) -> Message:
        """KeyError where there is no such message."""
        for message in reversed(self.messages):
            if message.seq == seq:
                return message
        raise KeyError(seq)

    def begin(self, first: int) -> None:
        """Before the first message: the oldest seq that the server still has, 0 for none."""
        expired = self.state.policy["ttl"] != 0 and first > 1
        if expired:
            self.first = max(self.first, first)
        if self._order is None:
            self._order = Order(first - 1 if expired else 0)

    def take(self, given: Any, *, patient: bool = True) -> Message | None:
        """The next message, judged; None for one that is here already.

        While `patient`, MessageError("ahead") asks to fetch the log and to offer it again; a
        message that still claims to know more of the log than there is, is refused.
        """
        row = check_row(given)
        if row["seq"] <= self.last:
            return None
        message = self._judge(row, patient)
        self.messages.append(message)
        self.rows[row["seq"]] = row
        return message

    def _judge(self, row: Row, patient: bool) -> Message:
        assert self._order is not None
        seq = row["seq"]
        opened: Opened | None = None
        try:
            opened = open_header(row)
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
        """A message by itself, wherever it stands: what search finds. None if it breaks a rule or
        cannot be read here; MessageError("ahead") asks for more of the log."""
        try:
            row = check_row(given)
            opened = open_header(row)
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

    def _described(self, row: Row, opened: Opened, status: Status, content: Any) -> Message:
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

    def _content(self, row: Row, header: Header) -> tuple[Status, Any]:
        if is_tombstone(row):
            return "erased", None
        key = self.keys.get(header.e)
        if key is None:
            self._locked[row["seq"]] = header
            return "locked", None
        content = decrypt_message(row, header, key)
        return ("ok", content) if is_known(content) else ("newer", None)

    def unlock(self) -> list[Message]:
        """Messages whose key has come since, opened in place."""
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

    # --- one's own --------------------------------------------------------------------------

    def acknowledged(self, seq: int, id_: str) -> None:
        """The server's word that a message of one's own stands at `seq`: from now on it must."""
        self.sent[seq] = id_
        if seq <= self.last and self._order is not None:
            self._check_own(seq, self._order.id_at(seq) or "")

    def check_sent(self, sent: Mapping[int, str]) -> None:
        """After all was read that the server has: Frozen if one of these is not there."""
        for seq in sent:
            if seq >= self.first and seq not in self.rows:
                self.freeze("an acknowledged message of one's own is gone")

    def _check_own(self, seq: int, id_: str) -> None:
        if self.sent.get(seq, id_) != id_:
            self.freeze("another message where one's own was acknowledged")
