"""A program's state between runs, in a folder that only its owner may read: a profile.

Private keys and room keys are stored unencrypted.
"""

from __future__ import annotations

import os
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from sotto.keys.trust import TrustRecord
from sotto.profile.private_dir import PrivateDir, ProfileDirError
from sotto.profile.room_record import RoomRecord, merge, read_record, write_record
from sotto.protocol.encoding import WireError, b64, field_of, ident, unb64
from sotto.protocol.identity import Keys, open_identity

FILES = ("*.json", "rooms/*.json", "logs/*.json", "spool/*", "refused/*", "*.lock", "lock")
"""The files of a profile."""

__all__ = ["ProfileDir", "ProfileDirError", "RoomRecord", "StoredAccount", "default_path"]


def default_path() -> Path:
    """The folder of the profile unless another one is named."""
    data = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(data) / "sotto"


@dataclass(frozen=True)
class StoredAccount:
    """The account of a profile and its server. Its text form shows no key."""

    url: str
    uid: str
    name: str
    kid: str
    keys: Keys
    prev: str = ""
    """For pending keys: the kid that they follow."""


class ProfileDir:
    """The folder of one account. Several programs may use it at once.

    Args:
        path: the folder; by default `default_path()`.

    Raises:
        ProfileDirError: every method raises it if the folder cannot be used or is damaged.
    """

    def __init__(self, path: Path | str | None = None) -> None:
        self._folder = PrivateDir(
            Path(path) if path is not None else default_path(), "rooms", "logs"
        )
        self._device: FileLock | None = None
        self._turns: dict[str, int] = {}

    @property
    def path(self) -> Path:
        """The folder of the profile."""
        return self._folder.path

    def close(self) -> None:
        """Let another program continue this device's message chains."""
        if self._device is not None:
            self._device.release()
            self._device = None

    def delete(self) -> None:
        """Delete the profile with all of its keys. Files that are not a profile's stay.

        Raises:
            ProfileDirError: another program uses it.
        """
        if not self.owns_device():
            raise ProfileDirError("Another program uses this profile. End it first.")
        for pattern in FILES:
            for path in self.path.glob(pattern):
                path.unlink(missing_ok=True)
        self.close()
        for name in ("rooms", "logs", "spool", "refused", ""):
            with suppress(OSError):  # not there, or it has other files
                (self.path / name).rmdir()

    # --- the account ------------------------------------------------------------------------

    def account(self) -> StoredAccount | None:
        """The profile's account and its keys."""
        return self._account("account.json")

    def store_account(self, account: StoredAccount, *, replaces: str = "") -> None:
        """Store an account's keys. Other keys that are here already are never overwritten.

        Args:
            replaces: the kid of keys that may be replaced, because `account` follows them by a
                published reset.

        Raises:
            ProfileDirError: the profile has other keys.
        """
        with self._folder.locked("lock"):
            stored = self.account()
            if stored is not None and stored.kid not in (account.kid, replaces):
                raise ProfileDirError(
                    "This profile has other keys. They were kept; nothing was changed."
                )
            self._folder.write("account.json", _write_account(account))

    def pending(self) -> StoredAccount | None:
        """New keys of a reset that the server may not have yet."""
        return self._account("pending.json")

    def store_pending(self, account: StoredAccount) -> None:
        """Store new keys beside the account's, before the server gets them."""
        self._folder.write("pending.json", _write_account(account))

    def delete_pending(self) -> None:
        """Delete the new keys of a finished or abandoned reset."""
        self._folder.remove("pending.json")

    def keys_lock(self) -> AbstractAsyncContextManager[None]:
        """Held while a program makes, restores, resets or publishes keys."""
        return self._folder.locked_async("keys.lock")

    def _account(self, name: str) -> StoredAccount | None:
        found = self._folder.read(name)
        if found is None:
            return None
        with self._folder.validating(name):
            url, uid, name_, kid = (
                field_of(found, key, str) for key in ("url", "uid", "name", "kid")
            )
            keys = Keys.load(unb64(found.get("ed"), 32), unb64(found.get("rsa")), own=True)
            prev = found.get("prev", "")
            if type(prev) is not str:
                raise WireError("not a kid")
        return StoredAccount(url, uid, name_, kid, keys, prev)

    # --- the login --------------------------------------------------------------------------

    def tokens(self) -> tuple[str, str] | None:
        """The access and the refresh token."""
        found = self._folder.read("tokens.json")
        if found is None:
            return None
        with self._folder.validating("tokens.json"):
            return field_of(found, "access", str), field_of(found, "refresh", str)

    def store_tokens(self, access: str, refresh: str) -> None:
        """Replace both tokens of the login."""
        self._folder.write("tokens.json", {"access": access, "refresh": refresh})

    def delete_tokens(self) -> None:
        """Delete the login's tokens."""
        self._folder.remove("tokens.json")

    def tokens_lock(self) -> AbstractAsyncContextManager[None]:
        """Held while a program renews the tokens: a refresh token works once."""
        return self._folder.locked_async("tokens.lock")

    # --- trust ------------------------------------------------------------------------------

    def trust(self) -> TrustRecord:
        """The stored trust in other people's keys."""
        found = self._folder.read("trust.json")
        if found is None:
            return TrustRecord()
        with self._folder.validating("trust.json"):
            record = TrustRecord(
                field_of(found, "pins", list), set(field_of(found, "verified", list))
            )
            if "stood" not in found:  # written by an older version: valid as far as logs reach now
                record.stood = self._standing(record.pins)
                return record
            record.stood = field_of(found, "stood", dict)
            record.namesakes = field_of(found, "namesakes", dict)
            record.pinned = field_of(found, "pinned", dict)
        return record

    def _standing(self, pins: list[Any]) -> dict[str, dict[str, int]]:
        replaced = {identity.prev for identity in map(open_identity, pins) if identity.prev}
        heads = self.heads()
        return {kid: dict(heads) for kid in replaced}

    def store_trust(self, record: TrustRecord) -> None:
        """Add to the stored record, which another program may have extended."""
        with self._folder.locked("lock"):
            stored = self.trust()
            pins = stored.pins + [signed for signed in record.pins if signed not in stored.pins]
            value = {
                "pins": pins,
                "verified": sorted(record.verified | stored.verified),
                "namesakes": stored.namesakes | record.namesakes,
                "stood": stored.stood | record.stood,
                "pinned": stored.pinned | record.pinned,
            }
            if value != self._folder.read("trust.json"):
                self._folder.write("trust.json", value)

    def worker(self) -> str:
        """The id of the summary worker that was trusted last; "" for none."""
        found = self._folder.read("worker.json")
        if found is None:
            return ""
        with self._folder.validating("worker.json"):
            return field_of(found, "wk", str)

    def store_worker(self, wk: str) -> None:
        """Remember a trusted summary worker by its id (wk)."""
        self._folder.write("worker.json", {"wk": wk})

    def report_key(self) -> str:
        """The id of the site's report key that was trusted last; "" for none."""
        found = self._folder.read("report-key.json")
        if found is None:
            return ""
        with self._folder.validating("report-key.json"):
            return field_of(found, "rk", str)

    def store_report_key(self, rk: str) -> None:
        """Remember a trusted report key by its id (rk)."""
        self._folder.write("report-key.json", {"rk": rk})

    # --- rooms ------------------------------------------------------------------------------

    def heads(self) -> dict[str, int]:
        """The seq of the newest verified log event, by room."""
        rooms = [path.stem for path in (self.path / "rooms").glob("*.json")]
        heads = {room: self._room(room).head for room in rooms}
        return {room: head[0] for room, head in heads.items() if head is not None}

    def room(self, id_: str) -> RoomRecord:
        """The verified state of a room."""
        found = self._room(id_)
        self._turns[id_] = found.turn
        return found

    def checkpoint(self, id_: str) -> dict[str, Any] | None:
        """A room's sealed log as of an earlier run; None if there is none that can be read."""
        try:
            return self._folder.read(f"logs/{ident_of(id_)}.json")
        except ProfileDirError:
            return None  # it only saves work

    def store_room(
        self, id_: str, record: RoomRecord, checkpoint: dict[str, Any] | None = None
    ) -> None:
        """Add to the stored record, which another program may have extended. Does nothing if the
        user has accepted the server's version since this program read it.

        Args:
            checkpoint: the room's sealed log, to replace the stored one; None if that is the same.
        """
        with self._folder.locked("lock"):
            stored = self._room(id_)
            if stored.turn != self._turns.get(id_, 0):
                return
            if checkpoint is not None:
                self._folder.write(f"logs/{id_}.json", checkpoint)
            merged = merge(stored, record, own_chain=self.owns_device())
            if merged != stored:
                self._folder.write(f"rooms/{id_}.json", write_record(merged))

    def reset_room(self, id_: str) -> None:
        """Drop the verified state of a room, except its keys: the log tells whether they fit."""
        self._begin_anew(id_, with_keys=True)

    def forget_room(self, id_: str) -> None:
        """Drop all of a room, its keys included. A number stays in a file of the room's
        name, so that no program that is running brings the rest back.
        """
        self._begin_anew(id_, with_keys=False)

    def _begin_anew(self, id_: str, *, with_keys: bool) -> None:
        with self._folder.locked("lock"):
            stored = self._room(id_)
            fresh = RoomRecord(keys=stored.keys if with_keys else {}, turn=stored.turn + 1)
            self._folder.remove(f"logs/{id_}.json")
            self._folder.write(f"rooms/{id_}.json", write_record(fresh))
        self._turns[id_] = fresh.turn

    def owns_device(self) -> bool:
        """True if this program continues the profile's message chains. Only one program may; the
        others act as devices of their own.
        """
        if self._device is None:
            self._device = self._folder.try_lock("device.lock")
        return self._device is not None

    def _room(self, id_: str) -> RoomRecord:
        name = f"rooms/{ident_of(id_)}.json"
        found = self._folder.read(name)
        with self._folder.validating(name):
            return read_record(found) if found is not None else RoomRecord()


def ident_of(id_: str) -> str:
    """A room's id, checked: it names files. Raises WireError."""
    ident(id_)
    return id_


def _write_account(account: StoredAccount) -> dict[str, Any]:
    value = {key: getattr(account, key) for key in ("url", "uid", "name", "kid")}
    value |= {"ed": b64(account.keys.seed), "rsa": b64(account.keys.pkcs8)}
    return value | ({"prev": account.prev} if account.prev else {})
