"""Pages that may open a WebSocket here: those of this site alone."""

from __future__ import annotations

from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.security.websocket import OriginValidator
from django.conf import settings
from django.http.request import split_domain_port, validate_host

ORIGIN_REFUSED = 4403


class SiteOriginValidator(OriginValidator):
    """Refuses WebSockets of foreign pages before the handshake.

    Browsers always send the Origin of a page. Programs send none and are let through: their
    cookies are ignored, so that there is nothing a foreign page could use.
    """

    def __init__(self, application: Any) -> None:
        super().__init__(application, settings.CSRF_TRUSTED_ORIGINS)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        chosen = self.application if origin_is_ours(scope) else Deny()
        return await chosen(scope, receive, send)


class Deny(AsyncWebsocketConsumer):
    """Closes a WebSocket before the handshake: the browser gets status 403."""

    channel_layer_alias = "none"

    async def connect(self) -> None:
        await self.close(code=ORIGIN_REFUSED)


def origin_is_ours(scope: dict[str, Any]) -> bool:
    """True if a scope's Origin is absent, trusted, or this site's own."""
    origin = header_of(scope, b"origin")
    if not origin or origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    host = header_of(scope, b"host")
    if settings.HTTPS or origin != f"http://{host}":
        return False
    return validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)


def header_of(scope: dict[str, Any], name: bytes) -> str:
    """A header's text, empty if absent. A header sent twice equals no allowed value."""
    found = [value for key, value in scope["headers"] if key == name]
    return b",".join(found).decode("latin-1")
