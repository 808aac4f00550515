"""Addresses that browsers, crawlers and finders of holes ask for on every site."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.templatetags.static import static
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

ROBOTS = "User-agent: *\nDisallow: /\n"
DAY = 60 * 60 * 24  # seconds
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
GOOD_FOR = timedelta(days=180)  # RFC 9116: less than a year


@require_safe
def favicon(request: HttpRequest) -> HttpResponseRedirect:
    """For browsers and programs that do not read the pages' own link."""
    answer = HttpResponseRedirect(static("img/icon-32.png"))
    answer["Cache-Control"] = f"public, max-age={DAY}"
    return answer


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Nothing here is for search engines: invitations least of all."""
    answer = HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = f"public, max-age={DAY}"
    return answer


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """security.txt (RFC 9116), where CONTACT is something that it may name.

    Raises:
        Http404: CONTACT is a name of somebody, or nothing.
    """
    contact = settings.CONTACT.strip()
    if MAIL.fullmatch(contact):
        contact = f"mailto:{contact}"
    elif not contact.startswith(("https://", "mailto:", "tel:")) or " " in contact:
        raise Http404
    expires = datetime.now(UTC).replace(microsecond=0) + GOOD_FOR
    lines = [
        f"Contact: {contact}",
        f"Expires: {expires.isoformat().replace('+00:00', 'Z')}",
        f"Canonical: {settings.PUBLIC_URL}/.well-known/security.txt",
        "Preferred-Languages: en",
    ]
    answer = HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer


@require_safe
def release(request: HttpRequest) -> HttpResponse:
    """The signed manifest of the build that is served, if the operator has put it here.

    Raises:
        Http404: there is none. A manifest of another build is none.
    """
    name = f"sotto-release-{settings.BUILD}-{get_language() or settings.LANGUAGE_CODE}.json"
    try:
        signed = (settings.DATA_DIR / "releases" / name).read_bytes()
    except OSError:
        raise Http404 from None
    answer = HttpResponse(signed, content_type="application/json")
    answer["Cache-Control"] = "no-cache"
    answer["Vary"] = "Accept-Language"
    return answer


@require_safe
def change_password(request: HttpRequest) -> HttpResponse:
    """Lead password managers to the page that changes a password."""
    return redirect("password")
