"""Keys that members leave for each other: wraps, boxes of a rotation, and what links carry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import storage
from accounts.models import User
from chatsite.lib import pubsub
from chatsite.lib.bus_events import KeyRequested, KeyWrapped
from chatsite.lib.errors import NotFound, Refused
from rooms.access import require_running, room_for_member
from rooms.models import InvitationItem, InvitationUse, Member, Wrap
from rooms.rules.epochs import extend_links
from rooms.submissions import BoxGiven, LinkKeys, WrapGiven

MOST_ITEMS = 5000  # of 60 sealed bytes each, in one answer
ITEMS_AFTER_CLOSE = timedelta(hours=24)


@transaction.atomic
def give_wraps(member: Member, wraps: Sequence[WrapGiven]) -> None:
    """Store wraps to present members, or to the user, each entitled to the epoch."""
    room, user = member.room, member.user
    present = list(room.members.values_list("kid", "since", "user_id"))
    if user.pk not in (uid for *_, uid in present):
        raise NotFound  # removed a moment ago
    since = {kid: first for kid, first, _ in present}
    added = 0
    for wrap in wraps:
        if wrap.to not in since or not since[wrap.to] <= wrap.epoch <= room.epoch:
            raise Refused("A wrapped key for a person who is not entitled to it.", code="bad_wraps")
        _, fresh = Wrap.objects.update_or_create(
            room=room,
            epoch=wrap.epoch,
            to_kid=wrap.to,
            giver=user.pk,
            defaults={"ciphertext": wrap.ciphertext},
        )
        added += len(wrap.ciphertext) if fresh else 0
    storage.take("log", user.pk, added, always=True)  # others ask for it
    for e, to in {(wrap.epoch, wrap.to) for wrap in wraps}:
        pubsub.publish(KeyWrapped(room.pk, e, to))


def ask_for_keys(member: Member, epochs: list[int]) -> None:
    """Ask the online members for keys of epochs that the member is entitled to."""
    for e in epochs:
        if not member.since <= e <= member.room.epoch:
            raise Refused("You are not entitled to the key of that epoch.", code="bad_epoch")
        pubsub.publish(KeyRequested(member.room_id, e, member.user_id, member.kid))


@transaction.atomic
def finish_boxes(member: Member, profile: BoxGiven | None, invites: Sequence[LinkKeys]) -> None:
    """Complete the boxes of an interrupted rotation. Only missing boxes are stored.

    Raises:
        Forbidden: `room_stopped`: links let nobody in, and profiles do not change.
    """
    room = member.room
    require_running(room)
    if profile is not None:
        if profile.epoch != room.epoch or not room.profile_hash:
            raise Refused("That is not the present epoch.", code="bad_epoch")
        _, fresh = room.profiles.get_or_create(epoch=profile.epoch, defaults={"box": profile.box})
        if fresh:
            storage.take("log", member.user_id, len(profile.box))
    extend_links(room, invites)


def items_for_joiner(user: User, iid: str, *, after: int) -> dict[str, Any]:
    """A page of the keys that a link carries, of the epochs after `after`, for a member who joined
    by it, until a day after it closed. `more` is the page's last epoch if others follow.
    """
    use = (
        InvitationUse.objects.select_related("invitation")
        .filter(invitation_id=iid, user=user)
        .first()
    )
    if use is None:
        raise NotFound("This invitation is not known here.", code="invite_unknown")
    room_for_member(user, use.invitation.room_id)
    kept = use.invitation.items.exclude(_items_are_over()).filter(epoch__gt=after)
    found = list(kept.order_by("epoch")[: MOST_ITEMS + 1])
    page = found[:MOST_ITEMS]
    return {
        "items": [{"e": item.epoch, "box": item.item} for item in page],
        "more": page[-1].epoch if len(found) > len(page) else None,
    }


def forget_old_items() -> int:
    """Delete the keys of links that ended, and return how many. `manage.py tidy` calls it every
    hour. Until then nobody can fetch them.
    """
    return InvitationItem.objects.filter(_items_are_over()).delete()[0]


def _items_are_over() -> Q:
    """Links that closed or expired at least a day ago."""
    edge = timezone.now() - ITEMS_AFTER_CLOSE
    expired = Q(invitation__expires_ms__lt=int(edge.timestamp() * 1000))
    return Q(invitation__closed_at__lt=edge) | expired
