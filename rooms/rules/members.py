"""Rules about members: joining, admission, leaving, removal, bans, new keys."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from accounts.models import Identity, User
from chatsite.lib import signatures, wire
from chatsite.lib.errors import Conflict, Forbidden, Refused, TooMany
from rooms import events
from rooms.models import InvitationUse, Knock, Member, Room, Wrap
from rooms.requests import announce, request_fields
from rooms.rules.base import Append, bad, named_identity, only_leaders, other_member
from rooms.rules.epochs import begin_epoch
from rooms.rules.links import close_invitation, require_open, void_invitations
from rooms.submissions import MAX_MEMBERS

COOLDOWN = timedelta(days=1)
FREE_LEAVES = 2


def join(append: Append) -> None:
    room, event = append.room, append.event
    if append.member is not None:
        raise Refused("You are a member already.", code="already_member")
    if room.kind != "group" or room.policy["join"] != "link":
        raise bad("This room is not joined by link alone.")
    if append.user.pk in room.bans:
        raise Forbidden("You were removed from this room. Its owner can let you in.", code="banned")
    invitation = require_open(
        room.invitations.filter(pk=event["iid"]).first(), max(event["ts"], append.now)
    )
    _check_cooldown(append)
    body = events.body_of(v=1, **{key: event[key] for key in ("room", "iid")},
                          uid=event["by"], kid=event["kid"])  # fmt: skip
    signatures.verify(wire.unb64(invitation.public_key, 32), "joiner", body, event["isig"])
    _let_in(append, append.user, event["kid"])
    InvitationUse.objects.update_or_create(invitation=invitation, user=append.user)
    _use(append)


def _check_cooldown(append: Append) -> None:
    """Refuse people who leave and return repeatedly: each leave voids the room's links, which would
    keep everybody else out.
    """
    since = timezone.now() - COOLDOWN
    leaves = append.room.log.filter(author=append.user.pk, type="leave", stored_at__gte=since)
    times = list(leaves.order_by("-stored_at").values_list("stored_at", flat=True)[:FREE_LEAVES])
    if len(times) == FREE_LEAVES:
        raise LeftOften((times[-1] - since).total_seconds())


class LeftOften(TooMany):
    code = "left_often"
    detail = (
        "You have left this room twice within a day. Wait before you come back by a link, or ask "
        "one of its leaders to add you."
    )


def add(append: Append) -> None:
    room, event = append.room, append.event
    only_leaders(append)
    identity = named_identity(append)
    if room.members.filter(user_id=event["uid"]).exists():
        raise Refused("They are a member already.", code="already_member")
    if room.kind == "direct":
        _only_one_direct_room(room, append.user, identity.user)
    if event["iid"]:
        require_open(room.invitations.filter(pk=event["iid"]).first(), max(event["ts"], append.now))
        _use(append)
    knocks = Knock.objects.filter(room=room, user=identity.user)
    request = {} if knocks.exists() else request_fields(append.user, identity.user)
    announce(room, _let_in(append, identity.user, identity.kid, **request))
    knocks.delete()
    set_ban(room, event["uid"], on=False)
    _store_newcomers_wraps(append, identity.kid)


def _only_one_direct_room(room: Room, one: User, other: User) -> None:
    if room.members.count() > 1:
        raise bad("A direct room has two members.")
    list(User.objects.select_for_update().filter(pk__in=[one.pk, other.pk]).order_by("pk"))
    both = Room.objects.filter(kind="direct", closed_at=None, members__user=one)
    both = both.exclude(members__in=Member.objects.filter(user=one).exclude(declined_at=None))
    there = both.filter(pk__in=Member.objects.filter(user=other).values("room_id")).first()
    if there is not None:
        raise Conflict("You have a room with them already.", code="direct_exists", room=there.pk)


def _store_newcomers_wraps(append: Append, kid: str) -> None:
    room, wraps = append.room, append.sent.wraps
    if wraps and not room.everyone_reads_all:
        raise Refused("Newcomers to this room get no older key.", code="bad_wraps")
    if any(wrap.to != kid or wrap.epoch > room.epoch for wrap in wraps):
        raise Refused(
            "A wrapped key for another person, or of an epoch that does not exist.",
            code="bad_wraps",
        )
    if len({wrap.epoch for wrap in wraps}) != len(wraps):
        raise Refused("The key of an epoch was sent twice.", code="bad_wraps")
    Wrap.objects.bulk_create(
        Wrap(
            room=room,
            epoch=wrap.epoch,
            to_kid=kid,
            giver=append.user.pk,
            ciphertext=wrap.ciphertext,
        )
        for wrap in wraps
    )


def remove(append: Append) -> None:
    only_leaders(append)
    room, member = append.room, other_member(append)
    actor = append.actor
    over_member = actor.role == Member.MODERATOR and member.role == Member.MEMBER
    if actor.role != Member.OWNER and not over_member:
        raise Forbidden("Only the owner may remove owners and moderators.")
    take_out(room, member)
    if append.event["ban"]:
        set_ban(room, member.user_id, on=True)
    begin_epoch(append)


def leave(append: Append) -> None:
    room = append.room
    others = room.members.exclude(user=append.user).exists()
    if append.actor.role == Member.OWNER and others:
        raise Forbidden("The owner hands the room over before leaving it.")
    take_out(room, append.actor)
    room.is_open = False


def ban(append: Append) -> None:
    """Ban a former member from returning by a link, or lift the ban."""
    room, uid = append.room, append.event["uid"]
    only_leaders(append)
    if room.kind != "group":
        raise bad("A direct room has no bans.")
    if room.members.filter(user_id=uid).exists() or not _was_member(room, uid):
        raise bad("The event names no former member.")
    if (uid in room.bans) == (append.event["on"] == 1):
        raise bad("That changes nothing.")
    set_ban(room, uid, on=append.event["on"] == 1)


def _was_member(room: Room, uid: str) -> bool:
    kids = Identity.objects.filter(user_id=uid).values("kid")
    return room.log.filter(Q(author=uid) | Q(type="add", to_kid__in=kids)).exists()


def reset(append: Append) -> None:
    room, member, identity = append.room, other_member(append), named_identity(append)
    known = member.user.identities.filter(kid=member.kid)
    before = known.values_list("number", flat=True).first()
    if before is None or identity.number <= before:
        raise bad("That key is not newer.")
    if not _may_reset(append, member):
        raise Forbidden("Only the owner and moderators may do that.")
    room.wraps.filter(to_kid=member.kid).delete()
    member.kid = identity.kid
    member.save(update_fields=["kid"])
    Knock.objects.filter(room=room, user=member.user).delete()
    void_invitations(room)
    begin_epoch(append)


def _may_reset(append: Append, member: Member) -> bool:
    if append.room.kind == "direct":
        return True
    if member.role != Member.OWNER:
        return append.actor.leads
    moderators = append.room.members.filter(role=Member.MODERATOR).exists()
    return append.actor.role == Member.MODERATOR or not moderators


# --- effects ------------------------------------------------------------------------------------


def _let_in(append: Append, user: User, kid: str, **request: Any) -> Member:
    """Make `user` a member, from the first epoch on or from the next one, which the room then needs
    before it takes another message (the protocol's "In").
    """
    room = append.room
    if room.members.count() >= MAX_MEMBERS:
        raise Refused(f"A room holds {MAX_MEMBERS} members.", code="room_full")
    room.declined = [uid for uid in room.declined if uid != user.pk]
    since = 1 if room.everyone_reads_all else room.epoch + 1
    if not room.everyone_reads_all:
        room.is_open = False
    return Member.objects.create(
        room=room, user=user, kid=kid, role=Member.MEMBER, since=since, **request
    )


def _use(append: Append) -> None:
    invitation = append.room.invitations.get(pk=append.event["iid"])
    invitation.uses += 1
    if invitation.uses >= invitation.max_uses:
        close_invitation(invitation)
    else:
        invitation.save(update_fields=["uses"])


def set_ban(room: Room, uid: str, *, on: bool) -> None:
    others = [other for other in room.bans if other != uid]
    room.bans = [*others, uid] if on else others


def take_out(room: Room, member: Member) -> None:
    """Remove a member, the keys wrapped to them and every open invitation."""
    if room.successor == member.user_id:
        room.successor = ""
    if member.declined_at is not None and member.user_id not in room.declined:
        room.declined = [*room.declined, member.user_id]
    room.wraps.filter(to_kid=member.kid).delete()
    member.delete()
    void_invitations(room)
