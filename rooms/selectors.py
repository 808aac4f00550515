"""Reads of rooms and their logs, for members, holders of a link and the apps above."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from accounts.selectors import identities_by_kid
from chatsite.lib.paging import PAGE_BYTES, Bytes, fitting
from rooms import rules
from rooms.actions import now_ms
from rooms.models import Invitation, InvitationItem, LogEvent, Member, ProfileBox, Room

LOG_PAGE = 500  # events
EVENT_BESIDE = 256  # bytes of a signature and what stands around it in JSON
IDENTITY_BYTES = 1400  # of an identity: a body with an RSA key, and a signature
MOST_WRAPS = PAGE_BYTES // 2 // 640  # a wrap is 512 letters, a kid and some numbers
MOST_PROFILES = 3 * PAGE_BYTES // 8  # bytes
LISTED_PROFILES = 64 * 1024  # bytes of a room's profile boxes in a list of rooms
MOST_ESCROWS = PAGE_BYTES // 8 // 192  # of 60 sealed bytes each


def without_owner(rooms: QuerySet[Room]) -> QuerySet[Room]:
    """Those groups of `rooms` that are open and have no owner who can sign in."""
    can_sign = Member.objects.filter(role=Member.OWNER, user__is_active=True)
    groups = rooms.filter(closed_at=None, kind="group")
    return groups.exclude(pk__in=can_sign.values("room"))


def log_page(room: Room, after: int, end: list[Any] | None = None) -> dict[str, Any]:
    """Up to 500 events after seq `after`, or as many as fit into a page, with the identities of
    every kid named in them.

    Args:
        end: `[seq, hash]` of the last event that the reader may see, None for the newest.
    """
    events = room.log.filter(seq__gt=after)
    if end is not None:
        events = events.filter(seq__lte=end[0])
    found, more = _fitting_events(events)
    # Read after the events: an earlier head could lie behind them, which a client must treat as a
    # truncated log.
    room.refresh_from_db(fields=["head_seq", "head_hash"])
    kids = sorted({kid for event in found for kid in (event.kid, event.to_kid) if kid})
    return {
        "events": [{"event": event.event, "sig": event.signature} for event in found],
        "head": room.head if end is None else end,
        "identities": identities_by_kid(kids),
        "more": more,
    }


def _fitting_events(events: QuerySet[LogEvent]) -> tuple[list[LogEvent], bool]:
    """The next events, and if there are more. An identity counts where it is first named."""
    named: set[str] = set()
    sizes: dict[int, int] = {}
    about = events.values_list("seq", "kid", "to_kid", Bytes(F("event")))
    for seq, kid, to, size in about[: LOG_PAGE + 1]:
        new = {kid, to} - named - {""}
        named |= new
        sizes[seq] = size + EVENT_BESIDE + len(new) * IDENTITY_BYTES
    kept = fitting(list(sizes)[:LOG_PAGE], sizes)
    page = events.filter(seq__range=(kept[0], kept[-1])) if kept else events.none()
    return list(page), len(kept) < len(sizes)


def keys_for(member: Member, after: int) -> dict[str, Any]:
    """A page of the wraps to the member's kid, from `after` on.

    With the first page (`after` 0) come the newest profile boxes that fit, and the newest escrows
    of links that can be extended.

    `more` is the position of the next page, None at the end.
    """
    wraps = list(
        member.room.wraps.filter(to_kid=member.kid, pk__gt=after).order_by("pk")[: MOST_WRAPS + 1]
    )
    page = wraps[:MOST_WRAPS]
    return {
        "wraps": [{"e": wrap.epoch, "to": wrap.to_kid, "ct": wrap.ciphertext} for wrap in page],
        "profiles": _profiles(member.room) if after == 0 else [],
        "escrows": _escrows(member.room) if after == 0 else [],
        "more": page[-1].pk if len(wraps) > len(page) else None,
    }


def _profiles(room: Room) -> list[dict[str, Any]]:
    kept = newest_profiles([room.pk], MOST_PROFILES).get(room.pk, {})
    return [{"e": box.epoch, "box": box.box} for box in profile_boxes(kept)]


def _escrows(room: Room) -> list[dict[str, Any]]:
    links = room.invitations.open_at(now_ms())
    found = InvitationItem.objects.exclude(escrow="").filter(invitation__in=links)
    newest = found.order_by("-epoch", "pk")[:MOST_ESCROWS]
    return [{"iid": item.invitation_id, "e": item.epoch, "box": item.escrow} for item in newest]


def wraps_of(room: Room, after: str) -> dict[str, Any]:
    """The epochs whose keys are wrapped to present members, by kid: a page of the kids after
    `after`. `more` is the page's last kid if others follow, else None.
    """
    kids = list(room.members.filter(kid__gt=after).order_by("kid").values_list("kid", flat=True))
    held = room.wraps.filter(to_kid__in=kids)
    many = dict(held.values_list("to_kid").annotate(many=Count("epoch", distinct=True)).order_by())
    page = fitting(kids, {kid: 64 + 11 * many.get(kid, 0) for kid in kids})
    found: dict[str, list[int]] = {kid: [] for kid in page}
    given = room.wraps.filter(to_kid__in=page).order_by("epoch")
    for kid, e in given.values_list("to_kid", "epoch").distinct():
        found[kid].append(e)
    return {"wraps": found, "more": page[-1] if len(page) < len(kids) else None}


def described_invitations(links: Iterable[Invitation]) -> list[dict[str, Any]]:
    """Invitations as members see them; their signed parts are in the log."""
    now = now_ms()
    return [
        {
            "iid": link.id,
            "by": link.maker_id,
            "exp": link.expires_ms,
            "max": link.max_uses,
            "uses": link.uses,
            "state": link.state_at(now),
        }
        for link in links
    ]


def preview(iid: str, after: int) -> dict[str, Any]:
    """The preview of a link: its card and the events to verify it.

    If the link alone admits, the whole log, a page at a time, because joiners must verify it from
    the beginning; `more` is true if events follow. If a moderator must approve, only the
    invitation's own event.
    """
    invitation = rules.require_open(
        Invitation.objects.select_related("room").filter(pk=iid).first(), now_ms()
    )
    room = invitation.room
    if room.policy["join"] == "link":
        shown = log_page(room, after)
    else:
        event = room.log.get(seq=invitation.seq)
        shown = {
            "events": [{"event": event.event, "sig": event.signature}],
            "head": room.head,
            "identities": identities_by_kid([event.kid]),
            "more": False,
        }
    return {"room": room.pk, **shown, "card": invitation.card, "state": "open"}


def log_hash(room_id: str, seq: int) -> str | None:
    """The hash of one log event, or None."""
    return LogEvent.objects.filter(room_id=room_id, seq=seq).values_list("hash", flat=True).first()


def rooms_that_forget() -> list[tuple[str, int]]:
    """Rooms whose messages expire, and after how many days."""
    rooms = Room.objects.filter(policy__ttl__gt=0, closed_at=None)
    return [(room, policy["ttl"]) for room, policy in rooms.values_list("pk", "policy")]


def disclosure(room_id: str, seq: int) -> dict[str, Any] | None:
    """The content of a `disclose` event at `seq`: by, from, to, model; None if there is none."""
    text = LogEvent.objects.filter(room_id=room_id, seq=seq, type="disclose")
    found = text.values_list("event", flat=True).first()
    if found is None:
        return None
    event = json.loads(found)
    return {key: event[key] for key in ("by", "from", "to", "model")}


def generations(room_id: str) -> dict[int, int]:
    """The generation of the search key of each epoch, according to the log. An epoch that began
    while the room was open and removed nobody continues the generation before it.
    """
    policy = Room.objects.filter(pk=room_id).values_list("policy", flat=True).get()
    closing = {"leave"} if policy["history"] == "all" else {"leave", "join", "add"}
    begins = Q(type__in=("epoch", "remove", "reset", "succeed"))
    demotes = Q(type="role", event__contains='"members":"')  # only a demotion has that key
    found, e, is_open = {1: 1}, 1, True
    moves = LogEvent.objects.filter(Q(type__in=closing) | begins | demotes, room_id=room_id)
    for t in moves.order_by("seq").values_list("type", flat=True):
        if t in closing:
            is_open = False
            continue
        e, goes_on = e + 1, t == "epoch" and is_open
        found[e] = found[e - 1] if goes_on else e
        is_open = True
    return found


def newest_profiles(room_ids: Iterable[str], most: int) -> dict[str, dict[int, int]]:
    """The newest profile boxes of each room, at most `most` bytes together but at least one: their
    bytes in a response, by primary key, by room. Older ones are usually of former names. Rooms
    without boxes are left out.
    """
    boxes = ProfileBox.objects.filter(room_id__in=list(room_ids)).order_by("-epoch")
    sizes: dict[str, dict[int, int]] = {}
    for pk, room, size in boxes.values_list("pk", "room_id", Bytes(F("box"))):
        sizes.setdefault(room, {})[pk] = size + 32
    return {
        room: {pk: of_room[pk] for pk in fitting(of_room, of_room, most)}
        for room, of_room in sizes.items()
    }


def listed_profiles(room_ids: Iterable[str]) -> dict[str, dict[int, int]]:
    """The profile boxes that a list of rooms brings along, as `newest_profiles`."""
    return newest_profiles(room_ids, LISTED_PROFILES)


def profile_boxes(pks: Iterable[int]) -> list[ProfileBox]:
    """The profile boxes with these primary keys, by epoch, ascending."""
    wanted = list(pks)
    return list(ProfileBox.objects.filter(pk__in=wanted).order_by("epoch")) if wanted else []
