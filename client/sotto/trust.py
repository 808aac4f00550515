"""Whose keys are believed: identities that check themselves, and one pinned kid a person."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sotto.encoding import WireError
from sotto.identity import Identity, open_identity
from sotto.state import RoomState


class Trust:
    """Identities by kid. A person's first kid seen is pinned; another has to be approved.

    `accept_resets`: believe a reset at once. A program that nobody watches should not.
    """

    def __init__(self, *, accept_resets: bool = False) -> None:
        self.known: dict[str, Identity] = {}
        self.signed: dict[str, dict[str, str]] = {}
        """What `known` was read from, by kid."""
        self.verified: set[str] = set()
        """Kids whose safety number somebody compared."""
        self._pins: dict[str, str] = {}
        self._accept_resets = accept_resets

    def learn(self, given: Iterable[Any]) -> None:
        """Take what checks itself; pass over the rest, which then is nobody's key."""
        for signed in given:
            try:
                identity = open_identity(signed)
            except WireError:
                continue
            self.known[identity.kid] = identity
            self.signed[identity.kid] = {"body": signed["body"], "sig": signed["sig"]}
            pinned = self._pins.setdefault(identity.uid, identity.kid)
            if self._accept_resets and identity.prev == pinned:
                self._pins[identity.uid] = identity.kid

    def approve(self, kid: str) -> None:
        """The user compared the safety number, or said yes to a reset."""
        identity = self.known[kid]
        self._pins[identity.uid] = kid

    def mark_verified(self, kid: str) -> None:
        """The user compared the safety number with that of `kid`."""
        self.approve(kid)
        self.verified.add(kid)

    def pinned(self, uid: str) -> Identity | None:
        """The identity that is believed to be `uid`'s present one."""
        return self.known.get(self._pins.get(uid, ""))

    def pins(self) -> list[dict[str, str]]:
        """The pinned identities as they were signed, with those before them: to be kept."""
        kept: dict[str, dict[str, str]] = {}
        for kid in self._pins.values():
            while kid in self.signed and kid not in kept:
                kept[kid] = self.signed[kid]
                kid = self.known[kid].prev
        return list(kept.values())

    def restore(self, pins: Iterable[Any], verified: Iterable[str]) -> None:
        """What an earlier run kept: of each person the highest n is the pinned one."""
        pins = list(pins)
        self.learn(pins)
        for kid in [open_identity(signed).kid for signed in pins]:
            identity = self.known[kid]
            held = self.pinned(identity.uid)
            if held is None or held.n <= identity.n:
                self.approve(kid)
        self.verified.update(verified)

    def approved(self, uid: str, kid: str) -> bool:
        """Whether `kid` is the pinned one of `uid`, or one that came before it."""
        at = self._pins.get(uid, "")
        while at and at != kid:
            before = self.known.get(at)
            at = before.prev if before is not None else ""
        return at == kid

    def unapproved(self, state: RoomState) -> list[str]:
        """User names in a room whose keys nobody approved yet."""
        return [
            member.name
            for uid, member in state.members.items()
            if not self.approved(uid, member.kid)
        ]
