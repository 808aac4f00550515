"""A sign-in as browsers make it: by the log-in page, with a cookie, until the log-out page."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2

from sotto.api import patiently, refusal_of
from sotto.protocol.encoding import WireError, field_of, strict_json

CSRF_COOKIE, CSRF_HEADER = "csrftoken", "X-CSRFToken"
TIMEOUT = 20.0  # seconds
NOT_SIGNED_IN = "the site took the password, but its session is not the profile's account"


class BrowserSession:
    """One browser on one site. Its cookies, the password and codes appear in no text and no error.

    Args:
        url: the site's address.
        trusted: the certificates that are trusted; the system's by default.
    """

    def __init__(self, url: str, trusted: ssl.SSLContext | None = None) -> None:
        self._http = httpx2.AsyncClient(
            base_url=url.rstrip("/"),
            headers={"Referer": f"{url.rstrip('/')}/"},  # TLS sites ask for it
            timeout=TIMEOUT,
            follow_redirects=False,
            verify=trusted or True,
        )
        self._signed_in = False

    @property
    def cookies(self) -> httpx2.Cookies:
        """The cookies that the site has set."""
        return self._http.cookies

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def sign_in(self, name: str, password: str, uid: str, code: str = "") -> None:
        """Fill in the log-in page.

        Args:
            uid: the account that has to be signed in then.
            code: the second factor, where the account has one.

        Raises:
            ApiError: the site refused; `second_factor` if a code is needed.
            WireError: another account is signed in, or none.
        """
        await self._who()  # sets the cookie of the CSRF token
        await self._post("/accounts/login/", login=name, password=password, code=code)
        self._signed_in = True
        if await self._who() != uid:
            raise WireError(NOT_SIGNED_IN)

    async def sign_out(self) -> None:
        """End the sign-in at the site, if there is one. Raises ApiError if it refuses."""
        if self._signed_in:
            await self._post("/accounts/logout/")
            self._signed_in = False

    async def _who(self) -> str:
        """The uid of the account that the site takes this browser for, or an empty text."""
        answer = await self._once("GET", "/site.json", {})
        facts = strict_json(answer.text)
        me = facts.get("me") if type(facts) is dict else None
        return field_of(me, "uid", str) if me is not None else ""

    async def _post(self, path: str, **fields: str) -> None:
        await patiently(lambda: self._once("POST", path, fields))

    async def _once(self, method: str, path: str, fields: dict[str, str]) -> httpx2.Response:
        headers = {CSRF_HEADER: self.cookies.get(CSRF_COOKIE) or ""} if method == "POST" else {}
        answer = await self._http.request(method, path, data=fields or None, headers=headers)
        if not answer.is_success:
            raise refusal_of(answer)
        return answer


@asynccontextmanager
async def browser_session(
    url: str, trusted: ssl.SSLContext | None = None
) -> AsyncIterator[BrowserSession]:
    """A browser whose sign-in ends with the block, whatever happens in it."""
    session = BrowserSession(url, trusted)
    try:
        yield session
    finally:
        try:
            await session.sign_out()
        finally:
            await session.close()
