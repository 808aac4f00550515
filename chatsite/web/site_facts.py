"""`/site.json`: the facts that pages leave out, since they are the same bytes for everybody."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.factor.policy import lacks_factor
from accounts.models import User
from accounts.site_settings import current
from accounts.site_settings.models import SiteSettings, version_of
from chatsite.lib.view_limits import limited

YEAR = 60 * 60 * 24 * 365  # seconds


@require_safe
@limited()
def site_facts(request: HttpRequest) -> JsonResponse:
    """Answer what the site says of itself and who is signed in, never a secret of a room.

    Sets the cookie from which scripts take the CSRF token.
    """
    get_token(request)
    return JsonResponse(
        {
            "build": settings.BUILD,
            "name": current.name(),
            "icon": icon_address(),
            "announcement": _announcement(current.row()),
            "registration": current.registration(),
            "contact": settings.CONTACT,
            "terms": current.terms_url(),
            "privacy": current.row().privacy_url,
            "mail": bool(settings.SMTP_URL),
            "sso": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
            "demo": settings.DEBUG,
            "me": _facts_of(request.user),
        }
    )


@require_safe
def icon(request: HttpRequest, version: str) -> HttpResponse:
    """The picture that administrators chose, under an address of its own for each.

    Raises:
        Http404: it is another one, or none.
    """
    picture = bytes(current.row().icon)
    if not picture or version_of(picture) != version:
        raise Http404
    answer = HttpResponse(picture, content_type="image/png")
    answer["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    answer["Content-Security-Policy"] = "default-src 'none'"
    return answer


def icon_address() -> str:
    """The address of the site's own picture, or an empty text."""
    picture = bytes(current.row().icon)
    return reverse("site_icon", args=[version_of(picture)]) if picture else ""


def _announcement(row: SiteSettings) -> dict[str, str] | None:
    """The text and a name of it: browsers show one that was dismissed again when it changes."""
    text = row.announcement
    return {"id": version_of(text), "text": text} if text else None


def _facts_of(user: Any) -> dict[str, Any] | None:
    if not isinstance(user, User):
        return None
    lacks = lacks_factor(user)
    return {"uid": user.pk, "name": user.name, "kid": user.current_kid, "lacks_factor": lacks}
