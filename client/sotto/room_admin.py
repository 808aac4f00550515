"""Changes of a room itself by its members and leaders."""

from __future__ import annotations

import mimetypes
import os
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from sotto import invitations, membership
from sotto.file_transfer import UNKNOWN_TYPE, open_source, upload
from sotto.keys import rotation
from sotto.protocol.invite_link import Link
from sotto.protocol.profile import Profile
from sotto.room import Room
from sotto.session import Session


class RoomAdmin:
    """`client.room_admin`: a room's invitations, profile, policy and keys."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def invite(self, room: str, uses: int = 1, hours: float = 24) -> str:
        """Create an invitation link. Anyone who has it can join and read what its
        holders may read.

        Args:
            uses: how many people may join by it.
            hours: how long it is valid.
        """
        link = Link.new()
        opened = await self._session.manager.open(room)
        await invitations.invite(self._session.log_api, opened, link, uses, hours)
        return f"{self._session.url}/i{link.fragment}"

    async def revoke(self, room: str, link: str) -> None:
        """End an invitation, given by its link or its id."""
        iid = Link.parse(link).iid if "#" in link else link
        await self._session.log_api.change(await self._load(room), "revoke", iid=iid)

    async def set_profile(self, room: str, name: str, topic: str = "") -> None:
        """Change a room's name and topic. The avatar stays."""
        loaded = await self._load(room)
        avatar = loaded.profile.avatar if loaded.profile is not None else ""
        await self._session.log_api.set_profile(loaded, Profile(name, topic, avatar))

    async def set_avatar(self, room: str, source: str | os.PathLike[str] | None) -> None:
        """Set a room's picture from a file, or remove it with None.

        Raises:
            OSError: the file cannot be read.
        """
        loaded = await self._load(room)
        before = loaded.profile or Profile("")
        avatar: dict[str, Any] | Literal[""] = ""
        if source is not None:
            name = Path(source).name
            type_ = mimetypes.guess_type(name)[0] or UNKNOWN_TYPE
            with open_source(source) as stream:
                avatar = await upload(self._session.api, room, stream, name, type_)
        await self._session.log_api.set_profile(loaded, replace(before, avatar=avatar))

    async def set_policy(self, room: str, **policy: str | int) -> None:
        """Change fields of a room's policy.

        Raises:
            WireError: a field is not part of a policy.
        """
        await membership.set_policy(self._session.log_api, await self._load(room), policy)

    async def rotate_key(self, room: str) -> None:
        """Begin a new epoch with a new key."""
        await rotation.rotate(self._session.log_api, await self._load(room))

    async def hand_over_keys(self, room: str) -> int:
        """Give members the keys that they lack and you hold.

        Returns:
            How many keys were given.
        """
        loaded = await self._load(room)
        await rotation.repair(self._session.log_api, loaded)
        return await rotation.hand_over(self._session.log_api, loaded)

    async def disclose(self, room: str, first: int, last: int, model: str) -> None:
        """Record in the log that messages `first` to `last` will be shown to a model."""
        await membership.disclose(self._session.log_api, await self._load(room), first, last, model)

    async def close(self, room: str) -> None:
        """End a room for good: the server deletes its messages and keys."""
        await self._session.log_api.change(await self._load(room), "close")

    async def _load(self, room: str) -> Room:
        return await self._session.manager.load(room)
