"""A room of ada's, alone and with everybody."""

import pytest

from tests.base import RoomScript, create_room


@pytest.fixture
def room(people) -> RoomScript:
    return create_room(people[0])


@pytest.fixture
def three(people, room: RoomScript) -> RoomScript:
    """Everybody in ada's room."""
    ada, ben, cleo = people
    room.admit(ada, ben)
    room.admit(ada, cleo)
    return room
