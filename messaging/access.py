"""What the store adds to a user's rooms: newest message, unread, the last row."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from chatsite.lib.errors import NotFound
from chatsite.lib.wire import MAX_INT
from messaging.files.actions import sizes_of
from messaging.store import get_store
from messaging.store.base import MessageStore, Row
from rooms.access import room_for_member, rooms_of

MOST_REFS = 500


def heads_for(uid: str, store: MessageStore) -> dict[str, dict[str, int]]:
    """Each room's log head, newest message, read mark and unread count."""
    rooms = rooms_of(uid)
    newest = store.heads([item.room for item in rooms])
    return {
        item.room: {
            "log": item.head_seq,
            "msg": newest[item.room],
            "read": item.read,
            "unread": _unread(store, item.room, item.read, newest[item.room]),
        }
        for item in rooms
    }


def summaries_for(uid: str, described: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`rooms.access.describe`'s rooms, completed by what the store knows."""
    store = get_store()
    last = store.last([item["id"] for item in described])
    return [
        {
            **item,
            "msg": _seq(last, item["id"]),
            "unread": _unread(store, item["id"], item["read"], _seq(last, item["id"])),
            "last": last[item["id"]].as_dict() if item["id"] in last else None,
        }
        for item in described
    ]


def _unread(store: MessageStore, room: str, read: int, newest: int) -> int:
    return store.unread(room, read) if newest > read else 0


def _seq(last: dict[str, Row], room: str) -> int:
    return last[room].seq if room in last else 0


def history(
    user: User, room_id: str, *, after: int | None, before: int | None, limit: int
) -> dict[str, Any]:
    """A page of a room's messages, for a member, and the later ones that change some of them."""
    room_for_member(user, room_id)
    store = get_store()
    rows: list[Row] = store.page(room_id, after=after, before=before, limit=limit)
    refs: list[Row] = []
    if rows:
        refs = store.referring(room_id, first=rows[0].seq, last=rows[-1].seq, limit=MOST_REFS)
    return {
        "messages": [row.as_dict() for row in rows],
        "refs": [row.as_dict() for row in refs],
        "first": store.first_seq(room_id),
        "head": store.heads([room_id])[room_id],
    }


def stored(user: User, room_id: str, seq: int) -> dict[str, Any]:
    """What the server keeps of one message, for a member who wants to see it."""
    room_for_member(user, room_id)
    found = get_store().stored(room_id, seq) if seq <= MAX_INT else None
    if found is None:
        raise NotFound("That message is not here.", code="no_such_message")
    kept = found.as_dict()
    return {**kept, "files": sizes_of(room_id, kept["files"])}
