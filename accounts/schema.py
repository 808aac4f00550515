"""Both ways to sign in, as the OpenAPI document describes them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.permissions import SAFE_METHODS


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.authentication.TokenAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "A program's access token, from `auth/login` or `auth/refresh`.",
        }


class BrowserScheme(OpenApiAuthenticationExtension):
    """A page's session; what writes also proves that it comes from a page of this site."""

    target_class = "accounts.authentication.BrowserAuthentication"
    name = ["session", "csrf"]

    def get_security_requirement(self, auto_schema: Any) -> dict[str, Any]:
        needed = ["session"] if auto_schema.method in SAFE_METHODS else ["session", "csrf"]
        return {name: [] for name in needed}

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        return [
            {
                "type": "apiKey",
                "in": "cookie",
                "name": settings.SESSION_COOKIE_NAME,
                "description": "The session of a browser that is signed in.",
            },
            {
                "type": "apiKey",
                "in": "header",
                "name": "X-CSRFToken",
                "description": "The page's own token, beside the cookie of the same name; a "
                "request that has an Origin must come from this site.",
            },
        ]
