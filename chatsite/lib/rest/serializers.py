"""Serializers that refuse what they do not know, and the shape of every error."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.settings import api_settings

from chatsite.lib.rest.errors import WIRE
from chatsite.lib.rest.fields import ListField, QueryIntegerField, TextField


class StrictSerializer(serializers.Serializer):
    """A JSON object with no key but its fields."""

    def to_internal_value(self, data: Any) -> Any:
        if type(data) is not dict:
            raise _whole("is not a JSON object")
        if not data.keys() <= self.fields.keys():
            raise _whole("a key that is not known")
        return super().to_internal_value(data)


def _whole(text: str) -> ValidationError:
    """An error about an object as a whole."""
    return ValidationError({api_settings.NON_FIELD_ERRORS_KEY: [text]}, code=WIRE)


def many(serializer: type[StrictSerializer], *, most: int, least: int = 0, **options: Any) -> Any:
    """A field for a list of `least` to `most` such objects."""
    return serializer(many=True, max_length=most, min_length=least, **options)  # type: ignore[call-arg]


class EmptySerializer(StrictSerializer):
    """A body that says nothing."""


class QuerySerializer(serializers.Serializer):
    """The query of an address. Of a parameter that stands twice the last one counts, unless it is
    a list; other parameters are ignored, because proxies add some.
    """

    def to_internal_value(self, data: Any) -> Any:
        given: dict[str, Any] = {}
        for name, one in self.fields.items():
            if name in data:
                given[name] = data.getlist(name) if isinstance(one, ListField) else data[name]
        return super().to_internal_value(given)


class AfterSerializer(QuerySerializer):
    after = QueryIntegerField(required=False, help_text="`more` of the page before")


class ErrorDetailSerializer(serializers.Serializer):
    code = TextField(help_text="for programs")
    detail = TextField(help_text="a sentence for people")


class ErrorSerializer(serializers.Serializer):
    """Every refusal. Some codes bring more keys beside `code` and `detail` (docs/protocol.md)."""

    error = ErrorDetailSerializer()
