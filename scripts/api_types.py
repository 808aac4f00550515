"""Writes static/js/net/schema.d.ts, the types of the REST API, from the OpenAPI document.

`python -m scripts.api_types` writes it; with `--check`, as `make check` runs it, it only compares
the file with what the document would give. (openapi-typescript does not go beside the compiler that
checks the browser code: it needs TypeScript 5.)
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from scripts.environment import ROOT

OUT = ROOT / "static" / "js" / "net" / "schema.d.ts"
PREFIX = "/api/v1/"
HEAD = """/**
 * The types of the REST API, made from its OpenAPI document by `python -m scripts.api_types`:
 * change the serializers. These are shapes, not promises: whatever matters is verified (crypto/)
 * before it is believed.
 */
"""
SCALARS = {"integer": "number"} | {
    kind: kind for kind in ("string", "number", "boolean", "null", "unknown")
}
SIGNS = {"oneOf": " | ", "anyOf": " | ", "allOf": " & "}
Schema = dict[str, Any]


def main(arguments: list[str]) -> int:
    """Write the types, or compare them; returns an exit code."""
    text = types_of(api_document())
    if "--check" not in arguments:
        OUT.write_text(text, "utf-8")
        return 0
    if OUT.exists() and OUT.read_text("utf-8") == text:
        return 0
    sys.stderr.write(f"{OUT.name} is out of date: run `python -m scripts.api_types`.\n")
    return 1


def api_document() -> Schema:
    """The OpenAPI document, as /api/v1/schema answers it."""
    command = [sys.executable, "manage.py", "spectacular", "--format", "openapi-json"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    document: Schema = json.loads(done.stdout)
    return document


def types_of(document: Schema) -> str:
    """The whole file: an interface or type per schema, and the answers by path."""
    schemas = document["components"]["schemas"].items()
    declarations = (_declaration(name, schema) for name, schema in schemas)
    answers = (_answers(method, document["paths"]) for method in ("get", "post"))
    return "\n".join([HEAD, *declarations, *answers])


def _declaration(name: str, schema: Schema) -> str:
    comment = _comment(schema, "")
    if schema.get("properties"):
        return f"{comment}export interface {name} {_object(schema, '')}\n"
    return f"{comment}export type {name} = {_type(schema)};\n"


def _object(schema: Schema, indent: str) -> str:
    required = schema.get("required", ())
    lines = [
        f"{_comment(inner, indent + '  ')}{indent}  {name}{'' if name in required else '?'}: "
        f"{_type(inner, indent + '  ')};\n"
        for name, inner in schema["properties"].items()
    ]
    return f"{{\n{''.join(lines)}{indent}}}"


def _comment(schema: Schema, indent: str) -> str:
    text = " ".join(schema.get("description", "").replace("*/", "* /").split())
    # drf-spectacular describes an enumeration by its values, which the type has.
    if not text or text.startswith("* `"):
        return ""
    return f"{indent}/** {text} */\n"


def _type(schema: Schema, indent: str = "") -> str:
    """A schema as a type.

    Raises:
        ValueError: it has a form that no serializer of today gives.
    """
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    for several, sign in SIGNS.items():
        if several in schema:
            return sign.join(_type(one, indent) for one in schema[several])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    kind = schema.get("type", "unknown")
    if isinstance(kind, list):
        return " | ".join(_type({**schema, "type": one}, indent) for one in kind)
    if kind == "array":
        return _array(schema, indent)
    if kind == "object":
        return _object(schema, indent) if schema.get("properties") else _record(schema, indent)
    if kind not in SCALARS:
        raise ValueError(f"a schema of an unknown form: {schema}")
    return SCALARS[kind]


def _record(schema: Schema, indent: str) -> str:
    values = schema.get("additionalProperties", True)
    if isinstance(values, dict):
        return f"Record<string, {_type(values, indent)}>"
    return f"Record<string, {'unknown' if values else 'never'}>"


def _array(schema: Schema, indent: str) -> str:
    if "prefixItems" in schema:
        return f"[{', '.join(_type(one, indent) for one in schema['prefixItems'])}]"
    inner = _type(schema["items"], indent)
    return f"({inner})[]" if re.search(r" [|&] ", inner) else f"{inner}[]"


def _answers(method: str, paths: Schema) -> str:
    lines = "".join(sorted(_answer_lines(method, paths)))
    title = f"/** Answers to {method.upper()}, by path below {PREFIX}; null: nothing. */\n"
    return f"{title}export interface {method.capitalize()}Answers {{\n{lines}}}\n"


def _answer_lines(method: str, paths: Schema) -> Iterator[str]:
    for path, operations in paths.items():
        if method not in operations:
            continue
        found = [code for code in operations[method]["responses"] if code.startswith("2")]
        content = operations[method]["responses"][min(found)].get("content", {})
        if not content or "application/json" in content:
            answer = _type(content["application/json"]["schema"]) if content else "null"
            yield f"  {json.dumps(path.removeprefix(PREFIX))}: {answer};\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
