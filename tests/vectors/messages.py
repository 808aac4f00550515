"""Vectors of messages: rows that open, rows that must be refused, and their order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sotto.protocol.encoding import b64, unb64
from sotto.protocol.message import Header, NewMessage, ParsedMessage, parse_message, seal_message
from sotto.protocol.message_order import MessageOrder
from sotto.protocol.room_keys import message_key
from sotto.protocol.signing import pae
from tests.vectors.contents import contents, contents_refused, tombstones, tombstones_refused
from tests.vectors.histories import group
from tests.vectors.making import K1, K2, K3, MINUTE, NOW, Person, cast, chosen
from tests.vectors.script import Script

KEYS = {1: K1, 2: K2, 3: K3}
LONG = "long " * 400


def messages() -> dict[str, Any]:
    """Messages in the log "group" of log.json, as its members hold them."""
    sent = conversation(group())
    return {
        "log": "group",
        "keys": {str(e): b64(key) for e, key in KEYS.items()},
        "rows": [_shown(row, content) for row, content in sent],
        "refused": _refused([row for row, _ in sent]),
        "contents": contents(),
        "contents_refused": contents_refused(),
        "tombstones": tombstones([row for row, _ in sent]),
        "tombstones_refused": tombstones_refused([row for row, _ in sent]),
        "order": _orders(),
    }


StoredMessage = dict[str, Any]


def conversation(script: Script) -> list[tuple[StoredMessage, dict[str, Any]]]:
    """What was said: (row, content), by rising seq."""
    rows: list[tuple[StoredMessage, dict[str, Any]]] = []
    tips: dict[str, tuple[int, str]] = {}

    def say(who: str, when: int, /, **content: Any) -> None:
        person, state = script.people[who], script.states[when]
        n, pm = tips.get(who, (0, ""))
        held = (rows[-1][0]["seq"], parse_message(rows[-1][0]).id) if rows else (0, "")
        cid = chosen(f"cid {len(rows)}")(16).hex()
        header = _header(person, script, when, n=n + 1, pm=pm, sh=held, cid=cid)
        random = chosen(f"message {len(rows)}")
        sealed = seal_message(header, KEYS[state.e], person.keys.ed, content, random)
        tips[who] = (n + 1, sealed.id)
        rows.append((_row(len(rows) + 1, sealed), content))

    say("ada", 1, t="text", body="hello")
    say("ada", 2, t="text", body="Grüße, 世界 – 👋🏽")
    say("ben", 3, t="text", body="thank you", re=[1, parse_message(rows[0][0]).id])
    say("cleo", 4, t="text", body="")
    say("ben", 5, t="text", body=LONG, at=[script.people["ada"].uid])
    say("cleo", 8, t="wave", strength=3)
    say("ada", 10, t="text", body="a new key", unknown={"x": [1, None, 0.5, True]})
    say("ben", 10, t="text", body="x" * 1000)
    return rows


def _header(person: Person, script: Script, at: int, **values: Any) -> Header:
    state = script.states[at]
    return Header(
        **{
            "room": state.room,
            "e": state.e,
            "uid": person.uid,
            "kid": person.kid,
            "dev": person.dev,
            "lh": (state.seq, state.hash),
            "ts": NOW + at * MINUTE + 1000,
            **values,
        }
    )


def _row(seq: int, sealed: NewMessage) -> StoredMessage:
    return {"seq": seq, "h": sealed.h, "iv": sealed.iv, "ct": sealed.ct, "sig": sealed.sig}


def _shown(row: StoredMessage, content: dict[str, Any]) -> dict[str, Any]:
    opened = parse_message(row)
    header = opened.header
    mk = message_key(KEYS[header.e], header.room, header.e, header.uid, header.dev, header.n)
    return {
        "row": row,
        "aad": pae("message", row["h"].encode()).decode(),
        "mk": b64(mk),
        "s": b64(opened.s),
        "id": opened.id,
        "content": content,
    }


def _refused(rows: list[StoredMessage]) -> list[dict[str, Any]]:
    """Rows in place of the one at their seq. `stage`: which check refuses it."""
    return _tampered(rows[2]) + _misplaced(rows) + _unreadable(rows[2])


def _tampered(row: StoredMessage) -> list[dict[str, Any]]:
    """ben's message with one thing changed after signing."""
    header = parse_message(row).header
    ct = unb64(row["ct"])

    def with_header(**changes: Any) -> StoredMessage:
        return {**row, "h": replace(header, **changes).text}

    flipped = b64(bytes([ct[0] ^ 1]) + ct[1:])
    changed = {
        "another ct": {**row, "ct": flipped},
        "a shorter ct": {**row, "ct": b64(ct[:-64])},
        "another iv": {**row, "iv": b64(bytes(12))},
        "another sig": {**row, "sig": "A" + row["sig"][1:]},
        "another n": with_header(n=header.n + 1, pm="A" * 43),
        "another pm": with_header(n=2, pm="A" * 43),
        "another dev": with_header(dev="0" * 32),
        "another cid": with_header(cid="0" * 32),
        "another ts": with_header(ts=header.ts + 1),
        "another sh": with_header(sh=(1, header.sh[1])),
    }
    return [{"name": name, "stage": "verify", "row": made} for name, made in changed.items()]


