"""The input of every rule, and its refusals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.models import Identity, User
from chatsite.lib.errors import Forbidden, Refused
from rooms.models import Member, Room
from rooms.submissions import EventSubmission


@dataclass(frozen=True, slots=True)
class Append:
    """One event about to be appended. `member` is None only for a `join`."""

    room: Room
    user: User
    identity: Identity
    member: Member | None
    event: dict[str, Any]
    sent: EventSubmission
    now: int

    @property
    def actor(self) -> Member:
        """The author of an event that only members may append."""
        assert self.member is not None
        return self.member


def bad(detail: str) -> Refused:
    return Refused(detail, code="bad_event")


def only_leaders(append: Append) -> None:
    if not append.actor.leads:
        raise Forbidden("Only the owner and moderators may do that.")


def only_owner(append: Append) -> None:
    if append.actor.role != Member.OWNER:
        raise Forbidden("Only the owner may do that.")


def other_member(append: Append) -> Member:
    """The member that the event is about, other than its author."""
    uid = append.event["uid"]
    found = append.room.members.select_related("user").filter(user_id=uid).first()
    if found is None or uid == append.user.pk:
        raise bad("The event names no other member.")
    return found


def named_identity(append: Append) -> Identity:
    """The identity `to`: the present one of the user `uid`."""
    event = append.event
    identity = Identity.objects.select_related("user").filter(kid=event["to"]).first()
    if identity is None or identity.user_id != event["uid"] or not identity.user.is_active:
        raise bad("That key is not theirs.")
    if identity.user.current_kid != identity.kid:
        raise bad("They have newer keys than these.")
    return identity
