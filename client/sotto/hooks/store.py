"""The hooks of a profile, and the messages that wait to be sent: on the disk before a caller is
told that they were taken.
"""

from __future__ import annotations

import hmac
import json
import os
import re
import secrets
import time
from collections.abc import Container
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from sotto.profile.private_dir import PrivateDir, ProfileDirError
from sotto.profile.profile_dir import ProfileDir
from sotto.protocol.boxes import hkdf, open_box, seal
from sotto.protocol.encoding import WireError, field_of, ident, new_id, strict_json
from sotto.room_log import Me

NAME = re.compile(r"[a-z0-9_-]{1,32}")
HOOKS, SPOOL, REFUSED = "hooks.json", "spool", "refused"
MOST_WAITING, MOST_OF_ROOM = 1000, 250
"""Messages that wait, of all rooms and of one: a room that takes nothing leaves others theirs."""
SECRET_BYTES = 32


class SpoolFull(Exception):
    """No message of a room is taken before some of those that wait were sent."""


@dataclass(frozen=True, slots=True)
class Hook:
    """A way into a room. `secret_hash`: of the secret that callers show."""

    name: str
    room: str
    template: str
    secret_hash: str

    def knows(self, secret: str) -> bool:
        """True if a caller's secret is this hook's; takes as long for any."""
        return hmac.compare_digest(self.secret_hash, _hash(secret))


NOBODY = Hook("", "", "", sha256(b"").hexdigest())
"""Stands for a hook that is not there, so that names cannot be found out by the time it takes."""


class Hooks:
    """The hooks of a profile, by name.

    Raises:
        ProfileDirError: every method raises it if the profile's folder cannot be used.
    """

    def __init__(self, profile: ProfileDir) -> None:
        self._folder = PrivateDir(profile.path)

    def all(self) -> dict[str, Hook]:
        """The hooks, by name."""
        found = self._folder.read(HOOKS) or {}
        with self._folder.validating(HOOKS):
            return {name: _read(name, one) for name, one in found.items()}

    def add(self, name: str, room: str, template: str = "") -> str:
        """Make a hook, in place of one of that name.

        Args:
            name: of a to z, digits, `-` and `_`: the path that callers post to.
            room: the room's id.
            template: see `sotto.hooks.text.text_of`.

        Returns:
            Its secret, which is not kept.

        Raises:
            ValueError: the name has other characters.
        """
        if not NAME.fullmatch(name):
            raise ValueError("A hook's name has 1 to 32 of these: a-z, 0-9, hyphen, underscore.")
        secret = secrets.token_urlsafe(SECRET_BYTES)
        self._change(name, {"room": room, "template": template, "secret": _hash(secret)})
        return secret

    def remove(self, name: str) -> bool:
        """Delete a hook; returns whether there was one."""
        there = name in self.all()
        self._change(name, None)
        return there

    def _change(self, name: str, hook: dict[str, str] | None) -> None:
        with self._folder.locked("lock"):
            found = self._folder.read(HOOKS) or {}
            found.pop(name, None)
            self._folder.write(HOOKS, found if hook is None else {**found, name: hook})


def _read(name: str, found: Any) -> Hook:
    room, template, mark = (field_of(found, key, str) for key in ("room", "template", "secret"))
    ident(room)
    return Hook(name, room, template, mark)


def _hash(secret: str) -> str:
    """Good enough for 256 random bits."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that waits. `cid` makes sure that it is stored once, however often it is sent."""

    file: str
    room: str
    cid: str
    text: str


class Spool:
    """Messages that wait, sealed under the account's key, each in a file; the oldest first.

    Args:
        me: the account, whose keys seal them.
    """

    def __init__(self, profile: ProfileDir, me: Me) -> None:
        self._folder = PrivateDir(profile.path, SPOOL, REFUSED)
        self._key = hkdf(me.keys.seed, bytes.fromhex(me.uid), "sotto/profile/spool")
        self._marks = hkdf(me.keys.seed, bytes.fromhex(me.uid), "sotto/profile/spool/marks")
        self._context = {"v": 1, "uid": me.uid}
        self._many = len(self._files())

    def put(self, room: str, text: str) -> None:
        """Store a message; it is on the disk when this returns.

        Raises:
            SpoolFull: too many wait, or too many of that room.
            ProfileDirError: it cannot be written.
        """
        mark = self._mark(room)
        if self._many >= MOST_WAITING or len(self._files(f"*-{mark}")) >= MOST_OF_ROOM:
            raise SpoolFull
        plain = json.dumps({"room": room, "cid": new_id(os.urandom), "text": text}).encode()
        name = f"{SPOOL}/{time.time_ns():020}-{os.urandom(4).hex()}-{mark}.json"
        self._folder.write(name, {"box": seal(self._key, "spool", self._context, plain)})
        self._many += 1

    def oldest(self, without: Container[str] = ()) -> Waiting | None:
        """The message that has waited longest. One that cannot be opened is set aside.

        Args:
            without: rooms whose messages go on waiting.
        """
        for path in self._files():
            try:
                found = self._folder.read(f"{SPOOL}/{path.name}") or {}
                plain = open_box(self._key, "spool", self._context, found.get("box"))
                value = strict_json(plain.decode())
                waiting = Waiting(path.name, value["room"], value["cid"], value["text"])
            except (WireError, ProfileDirError, LookupError, UnicodeDecodeError):
                self.refuse(path.name)
                continue
            if waiting.room not in without:
                return waiting
        return None

    def done(self, file: str) -> None:
        """Forget a message that was sent."""
        self._folder.remove(f"{SPOOL}/{file}")
        self._many = len(self._files())

    def refuse(self, file: str) -> None:
        """Set a message aside that will never be sent."""
        (self._folder.path / SPOOL / file).replace(self._folder.path / REFUSED / file)
        self._many = len(self._files())

    def _mark(self, room: str) -> str:
        """Stands for a room in names of files, which tell nobody else which room it is."""
        return hmac.digest(self._marks, room.encode(), "sha256")[:8].hex()

    def _files(self, named: str = "*") -> list[Path]:
        return sorted((self._folder.path / SPOOL).glob(f"[0-9]{named}.json"))
