"""Lists that go on: a page, and in `more` where the next one begins."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from django.db.models import Model, Q
from rest_framework import serializers
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from chatsite.lib import wire
from chatsite.lib.rest.fields import Base64Field
from chatsite.lib.rest.serializers import QuerySerializer

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LONGEST_MARK = 512  # bytes


class PageQuerySerializer(QuerySerializer):
    after = Base64Field(most=LONGEST_MARK, required=False, help_text="`more` of the page before")


class PageSerializer(serializers.Serializer):
    more = Base64Field(allow_null=True, help_text="`after` of the next page, null at the end")


class KeysetPagination(BasePagination):
    """Pages by the last row of the page before: none is skipped or comes twice because others
    were added or removed meanwhile.

    `keys` are the fields that rows are ordered by, "-" before those that descend, each with its
    type; all of them together tell any two rows apart. `size` is how many rows a page has.
    The mark in `more` gives no right: every page begins with the view's permissions.
    """

    keys: ClassVar[Mapping[str, type]] = {"pk": int}
    size = 500

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        mark = request.query_params.get("after")
        if mark is not None:
            queryset = queryset.filter(self._beyond(read_mark(mark, self.keys.values())))
        found = list(queryset.order_by(*self.keys)[: self.size + 1])
        page = found[: self.size]
        self.more = self._write(page[-1]) if len(found) > len(page) else None
        return page

    def get_paginated_response(self, data: Any) -> Response:
        return Response({**data, "more": self.more})

    def _beyond(self, values: list[Any]) -> Q:
        """The rows after the one with these values."""
        beyond, same = Q(pk__in=[]), Q()
        for key, value in zip(self.keys, values, strict=True):
            name = key.removeprefix("-")
            beyond |= same & Q(**{f"{name}__{'lt' if key != name else 'gt'}": value})
            same &= Q(**{name: value})
        return beyond

    def _write(self, row: Model) -> str:
        return write_mark([_value_of(row, key.removeprefix("-")) for key in self.keys])


def write_mark(values: Iterable[Any]) -> str:
    """The cursor of a page's last row, which the next request passes."""
    plain = [(one - EPOCH) // MICROSECOND if type(one) is datetime else one for one in values]
    return wire.b64(json.dumps(plain, separators=(",", ":")).encode())


def read_mark(mark: str, kinds: Collection[type]) -> list[Any]:
    """The values, of these types, that a mark was written from; BadWire if it was not."""
    values = wire.decode_json(wire.unb64(mark))
    if type(values) is not list or len(values) != len(kinds):
        raise wire.BadWire("not the mark of a page")
    return [_typed(value, kind) for value, kind in zip(values, kinds, strict=True)]


def _value_of(row: Any, name: str) -> Any:
    for part in name.split("__"):
        row = getattr(row, part)
    return row


def _typed(value: Any, kind: type) -> Any:
    if kind is not str:
        wire.integer()(value)
    elif type(value) is not str:
        raise wire.BadWire("not the mark of a page")
    if kind is not datetime:
        return value
    try:
        return EPOCH + value * MICROSECOND
    except OverflowError:
        raise wire.BadWire("not the mark of a page") from None
