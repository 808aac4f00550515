"""Whose keys are believed: identities that check themselves, and one pinned kid a person."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sotto.encoding import WireError
from sotto.identity import Identity, open_identity
from sotto.log import RoomState


class Trust:
    """Identities by kid. A person's first kid seen is pinned; another has to be approved.

    `accept_resets`: believe a reset at once. A program that nobody watches should not.
    """

    def __init__(self, *, accept_resets: bool = False) -> None:
        self.known: dict[str, Identity] = {}
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
            pinned = self._pins.setdefault(identity.uid, identity.kid)
            if self._accept_resets and identity.prev == pinned:
                self._pins[identity.uid] = identity.kid

    def approve(self, kid: str) -> None:
        """The user compared the safety number, or said yes to a reset."""
        identity = self.known[kid]
        self._pins[identity.uid] = kid

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
