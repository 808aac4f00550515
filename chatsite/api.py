"""The API's table of addresses, and the two that need rooms and messages together."""

from __future__ import annotations

from functools import lru_cache

from django.http import HttpResponse
from django.urls import include, path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import signed_in
from chatsite.lib.rest.fields import Base64Field, IntegerField, SignatureField, SignedTextField
from chatsite.lib.rest.serializers import AfterSerializer
from chatsite.lib.rest.views import ApiView, OpenView, operation
from chatsite.ops.backup import notice
from messaging.api.serializers import MessageSerializer
from messaging.selectors import room_list, summaries_for
from rooms.access import describe
from rooms.actions import now_ms, put_away
from rooms.api.rooms import CreateRoomView, ProfileView
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


class NoticeSerializer(serializers.Serializer):
    body = SignedTextField("notice", help_text='{"v":1,"backup":ms,"at":ms}')
    sig = SignatureField()
    key = Base64Field(32, help_text="the site's own, Ed25519")


class SiteSerializer(serializers.Serializer):
    restored = NoticeSerializer(many=True)


class SiteView(ApiView):
    """The operator's notices about the site: when it was restored, newest first."""

    tag = "Site"

    @operation(answers=SiteSerializer)
    def get(self, request: Request) -> Response:
        return Response({"restored": notice.read()})


class SchemaView(OpenView):
    """The OpenAPI document. It is the same for everybody and as long as the process runs."""

    limits = {"GET": "schema"}

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        answer = HttpResponse(openapi_document(), content_type="application/vnd.oai.openapi+json")
        answer["Cache-Control"] = "public, max-age=3600"
        return answer


@lru_cache(maxsize=1)
def openapi_document() -> bytes:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    return OpenApiJsonRenderer().render(schema, renderer_context={})


app_name = "api"
urlpatterns = [
    path("", include("accounts.api.urls")),
    path("chatrooms", RoomsView.as_view(), name="rooms"),
    path("", include("rooms.api.urls")),
    path("", include("messaging.api.urls")),
    path("", include("summaries.api.urls")),
    path("chatrooms/<str:room>", RoomView.as_view(), name="room"),
    path("site", SiteView.as_view(), name="site"),
    path("schema", SchemaView.as_view(), name="schema"),
]
