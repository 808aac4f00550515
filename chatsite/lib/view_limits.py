"""Limits of views outside of the API, which has throttle classes (`lib/rest/throttles`)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.permissions import SAFE_METHODS

from chatsite.lib.limits import POLICY, address_of, policy_of, take

View = Callable[..., HttpResponseBase]
Who = Callable[[HttpRequest], str]


def person_or_address(request: HttpRequest) -> str:
    """The uid of who is signed in, else the address that asks."""
    user: Any = request.user
    return str(user.pk) if user.is_authenticated else address_of(request)


def limited(name: str = "", who: Who = person_or_address) -> Callable[[View], View]:
    """Decorator for a view: each request is counted, and its answer names the limit.

    Args:
        name: of the limit; else `reads` or `writes`, by the method.
        who: the client that a request is counted for.

    Raises:
        TooMany: one request more than the limit allows.
        Unavailable: nobody can count, and the limit is strict.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            counted = name or ("reads" if request.method in SAFE_METHODS else "writes")
            take(who(request), counted)
            response = view(request, *args, **kwargs)
            response.headers.setdefault(POLICY, policy_of(counted))
            return response

        return inner

    return decorate
