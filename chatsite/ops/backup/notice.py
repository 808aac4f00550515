"""The signed notice of a restored site: when, and from the backup of which moment.

It is the operator's word and no proof of anything; the signature keeps the operator from taking
it back. Clients show it beside a room that stopped (docs/protocol.md, "Restored sites").
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from chatsite import variables
from chatsite.env import made_secret
from chatsite.lib import signatures, wire
from chatsite.lib.fsync import sync

NAME = "restored.json"
MOST = 20
"""Notices that are kept, the newest first."""
Notice = dict[str, str]


def make(backup: int, at: int) -> Notice:
    """A signed notice; times in ms since 1970.

    Args:
        backup: when the backup was made.
        at: when it was put in place.
    """
    body = f'{{"v":1,"backup":{backup},"at":{at}}}'
    key = _key()
    return {
        "body": body,
        "sig": wire.b64(key.sign(signatures.pae("restored", body.encode("ascii")))),
        "key": wire.b64(key.public_key().public_bytes_raw()),
    }


def add(notice: Notice) -> None:
    """Keep a notice; again is no error."""
    kept = [notice, *(one for one in read() if one != notice)][:MOST]
    partial = _path().with_name(f".{NAME}")
    partial.write_text(json.dumps(kept), "ascii")
    sync(partial)
    partial.replace(_path())
    sync(_path().parent)


def read() -> list[Notice]:
    """The site's notices, the newest first; none for a site that was never restored."""
    try:
        found: Any = json.loads(_path().read_text("ascii"))
    except (OSError, ValueError):
        return []
    return found if type(found) is list else []


def _path() -> Path:
    return Path(settings.DATA_DIR) / NAME


def _key() -> Ed25519PrivateKey:
    """The site's own, made at the first restore."""
    folder = Path(settings.DATA_DIR) / "secrets"
    secret = made_secret(variables.SITE_KEY.read(), "SITE_KEY", folder)
    return Ed25519PrivateKey.from_private_bytes(sha256(b"sotto/site|" + secret.encode()).digest())
