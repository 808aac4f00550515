"""A room of ada's, with nobody else in it yet."""

import pytest

from tests.base import RoomScript, create_room


@pytest.fixture
def room(people) -> RoomScript:
    return create_room(people[0])
