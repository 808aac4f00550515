"""What the generator and the tests share: the cast, chosen randomness, a signer of anything."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sotto.protocol.encoding import Random, b64, encode_body, unb64
from sotto.protocol.event_builder import Author
from sotto.protocol.identity import Identity, Keys, make_identity, open_identity
from sotto.protocol.room_keys import wrap_label
from sotto.protocol.signing import pae, sign

HERE = Path(__file__).resolve().parent
NOW = 1_750_000_000_000
MINUTE = 60_000
HOUR = 60 * MINUTE
SECRET = bytes(range(32))
K1 = bytes(range(32))
K2 = bytes(range(32, 64))
K3 = bytes(range(64, 96))
NONCE = bytes(range(16))
POLICY = {
    "join": "link",
    "history": "all",
    "ai": "off",
    "ain": 200,
    "search": "server",
    "n": 1000,
    "days": 30,
    "ttl": 0,
}


def chosen(label: str) -> Random:
    """A source that always gives the same bytes for the same label, in the same order."""
    drawn = 0

    def random(size: int) -> bytes:
        nonlocal drawn
        out = b""
        while len(out) < size:
            out += sha256(f"{label}|{drawn}".encode()).digest()
            drawn += 1
        return out[:size]

    return random


@dataclass(frozen=True)
class Person:
    """One of the cast: keys that never change, and the identity that follows from them."""

    uid: str
    name: str
    keys: Keys
    identity: Identity
    signed: dict[str, str]

    @property
    def kid(self) -> str:
        return self.identity.kid

    @property
    def dev(self) -> str:
        return sha256(f"{self.name} device".encode()).digest()[:16].hex()

    def author(self, now: int) -> Author:
        return Author(self.uid, self.kid, self.keys.ed, now)

    def sign_event(self, event: dict[str, Any]) -> dict[str, str]:
        """Any event, legal or not."""
        text = json.dumps(event, separators=(",", ":"))
        return {"event": text, "sig": sign(self.keys.ed, "event", text)}


@cache
def cast() -> dict[str, Person]:
    """ada, ben, cleo and dan, from cast.json."""
    stored = json.loads((HERE / "cast.json").read_text())
    return {name: _person(entry) for name, entry in stored.items()}


def _person(entry: dict[str, str]) -> Person:
    keys = Keys.load(unb64(entry["seed"], 32), unb64(entry["pkcs8"]), own=True)  # they are fixed
    signed = make_identity(keys, entry["uid"], entry["name"])
    return Person(entry["uid"], entry["name"], keys, open_identity(signed), signed)


@cache
def resets() -> dict[str, Person]:
    """ada2, ada3, ben2, cleo2: the same people after resets, each with a new signing key."""
    made: dict[str, Person] = {}
    for name, n in (("ada", 2), ("ada", 3), ("ben", 2), ("cleo", 2)):
        first = cast()[name]
        before = made[f"{name}{n - 1}"] if n > 2 else first
        seed = chosen(f"reset {name} {n}")(32)
        keys = Keys(Ed25519PrivateKey.from_private_bytes(seed), first.keys.rsa)
        signed = make_identity(keys, first.uid, name, n, before.kid)
        made[f"{name}{n}"] = Person(first.uid, name, keys, open_identity(signed), signed)
    return made


def everyone() -> dict[str, Person]:
    """The cast, and who they become by resets."""
    return {**cast(), **resets()}


def identities(people: Iterable[Person]) -> dict[str, Identity]:
    return {person.kid: person.identity for person in people}


def load(name: str) -> Any:
    """The vectors in one file."""
    return json.loads((HERE / f"{name}.json").read_text())


def fixed_wrap(key: bytes, room: str, e: int, person: Person) -> str:
    return fixed_oaep(person, wrap_label(room, e, person.kid), key)


def fixed_oaep(person: Person, label: bytes, key: bytes) -> str:
    """RSA-OAEP with a seed that follows from its input, so that vectors do not change.

    Only here: an engine draws the seed, as it must.
    """
    size = 384
    data = sha256(label).digest() + bytes(size - len(key) - 66) + b"\x01" + key
    seed = sha256(b"oaep seed" + label).digest()
    masked = _xor(data, _mgf1(seed, len(data)))
    masked_seed = _xor(seed, _mgf1(masked, 32))
    public = person.keys.rsa.public_key().public_numbers()
    number = int.from_bytes(b"\0" + masked_seed + masked, "big")
    return b64(pow(number, public.e, public.n).to_bytes(size, "big"))


def _mgf1(seed: bytes, size: int) -> bytes:
    blocks = (sha256(seed + at.to_bytes(4, "big")).digest() for at in range(-(-size // 32)))
    return b"".join(blocks)[:size]


def _xor(a: bytes, b: bytes) -> bytes:
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


def aad(type_: str, ctx: dict[str, Any]) -> str:
    """The additional data of a box, for readers who look for a mistake of theirs."""
    return pae(type_, encode_body(ctx).encode()).decode("ascii")
