"""REST: the history of a room, a page at a time."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from chatsite.lib import wire
from messaging.access import history

DEFAULT, MOST = 50, 200


class MessageSchema(serializers.Serializer):
    seq = serializers.IntegerField()
    h = serializers.CharField(help_text="the header, as signed")
    iv = serializers.CharField()
    ct = serializers.CharField()
    sig = serializers.CharField()
    re = serializers.ListField(child=serializers.IntegerField(), required=False)


class HistorySchema(serializers.Serializer):
    messages = MessageSchema(many=True)
    first = serializers.IntegerField(help_text="the oldest number still there, 0 for none")
    head = serializers.IntegerField(help_text="the newest number, 0 for none")


class MessagesView(APIView):
    @extend_schema(
        parameters=[
            OpenApiParameter("before", int, description="messages below this number"),
            OpenApiParameter("after", int, description="messages above this number"),
            OpenApiParameter("limit", int, description=f"1 to {MOST}"),
        ],
        responses=HistorySchema,
    )
    def get(self, request: Request, room: str) -> Response:
        after, before = _number(request, "after"), _number(request, "before")
        if after is not None and before is not None:
            raise wire.BadWire("after and before exclude each other")
        limit = _number(request, "limit")
        many = min(max(DEFAULT if limit is None else limit, 1), MOST)
        assert isinstance(request.user, User)
        return Response(history(request.user, room, after=after, before=before, limit=many))


def _number(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise wire.BadWire(f"{name} is not a number")
    return int(text)
