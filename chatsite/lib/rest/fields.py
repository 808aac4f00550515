"""Fields that take one exact JSON type and describe exactly what they take.

Django REST framework's own fields coerce: "1" and 1.0 pass as a number, 1 as text. These do not.
`describe` is the field's JSON Schema; `check` raises BadWire with a constant text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

from rest_framework import serializers

from chatsite.lib import wire
from chatsite.lib.rest.errors import WIRE

LETTER = "[A-Za-z0-9_-]"
LAST_OF_1, LAST_OF_2 = "[AQgw]", "[AEIMQUYcgkosw048]"  # no stray bits
DIGITS = re.compile(r"-?[0-9]{1,15}")
MAX_QUERY_INT = 10**15 - 1

Describe = dict[str, Any]


class StrictField(serializers.Field):
    """A value that is checked and passed on as it is."""

    def check(self, value: Any) -> None:
        raise NotImplementedError

    def describe(self) -> Describe:
        raise NotImplementedError

    def to_internal_value(self, data: Any) -> Any:
        try:
            self.check(data)
        except wire.BadWire as error:
            raise serializers.ValidationError(str(error), code=WIRE) from None
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class TextField(StrictField):
    """Any text that databases take, of at most `most` characters."""

    def __init__(self, *, least: int = 0, most: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.least, self.most = least, most

    def check(self, value: Any) -> None:
        if type(value) is not str:
            raise wire.BadWire("is not text")
        if len(value) < self.least or (self.most is not None and len(value) > self.most):
            raise wire.BadWire("is text of the wrong length")

    def describe(self) -> Describe:
        bounds = {"minLength": self.least or None, "maxLength": self.most}
        found = {key: value for key, value in bounds.items() if value is not None}
        return {"type": "string", "pattern": r"^[^\x00]*$", **found}


class SignedTextField(StrictField):
    """A signed body, as text: who knows its kind parses it. `kind` names what is signed."""

    def __init__(self, kind: str, **options: Any) -> None:
        super().__init__(**options)
        self.kind = kind

    def check(self, value: Any) -> None:
        if type(value) is not str or len(value) > wire.MAX_BODY:
            raise wire.BadWire("is not a signed body")

    def describe(self) -> Describe:
        return {
            "type": "string",
            "format": f"signed-{self.kind}",
            "maxLength": wire.MAX_BODY,
            "pattern": r"^[\x20-\x7e]*$",
        }


class IntegerField(StrictField):
    """A whole number within `low` … `high`; booleans and 1.0 are none."""

    def __init__(self, low: int = 0, high: int = wire.MAX_INT, **options: Any) -> None:
        super().__init__(**options)
        self.low, self.high = low, high
        self._within = wire.integer(low, high)

    def check(self, value: Any) -> None:
        self._within(value)

    def describe(self) -> Describe:
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


class QueryIntegerField(IntegerField):
    """A whole number in an address's query."""

    def __init__(self, low: int = 0, high: int = MAX_QUERY_INT, **options: Any) -> None:
        super().__init__(low, high, **options)

    def to_internal_value(self, data: Any) -> int:
        number = int(data) if DIGITS.fullmatch(data) else None
        if number is None:
            raise serializers.ValidationError("is not a number", code=WIRE)
        return super().to_internal_value(number)


class BooleanField(StrictField):
    def check(self, value: Any) -> None:
        if type(value) is not bool:
            raise wire.BadWire("is not true or false")

    def describe(self) -> Describe:
        return {"type": "boolean"}


class ChoiceField(StrictField):
    """One of a few texts."""

    def __init__(self, choices: Iterable[str], **options: Any) -> None:
        super().__init__(**options)
        self.choices = tuple(choices)
        self._one_of = wire.one_of(*self.choices)

    def check(self, value: Any) -> None:
        self._one_of(value)

    def describe(self) -> Describe:
        return {"type": "string", "enum": list(self.choices)}


class PatternField(StrictField):
    """Text that one of the protocol's checks takes, and its pattern."""

    pattern = ""
    taken: Callable[[Any], None]

    def check(self, value: Any) -> None:
        type(self).taken(value)

    def describe(self) -> Describe:
        return {"type": "string", "pattern": self.pattern}


