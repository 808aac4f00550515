"""What a server can make that also holds the keys of a real member: mallory."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from hashlib import sha256, sha512
from typing import Any

from sotto.client import Client
from sotto.protocol.encoding import b64, new_id, unb64
from sotto.protocol.event_builder import Author, make_event
from sotto.protocol.events import SignedEvent
from sotto.protocol.identity import Identity, Keys, make_identity, open_identity
from sotto.protocol.message import Header, seal_message
from sotto.protocol.room_state import RoomState
from sotto.protocol.signing import digest, pae, sign
from sotto.protocol.signing import hash64 as hash_of
from sotto.room import Room
from tests.hostile.victims import FORGED
from tests.vectors.making import cast, resets

StoredMessage = dict[str, Any]
ORDER = 2**252 + 27742317777372353535851937790883648493
"""Of Ed25519's base point."""


@dataclass
class Stranger:
    """Somebody whom the server has made up."""

    uid: str
    name: str
    keys: Keys
    signed: dict[str, str]

    @property
    def kid(self) -> str:
        return hash_of("identity", self.signed["body"])

    @property
    def identity(self) -> Identity:
        return open_identity(self.signed)

    @property
    def ed(self) -> str:
        return str(json.loads(self.signed["body"])["ed"])

    def author(self, now: int) -> Author:
        return Author(self.uid, self.kid, self.keys.ed, now)


def signature_by_anybody() -> str:
    """Good for whatever was signed, where the public key is the neutral point."""
    keys = cast()["cleo"].keys
    return b64(keys.ed_public + (_secret(keys) % ORDER).to_bytes(32, "little"))


def _secret(keys: Keys) -> int:
    """The number behind an Ed25519 key (RFC 8032, 5.1.5)."""
    half = int.from_bytes(sha512(keys.seed).digest()[:32], "little")
    return half & (1 << 254) - 8 | 1 << 254


def stranger(uid: str = "", name: str = "eve", n: int = 1, prev: str = "") -> Stranger:
    """With a `uid` of somebody real it is an impostor."""
    uid = uid or new_id(os.urandom)
    keys = Keys(resets()["cleo2"].keys.ed, cast()["cleo"].keys.rsa)
    return Stranger(uid, name, keys, make_identity(keys, uid, name, n, prev))


class Mallory:
    """A member in good standing whose keys the server holds. `dev` is a device of hers that has
    not written yet.
    """

    def __init__(self, client: Client) -> None:
        self.client = client
        self.keys = client.me.keys
        self.dev = new_id(os.urandom)

    def header(self, room: Room, /, **changes: Any) -> Header:
        """Of a message that nobody would object to, but for `changes`."""
        me = self.client.me
        proper = Header(
            room=room.id,
            e=room.state.e,
            uid=me.uid,
            kid=me.kid,
            dev=self.dev,
            n=1,
            pm="",
            lh=(room.state.seq, room.state.hash),
            sh=room.highest,
            cid=new_id(os.urandom),
            ts=self.now,
        )
        return replace(proper, **changes)

    @property
    def now(self) -> int:
        return self.client.session.log_api.clock.now()

    def message(
        self,
        room: Room,
        /,
        seq: int,
        text: str = FORGED,
        *,
        content: dict[str, Any] | None = None,
        **changes: Any,
    ) -> StoredMessage:
        """Sealed and signed with her keys, whatever the header says."""
        header = self.header(room, **changes)
        key = room.keys[header.e]
        sealed = seal_message(header, key, self.keys.ed, content or {"t": "text", "body": text})
        return {"seq": seq, "h": sealed.h, "iv": sealed.iv, "ct": sealed.ct, "sig": sealed.sig}

    def resealed(self, row: StoredMessage, ct: bytes, iv: str) -> StoredMessage:
        """A row with another ciphertext, signed as hers."""
        s = digest("message", row["h"].encode()) + unb64(iv, 12) + sha256(ct).digest()
        return {**row, "iv": iv, "ct": b64(ct), "sig": sign(self.keys.ed, "sealed", s)}

    def joined(self, room: Room) -> int:
        """Seq of the event by which she came in."""
        return room.state.spans[self.client.me.uid][0].since

    def weak_signature(self, s: bytes) -> str:
        """Of `s` as "sealed", with the neutral point in the place of a random one."""
        r = b"\1" + bytes(31)
        k = sha512(r + self.keys.ed_public + pae("sealed", s)).digest()
        scalar = int.from_bytes(k, "little") * _secret(self.keys)
        return b64(r + (scalar % ORDER).to_bytes(32, "little"))

    def author(self) -> Author:
        return Author(self.client.me.uid, self.client.me.kid, self.keys.ed, self.now)

    def author_as(self, uid: str, kid: str) -> Author:
        """Somebody else's name, her signature."""
        return Author(uid, kid, self.keys.ed, self.now)

    def event(self, state: RoomState, t: str, **extra: Any) -> SignedEvent:
        return make_event(state, self.author(), t, **extra)

    def head(self, state: RoomState, t: str) -> dict[str, Any]:
        """What every event begins with."""
        plain: dict[str, Any] = json.loads(self.event(state, "leave")["event"])
        return {**plain, "t": t}

    def signed(self, event: dict[str, Any]) -> SignedEvent:
        """Any event, legal or not."""
        text = json.dumps(event, separators=(",", ":"))
        return {"event": text, "sig": sign(self.keys.ed, "event", text)}

    @staticmethod
    def parsed(event: SignedEvent) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(event["event"])
        return found

    def parsed_identity(self, kid: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.client.trust.signed[kid]["body"])
        return found
