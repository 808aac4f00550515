"""A signed event and its companion data. Serializers check the shape; the server opens none of
it.
"""

from __future__ import annotations

from dataclasses import dataclass

BESIDE = 128  # bytes of a row, beside what was sent
MAX_MEMBERS = 2000


@dataclass(frozen=True, slots=True)
class WrapGiven:
    """The key of an epoch, encrypted for the identity `to`."""

    epoch: int
    to: str
    ciphertext: str


@dataclass(frozen=True, slots=True)
class BoxGiven:
    """Something sealed under the key of an epoch."""

    epoch: int
    box: str


@dataclass(frozen=True, slots=True)
class LinkKeys:
    """New keys that a rotation adds to an open invitation."""

    invite_id: str
    escrow: str
    item: str


@dataclass(frozen=True, slots=True)
class EventSubmission:
    """A signed event and everything that must arrive with it in the same request."""

    event: str
    signature: str
    wraps: tuple[WrapGiven, ...] = ()
    profile: BoxGiven | None = None
    card: str = ""
    escrow: BoxGiven | None = None
    items: tuple[BoxGiven, ...] = ()
    invites: tuple[LinkKeys, ...] = ()
    files: tuple[str, ...] | None = None

    @property
    def size(self) -> int:
        """The bytes that it counts in its author's budget."""
        boxes = [box.box for box in (self.profile, self.escrow, *self.items) if box is not None]
        keys = [text for link in self.invites for text in (link.escrow, link.item)]
        wraps = [wrap.ciphertext for wrap in self.wraps]
        parts = [self.event, self.signature, self.card, *boxes, *keys, *wraps]
        return sum(len(part) + BESIDE for part in parts if part)
