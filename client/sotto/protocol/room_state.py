"""A room's state according to its log: members, epochs and invitations, now and at any event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

LEADERS = ("owner", "moderator")


@dataclass(slots=True)
class Member:
    """A member. `n` is that of the identity `kid`."""

    kid: str
    role: str
    since: int
    """The first epoch that this member is entitled to read."""
    name: str
    n: int

    @property
    def leads(self) -> bool:
        """True for the owner and moderators."""
        return self.role in LEADERS

    def loses_rank(self, role: str) -> bool:
        """True if `role` would demote a leader to member."""
        return self.leads and role not in LEADERS


@dataclass(slots=True)
class Invite:
    """An invitation in the log: its public key, expiry (ms), limit of uses and author."""

    ipk: str
    exp: int
    max: int
    by: str
    seq: int
    uses: int = 0
    ended: Literal["", "revoked", "voided"] = ""

    def is_open(self, ts: int) -> bool:
        """True if the link can be used at `ts` (ms)."""
        return not self.ended and self.uses < self.max and ts <= self.exp


@dataclass(slots=True)
class Mark:
    """The epoch from log event `seq` on, and whether the room takes messages."""

    seq: int
    e: int
    open: bool


@dataclass(slots=True)
class Span:
    """A membership under `kid` as `role`, from event `since` until before event `until` (None:
    still).
    """

    kid: str
    role: str
    since: int
    until: int | None = None

    def holds(self, seq: int) -> bool:
        """True if the membership includes the moment right after event `seq`."""
        return self.since <= seq and (self.until is None or seq < self.until)


@dataclass(frozen=True, slots=True)
class Exit:
    """The end of a membership: the event's type (`leave`, `remove` or `succeed`), its author, its
    time (ms), and whether it banned the member.
    """

    t: str
    by: str
    ts: int
    ban: bool


@dataclass(frozen=True, slots=True)
class Disclosure:
    """A member's declaration, at event `seq`, to show messages `first` to `last` to a model."""

    seq: int
    uid: str
    first: int
    last: int
    model: str


@dataclass
class RoomState:
    """A room after event `seq`. `members` by uid, `kcv` by epoch, `invites` by iid.

    `ended`: the owner closed it for good. `bans`: uids that no link lets in. `successor`: uid of
    the member who may take the room over once the owner's account has ended, "" for nobody.
    """

    room: str
    kind: str
    policy: dict[str, Any]
    seq: int = -1
    hash: str = ""
    ts: int = 0
    members: dict[str, Member] = field(default_factory=dict)
    e: int = 1
    open: bool = True
    ended: bool = False
    g: int = 1
    kcv: dict[int, str] = field(default_factory=dict)
    invites: dict[str, Invite] = field(default_factory=dict)
    bans: set[str] = field(default_factory=set)
    successor: str = ""
    disclosures: list[Disclosure] = field(default_factory=list)
    h: str = ""
    hashes: list[str] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    spans: dict[str, list[Span]] = field(default_factory=dict)
    exits: dict[str, Exit] = field(default_factory=dict)
    """How each former member's last membership ended, by uid."""

    def open_invites(self, ts: int) -> list[str]:
        """The iids of links that can be used at `ts` (ms)."""
        return [iid for iid, invite in self.invites.items() if invite.is_open(ts)]

    def recipients(self) -> list[tuple[str, str]]:
        """(uid, kid) of each member, who get keys."""
        return sorted((uid, member.kid) for uid, member in self.members.items())

    def kid_at(self, seq: int, uid: str) -> str | None:
        """The kid under which `uid` was a member right after event `seq`."""
        return next((span.kid for span in self._spans(seq, uid)), None)

    def role_at(self, seq: int, uid: str) -> str | None:
        """The role of `uid` right after event `seq`."""
        return next((span.role for span in self._spans(seq, uid)), None)

    def epoch_at(self, seq: int) -> int | None:
        """The epoch right after event `seq`, or None if the room took no messages then."""
        last = next((mark for mark in reversed(self.marks) if mark.seq <= seq), None)
        return last.e if last is not None and last.open else None

    def generations(self) -> dict[int, int]:
        """The generation of the search key of each epoch. An epoch that began while the room was
        open, without any change of members, continues the generation before it.
        """
        spans = [span for all_ in self.spans.values() for span in all_]
        moves = {span.since for span in spans} | {span.until for span in spans}
        found: dict[int, int] = {}
        before: Mark | None = None
        for mark in self.marks:
            if before is None or before.e != mark.e:
                goes_on = before is not None and before.open and mark.seq not in moves
                found[mark.e] = found[mark.e - 1] if goes_on else mark.e
            before = mark
        return found

    def _spans(self, seq: int, uid: str) -> Iterator[Span]:
        return (span for span in self.spans.get(uid, ()) if span.holds(seq))


def recipients_after(state: RoomState, event: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The recipients of the key of the epoch that `event` begins: (uid, kid) each."""
    members = dict(state.recipients())
    if event["t"] in ("remove", "succeed"):
        members.pop(event["uid"], None)
    elif event["t"] == "reset":
        members[event["uid"]] = event["to"]
    return sorted(members.items())
