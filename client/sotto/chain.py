"""This device's chain of messages in one room."""

from __future__ import annotations

import os
from typing import Any

from sotto.protocol.content import file_ids, refs_of, searchable_text
from sotto.protocol.encoding import new_id
from sotto.protocol.message import Header, NewMessage, seal_message
from sotto.protocol.room_keys import search_key
from sotto.protocol.search_terms import tokens_for
from sotto.room import Room

ERASED_AT_ONCE = 100

Tip = tuple[str, int, str]
"""The end of a chain: dev, n and pm."""


class Chain:
    """Every message names the one before it, so that none can be left out unseen.

    Args:
        tip: the end of the chain of an earlier run.
    """

    def __init__(self, room: Room, tip: Tip | None = None) -> None:
        self._room = room
        self._dev, self._n, self._pm = tip or (room.me.dev, 0, "")
        self._own: dict[str, int] = {self._pm: self._n}

    @property
    def tip(self) -> Tip | None:
        """The end of the chain; None before the first message."""
        return (self._dev, self._n, self._pm) if self._n else None

    def seal(self, cid: str, content: dict[str, Any], key: bytes, ts: int) -> NewMessage:
        """Seal the next message under the present epoch's key. The chain does not move yet.

        Args:
            ts: the server's time, in ms.
        """
        room, state = self._room, self._room.state
        header = Header(
            room=room.id,
            e=state.e,
            uid=room.me.uid,
            kid=room.me.kid,
            dev=self._dev,
            n=self._n + 1,
            pm=self._pm,
            lh=(state.seq, state.hash),
            sh=room.highest,
            cid=cid,
            ts=ts,
        )
        sealed = seal_message(header, key, room.me.keys.ed, content)
        self._own[sealed.id] = header.n
        return sealed

    def advance(self, sealed: NewMessage) -> None:
        """The server has stored a message of this chain: the next one follows it."""
        self._n, self._pm = self._own[sealed.id], sealed.id

    def move_to(self, n: Any, id_: str) -> None:
        """Continue from where the server says this chain ends, if that is one of its messages;
        otherwise as a new device. Never from before an acknowledged message: one number would stand
        for two messages.
        """
        if type(n) is int and n >= self._n and self._own.get(id_) == n:
            self._n, self._pm = n, id_
        else:
            self._dev, self._n, self._pm = new_id(os.urandom), 0, ""


def send_frame(room: Room, sealed: NewMessage, content: dict[str, Any]) -> dict[str, Any]:
    """The frame that sends a sealed message, with what the server must know of its content."""
    state = room.state
    frame: dict[str, Any] = {"type": "message_send", "room": room.id, "h": sealed.h}
    frame |= {"iv": sealed.iv, "ct": sealed.ct, "sig": sealed.sig}
    refs = [seq for seq, _ in refs_of(content)]
    if refs:
        frame["re"] = refs
    if content["t"] == "delete":
        frame["erase"] = refs[:ERASED_AT_ONCE]
    files = file_ids(content)
    if files:
        frame["files"] = files
    key = room.keys.get(state.g)
    if state.policy["search"] == "server" and key is not None:
        # Also for a message without words: it then counts as indexed.
        sk = search_key(key, room.id, state.g)
        frame["tokens"] = tokens_for(sk, searchable_text(content), state.g)
    return frame
