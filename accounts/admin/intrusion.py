"""Signals of intrusion in the admin: read-only, but for the button that ends a slow-down."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.timesince import timeuntil

from accounts.admin.links import who
from accounts.admin.search import PersonSearch
from accounts.intrusion import alerts, slow_down
from accounts.models import IntrusionSignal, User
from accounts.roles import HELPS
from chatsite.lib.read_only_admin import ReadOnlyAdmin

LIFTS = "accounts.change_intrusionsignal"
assert LIFTS in HELPS


class SlowedNow(admin.SimpleListFilter):
    title = "slow-down"
    parameter_name = "slowed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("now", "slows a network now")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() != "now":
            return queryset
        return queryset.filter(slowed_until__gt=timezone.now(), lifted_at=None)


@admin.register(IntrusionSignal)
class IntrusionSignalAdmin(PersonSearch, ReadOnlyAdmin):
    """Signals, newest first. A search takes a user name, a uid or a network."""

    list_display = ("at", "kind", "slow_down", "severity", "account", "network")
    list_filter = (SlowedNow, "kind", "at")
    search_fields = ("=person",)  # shows the field
    person_fields, other_search_fields = ("person",), ("network",)
    search_help_text = "A user name, the id of an account, or a network as it stands here."
    fields = (
        *("at", "kind", "severity", "account", "account_id", "network"),
        *("slow_down", "webhook", "mail"),
    )
    ordering = ("-id",)
    show_full_result_count = False
    change_form_template = "admin/accounts/intrusionsignal/change_form.html"
    change_list_template = "admin/accounts/intrusionsignal/change_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[IntrusionSignal]:
        name = User.objects.filter(pk=OuterRef("person")).values("name")
        found: QuerySet[IntrusionSignal] = super().get_queryset(request)
        return found.annotate(who=Subquery(name))

    @admin.display(description="account")
    def account(self, raised: IntrusionSignal) -> str:
        return getattr(raised, "who", None) or raised.person or "-"

    @admin.display(description="account, id")
    def account_id(self, raised: IntrusionSignal) -> str:
        return raised.person or "-"

    @admin.display(description="slow-down")
    def slow_down(self, raised: IntrusionSignal) -> str:
        if raised.slowed_until is None:
            return "-"
        if raised.lifted_at is not None:
            return "lifted"
        return f"for {timeuntil(raised.slowed_until)}" if raised.slows else "over"

    def get_urls(self) -> list[URLPattern]:
        lift = path(
            "<path:object_id>/lift/",
            self.admin_site.admin_view(self.lift),
            name="accounts_intrusionsignal_lift",
        )
        return [lift, *super().get_urls()]

    def lift(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """End the slow-down of a signal's network."""
        if not who(request).has_perm(LIFTS):
            raise PermissionDenied
        raised = self.get_object(request, unquote(object_id))
        if raised is None:
            raise Http404
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        slow_down.lift(raised, by=who(request))
        return redirect("admin:accounts_intrusionsignal_change", object_id)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        raised: IntrusionSignal | None = kwargs.get("obj")
        context["raised"] = raised
        context["may_lift"] = bool(raised and raised.slows and who(request).has_perm(LIFTS))
        return super().render_change_form(request, context, *args, **kwargs)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        told = {"channels": alerts.channels()}
        return super().changelist_view(request, {**told, **(extra_context or {})})
