"""A person without a second factor, and a clock that the test sets."""

from __future__ import annotations

import pytest
import time_machine

from accounts.models import User
from tests.accounts.codes import NOW
from tests.base import make_user


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def zoe() -> User:
    return make_user("zoe")
