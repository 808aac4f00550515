"""Whose keys are believed: identities that check themselves, one pinned kid a person, one person a
name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sotto.protocol.encoding import WireError
from sotto.protocol.identity import Identity, open_identity
from sotto.protocol.room_state import RoomState

Doubt = Literal["", "newer", "older", "namesake", "renamed"]
"""Why nothing may be wrapped to an identity. `newer`: it is not the pinned key, and not an older
one. `older`: a newer one was approved, and this one did not stand in the room's log before.
`namesake`: two people bear the name, and nobody said so yet. `renamed`: the person was known by
another name. "": no doubt."""


class UnapprovedKeys(Exception):
    """People whose keys nobody approved. Compare safety numbers, then `Client.approve_key`."""


class Namesake(UnapprovedKeys):
    """A second account bears a known name. Nothing is sent to either until
    `Client.accept_namesake` or `Client.refuse_namesake` says what it is."""


class OlderKeys(UnapprovedKeys):
    """A key that a newer one has replaced. `Client.accept_older_key` believes it in one room."""


@dataclass
class TrustRecord:
    """What is kept of trust between runs.

    `pins`: identities as they were signed, in the order in which they were met. `pinned`: the kid
    that is believed, by uid. `namesakes`: what was decided about second uids of a name. `stood`:
    by replaced kid, how far each room's log was verified when the newer key was approved.
    """

    pins: list[dict[str, str]] = field(default_factory=list)
    verified: set[str] = field(default_factory=set)
    namesakes: dict[str, bool] = field(default_factory=dict)
    stood: dict[str, dict[str, int]] = field(default_factory=dict)
    pinned: dict[str, str] = field(default_factory=dict)


class Trust:
    """Identities by kid. A person's first kid seen is pinned, and so is the first uid of a name;
    another of either has to be approved.

    `accept_resets`: believe a reset at once. A program that nobody watches should not.
    """

    def __init__(self, *, accept_resets: bool = False) -> None:
        self.known: dict[str, Identity] = {}
        self.signed: dict[str, dict[str, str]] = {}
        """What `known` was read from, by kid."""
        self.verified: set[str] = set()
        """Kids whose safety number somebody compared."""
        self.heads: Callable[[], Mapping[str, int]] = dict
        """How far each room's log was verified, by room."""
        self._pins: dict[str, str] = {}
        self._names: dict[str, list[str]] = {}
        """The uids met under a name, the first one first."""
        self._namesakes: dict[str, bool] = {}
        self._stood: dict[str, dict[str, int]] = {}
        self._accept_resets = accept_resets
        self.me = ""
        """The uid of the account that acts, which needs no approval."""

    def learn(self, given: Iterable[Any]) -> None:
        """Take what checks itself; pass over the rest, which then is nobody's key. That a key is
        known says nothing about whose it is: see `meet`."""
        for signed in given:
            try:
                identity = open_identity(signed)
            except WireError:
                continue
            self.known[identity.kid] = identity
            self.signed[identity.kid] = {"body": signed["body"], "sig": signed["sig"]}

    def meet(self, identity: Identity) -> None:
        """Pin somebody who is seen for the first time, and note who bears the name besides."""
        pinned = self._pins.setdefault(identity.uid, identity.kid)
        bearers = self._names.setdefault(identity.name, [])
        if identity.uid not in bearers:
            bearers.append(identity.uid)
        if self._accept_resets and identity.prev == pinned and not self.doubt_name(identity):
            self.approve(identity.kid)

    # --- what may be wrapped to ------------------------------------------------------------------

    def must_know(self, identity: Identity, state: RoomState | None = None) -> None:
        """Call before a key is wrapped to somebody, and before they are added to a room.

        Args:
            state: of the room that it is for, where there is one.

        Raises:
            UnapprovedKeys, Namesake, OlderKeys: it is not certain who that is.
        """
        self.meet(identity)
        doubt = self.doubt(identity, state)
        if doubt:
            raise unapproved(doubt, [identity.name])

    def doubt(self, identity: Identity, state: RoomState | None = None) -> Doubt:
        """Why nothing may be wrapped to an identity that was met; "" for none."""
        pinned = self.pinned(identity.uid)
        if identity.uid == self.me and pinned is not None:
            known = identity.kid == pinned.kid or identity.kid in self._replaced(pinned)
            return "" if known else "newer"
        if pinned is not None and pinned.name != identity.name:
            return "renamed"
        if self.doubt_name(identity):
            return "namesake"
        if pinned is None or pinned.kid == identity.kid:
            return ""
        replaced = self._replaced(pinned)
        if identity.n >= pinned.n and identity.kid not in replaced:
            return "newer"
        stood = state is not None and self._stood_before(identity, state)
        return "" if stood else "older"

    def doubt_name(self, identity: Identity) -> bool:
        """Whether it is open to whom the name belongs, or it is not this person's."""
        first, *others = self._names.get(identity.name, [identity.uid])
        if any(uid not in self._namesakes for uid in others):
            return True
        return identity.uid != first and not self._namesakes.get(identity.uid, False)

    def _replaced(self, pinned: Identity) -> set[str]:
        """The kids that came before the pinned one."""
        found = {kid for kid in self._stood if self._is_of(kid, pinned.uid)}
        kid = pinned.prev
        while kid and kid not in found:
            found.add(kid)
            before = self.known.get(kid)
            kid = before.prev if before is not None else ""
        return found - {pinned.kid}

    def _is_of(self, kid: str, uid: str) -> bool:
        identity = self.known.get(kid)
        return identity is not None and identity.uid == uid

    def _stood_before(self, identity: Identity, state: RoomState) -> bool:
        """Whether somebody is a member under an older key since before the newer was approved."""
        member = state.members.get(identity.uid)
        until = self._stood.get(identity.kid, {}).get(state.room)
        if until is None or member is None or member.kid != identity.kid:
            return False
        spans = state.spans[identity.uid]
        since = spans[-1].since
        for span in reversed(spans[:-1]):
            if (span.kid, span.until) != (identity.kid, since):
                break
            since = span.since
        return since <= until

    def meet_members(self, state: RoomState) -> list[Identity]:
        """Pin the members of a room who are seen for the first time."""
        members = [self.known[member.kid] for member in state.members.values()]
        for identity in members:
            self.meet(identity)
        return members

    def doubts(self, state: RoomState) -> dict[str, Doubt]:
        """The members of a room that nothing may be wrapped to, by kid."""
        members = self.meet_members(state)
        found = {identity.kid: self.doubt(identity, state) for identity in members}
        return {kid: doubt for kid, doubt in found.items() if doubt}

    def check_members(self, state: RoomState) -> None:
        """Nothing is sent to somebody who may be another.

        Raises:
            UnapprovedKeys, Namesake, OlderKeys: with the names.
        """
        found = self.doubts(state)
        for doubt in ("newer", "renamed", "namesake", "older"):
            names = [self.known[kid].name for kid, why in found.items() if why == doubt]
            if names:
                raise unapproved(doubt, sorted(set(names)))

    # --- what the user says -----------------------------------------------------------------------

    def approve(self, kid: str) -> None:
        """The user compared the safety number, or said yes to a reset. Older keys go on counting
        in the rooms where they stand now, and nowhere else.

        Raises:
            UnapprovedKeys: the person was known by another name.
            WireError: the key is older than the pinned one.
        """
        identity, before = self.known[kid], self.pinned(self.known[kid].uid)
        if before is not None and before.kid != kid:
            if before.name != identity.name:
                raise unapproved("renamed", [identity.name])
            if before.n > identity.n:
                raise WireError("a key that is older than the one that is known")
            self._stood.setdefault(before.kid, {**self.heads()})
        self._pins[identity.uid] = kid
        self.meet(identity)

    def accept_older(self, kid: str, state: RoomState) -> None:
        """The user says that somebody's older key is right in one room, as its log is now."""
        self._stood.setdefault(kid, {})[state.room] = state.seq

    def decide_namesake(self, uid: str, *, accepted: bool) -> None:
        """The user says what a second uid of a name is: another person, or nobody to write to."""
        self._namesakes[uid] = accepted

    def namesakes(self, name: str) -> list[Identity]:
        """Those who came second to a name and were not accepted."""
        others = self._names.get(name, [])[1:]
        open_ = [uid for uid in others if not self._namesakes.get(uid, False)]
        return [self.known[self._pins[uid]] for uid in open_]

    def undecided(self, uid: str) -> bool:
        """Whether nobody said yet what a second uid of a name is."""
        seconds = [one for bearers in self._names.values() for one in bearers[1:]]
        return uid in seconds and uid not in self._namesakes

    def mark_verified(self, kid: str) -> None:
        """The user compared the safety number with that of `kid`."""
        self.approve(kid)
        self.verified.add(kid)

    def pinned(self, uid: str) -> Identity | None:
        """The identity that is believed to be `uid`'s present one."""
        return self.known.get(self._pins.get(uid, ""))

    # --- between runs -----------------------------------------------------------------------------

    def record(self) -> TrustRecord:
        """What is to be kept: pinned identities with those before them, and what was decided."""
        kept: dict[str, dict[str, str]] = {}
        wanted = [*self._pins.values(), *self._stood]
        for kid in wanted:
            while kid in self.signed and kid not in kept:
                kept[kid] = self.signed[kid]
                kid = self.known[kid].prev
        return TrustRecord(
            list(kept.values()),
            set(self.verified),
            dict(self._namesakes),
            {kid: dict(rooms) for kid, rooms in self._stood.items()},
            dict(self._pins),
        )

    def restore(self, record: TrustRecord) -> None:
        """What an earlier run kept: of each person the highest n is the pinned one; of several
        with that n the one that was approved last."""
        self.learn(record.pins)
        for kid in [open_identity(signed).kid for signed in record.pins]:
            identity = self.known[kid]
            held = self.pinned(identity.uid)
            last = kid == record.pinned.get(identity.uid)
            if held is None or held.n < identity.n or (held.n == identity.n and last):
                self._pins[identity.uid] = kid
            bearers = self._names.setdefault(identity.name, [])
            if identity.uid not in bearers:
                bearers.append(identity.uid)
        self.verified.update(record.verified)
        self._namesakes.update(record.namesakes)
        self._stood.update({kid: dict(rooms) for kid, rooms in record.stood.items()})


def unapproved(doubt: str, names: list[str]) -> UnapprovedKeys:
    """What a doubt is thrown as."""
    kinds = {"namesake": Namesake, "older": OlderKeys}
    return kinds.get(doubt, UnapprovedKeys)(", ".join(names))
