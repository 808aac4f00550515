"""The OpenAPI document as the page of the API shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

REF = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a key of an object. `refers` names the object that it is, or is made of."""

    name: str
    kind: str
    needed: bool
    about: str = ""
    refers: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    status: str
    about: str
    refers: str


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    method: str
    path: str
    about: str
    signed_in: str
    parameters: list[Field]
    takes: str
    answers: list[Answer]


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    anchor: str
    operations: list[Operation] = field(default_factory=list)


class Reference:
    """An OpenAPI document as the template shows it: operations by tag, and the named objects."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self.title: str = document["info"]["title"]
        self.about: str = document["info"].get("description", "")

    @property
    def sections(self) -> list[Section]:
        found: dict[str, Section] = {}
        for path, methods in self._document["paths"].items():
            for method, given in methods.items():
                tag = given["tags"][0]
                anchor = tag.lower().replace(" ", "-")
                section = found.setdefault(tag, Section(tag, anchor))
                section.operations.append(_operation(method, path, given))
        return list(found.values())

    @property
    def objects(self) -> list[tuple[str, str, list[Field]]]:
        """Name, description and keys of every object."""
        schemas: dict[str, Any] = self._document["components"]["schemas"]
        return [
            (name, schema.get("description", ""), list(_keys(schema)))
            for name, schema in schemas.items()
        ]

    @property
    def schemes(self) -> list[tuple[str, str]]:
        """Name and description of every way to sign in."""
        found: dict[str, Any] = self._document["components"]["securitySchemes"]
        return [(name, scheme["description"]) for name, scheme in found.items()]


def _operation(method: str, path: str, given: dict[str, Any]) -> Operation:
    content = given.get("requestBody", {}).get("content", {})
    return Operation(
        id=given["operationId"],
        method=method.upper(),
        path=path,
        about=given.get("description", ""),
        signed_in=_signed_in(given.get("security", [])),
        parameters=[_parameter(one) for one in given.get("parameters", [])],
        takes=_body(content),
        answers=[
            Answer(status, one.get("description", ""), _body(one.get("content", {})))
            for status, one in given["responses"].items()
        ],
    )


def _signed_in(security: list[dict[str, Any]]) -> str:
    ways = " or ".join(" and ".join(way) for way in security if way)
    if not ways:
        return "nobody has to be signed in"
    return f"{ways}, or nobody" if {} in security else ways


def _body(content: dict[str, Any]) -> str:
    """The name of the object that a body is, or its media type."""
    for kind, media in content.items():
        return _refers(media.get("schema", {})) or kind
    return ""


def _parameter(given: dict[str, Any]) -> Field:
    schema = given["schema"]
    about = given.get("description", "")
    kind = f"{_kind(schema)}, in the {given['in']}"
    return Field(given["name"], kind, given.get("required", False), about)


def _keys(schema: dict[str, Any]) -> Iterator[Field]:
    needed = schema.get("required", [])
    for name, given in schema.get("properties", {}).items():
        about = given.get("description", "")
        yield Field(name, _kind(given), name in needed, about, _refers(given))


def _refers(schema: dict[str, Any]) -> str:
    """The object in a schema, however deep."""
    if "$ref" in schema:
        return str(schema["$ref"].removeprefix(REF))
    inner = [schema.get("items"), schema.get("additionalProperties")]
    for several in ("allOf", "oneOf", "anyOf"):
        inner += schema.get(several, [])
    found = (_refers(one) for one in inner if isinstance(one, dict))
    return next((one for one in found if one), "")


def _kind(schema: dict[str, Any]) -> str:
    """A schema in a few words: `integer 1 – 100`, `list of text`."""
    kinds = schema.get("type", "")
    names = kinds if isinstance(kinds, list) else [kinds]
    words = " or ".join(_plain(name, schema) for name in names if name)
    if "enum" in schema:
        words = ", ".join(str(one) for one in schema["enum"] if one is not None)
    for several in ("oneOf", "anyOf"):
        if several in schema:
            words = " or ".join(filter(None, (_kind(one) for one in schema[several])))
    return words


def _plain(name: str, schema: dict[str, Any]) -> str:
    if name == "integer" and "minimum" in schema:
        return f"integer {schema['minimum']} – {schema.get('maximum', '…')}"
    if name == "array":
        inner = _kind(schema.get("items", {}))
        most = f", at most {schema['maxItems']}" if "maxItems" in schema else ""
        return f"list of {inner}{most}" if inner else f"list{most}"
    if name == "string":
        if "format" in schema:
            return f"text, {schema['format']}"
        return f"text like {schema['pattern']}" if "pattern" in schema else "text"
    return name
