"""Answers that need not be made again: ETag and If-None-Match."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.utils.http import parse_etags
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

ETAG = [
    OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER, description="an ETag"),
    OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[200, 304]),
]
"""The parameters of an operation that answers 304 where nothing has changed."""


def etag_of(*parts: Any) -> str:
    """A tag for an answer that `parts` determine."""
    return f'"{sha256(repr(parts).encode()).hexdigest()[:32]}"'


def unchanged(request: Request, etag: str) -> Response | None:
    """A 304 if the client has the answer with this tag, else None."""
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if etag not in (one.removeprefix("W/") for one in known):
        return None
    return Response(status=304, headers={"ETag": etag})
