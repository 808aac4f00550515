"""A running site is asked everything that its OpenAPI document allows, and some that it does not:
no status that the document does not name, no valid request called malformed, no server error.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

SHORT, LONG = 1, 40  # examples of each operation, valid and invalid
PARTS = 8  # that processes share the operations in


@pytest.fixture(scope="module")
def scene(tmp_path_factory) -> Iterator:
    from tests.api.asking import PatientServer, set_scene

    data = tmp_path_factory.mktemp("schemathesis") / "data"
    with PatientServer(data, DJANGO_SETTINGS_MODULE="tests.live_settings") as server:
        yield asyncio.run(set_scene(server.url))


def ask_each(scene, subtests, mode: str, part: int, examples: int) -> None:
    """Ask for every operation of a part. Only who asks loads schemathesis, which takes seconds."""
    from tests.api.operations import OPERATIONS, ask

    for label in sorted(OPERATIONS)[part::PARTS]:
        with subtests.test(label):
            assert ask(label, mode, scene, examples) > 0


@pytest.mark.parametrize("mode", ["valid", "invalid"])
@pytest.mark.parametrize("part", range(PARTS))
def test_schemathesis_finds_nothing_in_a_few_tries(scene, subtests, part, mode):
    ask_each(scene, subtests, mode, part, SHORT)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["valid", "invalid"])
@pytest.mark.parametrize("part", range(PARTS))
def test_schemathesis_finds_nothing_in_many_tries(scene, subtests, part, mode):
    ask_each(scene, subtests, mode, part, LONG)
