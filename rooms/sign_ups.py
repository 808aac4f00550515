"""Signing up with a room's link, where new accounts need one."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from accounts.models import User
from accounts.signals import invitation_shown, invited
from chatsite.lib import signatures, wire
from chatsite.lib.errors import Forbidden, Gone
from rooms import events, rules
from rooms.actions import now_ms
from rooms.models import Invitation, InvitationSignUp, InvitationUse, Member


@receiver(invitation_shown)
def check_proof(sender: type, name: str, iid: str, sig: str, **kwargs: Any) -> bool:
    """Check a proof that the person who wants `name` holds the open link `iid`. Raises a
    refusal.
    """
    try:
        wire.ident(iid)
        invitation = _open(Invitation.objects.filter(pk=iid).first())
        body = events.body_of(v=1, iid=iid, name=name)
        signatures.verify(wire.unb64(invitation.public_key, 32), "register", body, sig)
    except wire.BadWire:
        raise Forbidden(
            "That is not proven by the invitation link. Copy the whole link and open it again.",
            code="bad_invitation",
        ) from None
    return True


@receiver(invited)
def count_sign_up(sender: type, user: User, iid: str, **kwargs: Any) -> None:
    """Take one of the link's uses for a new account, under the row's lock."""
    invitation = _open(Invitation.objects.select_for_update().filter(pk=iid).first())
    InvitationSignUp.objects.create(invitation=invitation, user=user)


def _open(invitation: Invitation | None) -> Invitation:
    """The invitation, if it can admit one more person."""
    found = rules.require_open(invitation, now_ms())
    if found.uses + _not_joined(found) >= found.max_uses:
        raise Gone(
            "As many people signed up with this invitation as it may let in. Ask for a new one.",
            code="invite_used",
        )
    return found


def _not_joined(invitation: Invitation) -> int:
    """The number of accounts that signed up with the link and did not join by it, including ended
    ones.
    """
    joined = InvitationUse.objects.filter(invitation=invitation).values("user")
    members = Member.objects.filter(room=invitation.room_id).values("user")
    return invitation.sign_ups.exclude(user__in=joined).exclude(user__in=members).count()
