"""Searches and index fills of members. Every action first looks the room up through the user."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from chatsite.lib import wire
from chatsite.lib.errors import Conflict
from chatsite.lib.paging import PAGE_BYTES, fitting
from messaging.search.indexing import refill_later, sealed_for_search
from messaging.search.page_cache import keep, kept, mark_anew, mark_of
from messaging.search.query import Extent, Filters, Page, Searcher
from messaging.store import get_store
from messaging.store.base import MessageStore, StoredMessage
from messaging.store.index.postings import pack_tokens
from rooms.access import require_running, room_for_active_member
from rooms.models import Member, Room
from rooms.selectors import generations

MOST_REFS = 200  # rows beside the hits of a page

Cursor = tuple[int, list[int]]
"""The head when the first page was computed, and the position of the next page."""


@dataclass(frozen=True, slots=True)
class Question:
    """`tokens`: generation -> one token for each term. `order`: "newest" or "relevance"."""

    tokens: Mapping[int, tuple[int, ...]]
    order: str
    filters: Filters
    limit: int
    cursor: Cursor | None


def search(room: Room, question: Question) -> dict[str, Any]:
    """A page of results: rows as in history, with all rows that change them, and a cursor."""
    _require_index(room)
    store, room_id = get_store(), room.pk
    newest = store.heads([room_id])[room_id]
    head, rest = question.cursor or (newest, [])
    state = store.index.state(room_id)
    first, mark = state.first, mark_of(room_id)
    key = _cache_key(room_id, (newest, first, state.bare, mark), question)
    found: dict[str, Any] | None = kept(key)
    if found is None:
        sealed = sealed_for_search(store, room_id, newest, state.sealed)
        extent = Extent(first, min(head, newest), sealed, (mark, state.bare))
        found = _find(store, room_id, question, extent, rest)
        keep(key, found)
    total = newest - first + 1 if first else 0
    return {
        "cursor": found["cursor"],
        **_with_rows(store, room_id, found["hits"], min(head, newest)),
        "df": found["df"],
        "total": total,
        "indexed": max(0, total - state.bare),
        "older": state.older,
    }


def _find(
    store: MessageStore, room_id: str, question: Question, extent: Extent, rest: list[int]
) -> dict[str, Any]:
    """Find the numbers of hits. They may be cached, because they contain nothing of a message that
    could be erased.
    """
    searcher = Searcher(store, room_id, question.tokens, question.filters, extent)
    page: Page = (
        searcher.newest(question.limit, rest)
        if question.order == "newest"
        else searcher.relevant(question.limit, rest)
    )
    return {
        "hits": [
            (hit.found.seq, hit.found.generation, list(hit.matched), hit.rest) for hit in page.hits
        ],
        "df": page.df,
        "cursor": write_cursor((extent.head, page.rest)) if page.rest else None,
    }


def _with_rows(
    store: MessageStore, room_id: str, hits: list[tuple[int, int, list[int], int]], head: int
) -> dict[str, Any]:
    """Load the hits as they are now, and the messages needed to show their present form.

    `refs` has the messages that hits edit and all changes of either; `whole` is true if it is
    complete. Hits that do not fit are left to the next page: then there is a `cursor`.
    """
    sizes = store.sizes(room_id, [seq for seq, *_ in hits])
    fit = set(fitting([seq for seq, *_ in hits], sizes, PAGE_BYTES))
    left = PAGE_BYTES - sum(sizes[seq] for seq in fit)
    rows = {row.seq: row for row in store.rows(room_id, fit)}
    there = [hit for hit in hits if hit[0] in rows and not rows[hit[0]].erased_by]
    shown = {seq for seq, *_ in there}
    refs = _beside(store, room_id, [rows[seq] for seq in shown], left)
    page = {
        "hits": [
            {**rows[seq].as_dict(), "g": g, "matched": matched} for seq, g, matched, _ in there
        ],
        "refs": [row.as_dict() for row in refs or ()],
        "whole": refs is not None,
    }
    if len(fit) == len(sizes):
        return page
    last = next(rest for seq, _, _, rest in reversed(hits) if seq in fit)
    return {**page, "cursor": write_cursor((head, [last]))}


def _beside(
    store: MessageStore, room_id: str, hits: list[StoredMessage], most: int
) -> list[StoredMessage] | None:
    """The messages that `hits` edit and all that change either, ascending.

    None if there are more than MOST_REFS rows or `most` bytes.
    """
    shown = {row.seq for row in hits}
    about = {target for row in hits for target in row.refers_to or (row.seq,)}
    if len(about - shown) > MOST_REFS:
        return None
    changes = store.changing(room_id, about, limit=MOST_REFS + 1) if about else []
    wanted = (about | set(changes)) - shown
    if len(wanted) > MOST_REFS:
        return None
    sizes = store.sizes(room_id, wanted) if wanted else {}
    if sum(sizes.values()) > most:
        return None
    return store.rows(room_id, sizes) if sizes else []


def _require_index(room: Room) -> None:
    if room.policy["search"] != "server":
        raise Conflict("This room is searched on its members' devices only.", code="search_device")


# --- cursors and the cache ---------------------------------------------------------------------


def write_cursor(cursor: Cursor) -> str:
    return wire.b64(json.dumps(cursor, separators=(",", ":")).encode())


def read_cursor(text: str) -> Cursor:
    """Parse the text of `write_cursor`. Raises BadWire. A cursor grants no access."""
    value = wire.decode_json(wire.unb64(text))
    if type(value) is not list or len(value) != 2 or type(value[1]) is not list:
        raise wire.BadWire("not a cursor")
    head, rest = value
    for number in (head, *rest):
        wire.integer()(number)
    if len(rest) != 1:
        raise wire.BadWire("not a cursor")
    return head, rest


def _cache_key(room_id: str, state: tuple[int | str, ...], question: Question) -> str:
    """The cache key of a page. It includes the room's newest and oldest numbers, the count of
    messages without tokens and the room's mark, so that every later change makes another key.
    """
    filters = asdict(question.filters)
    asked = [
        *(room_id, state),
        sorted((g, list(tokens)) for g, tokens in question.tokens.items()),
        *(question.order, question.limit, question.cursor),
        {**filters, "uids": sorted(filters["uids"])},
    ]
    return f"search_cache:{sha256(json.dumps(asked).encode()).hexdigest()}"


def forget_pages(room_id: str) -> None:
    """Invalidate a room's cached pages. A page may have been computed between a message and its
    erasures, when the room's numbers were already the later ones.
    """
    mark_anew(room_id)


# --- messages without tokens -------------------------------------------------------------------


def bare(room: Room, *, after: int, limit: int, version: int = 1) -> dict[str, Any]:
    """Messages without tokens of a version, for a member whose client creates them."""
    _require_index(room)
    store, room_id = get_store(), room.pk
    index = store.index
    seqs = index.bare(room_id, after=after, limit=limit, version=version)
    sizes = store.sizes(room_id, seqs)
    fit = fitting(seqs, sizes, PAGE_BYTES)
    more = len(seqs) == limit or len(fit) < len(sizes)
    return {
        "rows": [row.as_dict() for row in store.rows(room_id, fit)],
        "missing": index.count_bare(room_id, version),
        "cursor": fit[-1] if more and fit else None,
    }


def fill(
    member: Member, tokens: Mapping[int, tuple[int, tuple[int, ...]]], version: int = 1
) -> int:
    """Add tokens of a version to messages that have none of it; returns how many accepted them.
    Tokens that are there stay: those of the sender cannot be replaced.

    Only tokens of the generation in force when a message was sent count: a former member could
    search under an older search key.

    Raises:
        Forbidden: `room_stopped`.
        Conflict: `search_device`.
    """
    require_running(member.room)
    _require_index(member.room)
    room_id = member.room_id
    store, in_force = get_store(), generations(room_id)
    epochs: dict[int, set[int]] = {}
    for e, g in in_force.items():
        epochs.setdefault(g, set()).add(e)
    given = {seq: (g, pack_tokens(found)) for seq, (g, found) in tokens.items() if g in epochs}
    taken = store.index.fill(room_id, given, epochs, version)
    forget_pages(room_id)
    refill_later(store, room_id)
    try:
        _require_index(room_for_active_member(member.user, room_id).room)
    except Conflict:  # the policy changed meanwhile, and deleted tokens must stay deleted
        store.drop_tokens(room_id)
        raise
    return taken
