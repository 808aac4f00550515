"""What members and leaders do to a room itself, and whom one believes to be who."""

from __future__ import annotations

from typing import Any

from sotto import joining, rotation
from sotto import membership as members
from sotto.account import SignedIn
from sotto.api import part
from sotto.membership import Waiting
from sotto.protocol.encoding import WireError
from sotto.protocol.identity import Identity, safety_number
from sotto.protocol.profile import Profile
from sotto.room import Room


class Governing(SignedIn):
    """The part of a client that changes rooms and trust."""

    async def summaries(self) -> list[dict[str, Any]]:
        """The server's list of one's rooms, unchecked: unread messages, requests, peers."""
        rooms: list[dict[str, Any]] = []
        async for page in self._api.pages("chatrooms"):
            self._desk.clock.set(page.get("now"))
            rooms += part(page, "rooms", list)
        return rooms

    # --- the room ---------------------------------------------------------------------------

    async def rotate(self, room: str) -> None:
        """Give a room a new key."""
        await rotation.rotate(self._book, await self._desk.ledger(room))

    async def hand_over(self, room: str) -> int:
        """Give members the keys that they lack and one holds; how many that were."""
        found = await self._desk.ledger(room)
        await rotation.mend(self._book, found)
        return await rotation.hand_over(self._book, found)

    async def close_room(self, room: str) -> None:
        """End a room for good: the server deletes its messages and keys."""
        await self._book.change(await self._desk.ledger(room), "close")

    async def delete_room(self, room: str) -> None:
        """Take a closed room out of one's list."""
        await self._api.delete(f"chatrooms/{room}")
        self._desk.forget(room)

    async def set_profile(self, room: str, name: str, topic: str = "") -> None:
        """Name and topic; the avatar stays."""
        found = await self._desk.ledger(room)
        avatar = found.profile.avatar if found.profile is not None else ""
        await self._book.set_profile(found, Profile(name, topic, avatar))

    async def set_policy(self, room: str, **policy: Any) -> None:
        """Change parts of a room's policy."""
        await members.set_policy(self._book, await self._desk.ledger(room), policy)

    async def disclose(self, room: str, first: int, last: int, model: str) -> None:
        """Write into the log that messages `first` to `last` will be shown to a model."""
        found = await self._desk.ledger(room)
        span = {"from": first, "to": last, "model": model}
        await self._book.change(found, "disclose", **span)

    async def accept_server_version(self, room: str) -> Room:
        """The way out of a frozen room: what the server has now counts, what was known before is
        dropped. A restored backup looks like a lie; only you can know that it is none."""
        return await self._desk.accept_server_version(room)

    # --- people -----------------------------------------------------------------------------

    async def find(self, name: str) -> Identity:
        """Somebody by their exact user name. Whether their keys are believed, says `trust`."""
        return await members.find_person(self._book, name)

    async def add(self, room: str, name: str) -> None:
        """Take somebody into a room by their user name."""
        await members.add(self._book, await self._desk.ledger(room), await self.find(name))

    async def remove(self, room: str, uid: str, *, ban: bool = False) -> None:
        """Take somebody out; the room's key is renewed without them."""
        await members.remove(self._book, await self._desk.ledger(room), uid, ban=ban)

    async def set_role(self, room: str, uid: str, role: str) -> None:
        """ "owner" (who gives it away becomes moderator), "moderator" or "member"."""
        await members.set_role(self._book, await self._desk.ledger(room), uid, role)

    async def ban(self, room: str, uid: str, *, on: bool = True) -> None:
        """Keep a former member from coming back by a link; `on=False` lets them again. A member
        is banned by `remove`."""
        await members.ban(self._book, await self._desk.ledger(room), uid, on=on)

    async def name_successor(self, room: str, uid: str) -> None:
        """As owner: name who may take the room over once your account has ended; "" for nobody.
        Whom you name can do so together with a server that says it has."""
        await self._book.change(await self._desk.ledger(room), "successor", uid=uid)

    async def take_over(self, room: str) -> None:
        """Become owner in place of one whose account has ended, if they named you."""
        await members.take_over(self._book, await self._desk.ledger(room))

    async def knocks(self, room: str) -> list[Waiting]:
        """Who waits to be let in, or to have their new keys confirmed."""
        return await members.waiting(self._book, await self._desk.ledger(room))

    async def let_in(self, room: str, uid: str) -> None:
        """Answer a knock with yes."""
        await members.let_in(self._book, await self._desk.ledger(room), uid)

    async def refuse(self, room: str, uid: str) -> None:
        """Answer a knock with no."""
        await self._api.delete(f"chatrooms/{room}/knocks/{uid}")

    async def ask_back_in(self) -> list[str]:
        """After a reset: ask in every room to have the new keys confirmed. Returns the rooms."""
        waiting = []
        for item in await self.summaries():
            if item.get("kid") != self.me.kid and not item.get("closed"):
                waiting.append(part(item, "id", str))
                await joining.knock(self._book, waiting[-1])
        return waiting

    def safety_number(self, uid: str) -> str:
        """60 digits; who sees the same ones speaks to you and to nobody else."""
        return safety_number(self.me.kid, self._person(uid).kid)

    def mark_verified(self, uid: str) -> None:
        """You compared the safety number."""
        self.trust.mark_verified(self._person(uid).kid)
        self._desk.changed()

    def _person(self, uid: str) -> Identity:
        person = self.trust.pinned(uid)
        if person is None:
            raise WireError("nobody of that id was seen yet")
        return person

    def approve_key(self, kid: str) -> None:
        """You believe that these new keys are that person's."""
        self.trust.approve(kid)
        self._desk.changed()

    async def accept_older_key(self, room: str, uid: str) -> None:
        """You believe that a member is the person of an older key, in this room alone."""
        state = (await self._desk.ledger(room)).state
        self.trust.accept_older(state.members[uid].kid, state)
        self._desk.changed()

    def namesakes(self, name: str) -> list[Identity]:
        """Accounts that came second to a name and were not accepted as people of their own."""
        return self.trust.namesakes(name)

    def accept_namesake(self, uid: str) -> None:
        """You know that this second account of a name is another person: both may be written to."""
        self.trust.settle_namesake(uid, accepted=True)
        self._desk.changed()

    def refuse_namesake(self, uid: str) -> None:
        """Nothing is ever sent to this second account of a name; the first one is not affected."""
        self.trust.settle_namesake(uid, accepted=False)
        self._desk.changed()
