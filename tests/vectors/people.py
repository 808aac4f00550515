"""Vectors of identities, recovery kits and wrapped keys."""

from __future__ import annotations

import json
from typing import Any

from sotto.protocol.encoding import b64, unb64
from sotto.protocol.events import room_id
from sotto.protocol.identity import Keys, make_identity, open_identity, safety_number
from sotto.protocol.recovery_kit import make_kit
from sotto.protocol.room_keys import (
    escrow_key,
    kcv,
    message_key,
    profile_key,
    search_key,
    wrap_label,
)
from sotto.protocol.signing import sign
from tests.vectors.making import HERE, K1, K2, NONCE, cast, chosen, fixed_wrap


def cast_file() -> dict[str, Any]:
    """The cast: uid, name, seed and pkcs8 are given, all else follows."""
    stored = json.loads((HERE / "cast.json").read_text())
    return {
        name: {
            **{key: stored[name][key] for key in ("uid", "name", "seed", "pkcs8")},
            "ed": b64(person.keys.ed_public),
            "spki": b64(person.keys.spki),
            "dev": person.dev,
            "kid": person.kid,
            **person.signed,
        }
        for name, person in cast().items()
    }


def identity() -> dict[str, Any]:
    """Identities that open, and texts that must not."""
    people = cast()
    ada, ben = people["ada"], people["ben"]
    keys = Keys(ben.keys.ed, ada.keys.rsa)
    reset = make_identity(keys, ada.uid, ada.name, 2, ada.kid)
    return {
        "identities": [
            {
                **signed,
                "kid": found.kid,
                "uid": found.uid,
                "name": found.name,
                "n": found.n,
                "prev": found.prev,
            }
            for signed in (*(person.signed for person in people.values()), reset)
            for found in (open_identity(signed),)
        ],
        "refused": [{"name": name, **signed} for name, signed in _refused_identities().items()],
        "safety": [
            {"a": a.kid, "b": b.kid, "number": safety_number(a.kid, b.kid)}
            for a, b in ((ada, ben), (ben, ada), (ada, people["cleo"]))
        ]
        + [{"a": a, "b": b, "number": safety_number(a, b)} for a, b in _zeros()],
    }


def _zeros() -> list[tuple[str, str]]:
    """Two of whatever kids whose number begins with zeros, which must stay."""
    pairs = ((b64(bytes(31) + bytes([n])), b64(bytes(32 * [n]))) for n in range(1, 256))
    return [pair for pair in pairs if safety_number(*pair).startswith("0")][:2]


def _refused_identities() -> dict[str, dict[str, str]]:
    ada, ben = cast()["ada"], cast()["ben"]
    body = json.loads(ada.signed["body"])

    def signed(**changes: Any) -> dict[str, str]:
        text = json.dumps({**body, **changes}, separators=(",", ":"))
        return {"body": text, "sig": sign(ada.keys.ed, "identity", text)}

    spki = ada.keys.spki
    return {
        "signed by another": {**ada.signed, "sig": ben.signed["sig"]},
        "another type": {**ada.signed, "sig": sign(ada.keys.ed, "event", ada.signed["body"])},
        "a changed name": {**ada.signed, "body": ada.signed["body"].replace('"ada"', '"adb"')},
        "a name in upper case": signed(name="Ada"),
        "a short name": signed(name="ad"),
        "a long name": signed(name="a" * 33),
        "n = 0": signed(n=0),
        "n = 2 without a kid before": signed(n=2),
        "n = 1 with a kid before": signed(prev=ben.kid),
        "another version": signed(v=2),
        "a small point": signed(ed=b64(b"\1" + bytes(31))),
        "a short point": signed(ed=b64(bytes(31))),
        "a key of 3071 bits": signed(rsa=b64(spki[:33] + b"\x7f" + spki[34:])),
        "e = 3": signed(rsa=b64(spki[:-1] + b"\x03")),
        "a key too many": signed(x=1),
    }


