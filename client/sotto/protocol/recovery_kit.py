"""The recovery kit: a file that restores an account's keys."""

from __future__ import annotations

import json
import os
from typing import Any

from sotto.protocol.boxes import hkdf, open_box, seal
from sotto.protocol.encoding import Random, WireError, b64, hash64, ident, strict_json, unb64, utf8
from sotto.protocol.identity import Keys

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base32
CODE_BYTES = 20
_READ = str.maketrans("OIL", "011", "- ")


def format_code(code: bytes) -> str:
    """20 bytes as 8 groups of 4 letters."""
    number = int.from_bytes(code, "big")
    letters = "".join(ALPHABET[number >> shift & 31] for shift in range(155, -1, -5))
    return "-".join(letters[at : at + 4] for at in range(0, 32, 4))


def parse_code(text: str) -> bytes:
    """Parse a code as people type it: any case, with spaces, O for 0, I and L for 1.

    Raises:
        WireError: it is not a code.
    """
    letters = text.upper().translate(_READ)
    if len(letters) != 32 or any(letter not in ALPHABET for letter in letters):
        raise WireError("not a recovery code")
    number = 0
    for letter in letters:
        number = number << 5 | ALPHABET.index(letter)
    return number.to_bytes(CODE_BYTES, "big")


def make_kit(uid: str, kid: str, keys: Keys, random: Random = os.urandom) -> str:
    """The text of a kit's file. It contains its code: store it as safely as the keys."""
    code, salt = random(CODE_BYTES), random(32)
    ctx = {"v": 1, "uid": uid, "kid": kid, "salt": b64(salt)}
    plain = _dump({"ed": b64(keys.seed), "rsa": b64(keys.pkcs8)}).encode("ascii")
    kit = {**ctx, "box": seal(_recovery_key(code, salt, uid), "kit", ctx, plain, random)}
    return _dump({"sotto": "recovery kit", "code": format_code(code), "kit": kit}) + "\n"


def open_kit(file: str, code: str | None = None) -> tuple[str, str, Keys]:
    """Open a kit. The caller checks that the keys are those of the identity `kid`.

    Args:
        file: the text of its file.
        code: replaces the code in the file.

    Returns:
        uid, kid and keys.

    Raises:
        WireError: it is not a kit, or does not open.
    """
    found = strict_json(file)
    if type(found) is not dict or found.get("sotto") != "recovery kit":
        raise WireError("not a recovery kit")
    kit, code = found.get("kit"), code if code is not None else found.get("code")
    if type(kit) is not dict or type(code) is not str or type(kit.get("v")) is not int:
        raise WireError("not a recovery kit")
    if kit["v"] != 1:
        raise WireError("this recovery kit needs a newer version")
    ident(kit.get("uid"))
    hash64(kit.get("kid"))
    ctx = {key: kit.get(key) for key in ("v", "uid", "kid", "salt")}
    key = _recovery_key(parse_code(code), unb64(kit.get("salt"), 32), kit["uid"])
    inner = strict_json(utf8(open_box(key, "kit", ctx, kit.get("box"))))
    if type(inner) is not dict:
        raise WireError("not a recovery kit")
    return kit["uid"], kit["kid"], Keys.load(unb64(inner.get("ed"), 32), unb64(inner.get("rsa")))


def _recovery_key(code: bytes, salt: bytes, uid: str) -> bytes:
    return hkdf(code, salt, f"sotto/v1/recovery|{uid}")


def _dump(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
