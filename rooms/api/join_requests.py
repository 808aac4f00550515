"""REST: requests to join, and answers to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import signed_in
from chatsite.lib.rest.pagination import KeysetPagination, PageQuerySerializer
from chatsite.lib.rest.views import ApiView, operation
from rooms import join_requests, serializers
from rooms.api.base import RoomView
from rooms.permissions import IsActiveRoomMember, IsRoomLeader

WAITING = {"state": "waiting"}


class KnockByLinkView(ApiView):
    tag = "Joining"
    limits = {"GET": "room_reads", "POST": "knock"}
    scopes = {"GET": "read", "POST": "rooms"}

    @operation(answers=serializers.KnockStateSerializer)
    def get(self, request: Request, iid: str) -> Response:
        return Response({"state": join_requests.knock_state(signed_in(request), iid)})

    @operation(
        body=serializers.KnockSerializer,
        answers={201: serializers.KnockStateSerializer},
        errors=(410,),
    )
    def post(self, request: Request, iid: str, body: dict[str, str]) -> Response:
        join_requests.knock_by_link(signed_in(request), iid, **body)
        return Response(WAITING, status=201)


class KnockAfterResetView(RoomView):
    tag = "Joining"
    limits = {"POST": "knock"}
    scopes = {"POST": "rooms"}
    room_permissions = {"POST": IsActiveRoomMember}

    @operation(
        body=serializers.ResetKnockSerializer,
        answers={201: serializers.KnockStateSerializer},
        errors=(410,),
    )
    def post(self, request: Request, room: str, body: dict[str, str]) -> Response:
        join_requests.knock_after_reset(self.member, **body)
        return Response(WAITING, status=201)


class FirstKnocks(KeysetPagination):
    keys = {"knocked_at": datetime, "pk": int}
    size = 200


class KnocksView(RoomView):
    tag = "Joining"
    limits = {"GET": "room_reads"}

    @operation(query=PageQuerySerializer, answers=serializers.KnocksSerializer)
    def get(self, request: Request, room: str, query: dict[str, Any]) -> Response:
        pages = FirstKnocks()
        waiting = pages.paginate_queryset(self.member.room.knocks.filter(refused=False), request)
        return pages.get_paginated_response({"knocks": join_requests.described(waiting)})


class KnockView(RoomView):
    tag = "Joining"
    room_permissions = {"DELETE": IsRoomLeader}

    scopes = {"DELETE": "rooms"}

    @operation(answers={204: None})
    def delete(self, request: Request, room: str, uid: str) -> Response:
        join_requests.refuse_knock(self.member.room, uid)
        return Response(status=204)