def _misplaced(rows: list[StoredMessage]) -> list[dict[str, Any]]:
    """Well signed by their sender, and yet not to be accepted."""
    script = group()
    people = script.people
    ben, cleo, dan, ada = (people[name] for name in ("ben", "cleo", "dan", "ada"))
    cid = "c" * 32
    tip = {"n": 1, "pm": "", "sh": (0, ""), "cid": cid}
    states = script.states
    made: dict[str, tuple[Person, Header]] = {
        "by no member": (dan, _header(dan, script, 10, **tip)),
        "before joining": (ben, _header(ben, script, 2, **tip)),
        "after leaving": (cleo, _header(cleo, script, 10, **tip)),
        "while the room was closed": (ben, _header(ben, script, 9, **tip)),
        "of the epoch before": (ben, _header(ben, script, 10, e=2, **tip)),
        "of an epoch to come": (ben, _header(ben, script, 4, e=2, **tip)),
        "another log": (ben, _header(ben, script, 10, lh=(10, states[9].hash), **tip)),
        "another room": (ben, _header(ben, script, 10, room="0" * 32, **tip)),
        "with the kid of another": (ben, _header(ben, script, 10, kid=ada.kid, **tip)),
        "as another": (ben, _header(ben, script, 10, uid=ada.uid, kid=ada.kid, **tip)),
        "knowing its future": (ben, _header(ben, script, 10, **{**tip, "sh": (9, "A" * 43)})),
        "knowing nothing, with an id": (
            ben,
            _header(ben, script, 10, **{**tip, "sh": (0, "A" * 43)}),
        ),
        "knowing something, without": (ben, _header(ben, script, 10, **{**tip, "sh": (1, "")})),
        "first, with one before": (ben, _header(ben, script, 10, **{**tip, "pm": "A" * 43})),
        "second, with none before": (ben, _header(ben, script, 10, **{**tip, "n": 2})),
    }
    ahead = _header(ben, script, 10, **{**tip, "lh": (11, "A" * 43)})
    return [
        *(
            {"name": name, "stage": "verify", "row": _signed(person, header)}
            for name, (person, header) in made.items()
        ),
        {"name": "ahead of the log", "stage": "ahead", "row": _signed(ben, ahead)},
    ]


def _signed(person: Person, header: Header) -> StoredMessage:
    content = {"t": "text", "body": "no"}
    sealed = seal_message(header, KEYS.get(header.e, K1), person.keys.ed, content, chosen("no"))
    return _row(9, sealed)


