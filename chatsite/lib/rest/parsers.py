"""Strict JSON in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from chatsite.lib import wire
from chatsite.lib.errors import TooLarge


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
            raise ParseError("The body is not valid JSON.") from None
        if type(value) is not dict:
            raise ParseError("The body must be a JSON object.")
        return value
