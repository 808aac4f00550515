"""HTTP requests to a server's REST API, with tokens that are renewed as needed."""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    nullcontext,
)
from functools import partial
from itertools import count
from typing import Any, Protocol, TypeVar

import httpx2

from sotto import tls
from sotto.protocol.encoding import WireError, field_of

T = TypeVar("T")
TIMEOUT = 30.0  # seconds
# Idle connections end here first: servers close theirs after five seconds, and a request that is on
# its way just then would be lost.
CONNECTIONS = httpx2.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=4.0)
LONGEST_WAIT = 60  # seconds that a rate limit may demand
MOST_WAITS = 30
MOST_BUSY_WAITS = 3
"""The number of waits for a server that has no time just now."""
BUSY = 503
FAILED = "Something went wrong on the server. Try again."
BYTES = "application/octet-stream"


class ApiError(Exception):
    """The server refused a request, or cannot be reached.

    `code` is for programs, `detail` a sentence for people, `status` the HTTP status (0 without an
    answer), `extra` the rest of the server's error.
    """

    def __init__(self, code: str, detail: str, status: int = 0, extra: Any = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.status = status
        self.extra: dict[str, Any] = extra if type(extra) is dict else {}


class TokenStore(Protocol):
    """Stores the tokens that several programs of one account share."""

    def tokens_lock(self) -> AbstractAsyncContextManager[None]:
        """Held while a program renews the tokens: a refresh token works once."""

    def tokens(self) -> tuple[str, str] | None:
        """The access and the refresh token, or None without a login."""

    def store_tokens(self, access: str, refresh: str) -> None:
        """Replace both tokens."""


class Api:
    """One account's requests to one server. Tokens appear in no text and no error.

    Args:
        url: the server's address.
        transport: replaces the network.
        token_store: where tokens are kept; in memory by default.
        trusted: the certificates that are trusted; the system's by default.
    """

    def __init__(
        self,
        url: str,
        transport: httpx2.AsyncBaseTransport | None = None,
        token_store: TokenStore | None = None,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        self._http = httpx2.AsyncClient(
            base_url=url.rstrip("/"),
            timeout=TIMEOUT,
            follow_redirects=False,
            limits=CONNECTIONS,
            transport=transport,
            verify=trusted or True,
        )
        self._refresh = ""
        self.access = ""
        self._token_store = token_store

    async def close(self) -> None:
        """Close all HTTP connections."""
        await self._http.aclose()

    async def sign_in(self, how: str, name: str, password: str, **extra: Any) -> dict[str, Any]:
        """Get tokens by a password.

        Args:
            how: "register" or "login".
            extra: further fields of the request.

        Returns:
            The server's answer, with `uid` and `name`.
        """
        sent = {"name": name, "password": password, **extra}
        answer = await self._once("POST", f"auth/{how}", sent)
        self._keep(answer)
        return answer

    async def sign_in_bot(self, token: str) -> dict[str, Any]:
        """Get tokens by a bot's token; returns the server's answer, with `uid` and `name`."""
        answer = await self._once("POST", "auth/bot", {"token": token})
        self._keep(answer)
        return answer

    async def sign_out(self) -> None:
        """Revoke the tokens."""
        if self._refresh:
            await self._once("POST", "auth/logout", {"refresh": self._refresh})
        self._refresh = self.access = ""

    def resume(self) -> bool:
        """Use the stored tokens; returns whether there are any."""
        kept = self._token_store.tokens() if self._token_store is not None else None
        self.access, self._refresh = kept or ("", "")
        return kept is not None

    async def renew(self) -> None:
        """Get new tokens, unless another program of this account already has."""
        async with (
            self._token_store.tokens_lock() if self._token_store is not None else nullcontext()
        ):
            before = self._refresh
            if self._token_store is None or not self.resume() or self._refresh == before:
                self._keep(await self._once("POST", "auth/refresh", {"refresh": before}))

    def _keep(self, answer: Any) -> None:
        access, refresh = field_of(answer, "access", str), field_of(answer, "refresh", str)
        if self._token_store is not None:
            self._token_store.store_tokens(access, refresh)
        self.access, self._refresh = access, refresh

    async def get(self, path: str, **query: str | int) -> dict[str, Any]:
        """Fetch `path`. Waits as long as a rate limit or a busy server demands and tries again.

        Raises:
            ApiError: the server refused; `rate` if it demands more than LONGEST_WAIT seconds, or
                MOST_WAITS times; `unavailable` after MOST_BUSY_WAITS.
        """
        return await patiently(partial(self._request, "GET", path, query=query))

    async def pages(self, path: str) -> AsyncIterator[dict[str, Any]]:
        """Fetch every page of a list: `more` of one page is `after` of the next.

        Raises:
            ApiError: the server refused.
            WireError: the server names the same page twice.
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
        """Send a POST request; returns the answer. Raises ApiError if the server refuses."""
        return await self._request("POST", path, body)

    async def put(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send a PUT request; returns the answer. Raises ApiError if the server refuses."""
        return await self._request("PUT", path, body)

    async def delete(self, path: str) -> None:
        """Send a DELETE request. Raises ApiError if the server refuses."""
        await self._request("DELETE", path)

    async def put_bytes(self, path: str, chunks: AsyncIterator[bytes], size: int) -> None:
        """Upload bytes as they are made. On a 401 the caller has to make them again."""
        headers = {"Content-Type": BYTES, "Content-Length": str(size), **self._authorization()}
        try:
            response = await self._http.put(f"/api/v1/{path}", content=chunks, headers=headers)
        except httpx2.HTTPError as error:
            raise _unreachable(error) from None
        if not response.is_success:
            raise refusal_of(response)

    @asynccontextmanager
    async def bytes_of(self, path: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """Download `path` in pieces. Waits as `get` does."""
        await self.get("me")  # renews an expired token
        try:
            async with AsyncExitStack() as stack:
                response = await patiently(partial(self._stream, path, stack))
                yield response.aiter_raw()
        except httpx2.HTTPError as error:
            raise _unreachable(error) from None

    async def _stream(self, path: str, stack: AsyncExitStack) -> httpx2.Response:
        headers = {"Accept-Encoding": "identity", **self._authorization()}
        asked = self._http.stream("GET", f"/api/v1/{path}", headers=headers)
        response = await stack.enter_async_context(asked)
        if not response.is_success:
            await response.aread()
            raise refusal_of(response)
        return response

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access}"} if self.access else {}

    async def _request(
        self, method: str, path: str, body: Any = None, query: Any = None
    ) -> dict[str, Any]:
        for _ in range(2):  # a token that another program renewed may have expired, too
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
        headers = {} if path.startswith("auth/") else self._authorization()
        try:
            response = await self._http.request(
                method, f"/api/v1/{path}", json=body, params=query, headers=headers
            )
        except httpx2.HTTPError as error:
            raise _unreachable(error) from None
        if response.is_success:
            return _object(response)
        raise refusal_of(response)


async def patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Call `ask`, again after each wait that a rate limit or a busy server demands.

    Raises:
        ApiError: `rate` for a wait above LONGEST_WAIT seconds, or after MOST_WAITS waits;
            `unavailable` after MOST_BUSY_WAITS.
    """
    for waits in count():
        try:
            return await ask()
        except ApiError as error:
            seconds = _pause_after(error, waits)
            if seconds is None:
                raise
            await asyncio.sleep(seconds)
    raise AssertionError("unreachable")


def _pause_after(error: ApiError, waits: int) -> float | None:
    """Seconds until the next try, None for no other one. Clients of a busy server spread."""
    seconds = error.extra.get("retry_after")
    if type(seconds) is not int or not 0 < seconds <= LONGEST_WAIT:
        return None
    if error.code == "rate":
        return seconds if waits < MOST_WAITS else None
    again = error.status == BUSY and waits < MOST_BUSY_WAITS
    spread = random.uniform(1, 1.5)  # noqa: S311 (no secret)
    return float(seconds * spread) if again else None


def _unreachable(error: httpx2.HTTPError) -> ApiError:
    return ApiError("unavailable", tls.problem_of(error) or "The server cannot be reached.")


def _object(response: httpx2.Response) -> dict[str, Any]:
    if response.status_code == 204:
        return {}
    try:
        value = response.json()
    except ValueError:
        value = None
    if type(value) is not dict:
        raise WireError("an answer of another shape")
    return value


def refusal_of(response: httpx2.Response) -> ApiError:
    """The error that a server answered, in its own words where they can be read."""
    after = response.headers.get("Retry-After", "")
    waits = {"retry_after": int(after)} if after.isascii() and after.isdecimal() else {}
    try:
        error = field_of(_object(response), "error", dict)
        return ApiError(
            field_of(error, "code", str),
            field_of(error, "detail", str),
            response.status_code,
            {**waits, **error},
        )
    except WireError:
        return ApiError("failed", FAILED, response.status_code, waits)
