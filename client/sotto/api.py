"""REST: requests with tokens that renew themselves, and errors with the server's codes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import partial
from typing import Any, Protocol, TypeVar

import httpx

from sotto.protocol.encoding import WireError

T = TypeVar("T")
TIMEOUT = 30.0  # seconds
# Idle connections end here first: servers close theirs after five seconds, and a request that is on
# its way just then would be lost.
CONNECTIONS = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=4.0)
LONGEST_WAIT = 60  # seconds, when the server asks for patience
MOST_WAITS = 30
BYTES = "application/octet-stream"


class ApiError(Exception):
    """What the server refused. `code` is for programs, `detail` a sentence for people."""

    def __init__(self, code: str, detail: str, status: int = 0, extra: Any = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.status = status
        self.extra: dict[str, Any] = extra if type(extra) is dict else {}


def part(value: Any, key: str, kind: type[T]) -> T:
    """`value[key]` of a server's answer, exactly of this type; WireError otherwise."""
    found = value.get(key) if type(value) is dict else None
    if type(found) is not kind:
        raise WireError("an answer of another shape")
    return found


class Vault(Protocol):
    """Where several programs of one account share their tokens."""

    def locked(self) -> AbstractAsyncContextManager[None]:
        """While one renews them the others wait: a refresh token serves once."""

    def tokens(self) -> tuple[str, str] | None: ...

    def keep_tokens(self, access: str, refresh: str) -> None: ...


class Api:
    """One account's way to one server. Tokens stay out of texts and errors, and in memory where
    no `vault` keeps them."""

    def __init__(
        self,
        url: str,
        transport: httpx.AsyncBaseTransport | None = None,
        vault: Vault | None = None,
    ) -> None:
        self._http = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            timeout=TIMEOUT,
            follow_redirects=False,
            limits=CONNECTIONS,
            transport=transport,
        )
        self._refresh = ""
        self.access = ""
        self._vault = vault

    async def close(self) -> None:
        await self._http.aclose()

    async def sign_in(self, how: str, name: str, password: str, **extra: Any) -> dict[str, Any]:
        """`how` is "register" or "login". The answer holds `uid` and `name`."""
        sent = {"name": name, "password": password, **extra}
        answer = await self._once("POST", f"auth/{how}", sent)
        self._keep(answer)
        return answer

    async def sign_out(self) -> None:
        if self._refresh:
            await self._once("POST", "auth/logout", {"refresh": self._refresh})
        self._refresh = self.access = ""

    def resume(self) -> bool:
        """Go on with the tokens in the vault; whether there are any."""
        kept = self._vault.tokens() if self._vault is not None else None
        self.access, self._refresh = kept or ("", "")
        return kept is not None

    async def renew(self) -> None:
        """New tokens, unless another program of this account has got some already."""
        async with self._vault.locked() if self._vault is not None else nullcontext():
            before = self._refresh
            if self._vault is None or not self.resume() or self._refresh == before:
                self._keep(await self._once("POST", "auth/refresh", {"refresh": before}))

    def _keep(self, answer: Any) -> None:
        access, refresh = part(answer, "access", str), part(answer, "refresh", str)
        if self._vault is not None:
            self._vault.keep_tokens(access, refresh)
        self.access, self._refresh = access, refresh

    async def get(self, path: str, **query: Any) -> dict[str, Any]:
        """What is at `path`. Where the server has a rate limit, waits as long as it says and asks
        again.

        Raises:
            ApiError: what the server refused; `rate` if it asks for more than LONGEST_WAIT
                seconds, or again and again.
        """
        return await patiently(partial(self._request, "GET", path, query=query))

    async def pages(self, path: str) -> AsyncIterator[dict[str, Any]]:
        """Every page of a list, in order: `more` of one page is `after` of the next.

        Raises:
            ApiError: what the server refused.
            WireError: if the server names the same page twice.
        """
        page = await self.get(path)
        seen = set()
        while True:
            yield page
            after = page.get("more")
            if after is None:
                return
            if type(after) not in (int, str) or after in seen:
                raise WireError("an answer of another shape")
            seen.add(after)
            page = await self.get(path, after=after)

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return await self._request("POST", path, body)

    async def put(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return await self._request("PUT", path, body)

    async def delete(self, path: str) -> None:
        await self._request("DELETE", path)

    async def put_bytes(self, path: str, chunks: AsyncIterator[bytes], size: int) -> None:
        """Bytes that are made on their way. A 401 is the caller's to mend: it has to make them
        again."""
        headers = {"Content-Type": BYTES, "Content-Length": str(size), **self._proof()}
        try:
            response = await self._http.put(f"/api/v1/{path}", content=chunks, headers=headers)
        except httpx.HTTPError:
            raise _away() from None
        if not response.is_success:
            raise _problem(response)

    @asynccontextmanager
    async def bytes_of(self, path: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """What is at `path`, in pieces as they come."""
        await self._request("GET", "me")  # renews what is too old
        headers = {"Accept-Encoding": "identity", **self._proof()}
        try:
            async with self._http.stream("GET", f"/api/v1/{path}", headers=headers) as response:
                if not response.is_success:
                    await response.aread()
                    raise _problem(response)
                yield response.aiter_raw()
        except httpx.HTTPError:
            raise _away() from None

    def _proof(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access}"} if self.access else {}

    async def _request(
        self, method: str, path: str, body: Any = None, query: Any = None
    ) -> dict[str, Any]:
        for _ in range(2):  # what another program renewed may be too old as well
            try:
                return await self._once(method, path, body, query)
            except ApiError as error:
                if error.status != 401 or not self._refresh:
                    raise
            await self.renew()
        return await self._once(method, path, body, query)

    async def _once(
        self, method: str, path: str, body: Any = None, query: Any = None
    ) -> dict[str, Any]:
        headers = {} if path.startswith("auth/") else self._proof()
        try:
            response = await self._http.request(
                method, f"/api/v1/{path}", json=body, params=query, headers=headers
            )
        except httpx.HTTPError:
            raise _away() from None
        if response.is_success:
            return _object(response)
        raise _problem(response)


async def patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """What `ask` returns, asked again after each wait that a rate limit demands.

    Raises:
        ApiError: `rate` for a wait above LONGEST_WAIT seconds, or after MOST_WAITS waits.
    """
    for _ in range(MOST_WAITS):
        try:
            return await ask()
        except ApiError as error:
            wait = error.extra.get("retry_after")
            if error.code != "rate" or type(wait) is not int or not 0 < wait <= LONGEST_WAIT:
                raise
            await asyncio.sleep(wait)
    return await ask()


def _away() -> ApiError:
    return ApiError("unavailable", "The server cannot be reached.")


def _object(response: httpx.Response) -> dict[str, Any]:
    if response.status_code == 204:
        return {}
    try:
        value = response.json()
    except ValueError:
        value = None
    if type(value) is not dict:
        raise WireError("an answer of another shape")
    return value


def _problem(response: httpx.Response) -> ApiError:
    try:
        error = part(_object(response), "error", dict)
        return ApiError(
            part(error, "code", str), part(error, "detail", str), response.status_code, error
        )
    except WireError:
        return ApiError("failed", "The server failed.", response.status_code)
