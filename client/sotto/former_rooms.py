"""Rooms that an account is no longer in, as far as it has verified them."""

from __future__ import annotations

from sotto.api import ApiError
from sotto.log_api import LogApi
from sotto.profile.persistence import Persistence
from sotto.room import Room
from sotto.room_errors import Frozen, NewerVersion


class FormerRooms:
    """Rooms that the server lists no longer, as this run and the profile keep them."""

    def __init__(self, log_api: LogApi, persistence: Persistence) -> None:
        self._log_api = log_api
        self._persistence = persistence
        self._rooms: dict[str, Room] = {}

    def add(self, room: Room) -> None:
        """Keep a room that the account is out of, unless more of its messages were read before."""
        known = self._rooms.get(room.id)
        more = known is None or len(room.messages) >= len(known.messages)
        if room.log_seq >= 0 and more:
            self._rooms[room.id] = room

    def drop(self, room: str) -> None:
        """Forget a room: the account is in it again, or its verified state was discarded."""
        self._rooms.pop(room, None)

    def known_ids(self) -> list[str]:
        """The ids of all rooms whose logs were verified, here or in an earlier run."""
        return [*self._persistence.heads()]

    async def find(self, id_: str) -> Room | None:
        """A room that the server does not list. Its log is fetched once more if it does not say how
        the membership ended.

        Returns:
            The room, `frozen` if its log does not hold; None if nothing is kept of it, or if the
            account is in it by the log and the server does not deny that.
        """
        room, tip = self._rooms.get(id_), None
        if room is None:
            room = Room(id_, self._log_api.me, self._log_api.trust)
            tip = self._persistence.restore(room)
        denied = await self._denies(room)
        if room.log_seq < 0 or (room.is_member and not denied and not room.frozen):
            return None
        if id_ not in self._rooms:
            room.restore_keys()
            self._persistence.save(room, tip)
            self._rooms[id_] = room
        return room

    async def _denies(self, room: Room) -> bool:
        """Fetch the log's news, unless it says already that the account is out. True if the server
        has no such room for this account.
        """
        if room.log_seq >= 0 and not room.is_member:
            return False
        try:
            await self._log_api.sync(room)
        except ApiError as error:
            return error.code == "not_found"
        except (Frozen, NewerVersion):
            pass  # what was verified counts
        return False
