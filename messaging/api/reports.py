"""REST: reports of abuse. Members make them, a room's leaders read and handle them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from chatsite.lib.rest.pagination import KeysetPagination, PageQuerySerializer
from chatsite.lib.rest.views import ApiView, operation
from messaging.api import report_serializers as serializers
from messaging.reports import actions, selectors
from messaging.reports.actions import ReportGiven
from rooms.api.base import RoomView
from rooms.permissions import IsRoomLeader


class NewestReports(KeysetPagination):
    keys = {"-made_at": datetime, "-pk": str}
    size = 10  # each has a whole message


class ReportsView(RoomView):
    """Bots neither report nor handle reports."""

    tag = "Reports"
    limits = {"GET": "room_reads", "POST": "reports"}
    scopes = {}
    room_permissions = {"GET": IsRoomLeader}

    @operation(query=PageQuerySerializer, answers=serializers.ReportsSerializer)
    def get(self, request: Request, room: str, query: dict[str, str]) -> Response:
        pages = NewestReports()
        found = pages.paginate_queryset(selectors.reports_to(self.member), request)
        return pages.get_paginated_response({"reports": selectors.described(found)})

    @operation(
        body=serializers.MakeReportSerializer,
        answers={201: serializers.ReportMadeSerializer},
        errors=(403, 404, 409),
    )
    def post(self, request: Request, room: str, body: ReportGiven) -> Response:
        return Response({"rid": actions.make_report(self.member, body).pk}, status=201)


class ReportView(RoomView):
    tag = "Reports"
    limits = {"POST": "room_reads"}
    scopes = {}
    room_permissions = {"POST": IsRoomLeader}

    @operation(body=serializers.OutcomeSerializer, answers={204: None}, errors=(409,))
    def post(self, request: Request, room: str, rid: str, body: dict[str, str]) -> Response:
        actions.handle_in_room(self.member, rid, body["outcome"])
        return Response(status=204)


class ReportKeyView(ApiView):
    tag = "Reports"
    limits = {"GET": "account_reads"}

    @operation(answers=serializers.ReportKeySerializer)
    def get(self, request: Request) -> Response:
        key = selectors.current_key()
        told: dict[str, Any] | None = None
        if key is not None:
            told = {"spki": key.spki, "at": round(key.made_at.timestamp() * 1000)}
        return Response({"key": told})
