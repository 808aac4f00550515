"""Invitation links. Everything derives from the secret in the link, which no server gets."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sotto.protocol.boxes import hkdf, open_box, pad, seal, unpad
from sotto.protocol.encoding import Random, WireError, b64, encode_body, unb64
from sotto.protocol.room_keys import escrow_key
from sotto.protocol.signing import sign

SECRET_BYTES = 32
_BREAK = r"(?:=?[ \t]*\r?\n[ \t>]*)?"
"""As mail breaks lines."""
_FRAGMENT = re.compile(rf"[#*]1\.{_BREAK}([\w-](?:{_BREAK}[\w-]){{42}})[_-]*(?![\w-])", re.ASCII)
"""Some redirects write `*` for `#`."""
_BESIDE = re.compile(r"[^\w-]", re.ASCII)
_ESCAPED = re.compile("%[2-7][0-9a-f]", re.I)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_WRAPPED = 3
"""Times that an address may be in the address of a redirect."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link's secret and what derives from it: the invitation's id, its public key and two private
    keys.
    """

    secret: bytes = field(repr=False)
    iid: str
    ipk: str
    key: bytes = field(repr=False)
    """K_inv: opens the card and the items."""
    signer: Ed25519PrivateKey = field(repr=False)
    """sk_inv: signs `pop` and `isig`."""

    @classmethod
    def derive(cls, secret: bytes) -> Link:
        """Derive a link's id and keys from its secret."""
        signer = Ed25519PrivateKey.from_private_bytes(hkdf(secret, b"", "sotto/v1/inv-sig"))
        return cls(
            secret,
            hkdf(secret, b"", "sotto/v1/inv-id", 16).hex(),
            b64(signer.public_key().public_bytes_raw()),
            hkdf(secret, b"", "sotto/v1/inv-key"),
            signer,
        )

    @classmethod
    def new(cls, random: Random = os.urandom) -> Link:
        """A link with a fresh random secret."""
        return cls.derive(random(SECRET_BYTES))

    @classmethod
    def parse(cls, url: str) -> Link:
        """The link in a URL, in its fragment, or in a text that contains it: also in the address of
        a redirect, or broken over lines.

        Raises:
            WireError: there is none.
        """
        found = next(filter(None, map(_FRAGMENT.search, _forms(url))), None)
        if found is None:
            raise WireError("not an invitation link")
        return cls.derive(unb64(_BESIDE.sub("", found[1]), SECRET_BYTES))

    @property
    def fragment(self) -> str:
        """The part of the URL after `/i`."""
        return f"#1.{b64(self.secret)}"


def _forms(text: str) -> Iterator[str]:
    """A text as it is, without invisible characters, and with what redirects escaped."""
    yield text
    text = _INVISIBLE.sub("", text)
    for _ in range(_WRAPPED + 1):
        yield text
        text = _ESCAPED.sub(lambda sign: chr(int(sign[0][1:], 16)), text)


def registration_proof(link: Link, name: str) -> dict[str, str]:
    """A proof of holding a link, without revealing it, for servers that require an invitation to
    sign up.

    Args:
        name: the user name to sign up with.
    """
    body = encode_body({"v": 1, "iid": link.iid, "name": name.lower()})
    return {"iid": link.iid, "sig": sign(link.signer, "register", body)}


def seal_card(link: Link, room: str, plain: bytes, random: Random = os.urandom) -> str:
    """Seal what the link shows before joining; `plain` is from `write_profile`."""
    return seal(link.key, "card", _card(room, link.iid), pad(plain), random)


def open_card(link: Link, room: str, box: str) -> bytes:
    """Open a link's card; the bytes are for `read_profile`.

    Raises:
        WireError: it does not open with this link.
    """
    return unpad(open_box(link.key, "card", _card(room, link.iid), box))


def seal_item(
    link_key: bytes, room: str, iid: str, e: int, key: bytes, random: Random = os.urandom
) -> str:
    """Seal the key of epoch `e` for the link's holder. `link_key` is K_inv."""
    return seal(link_key, "item", _ctx(room, iid, e), key, random)


def open_item(link_key: bytes, room: str, iid: str, e: int, box: str) -> bytes:
    """The key in an item. It is valid only if it matches the log's kcv."""
    return open_box(link_key, "item", _ctx(room, iid, e), box)


def seal_escrow(
    key: bytes, room: str, iid: str, e: int, link_key: bytes, random: Random = os.urandom
) -> str:
    """Seal the link's key for the member who rotates the room's key next."""
    return seal(escrow_key(key, room, e), "escrow", _ctx(room, iid, e), link_key, random)


def open_escrow(key: bytes, room: str, iid: str, e: int, box: str) -> bytes:
    """The link's key in an escrow, opened with the room's key of epoch `e`.

    Raises:
        WireError: it does not open.
    """
    return open_box(escrow_key(key, room, e), "escrow", _ctx(room, iid, e), box)


def _card(room: str, iid: str) -> dict[str, Any]:
    return {"v": 1, "room": room, "iid": iid}


def _ctx(room: str, iid: str, e: int) -> dict[str, Any]:
    return {"v": 1, "room": room, "iid": iid, "e": e}
