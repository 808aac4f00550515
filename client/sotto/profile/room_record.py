"""A profile's record of one room, and its form as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

from sotto.protocol.encoding import b64, field_of, hash64, ident, integer, unb64

T = TypeVar("T")
MOST_SENT = 2000
"""The most of the account's own acknowledged messages that a record holds."""


@dataclass
class RoomRecord:
    """The verified state of a room.

    `head`: seq and hash of the newest log event. `sent`: ids of the account's acknowledged
    messages, by seq; `sent_at`: when they were sealed, in ms. `last`: seq and id of the newest
    message. `tip`: dev, n and pm of the device's own chain. `turn` counts how often the user
    accepted the server's version: what older runs know does not come back.
    """

    head: tuple[int, str] | None = None
    keys: dict[int, bytes] = field(default_factory=dict, repr=False)
    sent: dict[int, str] = field(default_factory=dict)
    sent_at: dict[int, int] = field(default_factory=dict)
    last: tuple[int, str] | None = None
    tip: tuple[str, int, str] | None = None
    turn: int = 0


def merge(stored: RoomRecord, new: RoomRecord, *, own_chain: bool) -> RoomRecord:
    """Both records in one.

    Args:
        own_chain: whether `new` comes from the program that continues the profile's chain.
    """
    return RoomRecord(
        head=_later(stored.head, new.head),
        keys=stored.keys | new.keys,
        sent=_newest(stored.sent | new.sent),
        sent_at=_newest(stored.sent_at | new.sent_at),
        last=_later(stored.last, new.last),
        tip=new.tip if own_chain else stored.tip,
        turn=stored.turn,
    )


def write_record(record: RoomRecord) -> dict[str, Any]:
    """A record as JSON."""
    return {
        "head": list(record.head or ()),
        "keys": {str(e): b64(key) for e, key in sorted(record.keys.items())},
        "sent": {str(seq): id_ for seq, id_ in record.sent.items()},
        "sent_at": {str(seq): at for seq, at in record.sent_at.items()},
        "last": list(record.last or ()),
        "tip": list(record.tip or ()),
        "turn": record.turn,
    }


def read_record(found: dict[str, Any]) -> RoomRecord:
    """The inverse of `write_record`.

    Raises:
        WireError: it is damaged.
    """
    head, tip = field_of(found, "head", list), field_of(found, "tip", list)
    keys, sent = field_of(found, "keys", dict), field_of(found, "sent", dict)
    for id_ in sent.values():
        hash64(id_)
    newer = {"sent_at": {}, "last": []} | found  # a profile of an older version has neither
    sent_at, last = field_of(newer, "sent_at", dict), field_of(newer, "last", list)
    for at in sent_at.values():
        integer()(at)
    return RoomRecord(
        head=_head(*head) if len(head) == 2 else None,
        keys={_number(e): unb64(key, 32) for e, key in keys.items()},
        sent={_number(seq): id_ for seq, id_ in sent.items()},
        sent_at={_number(seq): at for seq, at in sent_at.items()},
        last=_head(*last) if len(last) == 2 else None,
        tip=_tip(*tip) if len(tip) == 3 else None,
        turn=field_of(found, "turn", int),
    )


def _later(*ends: tuple[int, str] | None) -> tuple[int, str] | None:
    return max((end for end in ends if end is not None), key=lambda end: end[0], default=None)


def _newest(by_seq: dict[int, T]) -> dict[int, T]:
    return dict(sorted(by_seq.items())[-MOST_SENT:])


def _head(seq: Any, at: Any) -> tuple[int, str]:
    integer()(seq)
    hash64(at)
    return seq, at


def _tip(dev: Any, n: Any, pm: Any) -> tuple[str, int, str]:
    ident(dev)
    integer(1)(n)
    hash64(pm)
    return dev, n, pm


def _number(text: str) -> int:
    number = int(text) if text.isdecimal() and text.isascii() else -1
    integer(1)(number)
    return number
