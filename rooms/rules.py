"""What each event needs to be legal, and what it changes: one function an event type.

Each runs inside the transaction that holds the room's row; whatever it raises leaves no trace.
The sentences of docs/protocol.md's table stand here once, in the table's order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from accounts.models import Identity, User
from chatsite.lib import wire
from chatsite.lib.errors import Forbidden, Gone, NotFound, Refused, TooMany
from rooms import events
from rooms.models import (
    Invitation,
    InvitationItem,
    InvitationUse,
    Member,
    ProfileBox,
    Room,
    Wrap,
)
from rooms.payloads import MAX_MEMBERS, Submission

THIRTY_DAYS = 30 * 24 * 3600 * 1000
MAX_OPEN_INVITES = 20
EPOCH_PAUSE = 60_000  # ms between rotations of an open room


@dataclass(frozen=True, slots=True)
class Append:
    """One event about to be appended. `member` is None only for who joins."""

    room: Room
    user: User
    identity: Identity
    member: Member | None
    event: dict[str, Any]
    sent: Submission
    now: int


def bad(detail: str) -> Refused:
    return Refused(detail, code="bad_event")


def _leader(append: Append) -> None:
    if append.member is None or not append.member.leads:
        raise Forbidden("Only the owner and moderators may do that.")


# --- create --------------------------------------------------------------------------------------


def create(append: Append) -> None:
    event, room = append.event, append.room
    if event["room"] != events.room_id(event["kid"], event["nonce"]):
        raise bad("The room's id does not follow from its owner and nonce.")
    Member.objects.create(room=room, user=append.user, kid=event["kid"], role=Member.OWNER, since=1)
    _store_wraps(append, 1)


# --- profile, leave, epoch ----------------------------------------------------------------------


def profile(append: Append) -> None:
    _leader(append)
    box = append.sent.profile
    if box is None or box.e != append.room.epoch:
        raise bad("A profile comes with its box for the present epoch.")
    append.room.profile_hash = append.event["h"]
    _store_profile(append.room, box.e, box.box)


def leave(append: Append) -> None:
    assert append.member is not None
    others = append.room.members.exclude(user=append.user).exists()
    if append.member.role == Member.OWNER and others:
        raise Forbidden("The owner hands the room over before leaving it.")
    append.member.delete()
    void_invitations(append.room)
    append.room.is_open = False


def epoch(append: Append) -> None:
    room, event = append.room, append.event
    if room.is_open and append.now - room.epoch_ts < EPOCH_PAUSE:
        raise TooMany((EPOCH_PAUSE - (append.now - room.epoch_ts)) / 1000)
    if event["e"] != room.epoch + 1:
        raise bad("An epoch follows the one before.")
    members = list(room.members.values_list("user_id", "kid"))
    if event["members"] != events.members_hash(members):
        raise bad("The recipients are not the members.")
    if not room.is_open:
        room.generation = event["e"]
    room.epoch, room.epoch_seq, room.epoch_ts = event["e"], event["seq"], event["ts"]
    room.is_open = True
    _store_wraps(append, event["e"])
    if append.sent.profile is not None:
        if append.sent.profile.e != event["e"] or not room.profile_hash:
            raise bad("The profile's box is not for the new epoch.")
        _store_profile(room, event["e"], append.sent.profile.box)
    _extend_links(append)


def _extend_links(append: Append) -> None:
    carrying = append.room.invitations.open_at(append.now).filter(items__isnull=False).distinct()
    links = {link.iid: link for link in carrying}
    for given in append.sent.invites:
        if given.iid not in links:
            raise bad("Keys for an invitation that is not open or carries no history.")
        InvitationItem.objects.update_or_create(
            invitation=links[given.iid],
            e=append.event["e"],
            defaults={"item": given.item, "escrow": given.escrow},
        )


# --- invitations --------------------------------------------------------------------------------


def invite(append: Append) -> None:
    _leader(append)
    room, event = append.room, append.event
    if room.kind != "group":
        raise bad("A direct room has no invitations.")
    if not event["ts"] < event["exp"] <= event["ts"] + THIRTY_DAYS:
        raise bad("An invitation ends within 30 days.")
    if room.invitations.open_at(event["ts"]).count() >= MAX_OPEN_INVITES:
        raise Refused("Too many open invitations. Revoke one first.", code="too_many_invites")
    if Invitation.objects.filter(pk=event["iid"]).exists():
        raise bad("This invitation exists already.")
    body = events.body_of(
        v=1, **{key: event[key] for key in ("room", "iid", "seq", "prev", "kid", "exp", "max")}
    )
    wire.verify(wire.unb64(event["ipk"], 32), "invite", body, event["pop"])
    _store_invitation(append)


def _store_invitation(append: Append) -> None:
    event, sent, room = append.event, append.sent, append.room
    if not sent.card:
        raise bad("An invitation comes with its card.")
    invitation = Invitation.objects.create(
        iid=event["iid"],
        room=room,
        maker=append.user,
        seq=event["seq"],
        ipk=event["ipk"],
        expires=event["exp"],
        max_uses=event["max"],
        card=sent.card,
    )
    held = {item.e: item.box for item in sent.items}
    if not room.links_carry_history:
        if held or sent.escrow:
            raise bad("Links of this room carry no keys.")
        return
    if len(held) != len(sent.items) or not set(held) <= set(range(1, room.epoch + 1)):
        raise bad("Keys of epochs that are not there.")
    if sent.escrow is None or sent.escrow.e != room.epoch or room.epoch not in held:
        raise bad("An invitation comes with the present key and its escrow.")
    InvitationItem.objects.bulk_create(
        InvitationItem(
            invitation=invitation,
            e=e,
            item=box,
            escrow=sent.escrow.box if e == room.epoch else "",
        )
        for e, box in held.items()
    )


def revoke(append: Append) -> None:
    _leader(append)
    invitation = append.room.invitations.filter(pk=append.event["iid"]).first()
    if invitation is None or invitation.state_at(append.event["ts"]) != "open":
        raise bad("This invitation is not open.")
    invitation.ended = "revoked"
    close_invitation(invitation)


def join(append: Append) -> None:
    room, event = append.room, append.event
    if append.member is not None:
        raise Refused("You are a member already.", code="already_member")
    if room.kind != "group" or room.policy["join"] != "link":
        raise bad("This room is not joined by link alone.")
    if room.members.count() >= MAX_MEMBERS:
        raise Refused(f"A room holds {MAX_MEMBERS} members.", code="room_full")
    invitation = require_open(
        room.invitations.filter(pk=event["iid"]).first(), max(event["ts"], append.now)
    )
    body = events.body_of(v=1, **{key: event[key] for key in ("room", "iid")},
                          uid=event["by"], kid=event["kid"])  # fmt: skip
    wire.verify(wire.unb64(invitation.ipk, 32), "joiner", body, event["isig"])
    invitation.uses += 1
    InvitationUse.objects.update_or_create(invitation=invitation, user=append.user)
    if invitation.uses >= invitation.max_uses:
        close_invitation(invitation)
    else:
        invitation.save(update_fields=["uses"])
    _admit(append)


def _admit(append: Append) -> None:
    """What the protocol calls In: a member from the first epoch on, or from the next one,
    which the room then needs before it takes another message."""
    room = append.room
    since = 1 if room.everyone_reads_all else room.epoch + 1
    if not room.everyone_reads_all:
        room.is_open = False
    Member.objects.create(
        room=room, user=append.user, kid=append.event["kid"], role=Member.MEMBER, since=since
    )


def require_open(invitation: Invitation | None, now: int) -> Invitation:
    """The invitation if it can be used at `now` (ms), else the error that its page shows."""
    if invitation is None:
        raise NotFound("This invitation is not known here.", code="invite_unknown")
    state = invitation.state_at(now)
    if state != "open":
        raise Gone(ENDED[state], code=f"invite_{'revoked' if state == 'voided' else state}")
    return invitation


ENDED = {
    "revoked": "This invitation was withdrawn. Ask for a new one.",
    "voided": "This invitation ended when a member left. Ask for a new one.",
    "used": "This invitation has been used up. Ask for a new one.",
    "expired": "This invitation has expired. Ask for a new one.",
}


def void_invitations(room: Room) -> None:
    """Close every open invitation: who has left may still know their secrets."""
    for invitation in room.invitations.filter(ended="", closed_at=None):
        invitation.ended = "voided"
        close_invitation(invitation)


def close_invitation(invitation: Invitation) -> None:
    """No new use. The escrow goes now, and so do the keys, unless somebody has joined by them:
    who has just joined may fetch them for another day."""
    invitation.closed_at = timezone.now()
    invitation.save(update_fields=["ended", "uses", "closed_at"])
    if invitation.joiners.exists():
        invitation.items.update(escrow="")
    else:
        invitation.items.all().delete()


# --- shared -------------------------------------------------------------------------------------


def _store_wraps(append: Append, e: int) -> None:
    """Exactly one wrap of epoch `e` for each member, or Refused."""
    wanted = set(append.room.members.values_list("kid", flat=True))
    given = [wrap.to for wrap in append.sent.wraps]
    if len(given) != len(wanted) or set(given) != wanted:
        raise Refused("The wraps are not one for each member.", code="bad_wraps")
    if any(wrap.e != e for wrap in append.sent.wraps):
        raise Refused("A wrap of another epoch.", code="bad_wraps")
    Wrap.objects.bulk_create(
        Wrap(room=append.room, e=e, to=wrap.to, giver=append.user.pk, ct=wrap.ct)
        for wrap in append.sent.wraps
    )


def _store_profile(room: Room, e: int, box: str) -> None:
    ProfileBox.objects.update_or_create(room=room, e=e, defaults={"box": box})


RULES: dict[str, Callable[[Append], None]] = {
    "create": create,
    "profile": profile,
    "invite": invite,
    "revoke": revoke,
    "join": join,
    "leave": leave,
    "epoch": epoch,
}
