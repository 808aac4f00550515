"""Members of a room and their roles."""

from __future__ import annotations

from sotto import joining, membership
from sotto.api import ApiError
from sotto.membership import Waiting
from sotto.protocol.encoding import field_of
from sotto.room import Room
from sotto.session import Session


class Members:
    """`client.members`: adding, removing and promoting members, and answering knocks."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, room: str, name: str) -> None:
        """Add a person by their user name.

        Raises:
            UnapprovedKeys: it is not certain whose keys these are.
        """
        loaded = await self._load(room)
        person = await membership.find_person(self._session.log_api, name)
        await membership.add(self._session.log_api, loaded, person)

    async def remove(self, room: str, uid: str, *, ban: bool = False) -> None:
        """Remove a member and rotate the room's key without them.

        Args:
            ban: also keep them from returning by an invitation link.
        """
        await membership.remove(self._session.log_api, await self._load(room), uid, ban=ban)

    async def set_role(self, room: str, uid: str, role: str) -> None:
        """Change a member's role.

        Args:
            role: "owner" (you become moderator), "moderator" or "member".

        Raises:
            ApiError: `not_answered` or `account_ended`, for a leader who could not act.
        """
        if role != "member":
            await self._check_may_lead(room, uid)
        await membership.set_role(self._session.log_api, await self._load(room), uid, role)

    async def ban(self, room: str, uid: str, *, on: bool = True) -> None:
        """Keep a former member from returning by an invitation link, or lift that. Use `remove` for
        a present member.
        """
        await membership.ban(self._session.log_api, await self._load(room), uid, on=on)

    async def name_successor(self, room: str, uid: str) -> None:
        """As owner, name who may take the room over once your account has ended; "" for nobody.

        Only the server knows whether an account has ended, so a successor who controls the server
        can take over at any time.

        Raises:
            ApiError: `not_answered` or `account_ended`, for a successor who could not act.
        """
        if uid:
            await self._check_may_lead(room, uid)
        await self._session.log_api.change(await self._load(room), "successor", uid=uid)

    async def take_over(self, room: str) -> None:
        """Become owner, if the owner's account has ended and they named you.

        Raises:
            ApiError: `forbidden` if they named somebody else.
        """
        await membership.take_over(self._session.log_api, await self._load(room))

    async def knocks(self, room: str) -> list[Waiting]:
        """People who wait to be let in or to have their new keys confirmed; invalid knocks are left
        out.
        """
        return await membership.waiting(self._session.log_api, await self._load(room))

    async def let_in(self, room: str, uid: str) -> None:
        """Answer a knock with yes: add the person, or confirm their new keys.

        Raises:
            ApiError: `not_found` if they are not waiting.
        """
        await membership.let_in(self._session.log_api, await self._load(room), uid)

    async def refuse(self, room: str, uid: str) -> None:
        """Answer a knock with no."""
        await self._session.api.delete(f"chatrooms/{room}/knocks/{uid}")

    async def ask_back_in(self) -> list[str]:
        """After a key reset, ask in every room to have the new keys confirmed.

        Returns:
            The ids of those rooms.
        """
        asked = []
        for item in await self._session.manager.overview():
            if item.get("kid") != self._session.me.kid and not item.get("closed"):
                asked.append(field_of(item, "id", str))
                await joining.knock(self._session.log_api, asked[-1])
        return asked

    async def ended_accounts(self, room: str) -> dict[str, str]:
        """Members whose accounts have ended, as the server says: "deleted" or "disabled" by uid.
        They stay members until a leader removes them. Former members whose accounts were deleted
        are there, too.
        """
        answer = await self._session.api.get(f"chatrooms/{room}")
        return {str(uid): str(how) for uid, how in field_of(answer, "ended", dict).items()}

    async def _check_may_lead(self, room: str, uid: str) -> None:
        """Refuse a leader who could not act. Only the server knows who has not accepted, and it
        tells the owner.
        """
        if (await self._load(room)).state.kind == "direct":
            return
        told = await self._session.api.get(f"chatrooms/{room}")
        if uid in (told.get("unanswered") or []):
            raise ApiError("not_answered", "They have not answered the request to this room yet.")
        if uid in field_of(told, "ended", dict):
            raise ApiError("account_ended", "Their account was deleted or is disabled.")

    async def _load(self, room: str) -> Room:
        return await self._session.manager.load(room)
