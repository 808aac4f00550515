"""Named limits of the site, counted by the one limiter.

They are those of `settings.RATE_LIMITS`, but for those that were changed while the site runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

from chatsite.lib import metrics, ratelimit
from chatsite.lib.errors import TooMany

UNKNOWN = "unknown"
POLICY = "RateLimit-Policy"
"""The header that names the limit against which a request was counted."""
Changes = Callable[[], Mapping[str, tuple[int, int]]]
_changes: list[Changes] = []


def change_by(changes: Changes) -> None:
    """Ask `changes` first at every use of a limit: it returns those that count instead, by name.
    It is called on the event loop, too, and must not block there.
    """
    _changes[:] = [changes]


def limit_of(name: str) -> tuple[int, int]:
    """The limit `name` as it counts now: how many, per how many seconds."""
    for changes in _changes:
        if (changed := changes().get(name)) is not None:
            return changed
    limit: tuple[int, int] = settings.RATE_LIMITS[name]
    return limit


def take(who: str, name: str) -> None:
    """Count one use of the limit `name` by `who`.

    Raises:
        TooMany: there were too many.
        Unavailable: nobody can count, and the limit is strict.
    """
    many, seconds = limit_of(name)
    strict = name in settings.STRICT_LIMITS
    wait = ratelimit.allow(f"rate_limit:{who}:{name}", many, seconds, strict=strict)
    if wait:
        metrics.limited.labels(name).inc()
        raise TooMany(wait, name)


def policy_of(name: str) -> str:
    """The limit `name` as the header POLICY gives it: `"search";q=120;w=60`."""
    many, seconds = limit_of(name)
    return f'"{name}";q={many};w={seconds}'


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
