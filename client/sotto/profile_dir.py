"""A program's profile: what outlives a run, in a folder that only its owner may read.

It holds private keys and room keys as they are.
"""

from __future__ import annotations

import os
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sotto.api import part
from sotto.private_dir import Folder, HomeError
from sotto.protocol.encoding import WireError, b64, hash64, ident, integer, unb64
from sotto.protocol.identity import Keys, open_identity
from sotto.trust import TrustRecord

__all__ = ["Account", "Home", "HomeError", "Kept", "default_home"]

T = TypeVar("T")
SENT_KEPT = 2000
"""How many acknowledged messages of one's own a room's file remembers."""


def default_home() -> Path:
    data = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(data) / "sotto"


@dataclass(frozen=True)
class Account:
    """Whose profile this is, and where. Its text form shows no key."""

    url: str
    uid: str
    name: str
    kid: str
    keys: Keys
    prev: str = ""
    """Of pending keys: the kid that they follow."""


@dataclass
class Kept:
    """What is remembered of a room.

    `tip`: dev, n and pm of one's own chain. `sent_at`: when one's own messages were sealed, ms.
    `last`: the newest message verified. `turn` counts how often the user accepted the server's
    version: what older runs know does not come back.
    """

    head: tuple[int, str] | None = None
    keys: dict[int, bytes] = field(default_factory=dict, repr=False)
    sent: dict[int, str] = field(default_factory=dict)
    sent_at: dict[int, int] = field(default_factory=dict)
    last: tuple[int, str] | None = None
    tip: tuple[str, int, str] | None = None
    turn: int = 0


class Home:
    """One account's folder."""

    def __init__(self, path: Path | str | None = None) -> None:
        self._folder = Folder(Path(path) if path is not None else default_home(), "rooms")
        self._device: int | None = None
        self._turns: dict[str, int] = {}

    @property
    def path(self) -> Path:
        return self._folder.path

    def close(self) -> None:
        if self._device is not None:
            os.close(self._device)
            self._device = None

    # --- who --------------------------------------------------------------------------------

    def account(self) -> Account | None:
        return self._account("account.json")

    def keep_account(self, account: Account, *, replaces: str = "") -> None:
        """Keep an account's keys. Those that are here already are never overwritten, unless the
        published reset to `account` replaces them: then `replaces` is their kid.

        Raises:
            HomeError: the profile has other keys.
        """
        with self._folder.locked("lock"):
            there = self.account()
            if there is not None and there.kid not in (account.kid, replaces):
                raise HomeError("This profile has other keys. They were kept; nothing was changed.")
            self._folder.write("account.json", _from_account(account))

    def pending(self) -> Account | None:
        """New keys of a reset that the server may not have taken yet."""
        return self._account("pending.json")

    def keep_pending(self, account: Account) -> None:
        """Write new keys beside those of the account, before the server is told of them."""
        self._folder.write("pending.json", _from_account(account))

    def drop_pending(self) -> None:
        self._folder.remove("pending.json")

    def making_keys(self) -> AbstractAsyncContextManager[None]:
        """While one program makes, restores, resets or publishes keys, the others wait."""
        return self._folder.turn("keys.lock")

    def _account(self, name: str) -> Account | None:
        found = self._folder.read(name)
        if found is None:
            return None
        with self._folder.checking(name):
            url, uid, name_, kid = (part(found, key, str) for key in ("url", "uid", "name", "kid"))
            keys = Keys.load(unb64(found.get("ed"), 32), unb64(found.get("rsa")))
            prev = found.get("prev", "")
            if type(prev) is not str:
                raise WireError("not a kid")
        return Account(url, uid, name_, kid, keys, prev)

    def tokens(self) -> tuple[str, str] | None:
        found = self._folder.read("tokens.json")
        if found is None:
            return None
        with self._folder.checking("tokens.json"):
            return part(found, "access", str), part(found, "refresh", str)

    def keep_tokens(self, access: str, refresh: str) -> None:
        self._folder.write("tokens.json", {"access": access, "refresh": refresh})

    def forget_tokens(self) -> None:
        self._folder.remove("tokens.json")

    def locked(self) -> AbstractAsyncContextManager[None]:
        """While one program renews the tokens, the others of this account wait."""
        return self._folder.turn("tokens.lock")

    def trust(self) -> TrustRecord:
        """Whose keys are believed."""
        found = self._folder.read("trust.json")
        if found is None:
            return TrustRecord()
        with self._folder.checking("trust.json"):
            record = TrustRecord(part(found, "pins", list), set(part(found, "verified", list)))
            if "stood" not in found:  # older versions did not note it: they stand as they do now
                record.stood = self._standing(record.pins)
                return record
            record.stood = part(found, "stood", dict)
            record.namesakes = part(found, "namesakes", dict)
            record.pinned = part(found, "pinned", dict)
        return record

    def _standing(self, pins: list[Any]) -> dict[str, dict[str, int]]:
        replaced = {identity.prev for identity in map(open_identity, pins) if identity.prev}
        heads = self.heads()
        return {kid: dict(heads) for kid in replaced}

    def keep_trust(self, record: TrustRecord) -> None:
        """What another program has added meanwhile stays."""
        with self._folder.locked("lock"):
            there = self.trust()
            pins = there.pins + [signed for signed in record.pins if signed not in there.pins]
            value = {
                "pins": pins,
                "verified": sorted(record.verified | there.verified),
                "namesakes": there.namesakes | record.namesakes,
                "stood": there.stood | record.stood,
                "pinned": there.pinned | record.pinned,
            }
            if value != self._folder.read("trust.json"):
                self._folder.write("trust.json", value)

    def heads(self) -> dict[str, int]:
        """How far each room's log was verified, by room."""
        rooms = [path.stem for path in (self.path / "rooms").glob("*.json")]
        heads = {room: self._room(room).head for room in rooms}
        return {room: head[0] for room, head in heads.items() if head is not None}

    def worker(self) -> str:
        """By what the summary worker is known that was shown messages last; "" for none."""
        found = self._folder.read("worker.json")
        if found is None:
            return ""
        with self._folder.checking("worker.json"):
            return part(found, "wk", str)

    def keep_worker(self, wk: str) -> None:
        self._folder.write("worker.json", {"wk": wk})

    # --- rooms ------------------------------------------------------------------------------

    def room(self, id_: str) -> Kept:
        found = self._room(id_)
        self._turns[id_] = found.turn
        return found

    def keep_room(self, id_: str, kept: Kept) -> None:
        """Add to what is there, which another program may have written meanwhile."""
        with self._folder.locked("lock"):
            there = self._room(id_)
            if there.turn != self._turns.get(id_, 0):
                return
            merged = Kept(
                head=_later(there.head, kept.head),
                keys=there.keys | kept.keys,
                sent=_newest(there.sent | kept.sent),
                sent_at=_newest(there.sent_at | kept.sent_at),
                last=_later(there.last, kept.last),
                tip=kept.tip if self.owns_device() else there.tip,
                turn=there.turn,
            )
            if merged != there:
                self._folder.write(f"rooms/{id_}.json", _to_json(merged))

    def forget_room(self, id_: str) -> None:
        """The user accepts what the server has now. Keys stay: the log says whether they fit."""
        with self._folder.locked("lock"):
            there = self._room(id_)
            fresh = Kept(keys=there.keys, turn=there.turn + 1)
            self._folder.write(f"rooms/{id_}.json", _to_json(fresh))
        self._turns[id_] = fresh.turn

    def owns_device(self) -> bool:
        """Whether this program goes on with the profile's own chains of messages. One can; the
        others are devices of their own."""
        if self._device is None:
            self._device = self._folder.try_lock("device.lock")
        return self._device is not None

    def _room(self, id_: str) -> Kept:
        ident(id_)
        name = f"rooms/{id_}.json"
        found = self._folder.read(name)
        with self._folder.checking(name):
            return _from_json(found) if found is not None else Kept()


