"""What views that have no serializers yet read bodies by."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from chatsite.lib import wire
from chatsite.lib.limits import address_of, take


def limited(name: str, *, also_by_address: bool = False) -> Callable:
    """Decorator for a view method: settings.RATE_LIMITS[name] per user, else per address; for
    secrets that might be guessed, by address for everybody, because accounts are free."""

    def decorate(method: Callable) -> Callable:
        @wraps(method)
        def inner(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
            known = request.user.is_authenticated
            if also_by_address or not known:
                take(address_of(request), name)
            if known:
                take(str(request.user.pk), name)
            return method(self, request, *args, **kwargs)

        return inner

    return decorate


def body_of(request: Request) -> dict[str, Any]:
    """The JSON object of a request, as StrictJSONParser gave it; empty without a body."""
    data = request.data
    if type(data) is not dict:
        raise wire.BadWire("not a JSON object")
    return data


def field(data: dict[str, Any], key: str, kind: type, *, default: Any = ...) -> Any:
    """`data[key]`, of exactly this type; BadWire if absent (and no default) or of another."""
    value = data.get(key, default)
    if value is ... or (type(value) is not kind and value is not default):
        raise wire.BadWire(f"{key} is missing or of the wrong type")
    return value


def only(data: dict[str, Any], *keys: str) -> None:
    """Refuse keys that nobody reads: a typing error should not pass in silence."""
    if set(data) - set(keys):
        raise wire.BadWire("a key that is not known")
