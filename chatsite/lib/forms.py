"""Limits of server-rendered forms, counted by django-ratelimit in the cache `limits`.

It counts in fixed windows: a form says when its window ends. What the API limits, and sockets, is
counted by `lib/ratelimit`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django_ratelimit.core import get_usage
from redis import RedisError

from chatsite.lib import metrics
from chatsite.lib.errors import TooMany, Unavailable

View = Callable[..., HttpResponseBase]
Who = Callable[[HttpRequest], str]


def limited_form(**limits: Who) -> Callable[[View], View]:
    """Decorator for a view that takes a form: `RATE_LIMITS[name]` posts by each `who(request)`.

    Counted in the order given, until one refuses: what comes later is not used up by who is
    refused before. Unavailable while nobody can count.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method == "POST":
                for name, who in limits.items():
                    _count(request, name, who(request))
            return view(request, *args, **kwargs)

        return inner

    return decorate


def _count(request: HttpRequest, name: str, who: str) -> None:
    rate = settings.RATE_LIMITS[name]
    try:
        usage = get_usage(request, group=name, key=lambda *_: who, rate=rate, increment=True)
    except RedisError:
        raise Unavailable from None
    if usage is None or not usage["should_limit"]:
        return
    if usage["time_left"] < 0:  # the cache is there and does not count
        raise Unavailable
    metrics.limited.labels(name).inc()
    raise TooMany(usage["time_left"] + 1)  # the window's last second belongs to it
