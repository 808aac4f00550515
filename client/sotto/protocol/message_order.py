"""The rules between a room's messages, which are checked in the order of their seq."""

from __future__ import annotations

from dataclasses import dataclass

from sotto.protocol.message import Header


@dataclass(frozen=True, slots=True)
class Verdict:
    """`accepted`: it may be shown. `missing`: messages are missing before it. `other_view`: its
    sender saw another message than the one here.
    """

    accepted: bool
    missing: bool
    other_view: bool


@dataclass(frozen=True, slots=True)
class _Tip:
    """The last accepted message of one (uid, dev)."""

    seq: int
    n: int
    id: str
    lh: int
    sh: int


class MessageOrder:
    """Checks messages one after the other, by rising seq.

    Args:
        after: the seq before the first message; 0 if the whole room is read. Earlier messages are
            unknown, so nothing counts as missing that only they could contain.
    """

    def __init__(self, after: int = 0) -> None:
        self._from_start = after == 0
        self._last = after
        self._unread = 0  # the last seq that was skipped
        self._e = 0
        self._ids: dict[int, str] = {}
        self._highest = (0, "")
        self._tips: dict[tuple[str, str], _Tip] = {}
        self._refused: dict[str, tuple[int, Header]] = {}
        """By id; with each, the last seq that was skipped before it."""

    @property
    def last(self) -> int:
        """The seq of the newest message, or the last one that was skipped or comes before all."""
        return self._last

    @property
    def highest(self) -> tuple[int, str]:
        """Seq and id of the newest message that has an id, verified or not: the next message's
        `sh`.
        """
        return self._highest

    def hold(self, seq: int, id_: str = "", header: Header | None = None) -> bool:
        """Record a refused message; returns whether messages are missing before it.

        It changes nothing, but if its header is readable, later messages do not count it as
        missing. A message without an id is never named as seen: others could not name it alike. A
        sender who names another one at its seq saw a different conversation.
        """
        if header is not None:
            self._refused[id_] = (self._unread, header)
        return self._place(seq, id_)

    def skip(self, seq: int) -> None:
        """Leave out the messages up to `seq`, which were not read: they are not missing, and what a
        sender said among them is not missing to their later messages.
        """
        if seq <= self._last:
            raise ValueError("messages go in by rising seq")
        self._last = self._unread = seq

    def push(self, seq: int, id_: str, header: Header) -> Verdict:
        """Check the next message, which is valid by itself."""
        sender = (header.uid, header.dev)
        tip = self._tips.get(sender)
        accepted = header.e >= self._e and _rises(header, tip)
        missing = self._place(seq, id_)
        if accepted:
            missing = missing or not self._follows(header, tip)
            self._e = header.e
            self._tips[sender] = _Tip(seq, header.n, id_, header.lh[0], header.sh[0])
        else:
            self._refused[id_] = (self._unread, header)
        held = self._ids.get(header.sh[0])
        return Verdict(accepted, missing, held is not None and held != header.sh[1])

    def _place(self, seq: int, id_: str) -> bool:
        if seq <= self._last:
            raise ValueError("messages go in by rising seq")
        missing = seq != self._last + 1
        self._last = seq
        self._ids[seq] = id_
        if id_:
            self._highest = (seq, id_)
        return missing

    def _follows(self, header: Header, tip: _Tip | None) -> bool:
        """True if n and pm lead back to the sender's last accepted message, or to messages that
        were not read.
        """
        n, pm, unread = header.n, header.pm, self._unread
        while (past := self._refused.get(pm)) is not None and past[1].n == n - 1:
            unread, (n, pm) = past[0], (past[1].n, past[1].pm)
        if tip is None:
            return n == 1 or not self._from_start or unread > 0
        if n == tip.n + 1:
            return pm == tip.id
        return n > tip.n and tip.seq < unread


def _rises(header: Header, tip: _Tip | None) -> bool:
    if tip is None:
        return True
    return header.n > tip.n and header.lh[0] >= tip.lh and header.sh[0] >= tip.sh
