"""Vectors of reports: those that a reader opens, and those that a reader refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from hashlib import sha256
from typing import Any

from sotto.protocol.boxes import hkdf, pad, seal
from sotto.protocol.encoding import b64, unb64
from sotto.protocol.message import Header, parse_message, seal_message
from sotto.protocol.recovery_kit import format_code
from sotto.protocol.report import report_key_id, report_label, seal_report
from sotto.protocol.room_keys import message_key
from sotto.protocol.signing import sign
from tests.vectors.histories import group
from tests.vectors.making import K1, MINUTE, NOW, Person, cast, chosen, fixed_oaep
from tests.vectors.messages import KEYS, conversation

Given = dict[str, Any]
NOTE = "Zum dritten Mal – „heute“ 🍏"
SITE = "dan"  # whose RSA key the site's report key is


@cache
def _rows() -> list[Given]:
    return [row for row, _ in conversation(group())]


def report() -> dict[str, Any]:
    rk = report_key_id(b64(cast()[SITE].keys.spki))
    told = {"to the room": _to_room(), "to the site": _to_site()}
    shown = [{"name": name, **given} for name, given in told.items()]
    return {
        "log": "group",
        "keys": {str(e): b64(key) for e, key in KEYS.items()},
        "site": {"name": SITE, "rk": rk},
        "reports": [*shown, {"name": "a key that no member has", **_collusion(by_member=False)}],
        "refused": [{"name": name, **given} for name, given in _refused().items()],
        **_kit(rk),
    }


def _made(
    row: Given,
    by: Person,
    reader: Person,
    to: str,
    receiver: str,
    lh: int,
    *,
    key: bytes | None = None,
    plain: Any = None,
) -> Given:
    """A report, as its reader gets it. `plain` replaces the content of its box."""
    header = parse_message(row).header
    state = group().states[lh]
    epoch = key or KEYS[header.e]
    random = chosen(f"report {row['seq']} {by.name} {receiver}")
    report = seal_report(
        row, epoch, {}, receiver=receiver, reporter=(by.uid, by.kid, by.keys.ed),
        lh=(state.seq, state.hash), ts=NOW + 90 * MINUTE, why="abuse", note=NOTE, random=random,
    )  # fmt: skip
    again = chosen(f"report {row['seq']} {by.name} {receiver}")
    rid, secret = again(16).hex(), again(32)
    found = {"body": report["body"], "sig": report["sig"], "box": report["box"]}
    if plain is not None:
        place = {"room": header.room, "uid": by.uid, "seq": row["seq"], "id": parse_message(row).id}
        box = seal(secret, "report", {"v": 1, "rid": rid, **place}, plain, chosen("report plain"))
        found = _with_box(by, found, box)
    mk = message_key(epoch, header.room, header.e, header.uid, header.dev, header.n)
    return {
        "reader": reader.name,
        "to": to,
        "member": receiver == "room",
        "given": {
            **found,
            "key": fixed_oaep(reader, report_label(rid, header.room, to), secret),
            "row": row,
        },
        "opened": {"rid": rid, "by": by.uid, "seq": row["seq"], "why": "abuse", "note": NOTE},
        "mk": b64(mk),
    }


def _with_box(by: Person, given: Given, box: str) -> Given:
    hashed = b64(sha256(unb64(box)).digest())
    before = json.loads(given["body"])["box"]
    body = given["body"].replace(before, hashed)
    return {**given, "body": body, "sig": sign(by.keys.ed, "report", body), "box": box}


def _to_room(**changes: Any) -> Given:
    """cleo reports ben's message 3 to ada, the only leader."""
    people = cast()
    return _made(_rows()[2], people["cleo"], people["ada"], people["ada"].kid, "room", 8, **changes)


def _to_site() -> Given:
    """ben reports ada's message 7 to the site."""
    people = cast()
    rk = report_key_id(b64(people[SITE].keys.spki))
    return _made(_rows()[6], people["ben"], people[SITE], rk, rk, 10)


def _collusion(*, by_member: bool) -> Given:
    """A message that its author sealed under another key than the room's: those who hold the room's
    key notice, the site cannot.
    """
    people, state = cast(), group().states[10]
    ben = people["ben"]
    header = Header(
        room=state.room, e=3, uid=ben.uid, kid=ben.kid, dev=ben.dev, n=1, pm="",
        lh=(state.seq, state.hash), sh=(0, ""), cid="d" * 32, ts=NOW + 80 * MINUTE,
    )  # fmt: skip
    content = {"t": "text", "body": "nobody saw this"}
    sealed = seal_message(header, K1, ben.keys.ed, content, chosen("collusion"))
    row = {"seq": 9, "h": sealed.h, "iv": sealed.iv, "ct": sealed.ct, "sig": sealed.sig}
    if by_member:
        ada = people["ada"]
        return _made(row, ada, ada, ada.kid, "room", 10, key=K1)
    rk = report_key_id(b64(people[SITE].keys.spki))
    return _made(row, people["ada"], people[SITE], rk, rk, 10, key=K1)


