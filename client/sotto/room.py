"""One room as its member sees it: the verified log, the keys, and the messages in their order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, NoReturn

from sotto.api import part
from sotto.content import is_known
from sotto.encoding import WireError
from sotto.events import LogError
from sotto.identity import Keys
from sotto.log import RoomState, extend_log
from sotto.message import (
    Header,
    MessageError,
    Opened,
    Row,
    check_row,
    decrypt_message,
    open_header,
    verify_message,
)
from sotto.order import Order
from sotto.profile import Profile, open_profile, read_profile
from sotto.roomkeys import check_key, unwrap_key
from sotto.trust import Trust

EVENTS_AT_ONCE = 100
Status = Literal["ok", "locked", "newer", "refused"]


@dataclass(frozen=True)
class Me:
    """Who acts, and with which keys. `dev` is this program's own."""

    uid: str
    name: str
    kid: str
    keys: Keys
    dev: str


@dataclass(frozen=True, slots=True)
class Message:
    """`locked`: its key is not here yet. `newer`: of a kind not known here. `refused`: it broke
    a rule, and nothing of it is to be shown. `missing`: something before it is. `ts` in ms."""

    room: str
    seq: int
    status: Status
    uid: str = ""
    name: str = ""
    ts: int = 0
    content: Any = None
    missing: bool = False
    other_view: bool = False

    @property
    def text(self) -> str:
        """What was written; "" for whatever cannot be shown."""
        return str(self.content["body"]) if self.status == "ok" else ""


class Frozen(Exception):
    """The server did what only it can have done. The room is read-only from here on."""


class NewerVersion(Exception):
    """The room's log holds events of a newer version. Reading goes on, writing does not."""


class UnapprovedKeys(Exception):
    """Members with other keys than before. Compare safety numbers, then `Trust.approve`."""


