"""Named limits of the site (`settings.RATE_LIMITS`), counted by the one limiter."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

from chatsite.lib import metrics, ratelimit
from chatsite.lib.errors import TooMany


def take(who: str, name: str) -> None:
    """Count one use of the limit `name` by `who`.

    Raises:
        TooMany: there were too many.
        Unavailable: nobody can count, and the limit is strict.
    """
    many, seconds = settings.RATE_LIMITS[name]
    strict = name in settings.STRICT_LIMITS
    wait = ratelimit.allow(f"rate_limit:{who}:{name}", many, seconds, strict=strict)
    if wait:
        metrics.limited.labels(name).inc()
        raise TooMany(wait)


def address_of(request: Request | HttpRequest) -> str:
    """Whom limits count where nobody is signed in: of IPv6 the /64, which one customer has."""
    text = request.META.get("REMOTE_ADDR", "")
    try:
        address = ip_address(text)
    except ValueError:
        return "unknown"
    return str(ip_network(f"{text}/64", strict=False) if address.version == 6 else address)
