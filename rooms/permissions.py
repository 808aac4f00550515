"""Permission classes of views under a room. Absent, foreign and removed look alike: 404."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.authentication import signed_in
from chatsite.lib.errors import Forbidden
from rooms.access import log_reader, require_active, room_for_member

ONLY_LEADERS = "Only the owner and moderators may do that."


class IsRoomMember(BasePermission):
    """Allows members of the room in the address, also those who have not answered the request.

    Sets the view's `member`, with its room and user.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        view.member = room_for_member(signed_in(request), view.kwargs["room"])
        return True


class IsRoomLogReader(BasePermission):
    """Allows members and former members of the room in the address; sets the view's `reader`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        view.reader = log_reader(signed_in(request), view.kwargs["room"])
        return True


class IsActiveRoomMember(IsRoomMember):
    """Allows members who have accepted the room; others get 403 `not_accepted`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        super().has_permission(request, view)
        require_active(view.member)
        return True


class IsRoomLeader(IsActiveRoomMember):
    """Allows the owner and moderators; in a direct room both members."""

    def has_permission(self, request: Request, view: Any) -> bool:
        super().has_permission(request, view)
        if not view.member.leads and view.member.room.kind != "direct":
            raise Forbidden(ONLY_LEADERS)
        return True
