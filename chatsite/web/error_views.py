"""Answers to wrong addresses and to errors of the server, for people and for programs."""

from __future__ import annotations

import sys

from django.contrib import admin
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import get_template
from django.template.response import TemplateResponse
from django.views import defaults

from chatsite.lib.errors import ChatError, Forbidden, NotFound, TooMany, Unavailable
from chatsite.lib.pages import refuse, static_page
from chatsite.web.api_paths import is_api


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request.path):
        return _json(404, "not_found", "There is nothing at this address.")
    return static_page("404.html", status=404)


def refused(request: HttpRequest, error: ChatError) -> HttpResponse | None:
    """The answer to an error of a page; None for one that views translate themselves."""
    if isinstance(error, NotFound):
        return not_found(request, error)
    in_admin = request.path.startswith("/admin/")
    if in_admin and isinstance(error, Forbidden):
        return defaults.permission_denied(request, error)  # a role changed under an open page
    if in_admin and (error.retry_after is None or isinstance(error, TooMany)):
        return _refused_in_admin(request, error)
    if error.retry_after is None:
        return None
    if not in_admin:
        return refuse(error)
    answer = HttpResponse(get_template("503.html").render(), status=error.status)
    answer["Retry-After"] = str(error.retry_after)
    return answer


def _refused_in_admin(request: HttpRequest, error: ChatError) -> HttpResponse:
    """A page that says why an action was refused: something changed under an open page, or there
    were too many requests.
    """
    shown = {
        **admin.site.each_context(request),
        "title": "This was not done",
        "detail": error.detail,
        "again": request.get_full_path(),
        "wait": error.retry_after,
    }
    answer = TemplateResponse(request, "admin/refused.html", shown, status=error.status)
    if error.retry_after is not None:
        answer["Retry-After"] = str(error.retry_after)
    return answer.render()


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without a good token: JSON for the site's own scripts, a page in the admin."""
    if request.path.startswith("/admin/"):
        return HttpResponse(get_template("403_csrf.html").render(), status=403)
    return refuse(Forbidden("The page is out of date. Reload it.", code="csrf"))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an exception; 503 if the database is unreachable, or all its connections are taken."""
    if isinstance(sys.exception(), (OperationalError, InterfaceError)):
        unavailable = Unavailable()
        return refused(request, unavailable) or refuse(unavailable)
    if is_api(request.path):
        return _json(500, "server_error", "Something went wrong on our side. Try again.")
    return defaults.server_error(request)


def _json(status: int, code: str, detail: str) -> JsonResponse:
    return JsonResponse({"error": {"code": code, "detail": detail}}, status=status)
