"""Vectors of what a restored site says of itself."""

from __future__ import annotations

from typing import Any

from sotto.protocol.encoding import b64, encode_body
from sotto.protocol.signing import sign
from tests.vectors.making import NOW, cast

LATEST = 253_402_300_799_999


def restored() -> dict[str, Any]:
    """`notice` is what was read; `refused` are forgeries and other shapes."""
    good = _signed(encode_body({"v": 1, "backup": NOW, "at": NOW + 3_600_000}))
    longest = _signed(encode_body({"v": 1, "backup": 0, "at": LATEST}))
    return {
        "cases": [
            {"name": "an hour later", **good, "notice": {"backup": NOW, "at": NOW + 3_600_000}},
            {"name": "the latest", **longest, "notice": {"backup": 0, "at": LATEST}},
        ],
        "refused": [{"name": name, **given} for name, given in _refused(good).items()],
    }


def _refused(good: dict[str, Any]) -> dict[str, dict[str, Any]]:
    bodies = {
        "too late to be shown": encode_body({"v": 1, "backup": 0, "at": LATEST + 1}),
        "another version": encode_body({"v": 2, "backup": 0, "at": 1}),
        "another order": '{"v":1,"at":1,"backup":0}',
        "a word more": encode_body({"v": 1, "backup": 0, "at": 1, "text": "believe me"}),
        "a fraction": '{"v":1,"backup":0,"at":1.0}',
        "a time as text": encode_body({"v": 1, "backup": 0, "at": "1"}),
        "a time before 1970": '{"v":1,"backup":-1,"at":1}',
    }
    other = _signed(encode_body({"v": 1, "backup": 0, "at": 1}))
    return {
        **{name: _signed(body) for name, body in bodies.items()},
        "signed as something else": {**good, "sig": sign(_key(), "event", good["body"])},
        "the signature of another": {**good, "sig": other["sig"]},
        "another site's key": {**good, "key": _public("ben")},
        "a short key": {**good, "key": good["key"][:-2]},
        "a key of small order": {**good, "key": b64(bytes(32))},
        "no signature": {"body": good["body"], "key": good["key"]},
        "a number for a key": {**good, "key": 1},
    }


def _signed(body: str) -> dict[str, Any]:
    return {"body": body, "sig": sign(_key(), "restored", body), "key": _public("ada")}


def _key() -> Any:
    return cast()["ada"].keys.ed


def _public(name: str) -> str:
    return b64(cast()[name].keys.ed.public_key().public_bytes_raw())
