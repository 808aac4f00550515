"""An account's own keys: published, published again, reset; never lost on the way."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext

from sotto.api import Api, ApiError, part
from sotto.profile_dir import Account, Home, HomeError
from sotto.protocol.encoding import WireError
from sotto.protocol.identity import Identity, Keys, make_identity, open_identity
from sotto.trust import Trust

NOT_FOLLOWING = "the server names keys that do not follow from yours; yours were kept"


class KeysNotPublished(Exception):
    """The server lacks the identity of the keys here, as after an old backup was restored.
    `Client.login` and `Client.publish_keys` publish the same one again."""


class OwnKeys:
    """The private keys of one account: in its profile, and as the server knows them.

    Keys in the profile give way only to keys that follow from them by a published reset.
    """

    def __init__(self, url: str, api: Api, trust: Trust, home: Home | None) -> None:
        self._url = url
        self._api = api
        self._trust = trust
        self._home = home

    def kept(self, name: str = "") -> Account | None:
        """The profile's account.

        Raises:
            HomeError: it is of another server, or not called `name`.
        """
        account = self._home.account() if self._home is not None else None
        if account is not None and account.url != self._url:
            raise HomeError("This profile belongs to another server; choose another folder.")
        if account is not None and name and account.name != name:
            raise HomeError("This profile belongs to another account; choose another folder.")
        return account

    def lock(self) -> AbstractAsyncContextManager[None]:
        """While one program of the profile changes keys, the others wait."""
        return self._home.making_keys() if self._home is not None else nullcontext()

    # --- the keys as they are -------------------------------------------------------------------

    async def begin(
        self,
        uid: str,
        name: str,
        keys: Keys,
        *,
        publish: bool = False,
        password: str | None = None,
        kid: str = "",
    ) -> tuple[str, Keys]:
        """Go on with `keys`, or with pending ones that the server has taken meanwhile.

        Args:
            publish: publish the same identity again where the server lacks it.
            password: needed for that where the keys were reset before.
            kid: of `keys`, where a kit names it.

        Returns:
            The kid, and its keys.

        Raises:
            KeysNotPublished: the server lacks the identity and `publish` is false.
            WireError: the server names keys that are not these.
            HomeError: the profile has other keys.
        """
        account = self.kept()
        if account is not None and account.uid != uid:
            raise HomeError("The server has another account of that name. Your keys were kept.")
        named = await self._named()
        chain = await self._chain(named)
        pending = self._home.pending() if self._home is not None else None
        if pending is not None and (pending.kid, pending.uid) == (named, uid):
            keys, kid = pending.keys, pending.kid
        own = self._own_chain(uid, name, keys)
        if kid not in ("", own[-1].kid):
            raise WireError("these keys are not the ones that the kit names")
        if named != own[-1].kid:
            await self._publish_rest(own, named, publish=publish, password=password)
        elif chain[-1].n < self._known_n(uid):
            raise WireError("the server shows older keys than it did before")
        self._trust.me = uid
        self._trust.approve(own[-1].kid)
        there = account.kid if account is not None else ""
        replaces = there if there in [identity.kid for identity in chain] else ""
        self._keep(Account(self._url, uid, name, own[-1].kid, keys), replaces)
        if pending is not None and pending.kid == own[-1].kid and self._home is not None:
            self._home.drop_pending()
        return own[-1].kid, keys

    async def _named(self) -> str | None:
        kid = (await self._api.get("me")).get("kid")
        if kid is not None and type(kid) is not str:
            raise WireError("an answer of another shape")
        return kid

    def _own_chain(self, uid: str, name: str, keys: Keys) -> list[Identity]:
        """The identity of these keys and those before it, oldest first. One that nobody has seen
        is the account's first."""
        public = (uid, keys.ed_public, keys.spki)
        known = [one for one in self._trust.known.values() if (one.uid, one.ed, one.rsa) == public]
        own = max(known, key=lambda one: one.n, default=None)
        if own is None:
            signed = make_identity(keys, uid, name)
            self._trust.learn([signed])
            own = open_identity(signed)
        chain = [own]
        while (before := self._trust.known.get(chain[0].prev)) is not None:
            chain.insert(0, before)
        return chain

    async def _publish_rest(
        self, own: list[Identity], kid: str | None, *, publish: bool, password: str | None
    ) -> None:
        """Publish what the server lacks of one's own identities, after `kid`."""
        kids = ["" if own[0].n == 1 else own[0].prev, *(identity.kid for identity in own)]
        if (kid or "") not in kids:
            text = "these are not the keys of this account" if kid else NOT_FOLLOWING
            raise WireError(text)
        if not publish:
            raise KeysNotPublished("The server has lost the public keys of this account.")
        for identity in own[kids.index(kid or "") :]:
            await self._publish(identity.kid, password if identity.n > 1 else None)

    async def _publish(self, kid: str, password: str | None) -> None:
        """A lost answer is no failure where the server has it."""
        extra = {} if password is None else {"password": password}
        try:
            await self._api.post("identities", {**self._trust.signed[kid], **extra})
        except ApiError as error:
            if error.status or await self._named() != kid:
                raise

    def _known_n(self, uid: str) -> int:
        pinned = self._trust.pinned(uid)
        return pinned.n if pinned is not None else 0

    def _keep(self, account: Account, replaces: str) -> None:
        if self._home is not None:
            self._home.keep_account(account, replaces=replaces)

    async def _chain(self, kid: str | None) -> list[Identity]:
        """What the server has of the account, oldest first; each follows from the one before."""
        chain: list[Identity] = []
        wanted = kid or ""
        while wanted:
            found = part(await self._api.get("identities", kid=wanted), "identities", list)
            identity = open_identity(next(iter(found), {}))
            later = chain[0] if chain else None
            if identity.kid != wanted or (
                later is not None and (identity.uid, identity.n) != (later.uid, later.n - 1)
            ):
                raise WireError("the server answered with another identity")
            self._trust.learn([found[0]])
            chain.insert(0, identity)
            wanted = identity.prev
        return chain

    # --- other keys ----------------------------------------------------------------------------

    async def keep_first(self, uid: str, name: str, keys: Keys) -> None:
        """Keep the keys of a new account before the server is told of them."""
        signed = make_identity(keys, uid, name)
        self._trust.learn([signed])
        self._keep(Account(self._url, uid, name, open_identity(signed).kid, keys), "")

    async def reset(self, uid: str, name: str, password: str) -> Keys:
        """Publish new keys that follow the account's. Those in the profile stay until the server
        has taken the new ones; an interrupted reset goes on with the keys that it made.

        Raises:
            KeysNotPublished: the server names no keys, and some are here.
            WireError: what it names does not follow from the keys here.
        """
        account, kid = self.kept(), await self._named()
        chain = await self._chain(kid)
        if account is not None and account.uid != uid:
            raise HomeError("The server has another account of that name. Your keys were kept.")
        if account is not None and kid is None:
            raise KeysNotPublished("The server has lost the public keys of this account.")
        if account is not None and account.kid not in [one.kid for one in chain]:
            raise WireError(NOT_FOLLOWING)
        if chain and chain[-1].uid != uid:
            raise WireError("the server answered with another identity")
        keys = await self._new_keys(uid, kid or "")
        signed = make_identity(keys, uid, name, len(chain) + 1, kid or "")
        made = Account(self._url, uid, name, open_identity(signed).kid, keys, kid or "")
        if self._home is not None:
            self._home.keep_pending(made)
        self._trust.learn([signed])
        await self._publish(made.kid, password if chain else None)
        return keys

    async def _new_keys(self, uid: str, prev: str) -> Keys:
        pending = self._home.pending() if self._home is not None else None
        if pending is not None and (pending.uid, pending.prev) == (uid, prev):
            return pending.keys
        return await asyncio.to_thread(Keys.generate)
