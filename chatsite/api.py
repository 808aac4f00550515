"""The API's table of addresses, and the two that need rooms and messages together."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import signed_in
from accounts.urls import endpoints as account_endpoints
from chatsite.lib.rest import limited
from chatsite.ops.backup import notice
from messaging.api.history import number_in
from messaging.selectors import room_list, summaries_for
from messaging.urls import endpoints as messaging_endpoints
from rooms.access import describe_one
from rooms.actions import now_ms, put_away
from rooms.api.rooms import CreateRoom, ProfileView
from rooms.serializers import BoxSchema
from rooms.urls import endpoints as room_endpoints
from summaries.urls import endpoints as summary_endpoints


class RoomSchema(serializers.Serializer):
    id = serializers.CharField()
    kind = serializers.ChoiceField(["group", "direct"])
    role = serializers.ChoiceField(["owner", "moderator", "member"])
    kid = serializers.CharField(help_text="your own key in the room's log")
    head = serializers.ListField(help_text="[seq, hash] of the newest log event")
    e = serializers.IntegerField(help_text="epoch")
    open = serializers.BooleanField(help_text="whether messages are taken before a rotation")
    closed = serializers.BooleanField(help_text="for good")
    ended = serializers.DictField(
        child=serializers.ChoiceField(["deleted", "disabled"]),
        help_text="by uid, members whose accounts have ended: a named successor of such an owner "
        "may take over",
    )
    accepted = serializers.BooleanField(help_text="false for a request that waits for an answer")
    asked_by = serializers.DictField(
        allow_null=True, help_text="{uid, name} of who sent a request that waits"
    )
    peer = serializers.DictField(allow_null=True, help_text="{uid, name} in a direct room")
    knocks = serializers.IntegerField(help_text="how many ask to be let in, for who may let them")
    read = serializers.IntegerField(help_text="the read mark, a message seq")
    profiles = BoxSchema(many=True)
    msg = serializers.IntegerField(help_text="seq of the newest message, 0 for none")
    unread = serializers.IntegerField()
    last = serializers.DictField(allow_null=True, help_text="the newest message row")


class RoomsSchema(serializers.Serializer):
    now = serializers.IntegerField(help_text="the server's clock, ms")
    rooms = RoomSchema(many=True)
    more = serializers.IntegerField(allow_null=True, help_text="`after` of the next page")


class Chatrooms(CreateRoom):
    @extend_schema(
        parameters=[OpenApiParameter("after", int, description="`more` of the page before")],
        responses=RoomsSchema,
    )
    @limited("rooms")
    def get(self, request: Request) -> Response:
        uid = signed_in(request).pk
        return Response({"now": now_ms(), **room_list(uid, number_in(request, "after"))})


class Chatroom(ProfileView):
    @extend_schema(responses=RoomSchema)
    @limited("rooms")
    def get(self, request: Request, room: str) -> Response:
        uid = signed_in(request).pk
        return Response(summaries_for(uid, [describe_one(uid, room)])[0])

    @extend_schema(responses={204: None})
    def delete(self, request: Request, room: str) -> Response:
        put_away(signed_in(request), room)
        return Response(status=204)


class NoticeSchema(serializers.Serializer):
    body = serializers.CharField(help_text='{"v":1,"backup":ms,"at":ms}')
    sig = serializers.CharField()
    key = serializers.CharField(help_text="the site's own, Ed25519")


class SiteSchema(serializers.Serializer):
    restored = NoticeSchema(many=True)


class Site(APIView):
    """The operator's notices about the site: when it was restored, newest first."""

    @extend_schema(responses=SiteSchema)
    def get(self, request: Request) -> Response:
        return Response({"restored": notice.read()})


class Schema(APIView):
    """The OpenAPI document. It is the same for everybody and as long as the process runs."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(exclude=True)
    @limited("schema")
    def get(self, request: Request) -> HttpResponse:
        answer = HttpResponse(openapi_document(), content_type="application/vnd.oai.openapi+json")
        answer["Cache-Control"] = "public, max-age=3600"
        return answer


@lru_cache(maxsize=1)
def openapi_document() -> bytes:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    return OpenApiJsonRenderer().render(schema, renderer_context={})


urlpatterns = [
    *account_endpoints,
    path("chatrooms", Chatrooms.as_view()),
    *room_endpoints,
    *messaging_endpoints,
    *summary_endpoints,
    path("chatrooms/<str:room>", Chatroom.as_view()),
    path("site", Site.as_view()),
    path("schema", Schema.as_view(), name="schema"),
]
