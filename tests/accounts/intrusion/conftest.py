"""A room and a hub, for signals that sockets raise."""

from __future__ import annotations

from tests.messaging.conftest import _fresh_process, engine, hub, room, store
from tests.published import ada, ben, cleo

__all__ = ["_fresh_process", "ada", "ben", "cleo", "engine", "hub", "room", "store"]
