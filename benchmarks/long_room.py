"""A long conversation at the site at hand: `python -m benchmarks.long_room MESSAGES URL`.

The room comes about by the rules (town.py); its messages are sealed and signed by the Python
client's code, each sender's in a chain of their own, and stored by the message store as the
committer does it, so that every client verifies them like any others. One message in ten changes
an earlier one: reactions, corrections, pins. They were sent over DAYS, the last one now. What is
printed is JSON with the room, a link to join it, and how long it took. SOTTO_DATA or DATABASE_URL
say which site.
"""

from __future__ import annotations

import json
import random
import secrets
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from benchmarks.town import Citizen, Town
    from messaging.store.base import NewMessage

MEMBERS, DISTINCT_RSA = 5, 1
DAYS = 60
DAY = 24 * 3600 * 1000  # ms
BATCH = 500  # messages in a write
CHANGES = 0.1  # of all messages
EMOJI = ["👍", "🎉", "🌧", "❤️"]


def is_text(seq: int) -> bool:
    """True for messages that change no other one, so that there is a line to go to."""
    return seq % 10 == 1


@dataclass
class Chain:
    """One member's messages."""

    citizen: Citizen
    dev: str = field(default_factory=lambda: secrets.token_hex(16))
    n: int = 0
    pm: str = ""


class LongRoom:
    """Writes the messages of a town, one after the other. The same seed says the same."""

    def __init__(self, town: Town, messages: int, seed: int = 1) -> None:
        from benchmarks.correspondence import LINES

        self._town = town
        self._dice = random.Random(seed)  # noqa: S311 (no secret)
        self._chains = [Chain(citizen) for citizen in town.people]
        self._lines = LINES
        self._step = DAYS * DAY // max(1, messages)
        self._begins = time.time_ns() // 1_000_000 - self._step * messages
        self._texts: list[tuple[int, str, Chain]] = []
        self._last: tuple[int, str] = (0, "")

    def new_messages(self, messages: int) -> Iterator[NewMessage]:
        for seq in range(1, messages + 1):
            chain = self._dice.choice(self._chains)
            changes = not is_text(seq) and self._dice.random() < CHANGES
            content, chain = self._change(chain) if changes else (self._text(seq), chain)
            yield self._sealed(seq, chain, content)

    def _text(self, seq: int) -> dict[str, Any]:
        return {"t": "text", "body": f"{seq}: {self._dice.choice(self._lines)}"}

    def _change(self, chain: Chain) -> tuple[dict[str, Any], Chain]:
        """Mostly of what was said just before, now and then of anything."""
        near = self._texts[-20:] if self._dice.random() < 0.8 else self._texts
        seq, id_, author = self._dice.choice(near)
        kind = self._dice.random()
        if kind < 0.7:
            return {
                "t": "react",
                "of": [seq, id_],
                "emoji": self._dice.choice(EMOJI),
                "on": 1,
            }, chain
        if kind < 0.98:
            return {"t": "edit", "of": [seq, id_], "body": f"{seq}: corrected"}, author
        return {"t": "pin", "of": [seq, id_], "on": 1}, chain

    def _sealed(self, seq: int, chain: Chain, content: dict[str, Any]) -> NewMessage:
        from messaging.store.base import NewMessage
        from sotto.protocol.message import Header, seal_message

        state, who = self._town.state, chain.citizen
        chain.n += 1
        header = Header(
            room=state.room,
            e=state.e,
            uid=who.user.pk,
            kid=who.identity.kid,
            dev=chain.dev,
            n=chain.n,
            pm=chain.pm,
            lh=(state.seq, state.hash),
            sh=self._last,
            cid=secrets.token_hex(16),
            ts=self._begins + seq * self._step,
        )
        made = seal_message(header, self._town.key, who.keys.ed, content)
        chain.pm, self._last = made.id, (seq, made.id)
        re = (content["of"][0],) if "of" in content else ()
        if not re:
            self._texts.append((seq, made.id, chain))
        return NewMessage(
            room=state.room,
            uid=header.uid,
            device=header.dev,
            chain_number=header.n,
            previous_id=header.pm,
            client_message_id=header.cid,
            epoch=header.e,
            message_id=made.id,
            header=made.h,
            iv=made.iv,
            ciphertext=made.ct,
            signature=made.sig,
            stored_ms=header.ts,
            refers_to=re,
        )


def fill(town: Town, messages: int) -> None:
    """Store so many messages.

    Raises:
        RuntimeError: one was refused.
    """
    from messaging.store import get_store
    from messaging.store.base import Appended

    store, new_messages = get_store(), LongRoom(town, messages).new_messages(messages)
    while batch := list(islice(new_messages, BATCH)):
        outcomes = store.append(batch)
        if not all(isinstance(outcome, Appended) for outcome in outcomes):
            raise RuntimeError(f"a message was refused: {outcomes}")


def make(messages: int, site: str) -> dict[str, Any]:
    """Make a room of so many messages.

    Returns:
        Its id, a link to join it at `site`, and the seconds that it took.
    """
    from benchmarks.town import citizens, settle

    began = time.monotonic()
    town = settle(citizens(MEMBERS, DISTINCT_RSA, f"long.{secrets.token_hex(3)}"))
    fill(town, messages)
    seconds = round(time.monotonic() - began, 1)
    return {"room": town.state.room, "link": f"{site}/i{town.link.fragment}", "seconds": seconds}


def main() -> None:
    django.setup()
    messages = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    site = sys.argv[2] if len(sys.argv) > 2 else "http://localhost:8000"
    print(json.dumps(make(messages, site)))


if __name__ == "__main__":
    main()
