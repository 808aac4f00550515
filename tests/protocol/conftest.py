"""One child process for all tests of a run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.protocol.node import Machine


@pytest.fixture(scope="session")
def javascript() -> Iterator[Machine]:
    with Machine() as machine:
        yield machine
