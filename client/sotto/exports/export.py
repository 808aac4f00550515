"""Exports of a room: its messages, and the proof of who sent them.

Each message carries the one key that opens it (`mk`), so anyone who has the file can check its
text and decrypt nothing else of the room. Of deleted messages only the hashes remain.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any, cast

from sotto.conversation import Message, Status, conversation_of, deletions
from sotto.keys.trust import Trust
from sotto.protocol.boxes import gcm_open, unpad
from sotto.protocol.content import is_known, read_content, refs_of
from sotto.protocol.encoding import WireError, b64, field_of, unb64
from sotto.protocol.events import LogError, parse_event
from sotto.protocol.identity import Keys
from sotto.protocol.message import Header, StoredMessage, is_tombstone, parse_message
from sotto.protocol.room_keys import message_key
from sotto.protocol.signing import pae
from sotto.room import Me, Room
from sotto.room_errors import Frozen, NewerVersion

ROW = ("seq", "h", "iv", "ct", "sha", "sig", "del", "re")
KID_KEYS = ("kid", "to")
OPENED = ("ok", "newer")


def export_room(room: Room, now: int) -> dict[str, Any]:
    """The export of a room, for `json.dumps`.

    Args:
        now: when it is made, in ms.
    """
    profile = room.profile
    messages = room.standing()
    gone = deletions(messages)
    ended = len(messages) < len(room.messages)
    return {
        "sotto": "room export",
        "v": 1,
        "room": room.id,
        "name": profile.name if profile is not None else "",
        "topic": profile.topic if profile is not None else "",
        "exported": now,
        "by": {"uid": room.me.uid, "name": room.me.name, "kid": room.me.kid},
        "frozen": room.frozen,
        "log": room.events,
        "identities": [room.trust.signed[kid] for kid in _kids(room)],
        "first": room.messages[-len(messages) - 1].seq + 1 if ended else room.first,
        "messages": [_message(room, message, gone) for message in messages],
        "conversation": [_line(message) for message in conversation_of(messages)],
    }


def _kids(room: Room) -> list[str]:
    """The kids that the log names."""
    named: dict[str, None] = {}
    for signed in room.events:
        event = parse_event(signed["event"])
        named |= {event[key]: None for key in KID_KEYS if key in event}
    return [kid for kid in named if kid in room.trust.signed]


def _message(room: Room, message: Message, gone: dict[int, int]) -> dict[str, Any]:
    row = {key: room.rows[message.seq][key] for key in ROW if key in room.rows[message.seq]}
    if message.seq in gone:
        if not is_tombstone(row):
            row["sha"] = b64(sha256(unb64(row.pop("ct"))).digest())
        row["del"] = gone[message.seq]
        refs = refs_of(message.content or {})
        return {"row": row | ({"re": [seq for seq, _ in refs]} if refs else {})}
    if message.status not in OPENED:
        return {"row": row} | ({"refused": 1} if message.status == "refused" else {})
    header = parse_message(row).header
    key = room.keys[header.e]
    mk = message_key(key, room.id, header.e, header.uid, header.dev, header.n)
    return {"row": row, "mk": b64(mk)} | ({"content": message.content} if message.content else {})


def _line(message: Message) -> dict[str, Any]:
    """One message as shown."""
    line: dict[str, Any] = {
        "seq": message.seq,
        "status": message.status,
        "name": message.name,
        "ts": message.ts,
    }
    line |= {"text": message.text, "missing": message.missing, "other_view": message.other_view}
    if message.reply_to:
        line["re"] = message.reply_to
    if message.files:
        line["files"] = [file.name for file in message.files]
    if message.kind == "poll":
        line["options"] = message.content["options"]
        line["votes"] = {uid: list(picks) for uid, picks in message.votes.items()}
    if message.reactions:
        line["reactions"] = {emoji: list(uids) for emoji, uids in message.reactions.items()}
    return line | {key: True for key in ("edited", "pinned") if getattr(message, key)}


# --- checking ---------------------------------------------------------------------------------


class _Exported(Room):
    """A room in an export: each message opens with the key beside it."""

    def __init__(self, room: str, trust: Trust, mks: dict[int, str], broken: set[int]) -> None:
        nobody = Me("", "", "", cast("Keys", None), "")  # no private key is needed
        super().__init__(room, nobody, trust)
        self._mks = mks
        self._broken = broken

    def _content(self, row: StoredMessage, header: Header) -> tuple[Status, Any]:
        if is_tombstone(row):
            return "erased", None
        if row["seq"] in self._broken:
            raise WireError("it did not open")
        if row["seq"] not in self._mks:
            return "locked", None
        mk, aad = unb64(self._mks[row["seq"]], 32), pae("message", str(row["h"]).encode("ascii"))
        content = read_content(unpad(gcm_open(mk, unb64(row["iv"]), unb64(row["ct"]), aad)))
        return ("ok", content) if is_known(content) else ("newer", None)


def check_export(found: Any) -> Room:
    """Verify every signature and chain in an export.

    Returns:
        The room.

    Raises:
        WireError: something in it does not follow from what was signed.
    """
    if type(found) is not dict or found.get("sotto") != "room export" or found.get("v") != 1:
        raise WireError("not an export of a room")
    trust, log = Trust(), field_of(found, "log", list)
    trust.learn(field_of(found, "identities", list))
    entries = field_of(found, "messages", list)
    rows = {field_of(field_of(entry, "row", dict), "seq", int): entry for entry in entries}
    mks = {seq: entry["mk"] for seq, entry in rows.items() if "mk" in entry}
    broken = {seq for seq, entry in rows.items() if "refused" in entry}
    room = _Exported(field_of(found, "room", str), trust, mks, broken)
    try:
        room.extend(log, [len(log), ""])
        _read(room, entries, field_of(found, "first", int))
    except (Frozen, NewerVersion, LogError) as error:
        raise WireError(f"the log does not hold: {error}") from None
    if [_line(message) for message in room.conversation()] != found.get("conversation"):
        raise WireError("the conversation is not what the messages say")
    return room


def _read(room: Room, entries: list[Any], first: int) -> None:
    room.begin(first)
    for entry in entries:
        message = room.add(field_of(entry, "row", dict), patient=False)
        if message is None:
            raise WireError("messages out of order")
        if ("mk" in entry) != (message.status in OPENED):
            raise WireError(f"message {message.seq} is not what it claims to be")
        if message.content != entry.get("content"):
            raise WireError(f"message {message.seq} says something else")
