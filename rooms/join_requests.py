"""Requests to join: by a link whose room needs approval, or again after a key reset.

A knock is signed by its author; members' clients check it and append the event that admits them.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts.models import Identity, User
from chatsite.lib import pubsub, signatures, wire
from chatsite.lib.bus_events import KnockChanged
from chatsite.lib.errors import BadSignature, Gone, NotFound, Refused
from rooms import events
from rooms.access import require_running
from rooms.actions import CLOCK_SLACK, now_ms
from rooms.models import Invitation, Knock, Member, Room
from rooms.rules import require_open

KNOCK: wire.Schema = (
    ("v", wire.one_of(1)),
    ("room", wire.ident),
    ("iid", wire.or_empty(wire.ident)),
    ("uid", wire.ident),
    ("kid", wire.hash64),
    ("ts", wire.integer()),
)


@transaction.atomic
def knock_by_link(user: User, iid: str, body: str, sig: str, isig: str) -> None:
    """Knock by an open invitation of a room that needs approval."""
    invitation = require_open(
        Invitation.objects.select_related("room").filter(pk=iid).first(), now_ms()
    )
    room = invitation.room
    if room.closed_at is not None:
        raise Gone("This room was closed for good.", code="room_closed")
    require_running(room)
    if room.policy["join"] != "approve":
        raise Refused("This link lets you in without asking.", code="join_directly")
    if room.members.filter(user=user).exists():
        raise Refused("You are a member already.", code="already_member")
    knock = _checked(user, body, sig, room=room.pk, iid=iid)
    proof = events.body_of(v=1, room=room.pk, iid=iid, uid=user.pk, kid=knock["kid"])
    try:
        signatures.verify(wire.unb64(invitation.public_key, 32), "joiner", proof, isig)
    except wire.BadWire:
        raise BadSignature("That was not signed with the link.") from None
    _store(
        room,
        user,
        invitation_id=iid,
        body=body,
        signature=sig,
        invitation_signature=isig,
    )


@transaction.atomic
def knock_after_reset(member: Member, body: str, sig: str) -> None:
    """Knock as a member whose keys are newer than those in the log."""
    user = member.user
    if member.room.closed_at is not None:
        raise Gone("This room was closed for good.", code="room_closed")
    require_running(member.room)
    knock = _checked(user, body, sig, room=member.room_id, iid="")
    if member.kid == knock["kid"]:
        raise Refused("The room knows these keys already.", code="already_member")
    _store(member.room, user, invitation_id="", body=body, signature=sig, invitation_signature="")


def _checked(user: User, body: str, sig: str, *, room: str, iid: str) -> dict[str, Any]:
    """Parse and verify a knock, signed by the user's present identity for this room and link."""
    knock = wire.parse_body(body, KNOCK)
    identity = user.current_identity
    if identity is None or (knock["uid"], knock["kid"]) != (user.pk, identity.kid):
        raise Refused("That is not signed as you.", code="bad_knock")
    if (knock["room"], knock["iid"]) != (room, iid):
        raise Refused("That is for another room or link.", code="bad_knock")
    if abs(knock["ts"] - now_ms()) > CLOCK_SLACK:
        raise Refused(
            "The clock of this device is wrong. Set it and try again.", code="clock", now=now_ms()
        )
    try:
        signatures.verify(bytes(identity.ed25519_key), "knock", body.encode("ascii"), sig)
    except wire.BadWire:
        raise BadSignature from None
    return knock


def _store(room: Room, user: User, **given: str) -> None:
    Knock.objects.update_or_create(room=room, user=user, defaults={**given, "refused": False})
    pubsub.publish(KnockChanged(room.pk, user.pk))


def knock_state(user: User, iid: str) -> str:
    """The state of a knock by this link: `member`, `waiting`, `refused` or `none`."""
    invitation = Invitation.objects.filter(pk=iid).first()
    if invitation is None:
        raise NotFound("This invitation is not known here.", code="invite_unknown")
    if Member.objects.filter(room_id=invitation.room_id, user=user).exists():
        return "member"
    knock = Knock.objects.filter(room_id=invitation.room_id, user=user).first()
    if knock is None:
        return "none"
    return "refused" if knock.refused else "waiting"


def own_knocks(uid: str, room_ids: list[str]) -> dict[str, dict[str, str]]:
    """A member's own requests to be let in with new keys, by room."""
    own = Knock.objects.filter(user_id=uid, invitation_id="", room_id__in=room_ids)
    return {
        knock.room_id: {
            "kid": wire.parse_body(knock.body, KNOCK)["kid"],
            "state": "refused" if knock.refused else "waiting",
        }
        for knock in own
    }


def described(waiting: list[Knock]) -> list[dict[str, Any]]:
    """Requests to join, as signed, for members' clients to check."""
    kids = {knock.user_id: wire.parse_body(knock.body, KNOCK)["kid"] for knock in waiting}
    bodies = {item.kid: item for item in Identity.objects.filter(kid__in=kids.values())}
    return [
        {
            "body": knock.body,
            "sig": knock.signature,
            "isig": knock.invitation_signature,
            "identity": {
                "body": bodies[kids[knock.user_id]].body,
                "sig": bodies[kids[knock.user_id]].signature,
            },
        }
        for knock in waiting
    ]


@transaction.atomic
def refuse_knock(room: Room, uid: str) -> None:
    if not room.knocks.filter(user_id=uid).update(refused=True):
        raise NotFound
    pubsub.publish(KnockChanged(room.pk, uid))
