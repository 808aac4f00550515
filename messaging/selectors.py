"""Reads of messages: the newest, the unread and the last of a user's rooms, and history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chatsite.lib.errors import NotFound
from chatsite.lib.paging import PAGE_BYTES, fitting
from chatsite.lib.wire import MAX_INT
from messaging.files.actions import sizes_of
from messaging.store import get_store
from messaging.store.base import BESIDE, MessageStore, Span, StoredMessage
from rooms.memberships import rooms_of
from rooms.models import Room
from rooms.room_list import describe_rooms, memberships_after
from rooms.selectors import listed_profiles

MOST_REFS = 500


def heads_for(uid: str, store: MessageStore) -> dict[str, dict[str, int]]:
    """Each room's log head, newest message, read mark and unread count."""
    rooms = rooms_of(uid)
    newest = store.heads([item.room for item in rooms])
    unread = unread_of(store, {item.room: (item.read, newest[item.room]) for item in rooms})
    return {
        item.room: {
            "log": item.head_seq,
            "msg": newest[item.room],
            "read": item.read,
            "unread": unread[item.room],
        }
        for item in rooms
    }


LISTED = 320  # rooms of a page at most; their bytes end it first
ROOM_BYTES = 1024  # of a room in a list, beside its boxes and its newest message


def room_list(uid: str, after: int | None) -> dict[str, Any]:
    """A page of the rooms of `uid`; `more` is the `after` of the next page, None at the end.

    Reads sizes first, so that rows beyond the page are never loaded.
    """
    listed = memberships_after(uid, after, LISTED + 1)
    by_room = {item.room: item for item in listed[:LISTED]}
    profiles = listed_profiles(by_room)
    page = _fitting_rooms(by_room, {room: sum(boxes.values()) for room, boxes in profiles.items()})
    brought = [box for room in page for box in profiles.get(room, ())]
    rooms = summaries_for(uid, describe_rooms(uid, page, brought))
    return {"rooms": rooms, "more": by_room[page[-1]].mark if len(page) < len(listed) else None}


def _fitting_rooms(rooms: Iterable[str], profiles: Mapping[str, int]) -> list[str]:
    """The first of `rooms` that fit into a page; `profiles` has the bytes of their boxes."""
    wanted = list(rooms)
    last = get_store().last_sizes(wanted)
    sizes = {room: ROOM_BYTES + profiles.get(room, 0) + last.get(room, BESIDE) for room in wanted}
    return fitting(wanted, sizes, PAGE_BYTES)