def _but(good: Given, stage: str, **changes: Any) -> Given:
    shown = {key: good[key] for key in ("reader", "to", "member")}
    return {"stage": stage, **shown, "given": {**good["given"], **changes}}


def _signed(good: Given, by: Person, stage: str, *pairs: tuple[str, str]) -> Given:
    """The report with parts of its body replaced, and signed anew by its own reporter."""
    body = good["given"]["body"]
    for old, new in pairs:
        assert old in body, old
        body = body.replace(old, new)
    return _but(good, stage, body=body, sig=sign(by.keys.ed, "report", body))


def _refused() -> dict[str, Given]:
    return {
        **_malformed(),
        **_forged(),
        **_unopened(),
        **_other_messages(),
        "a key that the room does not have": {**_collusion(by_member=True), "stage": "message"},
    }


def _malformed() -> dict[str, Given]:
    good, cleo = _to_room(), cast()["cleo"]
    return {
        "another version": _signed(good, cleo, "read", ('"v":1', '"v":2')),
        "to nobody": _signed(good, cleo, "read", ('"for":"room"', '"for":""')),
        "to a word": _signed(good, cleo, "read", ('"for":"room"', '"for":"all"')),
        "message 0": _signed(good, cleo, "read", ('"seq":3', '"seq":0')),
        "a key that is not known": _signed(good, cleo, "read", ('"seq":3', '"x":1,"seq":3')),
        "a body with a space": _signed(good, cleo, "read", (",", ", ")),
    }


def _forged() -> dict[str, Given]:
    good, people = _to_room(), cast()
    cleo, ben, dan = people["cleo"], people["ben"], people["dan"]
    body, states = good["given"]["body"], group().states
    lh = f'"lh":[8,"{states[8].hash}"]'
    later = f'"lh":[10,"{states[10].hash}"]'
    box = bytearray(unb64(good["given"]["box"]))
    box[30] ^= 1
    as_ben = ((cleo.uid, ben.uid), (cleo.kid, ben.kid))
    return {
        "signed by another": _but(good, "verify", sig=sign(ben.keys.ed, "report", body)),
        "signed as another kind": _but(good, "verify", sig=sign(cleo.keys.ed, "event", body)),
        "another number than was signed": _but(
            good, "verify", body=body.replace('"seq":3', '"seq":1')
        ),
        "another reporter than has signed": _signed(good, cleo, "verify", *as_ben),
        "another's key": _signed(good, cleo, "verify", (cleo.uid, ben.uid)),
        "of another room": _signed(good, cleo, "verify", (states[8].room, "0" * 32)),
        "of another log": _signed(good, cleo, "verify", (states[8].hash, states[7].hash)),
        "by no member": _signed(good, dan, "verify", (cleo.uid, dan.uid), (cleo.kid, dan.kid)),
        "by who had left": _signed(good, cleo, "verify", (lh, later)),
        "another box than was signed": _but(good, "verify", box=b64(bytes(box))),
        "ahead of the log": _signed(good, cleo, "ahead", (lh, f'"lh":[11,"{"A" * 43}"]')),
        "to the room, read as the site": {**_but(good, "open"), "to": "A" * 43},
        "to another site": {**_but(_to_site(), "receiver"), "to": "A" * 43},
    }


def _unopened() -> dict[str, Given]:
    good, people = _to_room(), cast()
    cleo, ben = people["cleo"], people["ben"]
    rid, mk = good["opened"]["rid"], good["mk"]

    def holding(text: str) -> Given:
        made = _to_room(plain=pad(text.encode("utf-8")))
        return _but(made, "open")

    def saying(**changes: Any) -> Given:
        return holding(json.dumps({"mk": mk, "why": "abuse", "note": "", **changes}))

    other = _to_site()["given"]
    return {
        "sent again under another number": _signed(good, cleo, "open", (rid, "0" * 32)),
        "about another message than was sealed": _signed(
            good, cleo, "open", ('"seq":3', '"seq":1')
        ),
        "sealed to another": _but(
            good,
            "open",
            key=fixed_oaep(ben, report_label(rid, group().states[8].room, ben.kid), K1),
        ),
        "the key of another report": _but(good, "open", key=other["key"]),
        "a short key": _but(good, "open", key=b64(bytes(300))),
        "a reason that is not known": saying(why="boring"),
        "a note too long": saying(note="x" * 1001),
        "a note that is none": saying(note=None),
        "a reason that every object has": saying(why="toString"),
        "a note with half a letter": holding(f'{{"mk":"{mk}","why":"abuse","note":"\\ud83c"}}'),
        "a short message key": saying(mk=b64(bytes(31))),
        "not an object": holding("[]"),
        "not JSON": holding("{"),
        "without padding": _but(_to_room(plain=b"{}"), "open"),
    }


