"""People with roles in the admin."""

from __future__ import annotations

import pytest

from accounts.models import User
from tests.accounts.roles import with_role


@pytest.fixture
def helper(db) -> User:
    return with_role("helen", User.HELPER)


@pytest.fixture
def root(db) -> User:
    return with_role("root", User.ADMINISTRATOR)
