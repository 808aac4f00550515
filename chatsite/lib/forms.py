"""Limits of server-rendered forms.

All posts of an address are counted by django-ratelimit in the cache `limits`, in fixed windows: a
form says when its window ends. What the API can do as well, such as trying a password, is counted
by `lib/ratelimit`, together with the API's own tries.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django_ratelimit.core import get_usage
from redis import RedisError

from chatsite.lib import metrics
from chatsite.lib.errors import TooMany, Unavailable
from chatsite.lib.limits import POLICY, address_of, limit_of, policy_of

View = Callable[..., HttpResponseBase]
Count = Callable[[HttpRequest], None]


def limited_form(count: Count) -> Callable[[View], View]:
    """Decorator for a view that takes a form: each post is counted for its address, then by
    `count(request)`, which raises TooMany. Unavailable while nobody can count.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method == "POST":
                _count(request, "form_posts", address_of(request))
                count(request)
            response = view(request, *args, **kwargs)
            if request.method == "POST":
                response.headers.setdefault(POLICY, policy_of("form_posts"))
            return response

        return inner

    return decorate


def _count(request: HttpRequest, name: str, who: str) -> None:
    rate = limit_of(name)
    try:
        usage = get_usage(request, group=name, key=lambda *_: who, rate=rate, increment=True)
    except RedisError:
        raise Unavailable from None
    if usage is None or not usage["should_limit"]:
        return
    if usage["time_left"] < 0:  # the cache is there and does not count
        raise Unavailable
    metrics.limited.labels(name).inc()
    raise TooMany(usage["time_left"] + 1, name)  # the window's last second belongs to it
