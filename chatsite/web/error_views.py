"""Answers to wrong addresses and to errors of the server, for people and for programs."""

from __future__ import annotations

import sys
from math import ceil

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.views import defaults

from chatsite.lib.errors import ChatError, NotFound, Unavailable
from chatsite.web.api_paths import is_api


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request.path):
        return _json(404, "not_found", "There is nothing at this address.")
    return defaults.page_not_found(request, exception)


def refused(request: HttpRequest, error: ChatError) -> HttpResponse | None:
    """The page of an error; None for one that views translate themselves."""
    if isinstance(error, NotFound):
        return not_found(request, error)
    if error.retry_after is None:
        return None
    if isinstance(error, Unavailable):
        answer = HttpResponse(get_template("503.html").render(), status=503)
    else:
        minutes = ceil(error.retry_after / 60)
        answer = render(request, "429.html", {"minutes": minutes}, status=429)
    answer["Retry-After"] = str(error.retry_after)
    return answer


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an exception; 503 if the database is away, or all its connections are taken."""
    if isinstance(sys.exception(), (OperationalError, InterfaceError)):
        return _unavailable(request)
    if is_api(request.path):
        return _json(500, "server_error", "The server failed. It was not your doing.")
    return defaults.server_error(request)


def _unavailable(request: HttpRequest) -> HttpResponse:
    error = Unavailable()
    answer = None if is_api(request.path) else refused(request, error)
    if answer is None:
        answer = JsonResponse({"error": error.as_dict()}, status=error.status)
        answer["Retry-After"] = str(error.retry_after)
    return answer


def _json(status: int, code: str, detail: str) -> JsonResponse:
    return JsonResponse({"error": {"code": code, "detail": detail}}, status=status)
