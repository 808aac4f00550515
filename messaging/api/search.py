"""REST: search by blind tokens, and tokens for messages that have none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from chatsite.lib.rest.views import operation
from messaging.api import serializers
from messaging.search import actions
from messaging.search.actions import Question, read_cursor
from messaging.search.query import Filters
from rooms.api.base import RoomView
from rooms.permissions import IsActiveRoomMember

Tokens = Mapping[int, tuple[int, tuple[int, ...]]]


class SearchView(RoomView):
    tag = "Search"
    limits = {"POST": "search"}
    scopes = {"POST": "read"}

    @operation(
        body=serializers.QuestionSerializer,
        answers={200: serializers.HitsSerializer},
        errors=(409,),
    )
    def post(self, request: Request, room: str, body: dict[str, Any]) -> Response:
        return Response(actions.search(self.member.room, _question(body)))


class TokensView(RoomView):
    tag = "Search"
    limits = {"GET": "history", "POST": "search_fill"}
    scopes = {"GET": "read", "POST": "send"}
    room_permissions = {"POST": IsActiveRoomMember}

    @operation(
        query=serializers.BareQuerySerializer, answers=serializers.BareSerializer, errors=(409,)
    )
    def get(self, request: Request, room: str, query: dict[str, int]) -> Response:
        limit = min(max(query["limit"], 1), serializers.MOST_FILLED)
        return Response(
            actions.bare(
                self.member.room, after=query["after"], limit=limit, version=query["version"]
            )
        )

    @operation(
        body=serializers.FillSerializer,
        answers={200: serializers.FilledSerializer},
        errors=(409,),
    )
    def post(self, request: Request, room: str, body: dict[str, Any]) -> Response:
        messages: Tokens = body["messages"]
        return Response({"taken": actions.fill(self.member, messages, body["v"])})


def _question(body: dict[str, Any]) -> Question:
    cursor = body.get("cursor")
    since, until = body.get("since"), body.get("until")
    return Question(
        tokens=body["tokens"],
        order=body["order"],
        filters=Filters(frozenset(body["uids"]), since, until, files=body["files"]),
        limit=body["limit"],
        cursor=None if cursor is None else read_cursor(cursor),
    )
