"""People in a room whose rules allow summaries, on a real server."""

from __future__ import annotations

from pathlib import Path

import pytest

from summaries.worker.keys import WorkerKey, load_key
from tests.client.conftest import sign_up
from tests.live import worker_key
from tests.published import ada, ben, cleo
from tests.summaries.acting import Talk, talk


@pytest.fixture(scope="session")
def key() -> WorkerKey:
    return load_key(worker_key().decode(), Path())


@pytest.fixture
async def garden(sign_up) -> Talk:
    """ada and ben, who have talked about a garden."""
    return await talk(sign_up)


__all__ = ["ada", "ben", "cleo", "garden", "sign_up"]