def _later(*ends: tuple[int, str] | None) -> tuple[int, str] | None:
    return max((end for end in ends if end is not None), key=lambda end: end[0], default=None)


def _newest(by_seq: dict[int, T]) -> dict[int, T]:
    return dict(sorted(by_seq.items())[-SENT_KEPT:])


def _from_account(account: Account) -> dict[str, Any]:
    value = {key: getattr(account, key) for key in ("url", "uid", "name", "kid")}
    value |= {"ed": b64(account.keys.seed), "rsa": b64(account.keys.pkcs8)}
    return value | ({"prev": account.prev} if account.prev else {})


def _to_json(kept: Kept) -> dict[str, Any]:
    return {
        "head": list(kept.head or ()),
        "keys": {str(e): b64(key) for e, key in sorted(kept.keys.items())},
        "sent": {str(seq): id_ for seq, id_ in kept.sent.items()},
        "sent_at": {str(seq): at for seq, at in kept.sent_at.items()},
        "last": list(kept.last or ()),
        "tip": list(kept.tip or ()),
        "turn": kept.turn,
    }


def _from_json(found: dict[str, Any]) -> Kept:
    head, tip = part(found, "head", list), part(found, "tip", list)
    keys, sent = part(found, "keys", dict), part(found, "sent", dict)
    for id_ in sent.values():
        hash64(id_)
    newer = {"sent_at": {}, "last": []} | found  # a profile of an older version has neither
    sent_at, last = part(newer, "sent_at", dict), part(newer, "last", list)
    for at in sent_at.values():
        integer()(at)
    return Kept(
        head=_head(*head) if len(head) == 2 else None,
        keys={_number(e): unb64(key, 32) for e, key in keys.items()},
        sent={_number(seq): id_ for seq, id_ in sent.items()},
        sent_at={_number(seq): at for seq, at in sent_at.items()},
        last=_head(*last) if len(last) == 2 else None,
        tip=_tip(*tip) if len(tip) == 3 else None,
        turn=part(found, "turn", int),
    )


def _head(seq: Any, at: Any) -> tuple[int, str]:
    integer()(seq)
    hash64(at)
    return seq, at


def _tip(dev: Any, n: Any, pm: Any) -> tuple[str, int, str]:
    ident(dev)
    integer(1)(n)
    hash64(pm)
    return dev, n, pm


def _number(text: str) -> int:
    number = int(text) if text.isdecimal() and text.isascii() else -1
    integer(1)(number)
    return number
