"""Throttle classes over the one limiter.

A view names its limits in `limits`, by method: `{"GET": "room_reads", "POST": "log"}`, each a name
in `settings.RATE_LIMITS`. A method without one has the limit `reads` or `writes`. They are counted
before permissions look anything up.
"""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from chatsite.lib.limits import address_of, policy_of, take


class LimitThrottle(BaseThrottle):
    """Counts the client against the view's limit for the method."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """True.

        Raises:
            TooMany: one request more than the limit allows.
            Unavailable: nobody can count, and the limit is strict.
        """
        name = self.limit_of(request, view)
        who = self.who(request)
        if name is not None and who is not None:
            view.policy = policy_of(name)
            take(who, name)
        return True

    def limit_of(self, request: Request, view: Any) -> str | None:
        """The limit that the request counts against; None if another class counts it."""
        method = "GET" if request.method == "HEAD" else request.method
        other = "reads" if method in SAFE_METHODS else "writes"
        found: str = view.limits.get(method, other)
        return found

    def who(self, request: Request) -> str | None:
        raise NotImplementedError


class UserThrottle(LimitThrottle):
    """By account. Who is not signed in is refused, or counted by address beside this."""

    def who(self, request: Request) -> str | None:
        return str(request.user.pk) if request.user.is_authenticated else None


class AddressThrottle(LimitThrottle):
    """By address, signed in or not: for requests of strangers, and for secrets that might be
    guessed, because accounts are free.
    """

    def who(self, request: Request) -> str | None:
        return address_of(request)
