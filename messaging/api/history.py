"""REST: the history of a room, a page at a time, and what is kept of one message."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from chatsite.lib import wire
from chatsite.lib.rest.bodies import limited
from messaging.selectors import changes, history, stored

DEFAULT, MOST = 50, 200


class MessageSchema(serializers.Serializer):
    seq = serializers.IntegerField()
    h = serializers.CharField(help_text="the header, as signed")
    iv = serializers.CharField()
    ct = serializers.CharField(required=False, help_text="not of what was erased")
    sha = serializers.CharField(required=False, help_text="SHA-256 of the ct that was erased")
    sig = serializers.CharField()
    re = serializers.ListField(child=serializers.IntegerField(), required=False)
    files: Any = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="ids"
    )

    def get_fields(self) -> dict[str, Any]:
        erased_by = serializers.IntegerField(required=False, help_text="seq of what erased it")
        return {**super().get_fields(), "del": erased_by}


class StoredFileSchema(serializers.Serializer):
    id = serializers.CharField()
    size = serializers.IntegerField(help_text="bytes, sealed")


class StoredMessageSchema(MessageSchema):
    files = StoredFileSchema(many=True)
    uid = serializers.CharField()
    dev = serializers.CharField()
    n = serializers.IntegerField()
    cid = serializers.CharField()
    id = serializers.CharField()
    e = serializers.IntegerField()
    at = serializers.IntegerField(help_text="when it came, ms")
    g = serializers.IntegerField(help_text="generation of the tokens")
    tokens = serializers.ListField(child=serializers.IntegerField())
    size = serializers.IntegerField(help_text="bytes of ciphertext")


class StoredSchema(serializers.Serializer):
    stored = StoredMessageSchema()


class ChangesSchema(serializers.Serializer):
    refs = MessageSchema(many=True, help_text="the newest later ones that change some of these")
    more_refs = serializers.IntegerField(
        allow_null=True, help_text="there are more below this number: ask `refs` for them"
    )


class HistorySchema(ChangesSchema):
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
    @limited("history")
    def get(self, request: Request, room: str) -> Response:
        after, before = number_in(request, "after"), number_in(request, "before")
        if after is not None and before is not None:
            raise wire.BadWire("after and before exclude each other")
        limit = number_in(request, "limit")
        many = min(max(DEFAULT if limit is None else limit, 1), MOST)
        assert isinstance(request.user, User)
        return Response(history(request.user, room, after=after, before=before, limit=many))


class ChangesView(APIView):
    @extend_schema(
        parameters=[
            OpenApiParameter("first", int, required=True, description="the page's first message"),
            OpenApiParameter("last", int, required=True, description="the page's last message"),
            OpenApiParameter("before", int, description="changes below this number"),
        ],
        responses=ChangesSchema,
    )
    @limited("history")
    def get(self, request: Request, room: str) -> Response:
        first, last = number_in(request, "first"), number_in(request, "last")
        if first is None or last is None:
            raise wire.BadWire("first and last say which page")
        before = number_in(request, "before")
        assert isinstance(request.user, User)
        return Response(changes(request.user, room, first=first, last=last, before=before))


class StoredView(APIView):
    @extend_schema(responses=StoredSchema)
    @limited("history")
    def get(self, request: Request, room: str, seq: int) -> Response:
        assert isinstance(request.user, User)
        return Response({"stored": stored(request.user, room, seq)})


def number_in(request: Request, name: str) -> int | None:
    """A number in the address's query; None if it is not there."""
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise wire.BadWire(f"{name} is not a number")
    return int(text)
