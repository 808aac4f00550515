"""Vectors of encodings, signatures, boxes and search tokens."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sotto.protocol.boxes import hkdf, pad, padded_size, seal
from sotto.protocol.encoding import b64, unb64
from sotto.protocol.events import members_hash, members_text, room_id
from sotto.protocol.identity import safety_number
from sotto.protocol.invite_link import Link
from sotto.protocol.room_keys import kcv, message_key, search_key
from sotto.protocol.search_tokens import token
from sotto.protocol.signing import hash64, pae, sign
from tests.vectors.making import K1, NONCE, SECRET, aad, cast, chosen

PADDED = (0, 1, 62, 63, 64, 127, 128, 959, 960, 1023, 1024, 2047, 2048, 4095, 32767, 32768, 65535)


def first() -> dict[str, Any]:
    """The first vectors of docs/protocol.md: enough to know that two sides agree."""
    kid_a, kid_b = hash_of_letter("a"), hash_of_letter("b")
    uid_a, uid_b = "0" * 31 + "1", "0" * 31 + "2"
    room, dev = room_id(kid_a, NONCE), "d" * 32
    sk = search_key(K1, room, 1)
    link = Link.derive(SECRET)
    members = [(uid_a, kid_a), (uid_b, kid_b)]
    return {
        "kidA": kid_a,
        "kidB": kid_b,
        "uidA": uid_a,
        "uidB": uid_b,
        "nonce": b64(NONCE),
        "key": b64(K1),
        "secret": b64(SECRET),
        "dev": dev,
        "room": room,
        "kcv": kcv(K1, room, 1),
        "mk": b64(message_key(K1, room, 1, uid_a, dev, 1)),
        "tokens": {term: token(sk, term) for term in ("w:hello", "p:hel")},
        "members": {"json": members_text(members), "hash": members_hash(members)},
        "safety": safety_number(kid_a, kid_b),
        "iid": link.iid,
        "ipk": link.ipk,
        "pad": {str(size): padded_size(size) for size in (63, 64, 1023, 1024, 65535)},
    }


def hash_of_letter(letter: str) -> str:
    return b64(sha256(letter.encode()).digest())


def encoding() -> dict[str, Any]:
    """base64url and bodies: what is written, and what is refused."""
    return {
        "b64": [{"hex": data.hex(), "b64": b64(data)} for data in _SOME_BYTES],
        "b64_refused": ["A", "AB==", "AB", "AAB", "A+A_", "A/A_", "AAA\n", " AAA", "AAAAA", "ÄAAA"],
        "body_schema": {
            "v": "integer 1",
            "id": "id",
            "n": "integer",
            "s": "string",
            "p": "[integer, hash or empty]",
        },
        "bodies": [_BODY, _BODY.replace('"n":7', '"n":9007199254740991'), _BODY.replace("hi", "")],
        "bodies_refused": _refused_bodies(),
        "body_bytes": {"most": 4096},
    }


_SOME_BYTES = (b"", b"\0", b"\xff", b"\xfb\xff", b"\xfb\xff\xbf", bytes(range(16)), b"\xff" * 32)
_ID = "00112233445566778899aabbccddeeff"
_BODY = f'{{"v":1,"id":"{_ID}","n":7,"s":"hi","p":[0,""]}}'


def _refused_bodies() -> list[dict[str, str]]:
    def changed(name: str, old: str, new: str) -> dict[str, str]:
        assert old in _BODY
        return {"name": name, "text": _BODY.replace(old, new)}

    return [
        changed("a space", '"n":7', '"n": 7'),
        changed("a float", '"n":7', '"n":7.0'),
        changed("an exponent", '"n":7', '"n":7e0'),
        changed("NaN", '"n":7', '"n":NaN'),
        changed("infinity", '"n":7', '"n":Infinity'),
        changed("2^53", '"n":7', '"n":9007199254740992'),
        changed("2^53 + 1", '"n":7', '"n":9007199254740993'),
        changed("minus one", '"n":7', '"n":-1'),
        changed("minus zero", '"n":7', '"n":-0'),
        changed("a leading zero", '"n":7', '"n":07'),
        changed("a boolean", '"n":7', '"n":true'),
        changed("null", '"n":7', '"n":null'),
        changed("a number as string", '"n":7', '"n":"7"'),
        changed("version as boolean", '"v":1', '"v":true'),
        changed("another version", '"v":1', '"v":2'),
        changed("a key twice", '"n":7', '"n":7,"n":7'),
        changed("an extra key", '"n":7', '"n":7,"x":1'),
        changed("a missing key", '"n":7,', ""),
        changed("another order", '"n":7,"s":"hi"', '"s":"hi","n":7'),
        changed("an escaped letter", '"hi"', '"\\u0068i"'),
        changed("a quotation mark", '"hi"', '"\\""'),
        changed("a backslash", '"hi"', '"\\\\"'),
        changed("a new line", '"hi"', '"\\n"'),
        changed("a delete character", '"hi"', '"\x7f"'),
        changed("beyond ASCII", '"hi"', '"hä"'),
        changed("an escaped solidus", '"hi"', '"\\/"'),
        changed("upper case hex", "aabbcc", "AABBCC"),
        changed("a short id", "aabbcc", "aabb"),
        changed("a triple", '[0,""]', '[0,"",""]'),
        changed("a list for a pair's part", '[0,""]', '[[0],""]'),
        changed("a prototype", '"n":7', '"__proto__":7'),
        {"name": "too long", "text": _BODY.replace("hi", "h" * 4096)},
        {"name": "a trailing new line", "text": _BODY + "\n"},
        {"name": "a byte order mark", "text": "\ufeff" + _BODY},
        {"name": "an array", "text": f"[{_BODY}]"},
        {"name": "deep", "text": "[" * 2000 + "]" * 2000},
        {"name": "unfinished", "text": _BODY[:-1]},
        {"name": "empty", "text": ""},
    ]


def signing() -> dict[str, Any]:
    """PAE, H and Ed25519; keys and first halves of signatures that must be refused."""
    seed = bytes(range(32))
    key = Ed25519PrivateKey.from_private_bytes(seed)
    cases = [("event", "{}"), ("sealed", "x" * 76), ("identity", "")]
    good = sign(key, "event", "{}")
    return {
        "seed": b64(seed),
        "public": b64(key.public_key().public_bytes_raw()),
        "cases": [
            {
                "type": type_,
                "body": body,
                "pae": pae(type_, body.encode()).decode(),
                "hash": hash64(type_, body),
                "sig": sign(key, type_, body),
            }
            for type_, body in cases
        ],
        "refused": _refused_signatures(good),
        "points_refused": _REFUSED_POINTS,
        "points_allowed": [key.public_key().public_bytes_raw().hex()],
        "spki_refused": _refused_spki(),
    }


_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493


def _point(y: int) -> str:
    return y.to_bytes(32, "little").hex()


_LOW = (
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
)
_TOP = 1 << 255
_REFUSED_POINTS = [
    *(_point(y) for y in (0, 1, _P - 1, _P, _P + 1, _P + 3, _TOP - 1)),
    *(_point(y + _TOP) for y in (0, 1, _P - 1, _P, _P + 18)),
    *_LOW,
    *(_point(int.from_bytes(bytes.fromhex(low), "little") | _TOP) for low in _LOW),
]


def _refused_signatures(good: str) -> list[dict[str, str]]:
    """Under `public`, over PAE("event", "{}")."""
    raw = unb64(good)
    s = int.from_bytes(raw[32:], "little")
    return [
        {"name": "S + L", "sig": b64(raw[:32] + (s + _ORDER).to_bytes(32, "little"))},
        {"name": "another R", "sig": b64(bytes([raw[0] ^ 1]) + raw[1:])},
        {"name": "another S", "sig": b64(raw[:63] + bytes([raw[63] ^ 1]))},
        {"name": "S = 0", "sig": b64(raw[:32] + bytes(32))},
        *(
            {"name": "a refused R", "sig": b64(bytes.fromhex(point) + raw[32:])}
            for point in _REFUSED_POINTS
        ),
        {"name": "short", "sig": good[:-2]},
        {"name": "stray bits", "sig": good[:-1] + chr(ord(good[-1]) + 1)},
        {"name": "empty", "sig": ""},
    ]


def _refused_spki() -> list[dict[str, str]]:
    good = cast()["ada"].keys.spki
    head = 33
    return [
        {"name": "a modulus of 3071 bits", "spki": b64(good[:head] + b"\x7f" + good[head + 1 :])},
        {"name": "e = 3", "spki": b64(good[:-1] + b"\x03")},
        {"name": "a byte more", "spki": b64(good + b"\0")},
        {"name": "a byte less", "spki": b64(good[:-1])},
        {"name": "another algorithm", "spki": b64(good[:18] + b"\x0a" + good[19:])},
    ]


def boxes() -> dict[str, Any]:
    """HKDF, padding and boxes."""
    room, ctx = "000102030405060708090a0b0c0d0e0f", {"v": 1, "room": "0" * 32, "e": 1}
    box = seal(K1, "profile", ctx, b"sotto", chosen("box"))
    return {
        "hkdf": [
            {
                "ikm": b64(K1),
                "salt": b64(salt),
                "info": info,
                "size": size,
                "out": b64(hkdf(K1, salt, info, size)),
            }
            for salt, info, size in (
                (bytes.fromhex(room), "sotto/v1/kcv|1", 32),
                (b"", "sotto/v1/inv-id", 16),
                (bytes(32), "sotto/v1/recovery|" + "0" * 32, 32),
            )
        ],
        "pad": [
            {"size": size, "padded": padded_size(size), "hash": hash64("pad", pad(b"\x80" * size))}
            for size in PADDED
        ],
        "pad_bytes": [
            {"hex": plain.hex(), "padded": pad(plain).hex()} for plain in (b"", b"hi", b"\x80\0")
        ],
        "pad_refused": [65_536],
        "unpad_refused": [
            data.hex()
            for data in (
                b"",
                bytes(64),
                b"\x80",
                b"\x80" + bytes(62),
                b"\x80" + bytes(64),
                b"\x80" + bytes(127),
                b"a" * 64,
                b"a" * 63 + b"\x81",
            )
        ],
        "box": {
            "key": b64(K1),
            "type": "profile",
            "ctx": ctx,
            "aad": aad("profile", ctx),
            "plain": b64(b"sotto"),
            "box": box,
        },
    }
