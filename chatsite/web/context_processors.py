"""Facts that every page gives its scripts: about the request, never a secret of a room."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token

from accounts.models import User


def page_data(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `page`, rendered by templates with `json_script`."""
    user = getattr(request, "user", None)
    signed_in = isinstance(user, User)
    match = request.resolver_match
    return {
        "page": {
            "page": match.url_name if match else "",
            "uid": user.pk if isinstance(user, User) else "",
            "name": user.name if isinstance(user, User) else "",
            "kid": user.current_kid if isinstance(user, User) else None,
            "csrf": get_token(request) if signed_in else "",
            "build": settings.BUILD,
            "registration": settings.REGISTRATION,
            **(match.kwargs if match else {}),
            "next": request.GET.get("next", ""),
        }
    }
