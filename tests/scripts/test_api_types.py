"""The browser's types of the API follow from its OpenAPI document."""

from __future__ import annotations

import pytest

from scripts import api_types

TEXT = {"type": "string"}
DOCUMENT = {
    "components": {
        "schemas": {
            "Person": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {**TEXT, "description": "as it\nis shown */"},
                    "kid": {"type": ["string", "null"]},
                },
            },
            "KindEnum": {"enum": ["group", "direct"], "type": "string", "description": "* `group`"},
        }
    },
    "paths": {
        "/api/v1/people/{uid}": {
            "get": {
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Person"}}
                        }
                    },
                    "404": {"content": {"application/json": {"schema": TEXT}}},
                }
            },
            "post": {"responses": {"204": {}}},
        },
        "/api/v1/files/{file}": {
            "get": {"responses": {"200": {"content": {"application/octet-stream": {}}}}}
        },
    },
}


def test_schemas_become_types_and_answers_are_listed_by_path():
    text = api_types.types_of(DOCUMENT)
    assert (
        "export interface Person {\n  /** as it is shown * / */\n  name: string;\n"
        "  kid?: string | null;\n}\n"
    ) in text
    assert 'export type KindEnum = "group" | "direct";' in text
    assert 'export interface GetAnswers {\n  "people/{uid}": Person;\n}' in text
    assert 'export interface PostAnswers {\n  "people/{uid}": null;\n}' in text


@pytest.mark.parametrize(
    ("schema", "written"),
    [
        ({"type": "array", "items": {"enum": ["a", "b"]}}, '("a" | "b")[]'),
        ({"type": "array", "prefixItems": [{"type": "integer"}, TEXT]}, "[number, string]"),
        ({"type": "object", "additionalProperties": TEXT}, "Record<string, string>"),
        ({"type": "object", "additionalProperties": False}, "Record<string, never>"),
        ({"type": "object"}, "Record<string, unknown>"),
        ({"oneOf": [{"$ref": "#/components/schemas/Person"}, {"type": "null"}]}, "Person | null"),
        ({"allOf": [{"$ref": "#/components/schemas/Person"}]}, "Person"),
        ({}, "unknown"),
    ],
)
def test_each_form_of_a_schema_has_its_type(schema, written):
    assert api_types._type(schema) == written


def test_a_form_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match="unknown form"):
        api_types._type({"type": "date"})


def test_outdated_types_are_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(api_types, "OUT", tmp_path / "schema.d.ts")
    monkeypatch.setattr(api_types, "api_document", lambda: DOCUMENT)
    assert api_types.main(["--check"]) == 1
    assert "out of date" in capsys.readouterr().err
    assert api_types.main([]) == 0
    assert api_types.main(["--check"]) == 0
