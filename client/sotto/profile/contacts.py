"""People: finding them, and deciding whose keys to trust."""

from __future__ import annotations

from sotto import membership
from sotto.protocol.encoding import WireError
from sotto.protocol.identity import Identity, safety_number
from sotto.session import Session


class Contacts:
    """`client.contacts`: other people's identities and what you decided about them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def find(self, name: str) -> Identity:
        """Look a person up by their exact user name. `client.trust.doubt` tells whether their keys
        are trusted.

        Raises:
            ApiError: `not_found`, or `no_keys` if they have published none.
            WireError: the server's answer is about somebody else, or shows older keys than before.
        """
        return await membership.find_person(self._session.log_api, name)

    async def block(self, uid: str) -> None:
        """Block a person, on all devices of this account: nothing is sent to them alone, their
        requests are declined, and browsers do not show what they write. They do not learn of it.

        Raises:
            ApiError: `not_found`.
        """
        await self._session.manager.blocks.set(uid, on=True)

    async def unblock(self, uid: str) -> None:
        """Lift a block. Messages that waited for it may be sent again."""
        await self._session.manager.blocks.set(uid, on=False)

    async def blocked(self) -> dict[str, str]:
        """User names of the people whom this account blocks, by uid."""
        return await self._session.manager.blocks.all()

    def safety_number(self, uid: str) -> str:
        """60 digits that both people see if nobody sits between them."""
        return safety_number(self._session.me.kid, self._pinned(uid).kid)

    def mark_verified(self, uid: str) -> None:
        """Record that you compared the safety number."""
        self._session.trust.mark_verified(self._pinned(uid).kid)
        self._session.manager.schedule_save()

    def approve_key(self, kid: str) -> None:
        """Trust a person's new key.

        Raises:
            UnapprovedKeys: the person was known by another name.
            WireError: the key is older than the trusted one.
        """
        self._session.trust.approve(kid)
        self._session.manager.schedule_save()

    async def accept_older_key(self, room: str, uid: str) -> None:
        """Trust a member's older key, in this room only."""
        state = (await self._session.manager.load(room)).state
        self._session.trust.accept_older(state.members[uid].kid, state)
        self._session.manager.schedule_save()

    def namesakes(self, name: str) -> list[Identity]:
        """Later accounts with a known name that you have not accepted as other people."""
        return self._session.trust.namesakes(name)

    def accept_namesake(self, uid: str) -> None:
        """Accept a second account of a name as another person: both may be written to."""
        self._decide_namesake(uid, accepted=True)

    def refuse_namesake(self, uid: str) -> None:
        """Never send anything to a second account of a name. The first one is not affected."""
        self._decide_namesake(uid, accepted=False)

    def _decide_namesake(self, uid: str, *, accepted: bool) -> None:
        self._session.trust.decide_namesake(uid, accepted=accepted)
        self._session.manager.schedule_save()

    def _pinned(self, uid: str) -> Identity:
        person = self._session.trust.pinned(uid)
        if person is None:
            raise WireError("no person with that id was seen yet")
        return person
