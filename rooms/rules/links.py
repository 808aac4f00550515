"""Invitations: creating, revoking and ending them."""

from __future__ import annotations

from django.utils import timezone

from chatsite.lib import signatures, wire
from chatsite.lib.errors import Gone, NotFound, Refused
from rooms import events
from rooms.models import Invitation, InvitationItem, Room
from rooms.rules.base import Append, bad, only_leaders

THIRTY_DAYS = 30 * 24 * 3600 * 1000
MAX_OPEN_INVITES = 20


def invite(append: Append) -> None:
    only_leaders(append)
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
    signatures.verify(wire.unb64(event["ipk"], 32), "invite", body, event["pop"])
    _store_invitation(append)


def _store_invitation(append: Append) -> None:
    event, sent, room = append.event, append.sent, append.room
    invitation = Invitation.objects.create(
        id=event["iid"],
        room=room,
        maker=append.user,
        seq=event["seq"],
        public_key=event["ipk"],
        expires_ms=event["exp"],
        max_uses=event["max"],
        card=sent.card,
    )
    held = {item.epoch: item.box for item in sent.items}
    if not room.links_carry_history:
        if held or sent.escrow:
            raise bad("Links of this room carry no keys.")
        return
    if len(held) != len(sent.items) or not set(held) <= set(range(1, room.epoch + 1)):
        raise bad("Keys of epochs that do not exist.")
    if sent.escrow is None or sent.escrow.epoch != room.epoch or room.epoch not in held:
        raise bad("An invitation comes with the present key and its escrow.")
    InvitationItem.objects.bulk_create(
        InvitationItem(
            invitation=invitation,
            epoch=e,
            item=box,
            escrow=sent.escrow.box if e == room.epoch else "",
        )
        for e, box in held.items()
    )


def revoke(append: Append) -> None:
    only_leaders(append)
    invitation = append.room.invitations.filter(pk=append.event["iid"]).first()
    if invitation is None or invitation.state_at(append.event["ts"]) != "open":
        raise bad("This invitation is not open.")
    invitation.ended = "revoked"
    close_invitation(invitation)


def require_open(invitation: Invitation | None, now: int) -> Invitation:
    """The invitation, if it can be used at `now` (ms). Raises the error that its page shows."""
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


def void_invitations(room: Room, by: str | None = None) -> None:
    """Close every open invitation, because a former member may still know their secrets; or only
    those that the user `by` created.
    """
    found = room.invitations.filter(ended="", closed_at=None)
    for invitation in found if by is None else found.filter(maker_id=by):
        invitation.ended = "voided"
        close_invitation(invitation)


def close_invitation(invitation: Invitation) -> None:
    """End a link. Deletes its escrow and, unless it was used, its keys: a new member may fetch them
    for another day.
    """
    invitation.closed_at = timezone.now()
    invitation.save(update_fields=["ended", "uses", "closed_at"])
    if invitation.joiners.exists():
        invitation.items.update(escrow="")
    else:
        invitation.items.all().delete()