def _unreadable(row: StoredMessage) -> list[dict[str, Any]]:
    """Rows that fail before or after the signature: malformed, or with a plaintext that is."""
    h = row["h"]
    texts = {
        "a header with a space": h.replace(",", ", ", 1),
        "a header with a key too many": h[:-1] + ',"x":1}',
        "a header of another version": h.replace('"v":1', '"v":2'),
        "a header with n = 0": h.replace('"n":1', '"n":0'),
        "a header that is none": "",
    }
    ben = cast()["ben"]
    opened = parse_message(row)
    return [
        *(
            {"name": name, "stage": "header", "row": {**row, "h": text}}
            for name, text in texts.items()
        ),
        {"name": "a long iv", "stage": "header", "row": {**row, "iv": row["iv"] + "AAAA"}},
        {"name": "a padded ct", "stage": "header", "row": {**row, "ct": row["ct"] + "="}},
        {"name": "sealed with another key", "stage": "decrypt", "row": _other_key(ben, opened)},
    ]


def _other_key(person: Person, opened: ParsedMessage) -> StoredMessage:
    sealed = seal_message(
        opened.header, K3, person.keys.ed, {"t": "text", "body": "x"}, chosen("k")
    )
    return _row(3, sealed)


def _orders() -> list[dict[str, Any]]:
    """Headers by rising seq (only what order looks at), with what is to be said of each."""
    a, b = {"uid": "a" * 32, "dev": "1" * 32}, {"uid": "b" * 32, "dev": "1" * 32}
    names = {
        "a good row of messages": [
            (1, a, 1, "", 1, 0, (0, "")),
            (2, b, 1, "", 1, 0, (1, "m1")),
            (3, a, 2, "m1", 1, 1, (2, "m2")),
            (4, b, 2, "m2", 2, 2, (3, "m3")),
        ],
        "a seq is missing": [(1, a, 1, "", 1, 0, (0, "")), (3, b, 1, "", 1, 0, (1, "m1"))],
        "one of a sender's is missing": [
            (1, a, 1, "", 1, 0, (0, "")),
            (2, a, 3, "mx", 1, 0, (1, "m1")),
        ],
        "pm names another": [(1, a, 1, "", 1, 0, (0, "")), (2, a, 2, "mx", 1, 0, (1, "m1"))],
        "a first message that is not the first": [(1, a, 2, "mx", 1, 0, (0, ""))],
        "n falls": [
            (1, a, 1, "", 1, 0, (0, "")),
            (2, a, 2, "m1", 1, 0, (1, "m1")),
            (3, a, 2, "m1", 1, 0, (2, "m2")),
        ],
        "e falls": [(1, a, 1, "", 2, 0, (0, "")), (2, b, 1, "", 1, 0, (1, "m1"))],
        "lh falls": [(1, a, 1, "", 1, 5, (0, "")), (2, a, 2, "m1", 1, 4, (1, "m1"))],
        "sh falls": [
            (1, a, 1, "", 1, 0, (0, "")),
            (2, b, 1, "", 1, 0, (1, "m1")),
            (3, b, 2, "m2", 1, 0, (0, "")),
        ],
        "another view": [(1, a, 1, "", 1, 0, (0, "")), (2, b, 1, "", 1, 0, (1, "mx"))],
        "another device starts anew": [
            (1, a, 1, "", 1, 0, (0, "")),
            (2, {**a, "dev": "2" * 32}, 1, "", 1, 0, (1, "m1")),
        ],
        "what follows a refused one is not missing it": [
            (1, a, 1, "", 1, 5, (0, "")),
            (2, a, 2, "m1", 1, 4, (1, "m1")),
            (3, a, 3, "m2", 1, 5, (2, "m2")),
        ],
    }
    return [{"name": name, "messages": _judged(rows)} for name, rows in names.items()]


def _judged(rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    order, out = MessageOrder(), []
    for seq, sender, n, pm, e, lh, sh in rows:
        header = Header("0" * 32, e, sender["uid"], "", sender["dev"], n, pm, (lh, ""), sh, "", 0)
        verdict = order.push(seq, f"m{seq}", header)
        shown = {"seq": seq, "id": f"m{seq}", **sender, "n": n, "pm": pm, "e": e}
        shown |= {"lh": [lh, ""], "sh": list(sh), "accepted": verdict.accepted}
        out.append({**shown, "missing": verdict.missing, "other_view": verdict.other_view})
    return out