def summaries_for(uid: str, described: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rooms as `rooms.room_list` describes them, with the message store's fields."""
    store = get_store()
    last = store.last([item["id"] for item in described])
    newest = {item["id"]: _seq(last, item["id"]) for item in described}
    unread = unread_of(
        store, {item["id"]: (item["read"], newest[item["id"]]) for item in described}
    )
    return [
        {
            **item,
            "msg": newest[item["id"]],
            "unread": unread[item["id"]],
            "last": last[item["id"]].as_dict() if item["id"] in last else None,
        }
        for item in described
    ]


def unread_of(store: MessageStore, ends: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """The number of unread messages by room. `ends` has each room's read mark and newest message;
    fully read rooms cost no query.
    """
    spans = [Span(room, read, newest) for room, (read, newest) in ends.items() if newest > read]
    counted = store.unread(spans) if spans else {}
    return dict.fromkeys(ends, 0) | {span.room: many for span, many in counted.items()}


MOST_AUTHORS = 2000  # messages in one answer


def unread_authors(room: Room, after: int, before: int | None) -> dict[str, Any]:
    """Authors of the newest messages that `unread` counts, between two numbers: a client leaves its
    own and those of blocked people out. `more` is the `before` of the next page, None at the end.
    """
    to = MAX_INT if before is None else before - 1
    found = get_store().authors(Span(room.pk, after, to), MOST_AUTHORS + 1)
    page = found[:MOST_AUTHORS]
    seqs: dict[str, list[int]] = {}
    for seq, uid in page:
        seqs.setdefault(uid, []).append(seq)
    return {
        "authors": [{"uid": uid, "seqs": numbers} for uid, numbers in seqs.items()],
        "more": page[-1][0] if len(found) > len(page) else None,
    }


def _seq(last: dict[str, StoredMessage], room: str) -> int:
    return last[room].seq if room in last else 0


@dataclass(frozen=True)
class Place:
    """The position of a page of history: after or before a number, around one, or around the first
    message stored at or after a time (ms). At most one of them; none is the newest page.
    """

    after: int | None = None
    before: int | None = None
    around: int | None = None
    at: int | None = None


def history(room: Room, place: Place, limit: int) -> dict[str, Any]:
    """A page of a room's messages, and the later ones that change some of them.

    Both together have at most PAGE_BYTES, or one row more: `more_refs` says from where on
    `changes` has the rest. `around` is the number that the page is around, None for other pages: a
    number that is not there yet or has expired gives way to the nearest one. What comes after one
    that has expired begins with the first that is left.
    """
    store, room_id = get_store(), room.pk
    around = _middle(store, room_id, place)
    after = None if place.after is None else max(place.after, store.first_seq(room_id) - 1)
    rows: list[StoredMessage] = store.page(
        room_id, after=after, before=place.before, around=around, limit=limit
    )
    found: dict[str, Any] = {"refs": [], "more_refs": None}
    if rows:
        left = PAGE_BYTES - sum(row.size for row in rows)
        found = _changes(store, room_id, (rows[0].seq, rows[-1].seq), most=left)
    return {
        "messages": [row.as_dict() for row in rows],
        **found,
        "around": around,
        "first": store.first_seq(room_id),  # after the rows: meanwhile some may have expired
        "head": store.heads([room_id])[room_id],
    }


def _middle(store: MessageStore, room: str, place: Place) -> int | None:
    """Which number a page is around; a time after the newest message means the newest one."""
    if place.around is None and place.at is None:
        return None
    first, head = store.first_seq(room), store.heads([room])[room]
    if place.around is not None:
        return min(max(place.around, first), head)
    return store.first_since(room, place.at or 0) or head


def changes(room: Room, *, span: tuple[int, int] | None, before: int | None) -> dict[str, Any]:
    """A page of the messages that change others: the newest ones below `before`.

    Args:
        span: Only those after the second number that change one of the first … the second; without
            it, all of the room.
    """
    return _changes(get_store(), room.pk, span, before=before, most=PAGE_BYTES)


def _changes(
    store: MessageStore,
    room_id: str,
    span: tuple[int, int] | None,
    *,
    most: int,
    before: int | None = None,
) -> dict[str, Any]:
    """`more_refs`: below which number there are more, None at the end."""
    limit = MOST_REFS + 1
    if span is None:
        named = store.changes(room_id, before=before, limit=limit)
    else:
        first, last = span
        named = store.referring(room_id, first=first, last=last, before=before, limit=limit)
    seqs = named[:MOST_REFS]
    sizes = store.sizes(room_id, seqs) if seqs else {}
    fit = fitting(seqs, sizes, most)
    more = len(named) > len(seqs) or len(fit) < len(sizes)
    rows = store.rows(room_id, fit) if fit else []
    return {
        "refs": [row.as_dict() for row in rows],
        "more_refs": fit[-1] if more and fit else None,
    }


def stored(room: Room, seq: int) -> dict[str, Any]:
    """The complete stored row of one message, for a member."""
    room_id = room.pk
    found = get_store().stored(room_id, seq) if seq <= MAX_INT else None
    if found is None:
        raise NotFound("That message is not here.", code="no_such_message")
    kept = found.as_dict()
    return {**kept, "files": sizes_of(room_id, kept["files"])}
