"""A room's log and keys, as far as they are verified."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NoReturn

from sotto.keys.trust import Trust
from sotto.protocol.encoding import WireError, field_of
from sotto.protocol.events import LogError, SignedEvent
from sotto.protocol.identity import Keys
from sotto.protocol.log import extend_log
from sotto.protocol.profile import Profile, open_profile, profile_hash, read_profile
from sotto.protocol.room_keys import check_key, unwrap_key
from sotto.protocol.room_state import RoomState
from sotto.room_errors import (
    Closed,
    FormerMember,
    Frozen,
    KeysReplaced,
    NewerVersion,
    PeerLeft,
)

EVENTS_AT_ONCE = 100


@dataclass(frozen=True)
class Me:
    """The account that is logged in, and its keys. `dev` is the id of this device."""

    uid: str
    name: str
    kid: str
    keys: Keys
    dev: str


class RoomLog:
    """The verified log of a room and the keys of its epochs.

    `keys`: by epoch. `profile`: None until decrypted. `events`: as they were signed. `frozen`: why
    the room is frozen, or "". `stopped`: by the operator, as the server said last.
    """

    def __init__(self, room: str, me: Me, trust: Trust) -> None:
        self.id = room
        self.me = me
        self.trust = trust
        self.keys: dict[int, bytes] = {}
        self.profile: Profile | None = None
        self.profile_plain: bytes | None = None
        self.events: list[SignedEvent] = []
        self.frozen = ""
        self.newer = False
        self.stopped = False
        self.escrows: list[Any] = []
        """Boxes with the keys of open links, for the member who rotates the key."""
        self.profile_epochs: set[int] = set()
        """Epochs for which the server has the present profile."""
        self.wrapped_epochs: set[int] = set()
        """Epochs whose key the server stores for this account."""
        self.known_head: tuple[int, str] | None = None
        """Seq and hash of the newest event that an earlier run verified."""
        self.known_keys: dict[int, bytes] = {}
        """Keys from an earlier run, by epoch."""
        self.log_lock = asyncio.Lock()
        self._state: RoomState | None = None

    @property
    def state(self) -> RoomState:
        """The verified state after the newest event. The log must be fetched before."""
        assert self._state is not None
        return self._state

    @property
    def log_seq(self) -> int:
        """The seq of the newest verified event; -1 for none."""
        return -1 if self._state is None else self._state.seq

    @property
    def name(self) -> str:
        """The room's name, "" until its profile is decrypted."""
        return self.profile.name if self.profile is not None else ""

    # --- the log ----------------------------------------------------------------------------

    def restore_log(self, state: RoomState, events: list[SignedEvent]) -> None:
        """Begin where an earlier run ended, with what it verified.

        Args:
            events: every event up to the state's.
        """
        self._state, self.events = state, events
        self.trust.meet_members(state)

    def extend(self, events: list[Any], head: Any) -> None:
        """Verify and append events that follow `log_seq`.

        Args:
            head: seq and hash of the newest event, as the server says; it must not lie behind.

        Raises:
            Frozen: the log is shorter, another or illegal.
            NewerVersion: it contains events that this version does not know.
        """
        self._check_readable()
        before = self.log_seq
        for at in range(0, len(events), EVENTS_AT_ONCE):
            self._extend(events[at : at + EVENTS_AT_ONCE])
        state = self._state
        if state is None or state.room != self.id:
            self.freeze("the log of another room")
        known = type(head) is list and len(head) == 2 and type(head[0]) is int
        # The server may have read its head just before an event of this answer was written.
        if not known or head[0] < max(before, 0):
            self.freeze("a log that lost what was there")
        if head[0] <= state.seq and head[1] != state.hashes[head[0]]:
            self.freeze("a log that is another")
        self.trust.meet_members(state)

    def _extend(self, events: list[Any]) -> None:
        try:
            self._state = extend_log(self._state, events, self.trust.known)
            self.events += events
        except LogError as error:
            if error.reason == "illegal":
                self.freeze(str(error))
            if len(events) == 1:
                self.newer = True
                self.check_head()
                raise NewerVersion(str(error)) from None
            for event in events:
                self._extend([event])

    def check_head(self) -> None:
        """Compare a completely fetched log with the head that an earlier run verified.

        Raises:
            Frozen: the log does not continue that head.
        """
        if self.known_head is None:
            return
        seq, at = self.known_head
        if seq <= self.log_seq:
            if self.state.hashes[seq] != at:
                self.freeze("a log that is another")
        elif not self.newer:
            self.freeze("a log that lost what was there")

    def _check_readable(self) -> None:
        """Raise Frozen or NewerVersion if the log cannot be followed any longer."""
        if self.frozen:
            raise Frozen(self.frozen)
        if self.newer:
            raise NewerVersion("the room needs a newer version")

    def check_open(self) -> None:
        """Raise Frozen, NewerVersion, FormerMember, Closed or KeysReplaced if the room takes no
        events.
        """
        self._check_readable()
        self.check_member()
        self.check_not_closed()
        if self.trust.replaced:
            raise KeysReplaced

    def check_not_closed(self) -> None:
        """Raise Closed if the verified log says that its owner closed the room."""
        if self.state.ended:
            members = self.state.members.values()
            owners = [member.name for member in members if member.role == "owner"]
            raise Closed(owners[0] if owners else "its owner", self.state.ts)

    def check_peer(self) -> None:
        """Raise PeerLeft if the verified log says that the other person of a direct room is out."""
        if self.state.kind != "direct":
            return
        for uid in self.state.spans:
            if uid not in self.state.members and uid != self.me.uid:
                raise PeerLeft(self.name_of(uid), self.state.exits.get(uid))

    def name_of(self, uid: str) -> str:
        """The name of a present or former member; "a member" if no identity of theirs is known."""
        if uid in self.state.members:
            return self.state.members[uid].name
        names = [one.name for one in self.trust.known.values() if one.uid == uid]
        return names[-1] if names else "a member"

    @property
    def goes_on(self) -> bool:
        """True if the account is a member, and the owner has not closed the room."""
        return self.is_member and not self.state.ended

    @property
    def is_member(self) -> bool:
        """True if the verified log names this account as a member."""
        return self.me.uid in self.state.members

    def check_member(self) -> None:
        """Raise FormerMember if the verified log does not name this account as a member."""
        if not self.is_member:
            exit_ = self.state.exits.get(self.me.uid)
            raise FormerMember(exit_, self.name_of(exit_.by) if exit_ is not None else "a member")

    def check_writable(self) -> None:
        """Raise as `check_open` does, PeerLeft if nobody would read it, or UnapprovedKeys if a
        member is not trusted.
        """
        self.check_open()
        self.check_peer()
        self.trust.check_members(self.state)

    def freeze(self, why: str) -> NoReturn:
        """Make the room read-only, and raise Frozen."""
        self.frozen = why
        raise Frozen(why)

    # --- keys -------------------------------------------------------------------------------

    def accept_key(self, e: int, key: bytes) -> bool:
        """Store the key of an epoch if the log committed to it; returns whether it did."""
        try:
            self.keys[e] = check_key(key, self.id, e, self.state.kcv.get(e, ""))
        except WireError:
            return False
        return True

    def restore_keys(self) -> None:
        """Store the keys of an earlier run that the log commits to."""
        for e, key in self.known_keys.items():
            self.accept_key(e, key)

    def accept_wraps(self, wraps: Iterable[Any]) -> None:
        """Store the keys in wraps to this account. Wraps that do not fit are ignored."""
        for wrap in wraps:
            try:
                e, to, ct = (
                    field_of(wrap, "e", int),
                    field_of(wrap, "to", str),
                    field_of(wrap, "ct", str),
                )
                if to == self.me.kid and e not in self.wrapped_epochs and e in self.state.kcv:
                    kcv = self.state.kcv[e]
                    self.keys[e] = unwrap_key(ct, self.id, e, to, self.me.keys.rsa, kcv)
                    self.wrapped_epochs.add(e)
            except WireError:
                continue

    def forget_older_profile(self) -> None:
        """Forget the profile of an earlier run if the log names another one now."""
        if self.profile_plain is not None and profile_hash(self.profile_plain) != self.state.h:
            self.profile = self.profile_plain = None

    def accept_profiles(self, boxes: Iterable[Any]) -> None:
        """Decrypt the profile that the log names. If none fits, the last good one stays."""
        self.profile_epochs = set()
        for given in boxes:
            try:
                e, box = field_of(given, "e", int), field_of(given, "box", str)
                if e not in self.keys:
                    continue
                plain = open_profile(self.keys[e], self.id, e, box, self.state.h)
                self.profile, self.profile_plain = read_profile(plain), plain
                self.profile_epochs.add(e)
            except WireError:
                continue

    def missing_epochs(self) -> list[int]:
        """Epochs whose key this account is entitled to and does not have."""
        member = self.state.members.get(self.me.uid)
        if member is None or self.state.ended:
            return []
        return [e for e in self.state.kcv if e >= member.since and e not in self.keys]
