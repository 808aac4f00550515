"""Reads for members and for holders of a link, in the shapes of the API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, F, QuerySet

from accounts.actions import identities_by_kid
from chatsite.lib.paging import PAGE_BYTES, Bytes, fitting
from rooms import rules
from rooms.access import newest_profiles
from rooms.actions import now_ms
from rooms.models import Invitation, InvitationItem, LogEvent, Member, Room

LOG_PAGE = 500  # events
EVENT_BESIDE = 256  # bytes of a signature and what stands around it in JSON
IDENTITY_BYTES = 1400  # of an identity: a body with an RSA key, and a signature
MOST_WRAPS = PAGE_BYTES // 2 // 640  # a wrap is 512 letters, a kid and some numbers
MOST_PROFILES = 3 * PAGE_BYTES // 8  # bytes
MOST_ESCROWS = PAGE_BYTES // 8 // 192  # of 60 sealed bytes each


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
    found = newest_profiles([room.pk], MOST_PROFILES)
    return [{"e": box.epoch, "box": box.box} for box in found]


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
