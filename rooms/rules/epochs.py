"""Epochs: a new key for the members after an event, with its wraps and boxes."""

from __future__ import annotations

from collections.abc import Sequence

from chatsite.lib.errors import Refused, TooMany
from rooms import events
from rooms.models import InvitationItem, ProfileBox, Room, Wrap
from rooms.rules.base import Append, bad
from rooms.submissions import BoxGiven, LinkKeys

EPOCH_PAUSE = 60_000  # ms between rotations of an open room


def epoch(append: Append) -> None:
    room = append.room
    if room.is_open and append.now - room.epoch_ms < EPOCH_PAUSE:
        raise TooMany((EPOCH_PAUSE - (append.now - room.epoch_ms)) / 1000)
    begin_epoch(append)
    extend_links(room, append.sent.invites)


def begin_epoch(append: Append) -> None:
    """Check `e`, `kcv` and `members` of an event whose effect on the members is already applied."""
    room, event = append.room, append.event
    if event["e"] != room.epoch + 1:
        raise bad("An epoch follows the one before.")
    members = list(room.members.values_list("user_id", "kid"))
    if event["members"] != events.members_hash(members):
        raise bad("The recipients are not the members.")
    if event["t"] != "epoch" or not room.is_open:
        room.generation = event["e"]
    room.epoch, room.epoch_seq, room.epoch_ms = event["e"], event["seq"], event["ts"]
    room.is_open = True
    store_epoch_wraps(append, event["e"])
    if append.sent.profile is not None:
        if append.sent.profile.epoch != event["e"] or not room.profile_hash:
            raise bad("The profile's box is not for the new epoch.")
        store_profile(room, append.sent.profile)


def store_epoch_wraps(append: Append, e: int) -> None:
    """Exactly one wrap of epoch `e` for each member, or Refused."""
    wanted = set(append.room.members.values_list("kid", flat=True))
    given = [wrap.to for wrap in append.sent.wraps]
    if len(given) != len(wanted) or set(given) != wanted:
        raise Refused("There must be one wrapped key for each member.", code="bad_wraps")
    if any(wrap.epoch != e for wrap in append.sent.wraps):
        raise Refused("A wrapped key of another epoch.", code="bad_wraps")
    Wrap.objects.bulk_create(
        Wrap(
            room=append.room,
            epoch=e,
            to_kid=wrap.to,
            giver=append.user.pk,
            ciphertext=wrap.ciphertext,
        )
        for wrap in append.sent.wraps
    )


def store_profile(room: Room, given: BoxGiven) -> None:
    ProfileBox.objects.update_or_create(room=room, epoch=given.epoch, defaults={"box": given.box})


def extend_links(room: Room, given: Sequence[LinkKeys]) -> None:
    """Keys of the room's present epoch for open links that carry keys."""
    for keys in given:
        link = room.invitations.filter(pk=keys.invite_id, ended="", items__isnull=False).first()
        if link is None or link.state_at(room.head_ms) != "open":
            raise bad("Keys for an invitation that is not open or carries no history.")
        InvitationItem.objects.get_or_create(
            invitation=link,
            epoch=room.epoch,
            defaults={"item": keys.item, "escrow": keys.escrow},
        )
