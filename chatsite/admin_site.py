"""The admin: one door with its limits, and a front page that says how the site is."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from chatsite.ops import status


class SiteAdmin(AdminSite):
    """People without a role are not let in, administrators alone change what is here."""

    site_header = site_title = "Sotto"
    index_title = "How this site is"

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """By the site's own log-in page, which counts tries."""
        answer: HttpResponse = secure_admin_login(super().login)(request, extra_context)
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
        shown = {"facts": facts, "contact": settings.CONTACT}
        return super().index(request, {**shown, **(extra_context or {})})
