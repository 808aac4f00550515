"""REST: the history of a room, a page at a time, and the stored row of one message."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from chatsite.lib.rest.packing import packed
from chatsite.lib.rest.views import operation
from messaging.api import serializers
from messaging.selectors import Place, changes, history, stored, unread_authors
from rooms.api.base import RoomView


@packed
class MessagesView(RoomView):
    tag = "Messages"
    limits = {"GET": "history"}

    @operation(query=serializers.HistoryQuerySerializer, answers=serializers.HistorySerializer)
    def get(self, request: Request, room: str, query: dict[str, int]) -> Response:
        limit = min(max(query["limit"], 1), serializers.MOST_MESSAGES)
        place = Place(**{key: query[key] for key in serializers.PLACES if key in query})
        return Response(history(self.member.room, place, limit))


@packed
class ChangesView(RoomView):
    tag = "Messages"
    limits = {"GET": "history"}

    @operation(query=serializers.ChangesQuerySerializer, answers=serializers.ChangesSerializer)
    def get(self, request: Request, room: str, query: dict[str, Any]) -> Response:
        found = changes(self.member.room, span=query["span"], before=query.get("before"))
        return Response(found)


class UnreadView(RoomView):
    tag = "Messages"
    limits = {"GET": "history"}

    @operation(query=serializers.UnreadQuerySerializer, answers=serializers.UnreadSerializer)
    def get(self, request: Request, room: str, query: dict[str, int]) -> Response:
        return Response(unread_authors(self.member.room, query["after"], query.get("before")))


class StoredView(RoomView):
    """The complete stored row of one message, for a member."""

    tag = "Messages"
    limits = {"GET": "history"}

    @operation(answers=serializers.StoredSerializer)
    def get(self, request: Request, room: str, seq: int) -> Response:
        return Response({"stored": stored(self.member.room, seq)})
