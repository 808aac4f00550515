"""REST: asking for a summary, following it, and the summaries that members share."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from chatsite.lib.rest.pagination import PageQuerySerializer, read_mark, write_mark
from chatsite.lib.rest.views import operation
from rooms.api.base import RoomView
from rooms.permissions import IsActiveRoomMember
from summaries import access, actions, selectors, serializers
from summaries.actions import Ask

MARK = (int, str)  # of a page of summaries: when the last one came, and its id


class SummaryView(RoomView):
    tag = "Summaries"
    limits = {"GET": "room_reads", "POST": "summary"}
    room_permissions = {"POST": IsActiveRoomMember}

    @operation(query=PageQuerySerializer, answers=serializers.OverviewSerializer)
    def get(self, request: Request, room: str, query: dict[str, str]) -> Response:
        mark = query.get("after")
        after: Any = None if mark is None else tuple(read_mark(mark, MARK))
        found, last = selectors.overview(self.member, after)
        return Response({**found, "more": None if last is None else write_mark(last)})

    @operation(
        body=serializers.AskSerializer,
        answers={202: serializers.RequestSerializer},
        errors=(409,),
    )
    def post(self, request: Request, room: str, body: Ask) -> Response:
        return Response(actions.ask(self.member, body), status=202)


class SummaryRequestView(RoomView):
    tag = "Summaries"
    limits = {"GET": "room_reads"}

    @operation(answers=serializers.RequestSerializer)
    def get(self, request: Request, room: str, rid: str) -> Response:
        return Response(selectors.described(access.own_request(self.member, rid)))

    @operation(answers={204: None})
    def delete(self, request: Request, room: str, rid: str) -> Response:
        actions.cancel(self.member, rid)
        return Response(status=204)


class SummaryCacheView(RoomView):
    tag = "Summaries"
    limits = {"POST": "summary_share"}
    room_permissions = {"POST": IsActiveRoomMember}

    @operation(body=serializers.SharedSerializer, answers={201: None}, errors=(409,))
    def post(self, request: Request, room: str, body: dict[str, str]) -> Response:
        actions.share(self.member, **body)
        return Response({}, status=201)
