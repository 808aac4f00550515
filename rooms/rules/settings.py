"""Rules about the room itself: creation, profile, policy, disclosures and closing."""

from __future__ import annotations

from django.utils import timezone

from chatsite.lib.errors import Forbidden
from rooms import events
from rooms.events import WORKER_MAY_READ
from rooms.models import InvitationItem, Member
from rooms.rules.base import Append, bad, only_leaders, only_owner
from rooms.rules.epochs import store_epoch_wraps, store_profile
from rooms.rules.links import void_invitations
from rooms.signals import disclosing, profile_named, room_closed, search_off


def create(append: Append) -> None:
    event, room = append.event, append.room
    if event["room"] != events.room_id(event["kid"], event["nonce"]):
        raise bad("The room's id does not follow from its owner and nonce.")
    Member.objects.create(room=room, user=append.user, kid=event["kid"], role=Member.OWNER, since=1)
    store_epoch_wraps(append, 1)


def profile(append: Append) -> None:
    if append.room.kind != "direct":
        only_leaders(append)
    box = append.sent.profile
    if box is None or box.epoch != append.room.epoch:
        raise bad("A profile comes with its box for the present epoch.")
    append.room.profile_hash = append.event["h"]
    store_profile(append.room, box)
    files = append.sent.files
    if files is not None:
        room = append.room
        profile_named.send(type(room), room_id=room.pk, uid=append.user.pk, files=files)


def policy(append: Append) -> None:
    only_owner(append)
    room, wanted = append.room, append.event["policy"]
    before, room.policy = room.policy, wanted
    if wanted["history"] != before["history"]:
        raise bad("The rule about what newcomers read never changes.")
    if wanted["join"] != before["join"]:
        void_invitations(room)
    if wanted["search"] == "device" and before["search"] == "server":
        search_off.send(type(room), room_id=room.pk)


def close(append: Append) -> None:
    """Close the room, and delete its messages, files, keys, links and requests to join."""
    only_owner(append)
    room = append.room
    room.is_open, room.closed_at = False, timezone.now()
    room.wraps.all().delete()
    room.knocks.all().delete()
    void_invitations(room)
    InvitationItem.objects.filter(invitation__room=room).delete()
    room_closed.send(type(room), room_id=room.pk)


def disclose(append: Append) -> None:
    event = append.event
    if append.room.policy["ai"] not in WORKER_MAY_READ:
        raise Forbidden("This room's rules allow no summaries.")
    if event["from"] > event["to"]:
        raise bad("The disclosure covers no messages.")
    room = append.room
    disclosing.send(type(room), room_id=room.pk, last=event["to"])
