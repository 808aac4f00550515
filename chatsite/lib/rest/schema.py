"""How the OpenAPI document is made from views: strict fields, refusals, tags, names."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework.permissions import AllowAny
from rest_framework.serializers import ListSerializer

from chatsite.lib.rest.fields import IdField, StrictField
from chatsite.lib.rest.serializers import ErrorSerializer, StrictSerializer

ALWAYS = {
    400: "The request is malformed, or is not possible as it stands.",
    406: "Answers are JSON, and the request accepts none.",
    408: "The request's body came too slowly.",
    411: "The request does not say how long its body is.",
    413: "The request is too large.",
    429: "Too many requests: wait as long as Retry-After says.",
    500: "Something went wrong on our side.",
    503: "The server cannot do that just now.",
}
OFTEN = {
    401: "Nobody is signed in, or the token has ended or is not valid.",
    403: "The account or its token may not do that, or a page's proof of its origin is missing.",
    404: "There is nothing here, or nothing for this account.",
    409: "Something else came first, or stands against it.",
    410: "It was there, and has ended.",
    415: "The body is of another type than this address reads.",
}
RETRY_AFTER = {"schema": {"type": "integer", "minimum": 0}, "description": "seconds to wait"}
IDS = ("room", "iid", "uid", "rid", "file")


class StrictFields(OpenApiSerializerFieldExtension):
    """A strict field describes itself."""

    target_class = StrictField
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        described: dict[str, Any] = self.target.describe()
        return described


class ApiSchema(AutoSchema):
    def get_tags(self) -> list[str]:
        return [getattr(self.view, "tag", "Rooms")]

    def get_operation_id(self) -> str:
        """`getLog`: the method, and the view's name."""
        return f"{self.method.lower()}{type(self.view).__name__.removesuffix('View')}"

    def _map_serializer(
        self, serializer: Any, direction: Any, bypass_extensions: bool = False
    ) -> dict[str, Any]:
        schema: dict[str, Any] = super()._map_serializer(serializer, direction, bypass_extensions)
        if not isinstance(serializer, StrictSerializer):
            return schema
        for name, one in serializer.fields.items():
            if isinstance(one, ListSerializer):
                listed: Any = one
                bounds = {"minItems": listed.min_length, "maxItems": listed.max_length}
                schema["properties"][name] |= {key: n for key, n in bounds.items() if n}
        return {**schema, "additionalProperties": False}

    def _resolve_path_parameters(self, variables: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = super()._resolve_path_parameters(variables)
        for parameter in found:
            if parameter["name"] in IDS:
                parameter["schema"] = IdField().describe()
        return found

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        answers: dict[str, Any] = super()._get_response_bodies(direction)
        for status in sorted(self._refusals()):
            if str(status) not in answers:
                answers[str(status)] = self._refusal(status)
        return answers

    def _refusals(self) -> set[int]:
        """Every status by which the operation may refuse, beside what its answers name."""
        view: Any = self.view
        method = getattr(view, self.method.lower())
        found = {*ALWAYS, *getattr(method, "refusals", ())}
        if not any(isinstance(one, AllowAny) for one in view.get_permissions()):
            found |= {401, 403}  # 403: a bot's scope, a second factor that is missing, a role
        if "{" in self.path:
            found.add(404)
        if self._get_request_body() is not None:
            found.add(415)
        return found

    def _refusal(self, status: int) -> dict[str, Any]:
        answer: dict[str, Any] = self._get_response_for_code(
            ErrorSerializer, str(status), ["application/json"]
        )
        answer["description"] = ALWAYS.get(status) or OFTEN[status]
        if status in (429, 503):
            answer["headers"] = {"Retry-After": RETRY_AFTER}
        return answer
