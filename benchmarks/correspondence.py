"""Sealed messages for load: each sender's chain, signed beforehand. Needs Django set up."""

from __future__ import annotations

import json
import random
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from benchmarks.pages import HERE
from benchmarks.town import Citizen, Town
from sotto.protocol.message import Header, seal_message
from sotto.protocol.room_keys import search_key
from sotto.protocol.search_terms import tokens_for

LINES = [
    line.split(":", 1)[1].strip()
    for script in sorted((HERE.parent / "scripts" / "demo").glob("*.txt"))
    for line in script.read_text().splitlines()
    if line[:1].isalpha() and ":" in line and len(line) > 20
]


@dataclass
class Pen:
    """One member's chain in a room."""

    town: Town
    citizen: Citizen
    socket: int
    dev: str = field(default_factory=lambda: secrets.token_hex(16))
    n: int = 0
    pm: str = ""

    def write(self, body: str) -> dict[str, Any]:
        """The next message: `frame` as Sotto takes it, `row` as its readers get it."""
        state, who = self.town.state, self.citizen
        cid = secrets.token_hex(16)
        self.n += 1
        header = Header(
            room=state.room,
            e=state.e,
            uid=who.user.pk,
            kid=who.identity.kid,
            dev=self.dev,
            n=self.n,
            pm=self.pm,
            lh=(state.seq, state.hash),
            sh=(0, ""),
            cid=cid,
            ts=time.time_ns() // 1_000_000,
        )
        key = self.town.key
        sealed = seal_message(header, key, who.keys.ed, {"t": "text", "body": body})
        self.pm = sealed.id
        row = {"h": sealed.h, "iv": sealed.iv, "ct": sealed.ct, "sig": sealed.sig}
        tokens = tokens_for(search_key(key, state.room, 1), body, 1)
        frame = {"type": "message_send", "room": state.room, **row, "tokens": tokens}
        return {"id": cid, "socket": self.socket, "frame": frame, "row": {"seq": self.n, **row}}


def pens(towns: list[Town]) -> list[list[Pen]]:
    """For each room its members' pens; sockets are numbered through the rooms."""
    numbers = iter(range(10**9))
    return [[Pen(town, one, next(numbers)) for one in town.people] for town in towns]


def correspondence(rooms: list[list[Pen]], many: int) -> list[dict[str, Any]]:
    """`many` messages: room after room, in each by anybody."""
    return [
        random.choice(rooms[at % len(rooms)]).write(random.choice(LINES))  # noqa: S311
        for at in range(many)
    ]


def as_sent_to(name: str, written: list[dict[str, Any]]) -> list[dict[str, Any]]:
    part = "frame" if name == "sotto" else "row"
    return [
        {"socket": one["socket"], "id": one["id"], "text": json.dumps(one[part])} for one in written
    ]
