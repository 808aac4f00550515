"""JSON and sealed files for the admin's pages of reports to the site. Sessions alone count:
programs have no business there.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import BrowserAuthentication, signed_in
from chatsite.lib.rest.conditional import etag_of
from chatsite.lib.rest.views import ApiView, operation
from messaging.api import report_serializers as serializers
from messaging.api.files import SEALED, SealedResponse
from messaging.reports import actions, selectors
from rooms.models import Room
from rooms.selectors import log_page
from rooms.serializers import LogQuerySerializer


class IsAdministrator(BasePermission):
    """Only administrators open reports, and make keys for them."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return signed_in(request).is_administrator


class SiteReportsView(ApiView):
    tag = "Reports"
    authentication_classes = [BrowserAuthentication]
    permission_classes = [IsAdministrator]


class SiteKeyView(SiteReportsView):
    """Publishes the public half of a report key that the browser made."""

    @operation(
        body=serializers.NewSiteKeySerializer, answers=serializers.SiteKeySerializer, errors=(409,)
    )
    def post(self, request: Request, body: dict[str, str]) -> Response:
        made = actions.set_key(body["spki"], by=signed_in(request))
        return Response({"rk": made.key_hash})


class SealedReportView(SiteReportsView):
    """A report as its script opens and verifies it, and a page of the room's log. The report comes
    with the first page; that it was opened is recorded: hence POST, as for its files.
    """

    @operation(query=LogQuerySerializer, answers=serializers.ReportToSiteSerializer)
    def post(self, request: Request, object_id: str, query: dict[str, int]) -> Response:
        report = selectors.report_to_site(object_id)
        room = Room.objects.filter(pk=report.room).first()
        log = None if room is None else log_page(room, query["after"])
        if query["after"] >= 0:
            return Response({"report": None, "rk": report.receiver, "log": log})
        key = actions.opened_key(report, by=signed_in(request))
        return Response({"report": report.as_dict(key.ciphertext), "rk": key.to, "log": log})


class ReportedFileView(SiteReportsView):
    """A sealed file of the reported message. That it was asked for is recorded: hence POST, which
    no page of another site can make an administrator's browser send.
    """

    limits = {"POST": "downloads"}

    @operation(answers={(200, SEALED): OpenApiTypes.BINARY})
    def post(self, request: Request, object_id: str, file: str) -> SealedResponse:
        found = actions.reported_file(object_id, file, by=signed_in(request))
        response = SealedResponse(found.content.open("rb"), found.size, etag_of(found.sha256))
        response["Cache-Control"] = "private, no-store"
        return response
