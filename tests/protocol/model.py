"""A room as one would tell it: who is in and as what, which links have uses left.

It shares no code with the log machines, and knows neither hashes nor signatures: only what
docs/protocol.md, "The room log", allows whom.
"""

from __future__ import annotations

from dataclasses import dataclass, field

PEOPLE = ("ada", "ben", "cleo", "dan", "eve")
KEYS = 3
"""How often each may come with new keys, the first included."""
LINKS = 4
DAY = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Move:
    """Something `who`, with their `n`th keys, tries. `whom` with the `nth` keys, `link`, `value`:
    what it is about, where it is about such.
    """

    t: str
    who: str
    n: int
    whom: str = ""
    nth: int = 1
    link: int = -1
    value: str = ""


@dataclass
class Place:
    role: str
    n: int


@dataclass
class LinkLeft:
    uses: int
    exp: int
    by: str = ""
    ended: bool = False

    def opens(self, ts: int) -> bool:
        return self.uses > 0 and ts <= self.exp and not self.ended


@dataclass
class Model:
    kind: str
    history: str
    join: str
    ai: str = "off"
    members: dict[str, Place] = field(default_factory=lambda: {"ada": Place("owner", 1)})
    links: dict[int, LinkLeft] = field(default_factory=dict)
    bans: set[str] = field(default_factory=set)
    been: set[str] = field(default_factory=set)
    """Who was let in at some time, the owner apart."""
    successor: str = ""
    e: int = 1
    g: int = 1
    open: bool = True
    ended: bool = False

    # --- what is legal ----------------------------------------------------------------------

    def allows(self, move: Move, ts: int) -> bool:
        if self.ended:
            return False
        if move.t == "join":
            return self._may_join(move, ts)
        place = self.members.get(move.who)
        if place is None or place.n != move.n:
            return False
        return bool(getattr(self, f"_may_{move.t}")(move, place, ts))

    def opens(self, link: int, ts: int) -> bool:
        return link in self.links and self.links[link].opens(ts)

    def _may_join(self, move: Move, ts: int) -> bool:
        outside = move.who not in self.members and move.who not in self.bans
        return (
            self.kind == "group" and self.join == "link" and outside and self.opens(move.link, ts)
        )

    def _may_profile(self, move: Move, place: Place, ts: int) -> bool:
        return place.role != "member" or self.kind == "direct"

    def _may_invite(self, move: Move, place: Place, ts: int) -> bool:
        return self.kind == "group" and place.role != "member" and move.link not in self.links

    def _may_revoke(self, move: Move, place: Place, ts: int) -> bool:
        return place.role != "member" and self.opens(move.link, ts)

    def _may_add(self, move: Move, place: Place, ts: int) -> bool:
        room = self.kind == "group" or len(self.members) < 2
        by_link = move.link < 0 or self.opens(move.link, ts)
        return place.role != "member" and move.whom not in self.members and room and by_link

    def _may_remove(self, move: Move, place: Place, ts: int) -> bool:
        other = self.members.get(move.whom)
        if other is None or move.whom == move.who:
            return False
        return place.role == "owner" or (place.role, other.role) == ("moderator", "member")

    def _may_leave(self, move: Move, place: Place, ts: int) -> bool:
        return place.role != "owner" or len(self.members) == 1

    def _may_role(self, move: Move, place: Place, ts: int) -> bool:
        return place.role == "owner" and move.whom in self.members and move.whom != move.who

    def _may_demote(self, move: Move, place: Place, ts: int) -> bool:
        return self._may_role(move, place, ts) and self.members[move.whom].role == "moderator"

    def _may_ban(self, move: Move, place: Place, ts: int) -> bool:
        outside = move.whom in self.been | {"ada"} and move.whom not in self.members
        changes = (move.whom in self.bans) == (move.value == "off")
        return self.kind == "group" and place.role != "member" and outside and changes

    def _may_successor(self, move: Move, place: Place, ts: int) -> bool:
        someone = not move.whom or (move.whom in self.members and move.whom != move.who)
        return place.role == "owner" and someone

    def _may_succeed(self, move: Move, place: Place, ts: int) -> bool:
        owner = self.members.get(move.whom)
        return self.successor == move.who and owner is not None and owner.role == "owner"

    def _may_policy(self, move: Move, place: Place, ts: int) -> bool:
        return place.role == "owner"

    def _may_epoch(self, move: Move, place: Place, ts: int) -> bool:
        return True

    def _may_reset(self, move: Move, place: Place, ts: int) -> bool:
        other = self.members.get(move.whom)
        if other is None or move.whom == move.who or move.nth <= other.n:
            return False
        if self.kind == "direct":
            return True
        if other.role == "owner":
            moderators = [p for p in self.members.values() if p.role == "moderator"]
            return place.role == "moderator" or not moderators
        return place.role != "member"

    def _may_close(self, move: Move, place: Place, ts: int) -> bool:
        return place.role == "owner"

    def _may_disclose(self, move: Move, place: Place, ts: int) -> bool:
        return self.ai in ("ask", "auto")

    # --- what it changes --------------------------------------------------------------------

    def take(self, move: Move, ts: int) -> None:
        effect = getattr(self, f"_take_{move.t}", None)
        if effect is not None:
            effect(move, ts)
        if move.t in ("remove", "reset", "epoch", "demote", "succeed"):
            self.e += 1
            if move.t != "epoch" or not self.open:
                self.g = self.e
            self.open = True

    def _void(self, ts: int) -> None:
        for link in self.links.values():
            link.ended = link.ended or link.opens(ts)

    def _let_in(self, who: str, n: int, link: int) -> None:
        if link >= 0:
            self.links[link].uses -= 1
        self.members[who] = Place("member", n)
        self.been.add(who)
        if self.history == "join":
            self.open = False

    def _take_join(self, move: Move, ts: int) -> None:
        self._let_in(move.who, move.n, move.link)

    def _take_add(self, move: Move, ts: int) -> None:
        self.bans.discard(move.whom)
        self._let_in(move.whom, move.nth, move.link)

    def _take_invite(self, move: Move, ts: int) -> None:
        self.links[move.link] = LinkLeft(2, ts + DAY, move.who)

    def _take_revoke(self, move: Move, ts: int) -> None:
        self.links[move.link].ended = True

    def _out(self, who: str, ts: int) -> None:
        del self.members[who]
        if self.successor == who:
            self.successor = ""
        self._void(ts)

    def _take_remove(self, move: Move, ts: int) -> None:
        self._out(move.whom, ts)
        if move.value == "ban":
            self.bans.add(move.whom)

    def _take_leave(self, move: Move, ts: int) -> None:
        self._out(move.who, ts)
        self.open = False

    def _take_role(self, move: Move, ts: int) -> None:
        self.members[move.whom].role = move.value
        if move.value == "owner":
            self.members[move.who].role, self.successor = "moderator", ""

    def _take_demote(self, move: Move, ts: int) -> None:
        self.members[move.whom].role = "member"
        for link in self.links.values():
            link.ended = link.ended or (link.by == move.whom and link.opens(ts))

    def _take_ban(self, move: Move, ts: int) -> None:
        if move.value == "off":
            self.bans.discard(move.whom)
        else:
            self.bans.add(move.whom)

    def _take_successor(self, move: Move, ts: int) -> None:
        self.successor = move.whom

    def _take_succeed(self, move: Move, ts: int) -> None:
        self._out(move.whom, ts)
        self.members[move.who].role, self.successor = "owner", ""

    def _take_policy(self, move: Move, ts: int) -> None:
        join, self.ai = move.value.split("|")
        if join != self.join:
            self._void(ts)
        self.join = join

    def _take_reset(self, move: Move, ts: int) -> None:
        self.members[move.whom].n = move.nth
        self._void(ts)

    def _take_close(self, move: Move, ts: int) -> None:
        self.ended, self.open = True, False
