"""Whatever travels, opened by the Python client, in the words of reading.mjs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from sotto.protocol.attachments import Attachment, FileOpener
from sotto.protocol.content import read_content
from sotto.protocol.encoding import WireError, b64, field_of, unb64
from sotto.protocol.events import LogError
from sotto.protocol.identity import Identity, Keys, open_identity
from sotto.protocol.invite_link import Link, open_card, open_escrow, open_item
from sotto.protocol.knock import open_knock
from sotto.protocol.log import apply_event, extend_log
from sotto.protocol.message import (
    MessageError,
    check_stored,
    decrypt_message,
    parse_message,
    verify_message,
)
from sotto.protocol.profile import open_profile, read_profile
from sotto.protocol.recovery_kit import open_kit
from sotto.protocol.room_keys import unwrap_key
from sotto.protocol.room_state import Invite, RoomState
from sotto.protocol.summary import open_answer, open_summary, parse_summary, verify_summary

Context = Mapping[str, Any]
Reader = Callable[[Any], Any]


def _log(context: Context) -> tuple[RoomState | None, dict[str, Identity]]:
    known = {found.kid: found for found in map(open_identity, context["identities"])}
    events = context["events"]
    return (extend_log(None, events, known) if events else None), known


def _identity(_: Context) -> Reader:
    def read(given: Any) -> Any:
        found = open_identity(given)
        return {key: getattr(found, key) for key in ("kid", "uid", "name", "n", "prev")}

    return read


def _event(context: Context) -> Reader:
    state, known = _log(context)
    return lambda given: apply_event(state, given, known).hash


def _wrap(context: Context) -> Reader:
    rsa = Keys.load(unb64(context["seed"]), unb64(context["pkcs8"])).rsa
    room, kcv = context["room"], context["kcv"]

    def read(given: Any) -> str:
        e, to = field_of(given, "e", int), field_of(given, "to", str)
        return b64(unwrap_key(field_of(given, "ct", str), room, e, to, rsa, kcv))

    return read


def _item(context: Context) -> Reader:
    link, room, e = Link.derive(unb64(context["secret"])), context["room"], context["e"]
    return lambda given: b64(open_item(link.key, room, link.iid, e, given["box"]))


def _escrow(context: Context) -> Reader:
    place = (context["room"], context["iid"], context["e"])
    return lambda given: b64(open_escrow(unb64(context["key"]), *place, given["box"]))


def _card(context: Context) -> Reader:
    link, room = Link.derive(unb64(context["secret"])), context["room"]
    return lambda given: asdict(read_profile(open_card(link, room, given["box"])))


def _profile(context: Context) -> Reader:
    key, room, e, h = unb64(context["key"]), context["room"], context["e"], context["h"]
    return lambda given: asdict(read_profile(open_profile(key, room, e, given["box"], h)))


def _answer(context: Context) -> Reader:
    reply, rid = unb64(context["reply"]), context["rid"]
    return lambda given: asdict(open_answer(reply, rid, given["box"]))


def _summary(context: Context) -> Reader:
    keys = [unb64(key) for key in context["keys"]]

    def read(given: Any) -> Any:
        shared = parse_summary(given["body"])
        verify_summary(given, shared, unb64(context["ed"]))
        answer = asdict(open_summary(keys, shared.range, given["box"]))
        return {"dis": shared.dis, "from": shared.range.first, "to": shared.range.last, **answer}

    return read


def _message(context: Context) -> Reader:
    state, known = _log(context)
    assert state is not None

    def read(given: Any) -> Any:
        row = check_stored(given)
        opened = parse_message(row)
        verify_message(row, opened, state, known)
        key = unb64(context["keys"][str(opened.header.e)])
        return {"id": opened.id, "content": decrypt_message(row, opened.header, key)}

    return read


def _tombstone(context: Context) -> Reader:
    state, known = _log(context)
    assert state is not None

    def read(given: Any) -> Any:
        opened = parse_message(check_stored(given))
        verify_message(given, opened, state, known)
        return {"id": opened.id}

    return read


def _file(_: Context) -> Reader:
    def read(given: Any) -> Any:
        opening = FileOpener(Attachment.read({"name": "", "type": "", **given["file"]}))
        plain = b"".join(opening.feed(unb64(given["sealed"])))
        opening.finish()
        return b64(plain)

    return read


def _kit(_: Context) -> Reader:
    def read(given: Any) -> Any:
        uid, kid, keys = open_kit(given["file"])
        return {"uid": uid, "kid": kid, "seed": b64(keys.seed), "pkcs8": b64(keys.pkcs8)}

    return read


def _knock(context: Context) -> Reader:
    given = context["invite"]
    invite = Invite(given["ipk"], exp=0, max=1, by="", seq=0) if given is not None else None
    identity = open_identity(context["identity"])
    return lambda knock: asdict(open_knock(knock, identity, invite))


def _content(_: Context) -> Reader:
    return lambda given: read_content(unb64(given["plain"]))


READERS: dict[str, Callable[[Context], Reader]] = {
    "identity": _identity,
    "event": _event,
    "wrap": _wrap,
    "item": _item,
    "escrow": _escrow,
    "card": _card,
    "profile": _profile,
    "answer": _answer,
    "summary": _summary,
    "message": _message,
    "tombstone": _tombstone,
    "file": _file,
    "kit": _kit,
    "knock": _knock,
    "content": _content,
}


def read(kind: str, context: Context, objects: list[Any]) -> list[dict[str, Any]]:
    """Each object opened: {"value"}, or {"refused": True} by one of the client's own errors."""
    reader = READERS[kind](context)
    found: list[dict[str, Any]] = []
    for given in objects:
        try:
            found.append({"value": reader(given)})
        except (WireError, LogError, MessageError):
            found.append({"refused": True})
    return found
