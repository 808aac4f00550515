"""Publishing and resetting an account's own keys without ever losing them."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext

from sotto.api import Api, ApiError
from sotto.keys.trust import Trust
from sotto.profile.profile_dir import ProfileDir, ProfileDirError, StoredAccount
from sotto.protocol.encoding import WireError, field_of
from sotto.protocol.identity import Identity, Keys, make_identity, open_identity
from sotto.room_errors import KeysReplaced

OTHER_ACCOUNT = "The server has another account with that name. Your keys were kept."
NOT_FOLLOWING = "the server names keys that do not follow from yours; yours were kept"


class KeysNotPublished(Exception):
    """The server lacks this account's identity, as after an old backup was restored.
    `client.account.log_in` and `client.account.publish_keys` publish the same one again.
    """

    def __init__(self) -> None:
        super().__init__("The server has lost the public keys of this account.")


class OwnKeys:
    """The private keys of one account, in its profile and as published on the server.

    Keys in the profile are replaced only by keys that follow them by a published reset.
    """

    def __init__(self, url: str, api: Api, trust: Trust, profile_dir: ProfileDir | None) -> None:
        self._url = url
        self._api = api
        self._trust = trust
        self._profile_dir = profile_dir

    def stored(self, name: str = "") -> StoredAccount | None:
        """The profile's account.

        Raises:
            HomeError: it is of another server, or not called `name`.
        """
        account = self._profile_dir.account() if self._profile_dir is not None else None
        if account is not None and account.url != self._url:
            raise ProfileDirError("This profile belongs to another server; choose another folder.")
        if account is not None and name and account.name != name:
            raise ProfileDirError("This profile belongs to another account; choose another folder.")
        return account

    def _stored_of(self, uid: str) -> StoredAccount | None:
        """The profile's account, which must have that uid."""
        account = self.stored()
        if account is not None and account.uid != uid:
            raise ProfileDirError(OTHER_ACCOUNT)
        return account

    def lock(self) -> AbstractAsyncContextManager[None]:
        """Held while a program of this profile changes keys."""
        return self._profile_dir.keys_lock() if self._profile_dir is not None else nullcontext()

    # --- present keys -------------------------------------------------------------------

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
        """Check `keys` against the server, or use pending ones that it has taken meanwhile.

        Args:
            publish: publish the same identity again if the server lacks it.
            password: required for that if the keys were reset before.
            kid: the id of `keys`, if a kit names it.

        Returns:
            The kid and its keys.

        Raises:
            KeysNotPublished: the server lacks the identity and `publish` is false.
            KeysReplaced: the server names keys that follow these.
            WireError: the server names other keys.
            ProfileDirError: the profile has other keys.
        """
        account = self._stored_of(uid)
        named = await self._named()
        chain = await self._chain(named)
        pending = self._profile_dir.pending() if self._profile_dir is not None else None
        if pending is not None and (pending.kid, pending.uid) == (named, uid):
            keys, kid = pending.keys, pending.kid
        own = self._own_chain(uid, name, keys)
        if kid not in ("", own[-1].kid):
            raise WireError("these keys are not the ones that the kit names")
        if own[-1].kid in [one.kid for one in chain[:-1]]:
            raise KeysReplaced
        if named != own[-1].kid:
            await self._publish_rest(own, named, publish=publish, password=password)
        elif chain[-1].n < self._known_n(uid):
            raise WireError("the server shows older keys than it did before")
        self._trust.me = uid
        self._trust.approve(own[-1].kid)
        before = account.kid if account is not None else ""
        replaces = before if before in [identity.kid for identity in chain] else ""
        self._store(StoredAccount(self._url, uid, name, own[-1].kid, keys), replaces)
        if pending is not None and pending.kid == own[-1].kid and self._profile_dir is not None:
            self._profile_dir.delete_pending()
        return own[-1].kid, keys

    async def _named(self) -> str | None:
        kid = (await self._api.get("me")).get("kid")
        if kid is not None and type(kid) is not str:
            raise WireError("an answer of another shape")
        return kid

    def _own_chain(self, uid: str, name: str, keys: Keys) -> list[Identity]:
        """The identity of these keys and the ones before it, oldest first. Unknown keys are the
        account's first.
        """
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
        """Publish the account's own identities that follow `kid`."""
        kids = ["" if own[0].n == 1 else own[0].prev, *(identity.kid for identity in own)]
        if (kid or "") not in kids:
            text = "these are not the keys of this account" if kid else NOT_FOLLOWING
            raise WireError(text)
        if not publish:
            raise KeysNotPublished
        for identity in own[kids.index(kid or "") :]:
            await self._publish(identity.kid, password if identity.n > 1 else None)

    async def _publish(self, kid: str, password: str | None) -> None:
        """Publish an identity. A lost answer is no failure if the server has it."""
        extra = {} if password is None else {"password": password}
        try:
            await self._api.post("identities", {**self._trust.signed[kid], **extra})
        except ApiError as error:
            if error.status or await self._named() != kid:
                raise

    def _known_n(self, uid: str) -> int:
        pinned = self._trust.pinned(uid)
        return pinned.n if pinned is not None else 0

    def _store(self, account: StoredAccount, replaces: str) -> None:
        if self._profile_dir is not None:
            self._profile_dir.store_account(account, replaces=replaces)

    async def _chain(self, kid: str | None) -> list[Identity]:
        """The account's identities on the server, oldest first; each follows the one before."""
        chain: list[Identity] = []
        wanted = kid or ""
        while wanted:
            found = field_of(await self._api.get("identities", kid=wanted), "identities", list)
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

    # --- new keys ----------------------------------------------------------------------------

    async def store_first(self, uid: str, name: str, keys: Keys) -> None:
        """Store the keys of a new account before the server gets its identity."""
        signed = make_identity(keys, uid, name)
        self._trust.learn([signed])
        self._store(StoredAccount(self._url, uid, name, open_identity(signed).kid, keys), "")

    async def reset(self, uid: str, name: str, password: str) -> Keys:
        """Publish new keys that follow the account's. The profile keeps its keys until the server
        has the new ones; an interrupted reset continues with the keys that it made.

        Raises:
            KeysNotPublished: the server names no keys, but the profile has some.
            WireError: what it names does not follow the keys here.
        """
        account = self._stored_of(uid)
        kid = await self._named()
        chain = await self._chain(kid)
        if account is not None and kid is None:
            raise KeysNotPublished
        if account is not None and account.kid not in [one.kid for one in chain]:
            raise WireError(NOT_FOLLOWING)
        if chain and chain[-1].uid != uid:
            raise WireError("the server answered with another identity")
        keys = await self._new_keys(uid, kid or "")
        signed = make_identity(keys, uid, name, len(chain) + 1, kid or "")
        made = StoredAccount(self._url, uid, name, open_identity(signed).kid, keys, kid or "")
        if self._profile_dir is not None:
            self._profile_dir.store_pending(made)
        self._trust.learn([signed])
        await self._publish(made.kid, password if chain else None)
        return keys

    async def _new_keys(self, uid: str, prev: str) -> Keys:
        pending = self._profile_dir.pending() if self._profile_dir is not None else None
        if pending is not None and (pending.uid, pending.prev) == (uid, prev):
            return pending.keys
        return await asyncio.to_thread(Keys.generate)
