"""A running site is asked everything that its OpenAPI document allows, and some that it does not:
no status that the document does not name, no valid request called malformed, no server error.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
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
from tests.api.asking import PatientServer, Scene, complete, register_formats, set_scene

register_formats()
SCHEMA = schemathesis.openapi.from_dict(json.loads(openapi_document()))
FOUND: list[Any] = list(SCHEMA.get_all_operations())
OPERATIONS = {one.ok().label: one.ok() for one in FOUND}
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
MALFORMED = {"bad_wire", "parse_error", "not_acceptable", "unsupported_media_type", "no_length"}
SHORT, LONG = 3, 100  # examples of each operation, valid and invalid


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    data = tmp_path_factory.mktemp("schemathesis") / "data"
    with PatientServer(data, DJANGO_SETTINGS_MODULE="tests.live_settings") as server:
        yield asyncio.run(set_scene(server.url))


def ask(label: str, mode: GenerationMode, scene: Scene, examples: int) -> int:
    """Ask for one operation many times; how often that was."""
    count = 0

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=examples == SHORT,
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
    if mode is GenerationMode.POSITIVE:
        assert code not in MALFORMED, f"a valid request was refused: {answer.text}"
    else:
        case.validate_response(answer, checks=[negative_data_rejection])


def _code(answer: Any) -> str:
    if answer.status_code < 400:
        return ""
    return str(json.loads(answer.content)["error"]["code"])


MODES = [
    pytest.param(GenerationMode.POSITIVE, id="valid"),
    pytest.param(GenerationMode.NEGATIVE, id="invalid"),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("label", OPERATIONS)
def test_schemathesis_finds_nothing_in_a_few_tries(scene, label, mode):
    assert ask(label, mode, scene, SHORT) > 0


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("label", OPERATIONS)
def test_schemathesis_finds_nothing_in_many_tries(scene, label, mode):
    assert ask(label, mode, scene, LONG) > 0
