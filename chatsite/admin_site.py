"""The admin: one door with its limits, and a front page that says how the site is."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from accounts.activity.days import last_days
from accounts.factor import policy
from accounts.models import User
from chatsite.lib.view_limits import limited
from chatsite.ops import charts, decisions, status


def _lacks_factor(user: Any) -> bool:
    if not isinstance(user, User) or not policy.is_required(user):
        return False
    return not policy.is_on(user)


class SiteAdmin(AdminSite):
    """People without a role are not let in, administrators alone change what is here."""

    site_header = site_title = "Sotto"
    index_title = "How this site is"

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not _lacks_factor(request.user)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """With a limit, by person: these pages ask a lot of the database."""
        return super().admin_view(limited("admin")(view), cacheable)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """By the site's own log-in page, which counts tries and asks for the second factor; people
        who lack one that their role needs set it up first. Django's form would sign a member of
        staff in as another by the password alone.
        """
        if _lacks_factor(request.user):
            return redirect("second_factor")
        answer: HttpResponse = secure_admin_login(lambda _: redirect("admin:index"))(request)
        return answer

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """By the site's own page: limited, on the record, and this browser stays signed in."""
        return redirect("password")

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        facts = status.facts()
        shown: dict[str, Any] = {"facts": facts, "contact": settings.CONTACT}
        if facts["engines"]["database"]:
            shown["charts"] = charts.charts(last_days(charts.DAYS))
            shown["decisions"] = decisions.decisions(facts["rooms"]["no_owner"])
        return super().index(request, {**shown, **(extra_context or {})})