def kit() -> dict[str, Any]:
    """A recovery kit, its code in the spellings that people use, and refusals."""
    ada = cast()["ada"]
    file = make_kit(ada.uid, ada.kid, ada.keys, chosen("kit"))
    made = json.loads(file)
    code = made["code"]
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    return {
        "file": file,
        "code": code,
        "code_hex": chosen("kit")(20).hex(),
        "codes": [
            {"hex": bytes(20).hex(), "code": "-".join(["0000"] * 8)},
            {"hex": (b"\xff" * 20).hex(), "code": "-".join(["ZZZZ"] * 8)},
            {"hex": bytes(range(20)).hex(), "code": "000G-40R4-0M30-E209-185G-R38E-1W81-24GK"},
        ],
        "codes_read": [
            {"text": "ooooiiiillll00001111000000001111", "hex": _zeros_and_ones()},
            {"text": " 000g 40r4 0m30 e209-185g r38e 1w81 24gk ", "hex": bytes(range(20)).hex()},
        ],
        "codes_refused": ["", "0000", code + "0", code.replace(code[0], "U", 1), "-" * 32],
        "uid": ada.uid,
        "kid": ada.kid,
        "seed": b64(ada.keys.seed),
        "pkcs8": b64(ada.keys.pkcs8),
        "refused": [
            {"name": name, "file": text}
            for name, text in {
                "another code": file.replace(code, wrong),
                "another uid": file.replace(ada.uid, "0" * 32),
                "another kid": file.replace(ada.kid, "A" * 43),
                "another salt": file.replace(made["kit"]["salt"], "A" * 43),
                "another box": file.replace(made["kit"]["box"][:20], "A" * 20),
                "another version": file.replace('"v":1', '"v":2'),
                "another file": file.replace("recovery kit", "recovery"),
                "not JSON": file[:-3],
            }.items()
        ],
    }


def _zeros_and_ones() -> str:
    bits = "".join(f"{int(digit):05b}" for digit in "00001111111100001111000000001111")
    return int(bits, 2).to_bytes(20, "big").hex()


def roomkeys() -> dict[str, Any]:
    """What derives from an epoch's key, and wraps of it. RSA-OAEP is random: open these."""
    people = cast()
    ada, ben = people["ada"], people["ben"]
    room = room_id(ada.kid, NONCE)
    return {
        "kid": ada.kid,
        "nonce": b64(NONCE),
        "room": room,
        "derived": [_derived(key, room, e, ada) for key, e in ((K1, 1), (K2, 2))],
        "wraps": [
            _wrap(key, room, e, to) for key, e, to in ((K1, 1, ada), (K1, 1, ben), (K2, 2, ben))
        ],
        "wraps_refused": _refused_wraps(room),
    }


def _derived(key: bytes, room: str, e: int, person: Any) -> dict[str, Any]:
    return {
        "key": b64(key),
        "e": e,
        "kcv": kcv(key, room, e),
        "uid": person.uid,
        "dev": person.dev,
        "n": 10 * e,
        "mk": b64(message_key(key, room, e, person.uid, person.dev, 10 * e)),
        "pk": b64(profile_key(key, room, e)),
        "esc": b64(escrow_key(key, room, e)),
        "g": e,
        "sk": b64(search_key(key, room, e)),
    }


def _wrap(key: bytes, room: str, e: int, to: Any) -> dict[str, Any]:
    return {
        "name": to.name,
        "to": to.kid,
        "e": e,
        "label": wrap_label(room, e, to.kid).decode(),
        "key": b64(key),
        "kcv": kcv(key, room, e),
        "ct": fixed_wrap(key, room, e, to),
    }


def _refused_wraps(room: str) -> list[dict[str, Any]]:
    """Each is opened as the wrap of epoch 1 for ada, whose commitment is that of K_1."""
    people = cast()
    ada, ben = people["ada"], people["ben"]
    good = unb64(fixed_wrap(K1, room, 1, ada))
    changed = {
        "for another": fixed_wrap(K1, room, 1, ben),
        "of another epoch": fixed_wrap(K1, room, 2, ada),
        "of another room": fixed_wrap(K1, "0" * 32, 1, ada),
        "of another key": fixed_wrap(K2, room, 1, ada),
        "of a short key": fixed_wrap(K1[:16], room, 1, ada),
        "changed": b64(good[:100] + bytes([good[100] ^ 1]) + good[101:]),
        "short": b64(good[:-1]),
        "long": b64(good + b"\0"),
    }
    return [{"name": name, "ct": ct} for name, ct in changed.items()]
