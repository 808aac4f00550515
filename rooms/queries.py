"""What members and holders of a link may read, in the shapes of the API."""

from __future__ import annotations

from typing import Any

from accounts.actions import identities_by_kid
from accounts.models import User
from rooms import rules
from rooms.access import room_for_member
from rooms.actions import now_ms
from rooms.models import Invitation, InvitationItem, Room

LOG_PAGE = 500


def log_page(room: Room, after: int) -> dict[str, Any]:
    """Up to 500 events after seq `after`, with the identities of every kid named in them."""
    found = list(room.log.filter(seq__gt=after)[: LOG_PAGE + 1])
    # After the events: a head read before them could be older than what it comes with, and a
    # client must take that for a log cut short.
    room.refresh_from_db(fields=["head_seq", "head_hash"])
    events = found[:LOG_PAGE]
    kids = sorted({kid for event in events for kid in (event.kid, event.to) if kid})
    return {
        "events": [{"event": event.event, "sig": event.sig} for event in events],
        "head": room.head,
        "identities": identities_by_kid(kids),
        "more": len(found) > LOG_PAGE,
    }


def keys_for(user: User, room_id: str) -> dict[str, Any]:
    """Every wrap to the user's kid, the profile's boxes, escrows of links that can be extended."""
    member = room_for_member(user, room_id)
    room = member.room
    escrows = InvitationItem.objects.exclude(escrow="").filter(
        invitation__in=room.invitations.open_at(now_ms())
    )
    return {
        "wraps": [
            {"e": wrap.e, "to": wrap.to, "ct": wrap.ct}
            for wrap in room.wraps.filter(to=member.kid).order_by("e", "id")
        ],
        "profiles": [{"e": box.e, "box": box.box} for box in room.profiles.order_by("e")],
        "escrows": [
            {"iid": item.invitation_id, "e": item.e, "box": item.escrow} for item in escrows
        ],
    }


def wraps_of(user: User, room_id: str) -> dict[str, list[int]]:
    """Which epochs' keys are wrapped to each present member: by kid."""
    room = room_for_member(user, room_id).room
    found: dict[str, list[int]] = {
        kid: [] for kid in room.members.order_by("kid").values_list("kid", flat=True)
    }
    given = room.wraps.filter(to__in=found).order_by("e").values_list("to", "e").distinct()
    for kid, e in given:
        found[kid].append(e)
    return found


def invitations_of(user: User, room_id: str) -> list[dict[str, Any]]:
    room = room_for_member(user, room_id).room
    now = now_ms()
    return [
        {
            "iid": link.iid,
            "by": link.maker_id,
            "exp": link.expires,
            "max": link.max_uses,
            "uses": link.uses,
            "state": link.state_at(now),
        }
        for link in room.invitations.order_by("-seq")
    ]


def preview(iid: str) -> dict[str, Any]:
    """What a link shows before joining: what to check it by, and its card.

    Where the link alone admits, the whole log in one answer: whoever joins must verify it from
    the beginning. Where a moderator must approve, only the invitation's own event.
    """
    invitation = rules.require_open(
        Invitation.objects.select_related("room").filter(pk=iid).first(), now_ms()
    )
    room = invitation.room
    if room.policy["join"] == "link":
        events, identities = _whole_log(room)
    else:
        event = room.log.get(seq=invitation.seq)
        events = [{"event": event.event, "sig": event.sig}]
        identities = identities_by_kid([event.kid])
    return {
        "room": room.pk,
        "events": events,
        "head": room.head,
        "identities": identities,
        "card": invitation.card,
        "state": "open",
    }


def _whole_log(room: Room) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Every event, and the identity of every kid named in them."""
    events: list[dict[str, str]] = []
    identities: dict[str, dict[str, str]] = {}
    page: dict[str, Any] = {"more": True}
    while page["more"]:
        page = log_page(room, len(events) - 1)
        events += page["events"]
        identities.update((item["sig"], item) for item in page["identities"])
    return events, list(identities.values())
