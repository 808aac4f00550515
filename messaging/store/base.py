"""The one interface that every engine has. Frozen values in and out; calls block.

A room's messages are numbered from 1 without gaps. That one number gives order, gaps, unread counts
and paging. `tests/messaging/store/test_store.py` is the contract, run against every engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from chatsite.lib.paging import PAGE_BYTES

if TYPE_CHECKING:
    from messaging.store.index.base import TokenIndex


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A verified message without a number. Fields are text as it was sent; times are in ms.

    Attributes:
        device: the sender's device; `chain_number` counts the messages of room, uid and device.
        previous_id: `message_id` of the message of `chain_number` - 1; "" for the first.
        client_message_id: given by the sender, so that what is sent twice is stored once.
        epoch: of the room key that sealed the message.
        message_id: the hash that names the sealed bytes.
        header, iv, ciphertext, signature: the sealed message, as it was sent.
        stored_ms: the time of the server.
        refers_to: numbers of the messages that this one changes.
        generation: of the search key that made `tokens`; 0 without tokens.
        tokens: blind search tokens, ascending, below 2^24; version 2 contains version 1.
        erase: numbers of the messages that this one erases.
        leads: true if the sender may erase other people's messages, too.
        files: ids of the files that belong to the message.
    """

    room: str
    uid: str
    device: str
    chain_number: int
    previous_id: str
    client_message_id: str
    epoch: int
    message_id: str
    header: str
    iv: str
    ciphertext: str
    signature: str
    stored_ms: int
    refers_to: tuple[int, ...] = ()
    generation: int = 0
    tokens: tuple[int, ...] = ()
    erase: tuple[int, ...] = ()
    leads: bool = False
    files: tuple[str, ...] = ()
    token_version: int = 1


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A stored message, as members receive it.

    A tombstone has no `ciphertext`: `erased_sha256` is that of the erased one, `erased_by` the
    number of the message that erased it.
    """

    seq: int
    header: str
    iv: str
    ciphertext: str
    signature: str
    refers_to: tuple[int, ...] = ()
    erased_sha256: str = ""
    erased_by: int = 0
    files: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """The most bytes that it takes in a response."""
        return len(self.header) + len(self.ciphertext) + BESIDE

    @property
    def stands_alone(self) -> bool:
        """True if it can be unread: it is no tombstone and changes no other message."""
        return not self.refers_to and not self.erased_by

    def as_dict(self) -> dict[str, Any]:
        """The message as clients receive it, with the protocol's names."""
        row: dict[str, Any] = {"seq": self.seq, "h": self.header, "iv": self.iv}
        if self.erased_by:
            row |= {"sha": self.erased_sha256, "sig": self.signature, "del": self.erased_by}
        else:
            row |= {"ct": self.ciphertext, "sig": self.signature}
        if self.refers_to:
            row["re"] = list(self.refers_to)
        return {**row, "files": list(self.files)} if self.files else row


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """The complete stored row of one message. `size` is the ciphertext's, in bytes."""

    row: StoredMessage
    uid: str
    device: str
    chain_number: int
    client_message_id: str
    message_id: str
    epoch: int
    stored_ms: int
    generation: int
    tokens: tuple[int, ...]
    token_version: int
    size: int

    def as_dict(self) -> dict[str, Any]:
        """The record as the API shows it, with the protocol's names."""
        about = {name: getattr(self, field) for name, field in STORED.items()}
        beside = {"re": list(self.row.refers_to), "files": list(self.row.files)}
        return {**self.row.as_dict(), **beside, **about, "tokens": list(self.tokens)}


BESIDE = 2304
"""The most bytes that a row takes in JSON, apart from `h` and `ct`: keys, numbers, iv, sig, 100
references, 10 file ids."""

STORED = {
    "uid": "uid",
    "dev": "device",
    "n": "chain_number",
    "cid": "client_message_id",
    "id": "message_id",
    "e": "epoch",
    "at": "stored_ms",
    "g": "generation",
    "token_version": "token_version",
    "size": "size",
}
"""The protocol's names of what is stored beside a message, and the fields that hold it."""


@dataclass(frozen=True, slots=True)
class Appended:
    """The number of a message. `fresh` is false if it was stored before (sent twice)."""

    seq: int
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class Rejected:
    """The reason why a message was not stored: `order`, `conflict`, `stale`, `bad_erase`,
    `bad_files`, `quota` or `devices`, with the data that the sender needs to continue.
    """

    code: str
    extra: dict[str, Any] = field(default_factory=dict)


Outcome = Appended | Rejected


class Span(NamedTuple):
    """The messages of a room with numbers above `after`, up to `to`."""

    room: str
    after: int
    to: int


class StoreBusy(Exception):
    """Other writers won every attempt; nothing of the batch was stored."""


class StoreMisconfigured(Exception):
    """The engine cannot store messages durably as it is configured. The text is one sentence for
    the operator, without a password; `passing` is true if a retry may help.
    """

    def __init__(self, sentence: str, *, passing: bool = False) -> None:
        super().__init__(sentence)
        self.passing = passing


