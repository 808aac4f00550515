"""Reports to the site in the admin. The pages carry what is sealed; their script opens it, with a
key that the browser of an administrator holds and the server does not have.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from accounts.admin.links import who
from accounts.admin.search import PersonSearch
from accounts.models import User
from chatsite.lib.errors import ChatError
from chatsite.lib.read_only_admin import ReadOnlyAdmin
from messaging.api.site_reports import ReportedFileView, SealedReportView, SiteKeyView
from messaging.reports.actions import handle_at_site
from messaging.reports.models import ROOM, Report
from messaging.reports.selectors import current_key, report_to_site

OUTCOMES = {
    Report.DISMISSED: "Nothing to do",
    "disabled": "Disable the author’s account",
    "stopped": "Stop the room",
}


@admin.register(Report)
class ReportAdmin(PersonSearch, ReadOnlyAdmin):
    """Reports to the site. Those to a room's leaders are theirs, and not here."""

    list_display = ("made_at", "state", "author_name", "reporter_name", "room", "seq")
    list_filter = ("state", "made_at")
    search_fields = ("=author",)  # shows the field
    person_fields, other_search_fields = ("author", "reporter"), ("room",)
    search_help_text = "A user name, the id of an account, or the id of a room."
    fields = (
        *("made_at", "state", "author_name", "reporter_name", "place", "seq", "sealed_to"),
        *("handler_name", "handled_at"),
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
            who_handled=Subquery(people.filter(pk=OuterRef("handler"))),
        )

    @admin.display(description="author")
    def author_name(self, report: Report) -> str:
        return getattr(report, "who_wrote", None) or report.author

    @admin.display(description="reported by")
    def reporter_name(self, report: Report) -> str:
        return getattr(report, "who_reported", None) or report.reporter

    @admin.display(description="handled by")
    def handler_name(self, report: Report) -> str:
        return getattr(report, "who_handled", None) or report.handler or "-"

    @admin.display(description="room")
    def place(self, report: Report) -> str:
        page = reverse("admin:rooms_room_change", args=[report.room])
        return format_html('<a href="{}">{}</a>', page, report.room)

    @admin.display(description="report key")
    def sealed_to(self, report: Report) -> str:
        return report.receiver

    def get_urls(self) -> list[URLPattern]:
        door = self.admin_site.admin_view
        mine = [
            path("key/", door(SiteKeyView.as_view()), name="messaging_report_key"),
            path(
                "<path:object_id>/sealed/",
                door(SealedReportView.as_view()),
                name="messaging_report_sealed",
            ),
            path(
                "<path:object_id>/files/<str:file>/",
                door(ReportedFileView.as_view()),
                name="messaging_report_file",
            ),
            path("<path:object_id>/handle/", door(self.handle), name="messaging_report_handle"),
        ]
        return [*mine, *super().get_urls()]

    def handle(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Do what was decided."""
        by = who(request)
        if not by.is_administrator:
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        report = report_to_site(object_id)
        try:
            handle_at_site(report.pk, request.POST.get("outcome", ""), by=by)
        except ChatError as error:
            self.message_user(request, str(error.detail), "error")
        return redirect("admin:messaging_report_change", object_id)

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
