"""The cast with published identities, for tests whose servers and threads read what they wrote:
a conftest imports these fixtures.
"""

from __future__ import annotations

import pytest

__all__ = ["ada", "ben", "cleo"]


@pytest.fixture
def ada(transactional_db, ada):
    return ada.publish()


@pytest.fixture
def ben(transactional_db, ben):
    return ben.publish()


@pytest.fixture
def cleo(transactional_db, cleo):
    return cleo.publish()