class MessageStore(Protocol):
    """The interface of every engine. Methods block and may be called from any thread."""

    def check(self) -> None:
        """Check that the engine is reachable and keeps acknowledged messages, before a process
        starts.

        Raises:
            StoreMisconfigured: It is not, or it does not.
        """

    @property
    def index(self) -> TokenIndex:
        """Search over the messages' blind tokens."""

    def prepare(self) -> None:
        """Create indexes beside migrations and finish writes that a crash interrupted. Returns once
        all is done. Idempotent.
        """

    def prepare_to_serve(self, say: Callable[[str], object]) -> None:
        """Like `prepare`, but returns once a server may start; the rest continues in the
        background.

        Args:
            say: Called with a line about each step, possibly from another thread.
        """

    def append(self, batch: Sequence[NewMessage]) -> list[Outcome]:
        """Store a batch in one durable step, in order; each message is accepted or rejected alone.

        Messages returned as appended survive a crash. Stored bytes are charged to the sender, and
        refunded when messages are erased.

        A message's targets (`erase`) become tombstones: no ciphertext, no tokens, no files.
        Idempotent: tombstones stay, expired targets are ignored. Refused targets are another
        person's message (unless `leads`), a future number, and a message that has itself erased:
        its tombstones would refer to nothing.

        Args:
            batch: Messages of any rooms, in the order in which they were accepted.

        Returns:
            One outcome for each message. The codes of Rejected:
            `conflict`: (room, uid, client_message_id) is there with another message_id;
            `order`: chain_number and previous_id do not follow the last of (room, uid, device);
            `stale`: the epoch is below the room's highest;
            `bad_erase`: the sender may not erase one of the targets;
            `bad_files` (with the ids): files are not in the room, were sent by somebody else, or
            belong to another message;
            `quota`: the sender's storage is full;
            `devices`: it would begin one chain too many.

        Raises:
            StoreBusy: Other writers won every attempt; nothing was stored.
        """

    def find(self, room: str, uid: str, cid: str) -> tuple[int, str] | None:
        """Look a message up by its sender's own id.

        Returns:
            Its number and message_id, or None.
        """

    def page(
        self,
        room: str,
        *,
        after: int | None = None,
        before: int | None = None,
        around: int | None = None,
        limit: int = 50,
        most: int = PAGE_BYTES,
    ) -> list[StoredMessage]:
        """A page of messages. Rows that do not fit are never loaded.

        Args:
            after, before, around: At most one: the first messages after a number, the last before
                one, or those around one, half of them before it. Without any, the newest.
            limit: At most so many messages.
            most: At most so many bytes together (see `fitting`), but at least one message. Of
                those around a number the nearest ones stay, the message itself always.

        Returns:
            Messages in ascending order.
        """

    def first_since(self, room: str, at: int) -> int:
        """Find the first message stored at or after a time. Bisects, so it reads the times of a
        few messages only.

        Args:
            at: ms since 1970, UTC.

        Returns:
            Its number, 0 if there is none.
        """

    def referring(
        self, room: str, *, first: int, last: int, limit: int, before: int | None = None
    ) -> list[int]:
        """Find the messages that change a range of others.

        Returns:
            The numbers of the newest `limit` messages after `last`, and below `before`, whose
            `refers_to` names one of `first` … `last`; newest first.
        """

    def changes(self, room: str, *, limit: int, before: int | None = None) -> list[int]:
        """Find the messages that change others.

        Returns:
            The numbers of the newest `limit` messages below `before` that have a `refers_to`;
            newest first.
        """

    def changing(self, room: str, targets: Iterable[int], *, limit: int) -> list[int]:
        """Find the messages that change some others.

        Returns:
            The numbers of the newest `limit` messages whose `refers_to` names one of `targets`;
            newest first.
        """

    def sizes(self, room: str, seqs: Iterable[int]) -> dict[int, int]:
        """Measure messages without loading them.

        Returns:
            The most bytes that each message takes in a response, by number; absent ones are left
            out.
        """

    def rows(self, room: str, seqs: Iterable[int]) -> list[StoredMessage]:
        """Load messages by number. The caller limits them by `sizes`.

        Returns:
            Messages in ascending order; absent ones are left out.
        """

    def stored(self, room: str, seq: int) -> MessageRecord | None:
        """The complete stored row of one message, if there is one."""

    # These read many rooms in a constant number of queries, a few hundred rooms in each.

    def heads(self, rooms: Iterable[str]) -> dict[str, int]:
        """The newest number of each room, 0 for an empty one."""

    def last(self, rooms: Iterable[str]) -> dict[str, StoredMessage]:
        """The newest message of each room that has one. The caller limits them by `last_sizes`."""

    def last_sizes(self, rooms: Iterable[str]) -> dict[str, int]:
        """Measure the newest message of each room without loading it.

        Returns:
            The most bytes that each takes in a response, by room; empty rooms are left out.
        """

    def unread(self, spans: Iterable[Span]) -> dict[Span, int]:
        """The number of messages in each span that can be unread, see `stands_alone`."""

    def authors(self, span: Span, limit: int) -> list[tuple[int, str]]:
        """Find the authors of the messages of a span that `unread` counts. Loads no ciphertext.

        Returns:
            Number and author (uid) of the newest `limit` of them; newest first.
        """

    def first_seq(self, room: str) -> int:
        """The oldest stored number, 0 if there is none."""

    def before_epoch(self, room: str, epoch: int) -> int:
        """The number of the newest message of an earlier epoch, 0 if there is none."""

    def expire(self, room: str, before: int) -> int:
        """Delete the room's old messages. The newest message always stays, because numbers
        continue from it. The ends of the senders' chains are kept.

        Args:
            before: Messages stored earlier than this go; ms since 1970, UTC.

        Returns:
            The oldest remaining number, 0 for an empty room.
        """

    def usage(self) -> dict[str, int]:
        """The bytes charged for each person's messages, by uid. Reads all messages."""

    def drop_room(self, room: str) -> None:
        """Delete every message of a room."""

    def drop_tokens(self, room: str) -> None:
        """Delete the search tokens of a room's messages."""
