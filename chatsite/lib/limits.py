"""Named limits of the site (`settings.RATE_LIMITS`), counted by the one limiter."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

from chatsite.lib import metrics, ratelimit
from chatsite.lib.errors import TooMany

UNKNOWN = "unknown"


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
        raise TooMany(wait, name)


def address_of(request: Request | HttpRequest) -> str:
    """Return the address that limits count where nobody is signed in."""
    return customer(request.META.get("REMOTE_ADDR", ""))


def customer(address: str) -> str:
    """Return the address of a customer: of IPv6 the /64, which one customer has."""
    try:
        known = ip_address(address)
    except ValueError:
        return UNKNOWN
    return str(ip_network(f"{address}/64", strict=False) if known.version == 6 else known)
