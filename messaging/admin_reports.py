"""Reports to the site in the admin. The pages carry what is sealed; their script opens it, with a
key that the browser of an administrator holds and the server does not have.
"""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path

from accounts.admin_links import who
from accounts.admin_search import PersonSearch
from accounts.models import User
from chatsite.lib.errors import ChatError
from chatsite.lib.read_only_admin import ReadOnlyAdmin
from chatsite.lib.wire import BadWire
from messaging.reports.actions import handle_at_site, set_key
from messaging.reports.models import ROOM, Report
from messaging.reports.selectors import current_key
from rooms.models import Room
from rooms.selectors import log_page

OUTCOMES = {
    Report.DISMISSED: "Nothing to do",
    "disabled": "Disable the author’s account",
    "stopped": "Stop the room",
}


def _administrator(request: HttpRequest) -> User:
    """Only administrators open and handle reports, and make keys for them."""
    if not who(request).is_administrator:
        raise PermissionDenied
    return who(request)


@admin.register(Report)
class ReportAdmin(PersonSearch, ReadOnlyAdmin):
    """Reports to the site. Those to a room's leaders are theirs, and not here."""

    list_display = ("made_at", "state", "author_name", "reporter_name", "room", "seq")
    list_filter = ("state", "made_at")
    search_fields = ("=author",)  # shows the field
    person_fields, other_search_fields = ("author", "reporter"), ("room",)
    search_help_text = "A user name, the id of an account, or the id of a room."
    fields = (
        *("made_at", "state", "author_name", "reporter_name", "room", "seq", "receiver"),
        *("handler", "handled_at"),
    )
    ordering = ("-made_at",)
    show_full_result_count = False
    change_form_template = "admin/messaging/report/change_form.html"
    change_list_template = "admin/messaging/report/change_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        people = User.objects.values("name")
        found: QuerySet[Report] = super().get_queryset(request).exclude(receiver=ROOM)
        return found.annotate(
            who_wrote=Subquery(people.filter(pk=OuterRef("author"))),
            who_reported=Subquery(people.filter(pk=OuterRef("reporter"))),
        )

    @admin.display(description="author")
    def author_name(self, report: Report) -> str:
        return getattr(report, "who_wrote", None) or report.author

    @admin.display(description="reported by")
    def reporter_name(self, report: Report) -> str:
        return getattr(report, "who_reported", None) or report.reporter

    def get_urls(self) -> list[URLPattern]:
        mine = [
            path("key/", self._door(self.key), name="messaging_report_key"),
            path(
                "<path:object_id>/sealed/", self._door(self.sealed), name="messaging_report_sealed"
            ),
            path(
                "<path:object_id>/handle/", self._door(self.handle), name="messaging_report_handle"
            ),
        ]
        return [*mine, *super().get_urls()]

    def _door(self, view: Any) -> Any:
        return self.admin_site.admin_view(view)

    def key(self, request: HttpRequest) -> HttpResponse:
        """Publish the public half of a key that the browser made."""
        by = _administrator(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            made = set_key(json.loads(request.body)["spki"], by=by)
        except (ValueError, KeyError, TypeError, BadWire):
            return JsonResponse({"error": {"detail": "That is not a report key."}}, status=400)
        except ChatError as error:
            return JsonResponse({"error": {"detail": str(error.detail)}}, status=error.status)
        return JsonResponse({"rk": made.key_hash})

    def sealed(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The report as its script opens and verifies it, and a page of the room's log."""
        _administrator(request)
        report = self._report(request, object_id)
        room = Room.objects.filter(pk=report.room).first()
        key = report.keys.get()
        try:
            after = int(request.GET.get("after", "-1")[:16])
        except ValueError:
            after = -1
        log = None if room is None else log_page(room, max(after, -1))
        return JsonResponse({"report": report.as_dict(key.ciphertext), "rk": key.to, "log": log})

    def handle(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Do what was decided."""
        by = _administrator(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        report = self._report(request, object_id)
        try:
            handle_at_site(report.pk, request.POST.get("outcome", ""), by=by)
        except ChatError as error:
            self.message_user(request, str(error.detail), "error")
        return redirect("admin:messaging_report_change", object_id)

    def _report(self, request: HttpRequest, object_id: str) -> Report:
        found: Report | None = self.get_object(request, unquote(object_id))
        if found is None:
            raise Http404
        return found

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        report: Report | None = kwargs.get("obj")
        context["report"] = report
        context["opens"] = bool(report and who(request).is_administrator)
        context["outcomes"] = OUTCOMES if report and report.state == Report.OPEN else {}
        return super().render_change_form(request, context, *args, **kwargs)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        key = current_key()
        told = {"report_key": key, "makes": who(request).is_administrator}
        return super().changelist_view(request, {**told, **(extra_context or {})})