class IdField(PatternField):
    """16 bytes as 32 lower-case hex characters."""

    pattern = "^[0-9a-f]{32}$"
    taken = staticmethod(wire.ident)


class UserNameField(PatternField):
    pattern = "^[a-z0-9_.-]{3,32}$"
    taken = staticmethod(wire.user_name)


class Base64Field(StrictField):
    """base64url without padding, of exactly `size` bytes, or of `least` to `most` ones."""

    def __init__(
        self, size: int | None = None, *, least: int = 0, most: int | None = None, **options: Any
    ) -> None:
        super().__init__(**options)
        self.size, self.least, self.most = size, least, most

    def check(self, value: Any) -> None:
        many = len(wire.unb64(value, self.size))
        if many < self.least or (self.most is not None and many > self.most):
            raise wire.BadWire("a box of the wrong size")

    def describe(self) -> Describe:
        if self.size is not None:
            return {"type": "string", "pattern": f"^{exact_pattern(self.size)}$"}
        bounds = {"minLength": characters(self.least)}
        if self.most is not None:
            bounds["maxLength"] = characters(self.most)
        rest = f"{LETTER}{LAST_OF_1}|{LETTER}{{2}}{LAST_OF_2}"
        return {"type": "string", "pattern": f"^({LETTER}{{4}})*({rest})?$", **bounds}


class HashField(Base64Field):
    """A kid, a hash or a message's id: 32 bytes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(32, **options)


class SignatureField(Base64Field):
    """An Ed25519 signature: 64 bytes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(64, **options)


class PaddedBoxField(Base64Field):
    """A sealed box whose plaintext was padded: only a few sizes can occur."""

    def __init__(self, **options: Any) -> None:
        super().__init__(least=min(wire.PADDED_BOXES), most=max(wire.PADDED_BOXES), **options)

    def check(self, value: Any) -> None:
        if len(wire.unb64(value)) not in wire.PADDED_BOXES:
            raise wire.BadWire("a box of the wrong size")

    def describe(self) -> Describe:
        return {**super().describe(), "format": "padded-box"}


class OrEmptyField(StrictField):
    """A field that accepts the empty text and everything that `inner` accepts."""

    def __init__(self, inner: StrictField, **options: Any) -> None:
        super().__init__(**options)
        self.inner = inner

    def check(self, value: Any) -> None:
        if value != "":
            self.inner.check(value)

    def describe(self) -> Describe:
        return {"anyOf": [self.inner.describe(), {"type": "string", "maxLength": 0}]}


class ListField(StrictField):
    """A list of `least` to `most` values, each of which `child` takes."""

    def __init__(
        self,
        child: StrictField,
        *,
        least: int = 0,
        most: int | None = None,
        ascending: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.child, self.least, self.most, self.ascending = child, least, most, ascending

    def check(self, value: Any) -> None:
        if type(value) is not list:
            raise wire.BadWire("is not a list")
        if len(value) < self.least or (self.most is not None and len(value) > self.most):
            raise wire.BadWire("is a list of the wrong length")
        check = self.child.check
        for item in value:
            check(item)
        if self.ascending and any(a >= b for a, b in pairwise(value)):
            raise wire.BadWire("is a list that does not ascend")

    def describe(self) -> Describe:
        found: Describe = {"type": "array", "items": self.child.describe()}
        if self.least:
            found["minItems"] = self.least
        if self.most is not None:
            found["maxItems"] = self.most
        return {**found, "uniqueItems": True} if self.ascending else found


class HeadField(StrictField):
    """`[seq, hash]` of the newest event of a room's log. Only in answers."""

    def describe(self) -> Describe:
        # A tuple in JSON Schema 2020-12, as OpenAPI 3.1 has it.
        items = [IntegerField().describe(), HashField().describe()]
        return {"type": "array", "prefixItems": items, "minItems": 2, "maxItems": 2}


def characters(size: int) -> int:
    """The length of `size` bytes in base64url, in characters."""
    return (size * 4 + 2) // 3


def exact_pattern(size: int) -> str:
    """The pattern of `size` bytes in base64url without padding."""
    whole, rest = divmod(size, 3)
    ends = ("", f"{LETTER}{LAST_OF_1}", f"{LETTER}{{2}}{LAST_OF_2}")
    return f"{LETTER}{{{whole * 4}}}{ends[rest]}"