class Room:
    """Believes only what follows from the log. `keys` by epoch; `profile` None until opened."""

    def __init__(self, room: str, me: Me, trust: Trust) -> None:
        self.id = room
        self.me = me
        self.trust = trust
        self.keys: dict[int, bytes] = {}
        self.profile: Profile | None = None
        self.profile_plain: bytes | None = None
        self.messages: list[Message] = []
        self.sent: dict[int, str] = {}
        """Ids of acknowledged messages of one's own, by seq."""
        self.frozen = ""
        self.newer = False
        self.escrows: list[Any] = []
        """Boxes with the keys of open links, for who rotates."""
        self.log_lock = asyncio.Lock()
        self.feed_lock = asyncio.Lock()
        self._state: RoomState | None = None
        self._order: Order | None = None
        self._locked: dict[int, tuple[Row, Header]] = {}

    @property
    def state(self) -> RoomState:
        assert self._state is not None
        return self._state

    @property
    def log_seq(self) -> int:
        """Of the newest event verified, -1 for none."""
        return -1 if self._state is None else self._state.seq

    @property
    def last(self) -> int:
        """The newest message's seq, 0 for none."""
        return self.messages[-1].seq if self.messages else 0

    @property
    def highest(self) -> tuple[int, str]:
        return self._order.highest if self._order is not None else (0, "")

    # --- log and keys -----------------------------------------------------------------------

    def extend(self, events: list[Any], head: Any) -> None:
        """Take the events after `log_seq`. `head`, the server's word, must not lie behind.

        Frozen for a log that is shorter, different or illegal.
        """
        self._check_writable()
        before = self.log_seq
        for at in range(0, len(events), EVENTS_AT_ONCE):
            self._extend(events[at : at + EVENTS_AT_ONCE])
        state = self._state
        if state is None or state.room != self.id:
            self.freeze("the log of another room")
        known = type(head) is list and len(head) == 2 and type(head[0]) is int
        # The server may have read the head just before an event that came with it was written.
        if not known or head[0] < max(before, 0):
            self.freeze("a log that lost what was there")
        if head[0] <= state.seq and head[1] != state.hashes[head[0]]:
            self.freeze("a log that is another")

    def _extend(self, events: list[Any]) -> None:
        try:
            self._state = extend_log(self._state, events, self.trust.known)
        except LogError as error:
            if error.reason == "illegal":
                self.freeze(str(error))
            if len(events) == 1:
                self.newer = True
                raise NewerVersion(str(error)) from None
            for event in events:
                self._extend([event])

    def _check_writable(self) -> None:
        """Frozen or NewerVersion where the log cannot be followed any more."""
        if self.frozen:
            raise Frozen(self.frozen)
        if self.newer:
            raise NewerVersion("the room needs a newer version")

    def check_writable(self) -> None:
        """The above, or UnapprovedKeys: nothing is sent to somebody who may be another."""
        self._check_writable()
        names = self.trust.unapproved(self.state)
        if names:
            raise UnapprovedKeys(", ".join(names))

    def freeze(self, why: str) -> NoReturn:
        self.frozen = why
        raise Frozen(why)

    def take_key(self, e: int, key: bytes) -> bool:
        """Keep the key of an epoch if it is what the log committed to."""
        try:
            self.keys[e] = check_key(key, self.id, e, self.state.kcv.get(e, ""))
        except WireError:
            return False
        return True

    def take_wraps(self, wraps: Iterable[Any]) -> None:
        """Open the wraps to oneself. What does not fit is dropped in silence."""
        for wrap in wraps:
            try:
                e, to, ct = part(wrap, "e", int), part(wrap, "to", str), part(wrap, "ct", str)
                if to == self.me.kid and e not in self.keys and e in self.state.kcv:
                    kcv = self.state.kcv[e]
                    self.keys[e] = unwrap_key(ct, self.id, e, to, self.me.keys.rsa, kcv)
            except WireError:
                continue

    def take_profiles(self, boxes: Iterable[Any]) -> None:
        """Open the profile that the log names; the last good one stays otherwise."""
        for given in boxes:
            try:
                e, box = part(given, "e", int), part(given, "box", str)
                if e not in self.keys:
                    continue
                plain = open_profile(self.keys[e], self.id, e, box, self.state.h)
                self.profile, self.profile_plain = read_profile(plain), plain
            except WireError:
                continue

    def lacking(self) -> list[int]:
        """Epochs that one is entitled to and holds no key of."""
        since = self.state.members[self.me.uid].since
        return [e for e in self.state.kcv if e >= since and e not in self.keys]

    # --- messages ---------------------------------------------------------------------------

    def begin(self, first: int) -> None:
        """Before the first message: the oldest seq that the server still has, 0 for none."""
        if self._order is None:
            expired = self.state.policy["ttl"] != 0 and first > 1
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
        header = opened.header
        verdict = self._order.push(seq, opened.id, header)
        if not verdict.accepted:
            self._locked.pop(seq, None)
            return Message(self.id, seq, "refused", missing=verdict.missing)
        name, flags = self.trust.known[header.kid].name, (verdict.missing, verdict.other_view)
        return Message(self.id, seq, status, header.uid, name, header.ts, content, *flags)

    def acknowledged(self, seq: int, id_: str) -> None:
        """The server's word that a message of one's own stands at `seq`: from now on it must."""
        self.sent[seq] = id_
        if seq <= self.last and self._order is not None:
            self._check_own(seq, self._order.id_at(seq) or "")

    def _check_own(self, seq: int, id_: str) -> None:
        if self.sent.get(seq, id_) != id_:
            self.freeze("another message where one's own was acknowledged")

    def _content(self, row: Row, header: Header) -> tuple[Status, Any]:
        key = self.keys.get(header.e)
        if key is None:
            self._locked[row["seq"]] = (row, header)
            return "locked", None
        content = decrypt_message(row, header, key)
        return ("ok", content) if is_known(content) else ("newer", None)

    def unlock(self) -> list[Message]:
        """Messages whose key has come since, opened in place."""
        opened = []
        for at, message in enumerate(self.messages):
            row, header = self._locked.get(message.seq, (None, None))
            if row is None or header is None or header.e not in self.keys:
                continue
            del self._locked[message.seq]
            try:
                status, content = self._content(row, header)
                self.messages[at] = replace(message, status=status, content=content)
            except WireError:
                self.messages[at] = Message(self.id, message.seq, "refused")
            opened.append(self.messages[at])
        return opened
