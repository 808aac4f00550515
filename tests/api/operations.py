"""The operations of the OpenAPI document, asked by schemathesis, and what their answers must be."""

from __future__ import annotations

import json
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from chatsite.api.document import openapi_document
from tests.api.asking import Scene, complete, register_formats

register_formats()
SCHEMA = schemathesis.openapi.from_dict(json.loads(openapi_document()))
FOUND: list[Any] = list(SCHEMA.get_all_operations())
OPERATIONS = {one.ok().label: one.ok() for one in FOUND}
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
MALFORMED = {"bad_wire", "parse_error", "not_acceptable", "unsupported_media_type"}
MODES = {"valid": GenerationMode.POSITIVE, "invalid": GenerationMode.NEGATIVE}
FEW = 2


def ask(label: str, mode_name: str, scene: Scene, examples: int) -> int:
    """Ask for one operation many times; how often that was. The same every time where few are asked
    for.
    """
    count, mode = 0, MODES[mode_name]

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=examples <= FEW,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=OPERATIONS[label].as_strategy(generation_mode=mode))
    def each(case: Any) -> None:
        nonlocal count
        count += 1
        if mode is GenerationMode.POSITIVE:
            # Things that are there, or the door is all that would be asked.
            case.path_parameters = {**(case.path_parameters or {}), **_there(case, scene)}
            complete(case, scene)
        answer = case.call(base_url=scene.url, headers=scene.headers, timeout=30)
        judge(case, answer, mode)
        if answer.status_code == 401 or label.endswith("auth/logout"):
            scene.sign_in()  # who asked has signed out

    each()
    return count


def _there(case: Any, scene: Scene) -> dict[str, Any]:
    wanted = case.path_parameters or {}
    return {name: known for name, known in scene.ids.items() if name in wanted}


def judge(case: Any, answer: Any, mode: GenerationMode) -> None:
    code = _code(answer)
    if answer.status_code != 503:  # which is documented, and says when to try again
        case.validate_response(answer, checks=[not_a_server_error])
    else:
        assert "Retry-After" in answer.headers or code == "no_worker", code
    case.validate_response(answer, checks=CHECKS)
    if answer.status_code == 411:  # not of the payload: bodies go without a length now and then
        assert "Content-Length" not in answer.request.headers
    elif mode is GenerationMode.POSITIVE:
        assert code not in MALFORMED, f"a valid request was refused: {answer.text}"
    else:
        case.validate_response(answer, checks=[negative_data_rejection])


def _code(answer: Any) -> str:
    if answer.status_code < 400:
        return ""
    return str(json.loads(answer.content)["error"]["code"])
