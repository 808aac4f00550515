"""People in a room whose rules allow summaries, on a real server."""

from __future__ import annotations

import pytest

from tests.client.conftest import sign_up
from tests.summaries.acting import Talk, talk


@pytest.fixture
def ada(transactional_db, ada):  # the database first, then who is in it
    return ada.publish()


@pytest.fixture
def ben(transactional_db, ben):
    return ben.publish()


@pytest.fixture
def cleo(transactional_db, cleo):
    return cleo.publish()


@pytest.fixture
async def garden(sign_up) -> Talk:
    """ada and ben, who have talked about a garden."""
    return await talk(sign_up)


__all__ = ["garden", "sign_up"]
