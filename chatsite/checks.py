"""A misconfiguration speaks, with a hint."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@checks.register()
def reachable_in_the_clear(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Browsers make keys only on https:// or localhost."""
    if settings.HOST in LOOPBACK or settings.HTTPS:
        return []
    return [
        checks.Warning(
            f"HOST={settings.HOST} is reachable from elsewhere, but PUBLIC_URL is not https.",
            hint="Browsers refuse to make keys there. Put a TLS proxy in front and set "
            "PUBLIC_URL=https://chat.example.org, or leave HOST unset.",
            id="sotto.W001",
        )
    ]


@checks.register()
def debug_in_public(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    if not (settings.DEBUG and settings.HTTPS):
        return []
    return [
        checks.Error(
            "DEBUG is on for a public address: error pages would show settings and code.",
            hint="Unset DEBUG.",
            id="sotto.E001",
        )
    ]
