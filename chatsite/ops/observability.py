"""/metrics for operators, and the log line of every request."""

from __future__ import annotations

import logging
import re
import secrets
import time

import structlog
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.crypto import constant_time_compare
from django.utils.deprecation import MiddlewareMixin
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from chatsite.lib import metrics

ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
log = logging.getLogger("sotto.request")


@never_cache
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """This process's numbers, for who has METRICS_TOKEN; to all others there is nothing here."""
    if not may_see(request):
        raise Http404
    return HttpResponse(generate_latest(metrics.registry), content_type=CONTENT_TYPE_LATEST)


def may_see(request: HttpRequest) -> bool:
    """True if the request has METRICS_TOKEN as its bearer token."""
    given = request.headers.get("Authorization", "")
    token = settings.METRICS_TOKEN
    return bool(token) and constant_time_compare(given, f"Bearer {token}")


class Observed(MiddlewareMixin):
    """Every request has an id, a line in the log and a place in the metrics: by its route, never
    by its address, which names rooms and invitations.
    """

    def process_request(self, request: HttpRequest) -> None:
        began = (request_id(request), time.perf_counter())
        request._observed = began  # type: ignore[attr-defined]
        structlog.contextvars.bind_contextvars(request=began[0])

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        mark, began = request._observed  # type: ignore[attr-defined]
        self._note(request, response.status_code, time.perf_counter() - began)
        structlog.contextvars.unbind_contextvars("request")
        response["X-Request-ID"] = mark
        return response

    def _note(self, request: HttpRequest, status: int, seconds: float) -> None:
        found = request.resolver_match
        route = found.route if found is not None else "none"
        method = request.method if request.method in METHODS else "other"
        metrics.requests.labels(method, route, status).observe(seconds)
        log.info("%s %s %d %.1f ms", method, route, status, seconds * 1000)


def request_id(request: HttpRequest) -> str:
    """The proxy's, if it is a plain token; else one made here."""
    given = request.headers.get("X-Request-ID", "")
    return given if ID.fullmatch(given) else secrets.token_hex(8)
