"""The base of every view under one room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework.permissions import BasePermission, IsAuthenticated

from chatsite.lib.rest.views import ApiView
from rooms.models import Member
from rooms.permissions import IsRoomMember


class RoomView(ApiView):
    """A view of the room in its address. `member` is the caller's membership.

    `room_permissions` has stricter permissions, by method.
    """

    tag = "Rooms"
    scopes = {"GET": "read"}
    room_permissions: ClassVar[Mapping[str, type[BasePermission]]] = {}
    member: Member

    def get_permissions(self) -> list[Any]:
        method = self.request.method or ""
        return [IsAuthenticated(), self.room_permissions.get(method, IsRoomMember)()]
