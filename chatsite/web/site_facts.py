"""`/site.json`: the facts that pages leave out, since they are the same bytes for everybody."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.http import require_safe

from accounts.factor_policy import lacks_factor
from accounts.models import User


@require_safe
def site_facts(request: HttpRequest) -> JsonResponse:
    """Answer what the site says of itself and who is signed in, never a secret of a room.

    Sets the cookie from which scripts take the CSRF token.
    """
    get_token(request)
    return JsonResponse(
        {
            "build": settings.BUILD,
            "registration": settings.REGISTRATION,
            "contact": settings.CONTACT,
            "terms": settings.TERMS_URL,
            "mail": bool(settings.SMTP_URL),
            "sso": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
            "demo": settings.DEBUG,
            "me": _facts_of(request.user),
        }
    )


def _facts_of(user: Any) -> dict[str, Any] | None:
    if not isinstance(user, User):
        return None
    lacks = lacks_factor(user)
    return {"uid": user.pk, "name": user.name, "kid": user.current_kid, "lacks_factor": lacks}
