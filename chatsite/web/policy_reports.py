"""Reports of browsers about violations of the pages' policy: counted, and nothing of them is kept.

A violation is a bug of ours, an extension of the reader's, or an attack. A report names the page,
the blocked address and a sample of the script: rooms, invitations and texts might be in them, so
all that is read of one is its directive.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from chatsite.lib import metrics, ratelimit
from chatsite.lib.errors import ChatError, TooLarge
from chatsite.lib.limits import address_of
from chatsite.lib.pages import refuse
from chatsite.lib.view_limits import limited
from chatsite.web.content_policies import PAGES

MOST = 16 * 1024  # bytes of a request
MOST_REPORTS = 20  # of a request; the others are not counted
TYPES = {"application/reports+json", "application/csp-report"}
DIRECTIVES = frozenset({*PAGES, "script-src-elem", "script-src-attr", "style-src-elem",
                        "style-src-attr"})  # fmt: skip
OTHER = "other"
log = logging.getLogger(__name__)


@csrf_exempt
@never_cache
@require_POST
@limited("policy_reports", address_of)
def take_reports(request: HttpRequest) -> HttpResponse:
    """Count the violations that a browser reports."""
    try:
        found = _directives(request)
    except ChatError as error:
        return refuse(error)
    for name in found:
        metrics.policy_violations.labels(name).inc()
        if not ratelimit.allow(f"rate_limit:{name}:policy_log", 1, 60):
            log.warning("policy.violated directive=%s", name)
    return HttpResponse(status=204)


def _directives(request: HttpRequest) -> list[str]:
    """The directives that a request's reports name, each a word of a fixed list.

    Raises:
        TooLarge: it is longer than any browser's.
        ChatError: it is not what browsers send.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST:
        raise TooLarge
    if request.content_type not in TYPES:
        raise ChatError
    try:
        given = json.loads(request.body)
    except (ValueError, RecursionError):
        raise ChatError from None
    reports = given if isinstance(given, list) else [given]
    return [_directive(report) for report in reports[:MOST_REPORTS]]


def _directive(report: Any) -> str:
    """By the Reporting API (`body.effectiveDirective`), or by report-uri (`csp-report`)."""
    if not isinstance(report, dict):
        raise ChatError
    body = report.get("body", report.get("csp-report"))
    if not isinstance(body, dict):
        raise ChatError
    name = body.get("effectiveDirective", body.get("effective-directive"))
    return name if isinstance(name, str) and name in DIRECTIVES else OTHER