def _other_messages() -> dict[str, Given]:
    """Reports that are well signed and open, and yet do not prove what they say."""
    good, people, rows = _to_room(), cast(), _rows()
    row = good["given"]["row"]
    header = parse_message(row).header
    ct = unb64(row["ct"])
    tombstone = {key: row[key] for key in ("seq", "h", "iv", "sig")}
    tombstone |= {"sha": b64(sha256(ct).digest()), "del": 6}

    def of(stage_row: Given, key: bytes | None = None) -> Given:
        """ada's report of any row, with the key of message 3."""
        return _claimed(stage_row, good["mk"] if key is None else b64(key))

    forged = seal_message(
        header, KEYS[header.e], people["ada"].keys.ed, {"t": "text", "body": "no"}, chosen("forged")
    )
    ada = people["ada"]
    swapped = replace(header, uid=ada.uid, kid=ada.kid)
    as_other = seal_message(
        swapped, KEYS[header.e], people["ben"].keys.ed, {"t": "text", "body": "no"}, chosen("swap")
    )
    elsewhere = replace(header, room="0" * 32)
    moved = seal_message(
        elsewhere,
        KEYS[header.e],
        people["ben"].keys.ed,
        {"t": "text", "body": "x"},
        chosen("moved"),
    )
    changed: dict[str, Callable[[], Given]] = {
        "another row": lambda: _but(good, "message", row=rows[0]),
        "a row at another place": lambda: _but(good, "message", row={**row, "seq": 4}),
        "a changed ct": lambda: _but(good, "message", row={**row, "ct": b64(ct[:-64])}),
        "another signature": lambda: _but(
            good, "message", row={**row, "sig": "A" + row["sig"][1:]}
        ),
        "an erased row": lambda: _but(good, "message", row=tombstone),
        "no row": lambda: _but(good, "message", row=None),
        "the key of another message": lambda: of(rows[0]),
        "a key of nothing": lambda: of(row, bytes(32)),
        "signed by another than its author": lambda: of(_row(forged)),
        "another author": lambda: of(_row(as_other)),
        "a message of another room": lambda: of(_row(moved)),
    }
    return {name: make() for name, make in changed.items()}


def _row(sealed: Any) -> Given:
    return {"seq": 3, "h": sealed.h, "iv": sealed.iv, "ct": sealed.ct, "sig": sealed.sig}


def _claimed(row: Given, mk: str) -> Given:
    """cleo says of `row` that it is what she reports, and that `mk` is its key."""
    good, cleo, ada = _to_room(), cast()["cleo"], cast()["ada"]
    told = json.loads(good["given"]["body"])
    id_ = parse_message(row).id
    again = chosen(f"report 3 {cleo.name} room")
    rid, secret = again(16).hex(), again(32)
    place = {"room": told["room"], "uid": cleo.uid, "seq": row["seq"], "id": id_}
    plain = pad(json.dumps({"mk": mk, "why": "abuse", "note": ""}).encode())
    box = seal(secret, "report", {"v": 1, "rid": rid, **place}, plain, chosen("claimed"))
    body = good["given"]["body"]
    body = body.replace(told["id"], id_).replace('"seq":3', f'"seq":{row["seq"]}')
    changed = _with_box(cleo, {"body": body}, box)
    key = fixed_oaep(ada, report_label(rid, told["room"], ada.kid), secret)
    return _but(good, "message", **changed, key=key, row=row)


def _kit(rk: str) -> dict[str, Any]:
    """The kit of a site's report key."""
    random = chosen("report kit")
    code, salt, pkcs8 = random(20), random(32), cast()[SITE].keys.pkcs8
    context = {"v": 1, "rk": rk, "salt": b64(salt)}
    key = hkdf(code, salt, f"sotto/v1/report-recovery|{rk}")
    plain = json.dumps({"rsa": b64(pkcs8)}).encode()
    kit = {**context, "box": seal(key, "report-kit", context, plain, random)}
    written = format_code(code)
    file = json.dumps({"sotto": "report key", "code": written, "kit": kit})
    other = seal(key, "kit", context, plain, random)
    refused = {
        "another code": file.replace(written, "-".join(["0000"] * 8)),
        "another rk": file.replace(rk, "A" * 43),
        "another salt": file.replace(b64(salt), "A" * 43),
        "another kind of box": json.dumps(
            {"sotto": "report key", "code": written, "kit": {**kit, "box": other}}
        ),
        "another kind of kit": file.replace("report key", "recovery kit"),
        "another version": file.replace('"v": 1', '"v": 2'),
        "not JSON": file[:-3],
        "nothing": "null",
    }
    shown = [{"name": name, "file": text} for name, text in refused.items()]
    return {"kit": {"file": file, "rk": rk, "pkcs8": b64(pkcs8)}, "kit_refused": shown}
