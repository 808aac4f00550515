"""Translates what views raise into the one error shape. No text quotes what was sent."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from chatsite.lib import wire
from chatsite.lib.errors import ChatError

MALFORMED = "bad_wire"  # the code of a body or query that a serializer refuses
WIRE = "wire"  # of a field's error whose text is a constant of ours

# The framework's own texts may quote a value; these stand in their place, by the error's code.
FIELD_ERRORS = {
    "required": "is missing",
    "null": "is null",
    "invalid": "is of the wrong type",
    "not_a_list": "is not a list",
    "max_length": "is too long",
    "min_length": "is too short",
    "empty": "is empty",
    "blank": "is empty",
}
HTTP_ERRORS = {
    "not_authenticated": "You are signed out. Sign in and try again.",
    "authentication_failed": "This sign-in is not valid any more. Sign in and try again.",
    "bad_token": "This token has ended or is not valid. Renew it, or sign in again.",
    "permission_denied": "You may not do that.",
    "parse_error": "The request is malformed.",
    "throttled": "Too many requests. Wait a moment and try again.",
    "not_found": "There is nothing here.",
    "error": "The request failed. Try again.",
    "method_not_allowed": "This address does not answer that method.",
    "not_acceptable": "Answers are JSON: ask for application/json.",
    "unsupported_media_type": "The request's Content-Type is not one that is read here.",
}


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Translate what a view raised; None lets an unforeseen error become a plain 500."""
    if isinstance(error, ChatError):
        response = Response({"error": error.as_dict()}, status=error.status)
        if error.retry_after is not None:
            response["Retry-After"] = str(error.retry_after)
    elif isinstance(error, wire.BadWire):
        response = _malformed(str(error))
    elif isinstance(error, exceptions.ValidationError):
        response = _malformed(first_problem(error.detail))
    elif isinstance(error, Http404):
        response = _error(404, "not_found", "There is nothing here.")
    elif isinstance(error, RequestDataTooBig):
        response = _error(413, "too_large", "The request is too large.")
    elif isinstance(error, exceptions.APIException):
        code = str(error.get_codes())
        response = _error(error.status_code, code, HTTP_ERRORS.get(code, HTTP_ERRORS["error"]))
        if getattr(error, "auth_header", None):
            response["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    else:
        return None
    return response


def first_problem(detail: Any) -> str:
    """The path and text of a serializer's first error, such as `wraps.3.ct: is missing`."""
    path: list[str] = []
    while not isinstance(detail, exceptions.ErrorDetail):
        if isinstance(detail, dict):
            key, detail = next(iter(detail.items()))
            path.append("" if key == "non_field_errors" else str(key))
        else:
            at = next(at for at, one in enumerate(detail) if one)
            if not isinstance(detail[at], exceptions.ErrorDetail):
                path.append(str(at))
            detail = detail[at]
    text = (
        str(detail) if detail.code == WIRE else FIELD_ERRORS.get(str(detail.code), "is not valid")
    )
    return ": ".join(part for part in (".".join(part for part in path if part), text) if part)


def _malformed(what: str) -> Response:
    return _error(400, MALFORMED, f"The request is malformed: {what}.")


def _error(status: int, code: str, detail: str) -> Response:
    return Response({"error": {"code": code, "detail": detail}}, status=status)
