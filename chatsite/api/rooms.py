"""REST: the two addresses that need rooms and messages together."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import signed_in
from chatsite.lib.rest.fields import IntegerField
from chatsite.lib.rest.serializers import AfterSerializer
from chatsite.lib.rest.views import operation
from messaging.api.serializers import MessageSerializer
from messaging.selectors import room_list, summaries_for
from rooms.actions import now_ms, put_away
from rooms.api.rooms import CreateRoomView, ProfileView
from rooms.room_list import describe
from rooms.serializers import NEXT_PAGE, DescribedRoomSerializer


class RoomSerializer(DescribedRoomSerializer):
    msg = IntegerField(help_text="seq of the newest message, 0 for none")
    unread = IntegerField()
    last = MessageSerializer(allow_null=True, help_text="the newest message row")


class RoomsSerializer(serializers.Serializer):
    now = IntegerField(help_text="the server's clock, ms")
    rooms = RoomSerializer(many=True)
    more = IntegerField(allow_null=True, help_text=NEXT_PAGE)


class RoomsView(CreateRoomView):
    limits = {**CreateRoomView.limits, "GET": "rooms"}

    @operation(query=AfterSerializer, answers=RoomsSerializer)
    def get(self, request: Request, query: dict[str, int]) -> Response:
        uid = signed_in(request).pk
        return Response({"now": now_ms(), **room_list(uid, query.get("after"))})


class RoomView(ProfileView):
    limits = {**ProfileView.limits, "GET": "rooms"}

    @operation(answers=RoomSerializer)
    def get(self, request: Request, room: str) -> Response:
        return Response(summaries_for(self.member.user_id, [describe(self.member)])[0])

    @operation(answers={204: None}, errors=(409,))
    def delete(self, request: Request, room: str) -> Response:
        put_away(self.member)
        return Response(status=204)
