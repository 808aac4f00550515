"""The API's edges: strict JSON in, one error shape out, limits by name."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address, ip_network
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest
from rest_framework import exceptions
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from chatsite.lib import metrics, ratelimit, wire
from chatsite.lib.errors import ChatError, TooLarge, TooMany

log = logging.getLogger(__name__)


class StrictJSONParser(BaseParser):
    """JSON without NaN, floats or duplicate keys, at most DATA_UPLOAD_MAX_MEMORY_SIZE bytes."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise TooLarge
        try:
            value = wire.decode_json(raw)
        except wire.BadWire:
            raise exceptions.ParseError("The body is not valid JSON.") from None
        if type(value) is not dict:
            raise exceptions.ParseError("The body must be a JSON object.")
        return value


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Translate what a view raised; None lets an unforeseen error become a plain 500."""
    if isinstance(error, ChatError):
        response = Response({"error": error.as_dict()}, status=error.status)
        if error.retry_after is not None:
            response["Retry-After"] = str(error.retry_after)
    elif isinstance(error, wire.BadWire):
        response = _error(400, "bad_wire", f"The request is malformed: {error}.")
    elif isinstance(error, Http404):
        response = _error(404, "not_found", "There is nothing here.")
    elif isinstance(error, RequestDataTooBig):
        response = _error(413, "too_large", "The request is too large.")
    elif isinstance(error, exceptions.APIException):
        response = _error(error.status_code, _code_of(error), _text_of(error))
        if getattr(error, "auth_header", None):
            response["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    else:
        return None
    return response


def _error(status: int, code: str, detail: str) -> Response:
    return Response({"error": {"code": code, "detail": detail}}, status=status)


def _code_of(error: exceptions.APIException) -> str:
    codes = error.get_codes()
    return codes if isinstance(codes, str) else "bad_request"


def _text_of(error: exceptions.APIException) -> str:
    detail: Any = error.detail
    while isinstance(detail, dict | list):
        detail = next(iter(detail.values() if isinstance(detail, dict) else detail), "")
    return str(detail)


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


def take(who: str, name: str) -> None:
    """Count one use of `name` by `who`; TooMany when there were too many."""
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


# --- reading request bodies -------------------------------------------------------------------


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
