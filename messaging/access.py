"""What the store adds to a user's rooms: newest message, unread, the last row."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from messaging.store import get_store
from messaging.store.base import MessageStore, Row
from rooms.access import room_for_member, rooms_of


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
    """A page of a room's messages, for a member."""
    room_for_member(user, room_id)
    store = get_store()
    rows: list[Row] = store.page(room_id, after=after, before=before, limit=limit)
    return {
        "messages": [row.as_dict() for row in rows],
        "first": store.first_seq(room_id),
        "head": store.heads([room_id])[room_id],
    }
