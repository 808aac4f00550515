"""Trust in other people's keys: one pinned kid per person, one person per name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sotto.protocol.encoding import WireError
from sotto.protocol.identity import Identity, open_identity
from sotto.protocol.room_state import RoomState
from sotto.room_errors import Namesake, OlderKeys, UnapprovedKeys

Doubt = Literal["", "newer", "older", "namesake", "renamed"]
"""The reason why no key may be wrapped to an identity. `newer`: it is not the pinned key and not an
older one. `older`: a newer key was approved, and this one was not in the room's log before.
`namesake`: two accounts have the name, and the user has not decided. `renamed`: the person was
known by another name. "": no doubt."""


@dataclass
class TrustRecord:
    """The part of a profile that stores trust.

    `pins`: signed identities, in the order in which they were first seen. `pinned`: the trusted
    kid, by uid. `namesakes`: decisions about second uids of a name. `stood`: by replaced kid, the
    seq of each room's newest verified event when the newer key was approved.
    """

    pins: list[dict[str, str]] = field(default_factory=list)
    verified: set[str] = field(default_factory=set)
    namesakes: dict[str, bool] = field(default_factory=dict)
    stood: dict[str, dict[str, int]] = field(default_factory=dict)
    pinned: dict[str, str] = field(default_factory=dict)


class Trust:
    """Known identities and which of them are trusted. The first kid of a person is pinned, and the
    first uid of a name; any other has to be approved.

    Args:
        accept_resets: trust a published key reset without asking.
    """

    def __init__(self, *, accept_resets: bool = False) -> None:
        self.known: dict[str, Identity] = {}
        self.signed: dict[str, dict[str, str]] = {}
        """The signed form of `known`, by kid."""
        self.verified: set[str] = set()
        """Kids whose safety number the user compared."""
        self.heads: Callable[[], Mapping[str, int]] = dict
        """Returns the seq of the newest verified event, by room."""
        self._pins: dict[str, str] = {}
        self._names: dict[str, list[str]] = {}
        """Uids with a name, in the order in which they were first seen."""
        self._namesakes: dict[str, bool] = {}
        self._stood: dict[str, dict[str, int]] = {}
        self._accept_resets = accept_resets
        self.me = ""
        """The uid of the user's own account, which needs no approval."""
        self.replaced = False
        """True if the server names newer keys of the user's own account than these."""

    def learn(self, given: Iterable[Any]) -> None:
        """Store valid identities and ignore the others. A known key is not a trusted one: see
        `meet`.
        """
        for signed in given:
            try:
                identity = open_identity(signed)
            except WireError:
                continue
            self.known[identity.kid] = identity
            self.signed[identity.kid] = {"body": signed["body"], "sig": signed["sig"]}

    def meet(self, identity: Identity) -> None:
        """Pin a person who is seen for the first time, and record who else has the name."""
        pinned = self._pins.setdefault(identity.uid, identity.kid)
        bearers = self._names.setdefault(identity.name, [])
        if identity.uid not in bearers:
            bearers.append(identity.uid)
        if self._accept_resets and identity.prev == pinned and not self.doubt_name(identity):
            self.approve(identity.kid)

    # --- doubts ------------------------------------------------------------------

    def must_know(self, identity: Identity, state: RoomState | None = None) -> None:
        """Require that an identity is trusted. Call it before a key is wrapped to a person, and
        before they are added to a room.

        Args:
            state: the state of the room that it is for, if there is one.

        Raises:
            UnapprovedKeys, Namesake, OlderKeys: it is not certain whose key this is.
        """
        self.meet(identity)
        doubt = self.doubt(identity, state)
        if doubt:
            raise unapproved(doubt, [identity.name])

    def doubt(self, identity: Identity, state: RoomState | None = None) -> Doubt:
        """The reason why no key may be wrapped to an identity; "" if it is trusted."""
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
        """True if the name belongs to another account, or the user has yet to decide."""
        first, *others = self._names.get(identity.name, [identity.uid])
        if any(uid not in self._namesakes for uid in others):
            return True
        return identity.uid != first and not self._namesakes.get(identity.uid, False)

    def _replaced(self, pinned: Identity) -> set[str]:
        """The kids that the pinned one replaced."""
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
        """True if a member already had this older key when the newer one was approved."""
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
        """Pin members of a room who are seen for the first time; returns all members."""
        members = [self.known[member.kid] for member in state.members.values()]
        for identity in members:
            self.meet(identity)
        return members

    def doubts(self, state: RoomState) -> dict[str, Doubt]:
        """The members of a room who are not trusted, by kid."""
        members = self.meet_members(state)
        found = {identity.kid: self.doubt(identity, state) for identity in members}
        return {kid: doubt for kid, doubt in found.items() if doubt}

    def check_members(self, state: RoomState) -> None:
        """Require that every member is trusted.

        Raises:
            UnapprovedKeys, Namesake, OlderKeys: with the members' names.
        """
        found = self.doubts(state)
        for doubt in ("newer", "renamed", "namesake", "older"):
            names = [self.known[kid].name for kid, why in found.items() if why == doubt]
            if names:
                raise unapproved(doubt, sorted(set(names)))

    # --- decisions of the user ----------------------------------------------------------------

    def approve(self, kid: str) -> None:
        """Trust a key: the user compared the safety number or accepted a reset. The older key stays
        trusted in the rooms whose log has it now, and nowhere else.

        Raises:
            UnapprovedKeys: the person was known by another name.
            WireError: the key is older than the trusted one.
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
        """Trust a person's older key in one room, as far as its log reaches now."""
        self._stood.setdefault(kid, {})[state.room] = state.seq

    def decide_namesake(self, uid: str, *, accepted: bool) -> None:
        """Record the user's decision: another person, or one to send nothing to."""
        self._namesakes[uid] = accepted

    def namesakes(self, name: str) -> list[Identity]:
        """Later accounts with a name that the user has not accepted."""
        others = self._names.get(name, [])[1:]
        open_ = [uid for uid in others if not self._namesakes.get(uid, False)]
        return [self.known[self._pins[uid]] for uid in open_]

    def undecided(self, uid: str) -> bool:
        """True if an account came second to a name and the user has not decided."""
        seconds = [one for bearers in self._names.values() for one in bearers[1:]]
        return uid in seconds and uid not in self._namesakes

    def mark_verified(self, kid: str) -> None:
        """Record that the user compared the safety number with that of `kid`."""
        self.approve(kid)
        self.verified.add(kid)

    def pinned(self, uid: str) -> Identity | None:
        """The trusted identity of a person."""
        return self.known.get(self._pins.get(uid, ""))

    # --- storage -----------------------------------------------------------------------------

    def record(self) -> TrustRecord:
        """The record to store: pinned identities, the ones before them, and decisions."""
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
        """Load what an earlier run stored. Of each person the highest n is pinned; of several
        identities with that n, the one approved last.
        """
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
    """The exception for a doubt."""
    kinds = {"namesake": Namesake, "older": OlderKeys}
    return kinds.get(doubt, UnapprovedKeys)(", ".join(names))
