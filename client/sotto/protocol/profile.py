"""A room's name, topic and avatar: encrypted, with their hash in the log."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from sotto.protocol.boxes import open_box, pad, seal, unpad
from sotto.protocol.content import FILE
from sotto.protocol.encoding import Random, WireError, b64, strict_json, utf8
from sotto.protocol.room_keys import profile_key

BLIND_BYTES = 32


@dataclass(frozen=True, slots=True)
class Profile:
    """A room's profile. `avatar` is a file as in a message's content, or ""."""

    name: str
    topic: str = ""
    avatar: dict[str, Any] | Literal[""] = ""


def write_profile(profile: Profile, random: Random = os.urandom) -> bytes:
    """The bytes that are sealed and hashed; random ones keep names from being guessed."""
    value = {"name": profile.name, "topic": profile.topic, "avatar": profile.avatar}
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return random(BLIND_BYTES) + text.encode("utf-8")


def read_profile(plain: bytes) -> Profile:
    """The inverse of `write_profile`.

    Raises:
        WireError: it is malformed.
    """
    value = strict_json(utf8(plain[BLIND_BYTES:]))
    if type(value) is not dict:
        raise WireError("not a profile")
    name, topic, avatar = (value.get(key) for key in ("name", "topic", "avatar"))
    if type(name) is not str or type(topic) is not str:
        raise WireError("not a profile")
    if type(avatar) is dict:
        FILE(avatar)
    elif avatar != "":
        raise WireError("not a profile")
    return Profile(name, topic, avatar or "")


def profile_hash(plain: bytes) -> str:
    """h, as in the log's profile event."""
    return b64(sha256(plain).digest())


def seal_profile(key: bytes, room: str, e: int, plain: bytes, random: Random = os.urandom) -> str:
    """Seal a profile for epoch `e`."""
    ctx = {"v": 1, "room": room, "e": e}
    return seal(profile_key(key, room, e), "profile", ctx, pad(plain), random)


def open_profile(key: bytes, room: str, e: int, box: str, h: str) -> bytes:
    """Open a sealed profile.

    Raises:
        WireError: it does not open, or is not the one that the log names.
    """
    ctx = {"v": 1, "room": room, "e": e}
    plain = unpad(open_box(profile_key(key, room, e), "profile", ctx, box))
    if profile_hash(plain) != h:
        raise WireError("not the profile that the log names")
    return plain
