"""Rules about leaders: roles, the owner's successor, and the succession."""

from __future__ import annotations

from accounts.selectors import has_ended
from chatsite.lib.errors import Forbidden, Refused
from rooms import events
from rooms.models import Member, Room
from rooms.rules.base import Append, bad, only_owner, other_member
from rooms.rules.epochs import begin_epoch, extend_links
from rooms.rules.links import void_invitations
from rooms.rules.members import take_out

NOT_ANSWERED = (
    "They have not answered the request to this room yet. Wait until they accept it, or choose "
    "another member."
)
ENDED = "Their account was deleted or is disabled. Choose another member."


def role(append: Append) -> None:
    """Change a member's role. Demoting a leader begins an epoch; otherwise a message that names an
    older log event would still count as a leader's.
    """
    only_owner(append)
    member, wanted = other_member(append), append.event["role"]
    takes_rank = member.leads and wanted == Member.MEMBER
    if events.begins_epoch(append.event) != takes_rank:
        raise bad("Taking a leader's rank away begins an epoch, and no other change of roles does.")
    if wanted != Member.MEMBER:
        _check_may_lead(append.room, member)
    if wanted == Member.OWNER:
        append.room.successor = ""
        # The old owner first: there is never more than one.
        _give_role(append.actor, Member.MODERATOR)
    _give_role(member, wanted)
    if takes_rank:
        void_invitations(append.room, by=member.user_id)
        begin_epoch(append)
        extend_links(append.room, append.sent.invites)


def successor(append: Append) -> None:
    """Set the owner's successor, or nobody."""
    only_owner(append)
    if append.event["uid"]:
        _check_may_lead(append.room, other_member(append))
    append.room.successor = append.event["uid"]


def succeed(append: Append) -> None:
    """Make the named successor owner. Only this server knows that the account has ended: no client
    can verify it.
    """
    room, owner = append.room, other_member(append)
    if room.successor != append.user.pk:
        raise Forbidden("The owner has not named you as successor.")
    if owner.role != Member.OWNER:
        raise bad("The event does not name the owner.")
    if not has_ended(owner.user_id):
        raise Forbidden("The owner's account has not ended.", code="owner_active")
    take_out(room, owner)
    _give_role(append.actor, Member.OWNER)
    room.successor = ""
    begin_epoch(append)


def _check_may_lead(room: Room, member: Member) -> None:
    """Refuse a leader who cannot act. With such an owner nobody could change the room's rules any
    more, or close it; with such a moderator nobody could approve the owner's new keys.

    A direct room has nobody whom that could harm, and its owner may leave it in this way.
    """
    if room.kind == "direct":
        return
    if not member.accepted:
        raise Refused(NOT_ANSWERED, code="not_answered")
    if has_ended(member.user_id):
        raise Refused(ENDED, code="account_ended")


def _give_role(member: Member, role: str) -> None:
    member.role = role
    member.save(update_fields=["role"])
