"""What comes beside an event: wraps and boxes. Shapes only; the server opens none of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chatsite.lib import wire
from chatsite.lib.rest import only

IV_AND_TAG = 12 + 16
RSA_BYTES = 384
BESIDE = 128  # bytes of a row, beside what was sent
KEY_BOX = IV_AND_TAG + 32
MAX_MEMBERS = 2000
PADDED = {IV_AND_TAG + size for size in (*range(64, 1025, 64), *(1 << k for k in range(11, 17)))}


@dataclass(frozen=True, slots=True)
class WrapGiven:
    e: int
    to: str
    ct: str


@dataclass(frozen=True, slots=True)
class BoxGiven:
    e: int
    box: str


@dataclass(frozen=True, slots=True)
class LinkKeys:
    """What a rotation adds to an open invitation."""

    iid: str
    escrow: str
    item: str


@dataclass(frozen=True, slots=True)
class EventSubmission:
    """A signed event and everything that must arrive with it in the same request."""

    event: str
    sig: str
    wraps: tuple[WrapGiven, ...] = ()
    profile: BoxGiven | None = None
    card: str = ""
    escrow: BoxGiven | None = None
    items: tuple[BoxGiven, ...] = ()
    invites: tuple[LinkKeys, ...] = field(default=())
    files: tuple[str, ...] | None = None

    @property
    def size(self) -> int:
        """Bytes that it is counted for when it is stored."""
        boxes = [box.box for box in (self.profile, self.escrow, *self.items) if box is not None]
        keys = [text for link in self.invites for text in (link.escrow, link.item)]
        wraps = [wrap.ct for wrap in self.wraps]
        parts = [self.event, self.sig, self.card, *boxes, *keys, *wraps]
        return sum(len(part) + BESIDE for part in parts if part)


def parse_event_submission(data: dict[str, Any], *extra: str) -> EventSubmission:
    """A request body with `event`, `sig` and at most the parts named in `extra`."""
    only(data, "event", "sig", *extra)
    return EventSubmission(
        event=_text(data, "event"),
        sig=_text(data, "sig"),
        wraps=parse_wraps(data.get("wraps", [])),
        profile=_box(data["profile"], PADDED) if "profile" in data else None,
        card=_sealed(data["card"], PADDED) if "card" in data else "",
        escrow=_box(data["escrow"], {KEY_BOX}) if "escrow" in data else None,
        items=tuple(_box(item, {KEY_BOX}) for item in _list(data.get("items", []), 10_000)),
        invites=tuple(_link(item) for item in _list(data.get("invites", []), 20)),
        files=_ids(data["files"], 1) if "files" in data else None,
    )


def parse_wraps(value: Any) -> tuple[WrapGiven, ...]:
    return tuple(_wrap(item) for item in _list(value, MAX_MEMBERS))


def parse_boxes(data: dict[str, Any]) -> tuple[BoxGiven | None, tuple[LinkKeys, ...]]:
    """A profile's box and links' keys for the present epoch, either of which may be left out."""
    only(data, "profile", "invites")
    profile = _box(data["profile"], PADDED) if "profile" in data else None
    return profile, tuple(_link(item) for item in _list(data.get("invites", []), 20))


def _wrap(value: Any) -> WrapGiven:
    item = _object(value, "e", "to", "ct")
    wire.integer(1)(item["e"])
    wire.hash64(item["to"])
    wire.unb64(item["ct"], RSA_BYTES)
    return WrapGiven(item["e"], item["to"], item["ct"])


def _box(value: Any, sizes: set[int]) -> BoxGiven:
    item = _object(value, "e", "box")
    wire.integer(1)(item["e"])
    return BoxGiven(item["e"], _sealed(item["box"], sizes))


def _link(value: Any) -> LinkKeys:
    item = _object(value, "iid", "escrow", "item")
    wire.ident(item["iid"])
    return LinkKeys(
        item["iid"], _sealed(item["escrow"], {KEY_BOX}), _sealed(item["item"], {KEY_BOX})
    )


def _sealed(value: Any, sizes: set[int]) -> str:
    if len(wire.unb64(value)) not in sizes:
        raise wire.BadWire("a box of the wrong size")
    return value


def _ids(value: Any, most: int) -> tuple[str, ...]:
    for item in _list(value, most):
        wire.ident(item)
    return tuple(value)


def _object(value: Any, *keys: str) -> dict[str, Any]:
    if type(value) is not dict or set(value) != set(keys):
        raise wire.BadWire("a part with the wrong keys")
    return value


def _list(value: Any, most: int) -> list[Any]:
    if type(value) is not list or len(value) > most:
        raise wire.BadWire("not a list, or one too long")
    return value


def _text(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    if type(value) is not str:
        raise wire.BadWire(f"{key} is missing")
    return value
