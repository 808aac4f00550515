"""Vectors of knocks: asking to be let in by a link, or back in after a reset."""

from __future__ import annotations

import json
from typing import Any

from sotto.protocol.events import joiner_proof
from sotto.protocol.knock import make_knock
from sotto.protocol.signing import sign
from tests.vectors.histories import links, waiting
from tests.vectors.making import NOW, Person, cast, resets


def knock() -> dict[str, Any]:
    """`invite`: the log's entry of the link, None for a reset."""
    script, link = waiting(), links()["first"]
    room, invite = script.state.room, {"ipk": link.ipk}
    dan, cleo2 = cast()["dan"], resets()["cleo2"]
    by_link = make_knock(room, dan.author(NOW), link)
    again = make_knock(room, cleo2.author(NOW + 1))
    return {
        "cases": [
            _shown("by a link", by_link, dan, invite),
            _shown("after a reset", again, cleo2, None),
        ],
        "refused": [
            {"name": name, "identity": dan.signed, "invite": invite, **given}
            for name, given in _refused(dan, by_link).items()
        ]
        + [
            {"name": name, "identity": cleo2.signed, "invite": None, **given}
            for name, given in _refused_resets(cleo2, again, by_link).items()
        ]
        + [
            {"name": "of another", "identity": cleo2.signed, "invite": invite, **by_link},
            {"name": "by no invitation", "identity": dan.signed, "invite": None, **by_link},
            {"name": "by one too many", "identity": cleo2.signed, "invite": invite, **again},
            {
                "name": "by another invitation",
                "identity": dan.signed,
                "invite": {"ipk": links()["second"].ipk},
                **by_link,
            },
        ],
    }


def _shown(
    name: str, given: dict[str, str], who: Person, invite: dict[str, str] | None
) -> dict[str, Any]:
    return {
        "name": name,
        **given,
        "identity": who.signed,
        "invite": invite,
        "knock": {key: value for key, value in json.loads(given["body"]).items() if key != "v"},
    }


def _refused(dan: Person, good: dict[str, str]) -> dict[str, dict[str, str]]:
    link, body = links()["first"], json.loads(good["body"])
    ben = cast()["ben"]

    def signed(**changes: Any) -> dict[str, str]:
        values = {key: value for key, value in {**body, **changes}.items() if value is not None}
        text = json.dumps(values, separators=(",", ":"))
        return {**good, "body": text, "sig": sign(dan.keys.ed, "knock", text)}

    def proven(room: str, iid: str, uid: str, kid: str) -> dict[str, str]:
        isig = sign(link.signer, "joiner", joiner_proof(room, iid, uid, kid))
        return {**good, "isig": isig}

    room, iid = body["room"], body["iid"]
    return {
        "signed by another": {**good, "sig": sign(ben.keys.ed, "knock", good["body"])},
        "signed as an event": {**good, "sig": sign(dan.keys.ed, "event", good["body"])},
        "not signed": {**good, "sig": ""},
        "without a proof": {**good, "isig": ""},
        "a proof for another person": proven(room, iid, ben.uid, ben.kid),
        "a proof for another room": proven(room[::-1], iid, dan.uid, dan.kid),
        "a proof for another invitation": proven(room, iid[::-1], dan.uid, dan.kid),
        "another room": signed(room="0" * 32),
        "another uid": signed(uid=ben.uid),
        "another kid": signed(kid=ben.kid),
        "another version": signed(v=2),
        "no ts": signed(ts=None),
        "a float ts": signed(ts=1.5),
        "a key too many": signed(x=1),
        "a changed ts": {**good, "body": good["body"].replace("000}", "001}")},
    }


def _refused_resets(
    cleo2: Person, good: dict[str, str], by_link: dict[str, str]
) -> dict[str, dict[str, str]]:
    return {
        "a reset signed by the old key": {
            **good,
            "sig": sign(cast()["cleo"].keys.ed, "knock", good["body"]),
        },
        "a reset with a proof": {**good, "isig": by_link["isig"]},
    }
