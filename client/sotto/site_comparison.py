"""Compares what a site serves with a signed release, as the different browsers ask for it."""

from __future__ import annotations

import asyncio
import secrets
import ssl
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from urllib.parse import quote

import httpx2

from sotto.site_release import HEADERS, SiteFile, SiteRelease, compared_headers

AT_ONCE = 12  # requests
MOST = 8 * 1024 * 1024  # bytes of one answer
TIMEOUT = 20.0  # seconds without a byte
LONGEST = 60.0  # seconds, of one answer
ROOM_PAGE = "/rooms/-/"
"""Stands for the page of every room."""
PACKINGS = ("gzip", "br", "zstd")
"""How browsers let answers be packed: each may be a copy of its own."""
LANGUAGES = ("ar", "de", "es", "fr", "ja", "zh")
"""Those of browsers; a site answers the ones that it does not have in its first language."""
NO_ANSWER = "no answer"


@dataclass(frozen=True)
class Way:
    """One of the ways in which a file is asked for. `said` names it beside a difference."""

    said: str = ""
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def packing(self) -> str:
        """The encoding that is asked for."""
        return self.headers.get("Accept-Encoding", "identity")


PLAIN = Way()
WITH_QUERY = Way("with a query", "?next=%2Frooms%2F")


@cache
def not_unpacked() -> list[str]:
    """The packings that this Python cannot unpack, so that they are not compared."""
    with httpx2.Client(transport=httpx2.BaseTransport()) as http:
        can = {one.strip() for one in http.headers["Accept-Encoding"].split(",")}
    return [packing for packing in PACKINGS if packing not in can]


async def differences(
    url: str,
    release: SiteRelease,
    *,
    cookies: httpx2.Cookies | None = None,
    rooms: Sequence[str] = (),
    trusted: ssl.SSLContext | None = None,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> AsyncIterator[str]:
    """Yield a line for each file that a site answers differently, in no order.

    Every file is asked for as it is and packed in each way that this Python can unpack; pages also
    with a query, at the address of a room that was made up, and as a browser in a language that the
    site does not have.

    Args:
        url: the site's address.
        cookies: of a browser's session, to be answered as it would be.
        rooms: ids of rooms whose pages are compared, too.
        trusted: the certificates that are trusted; the system's by default.
        transport: replaces the network.

    Raises:
        httpx2.TransportError: the site cannot be reached.
    """
    places = asyncio.Semaphore(AT_ONCE)
    files = [*release.files, *_room_pages(release, [secrets.token_hex(16), *rooms])]
    async with httpx2.AsyncClient(
        base_url=url.rstrip("/"),
        headers={"Accept-Language": release.language, "Accept-Encoding": "identity"},
        cookies=cookies,
        timeout=TIMEOUT,
        verify=trusted or True,
        transport=transport,
    ) as http:

        async def compared(file: SiteFile) -> str:
            async with places:
                return await _difference(http, file, _ways(file, release))

        found = asyncio.as_completed([compared(file) for file in files])
        async for line in _reached(found):
            yield line


async def _reached(lines: Iterator[asyncio.Future[str]]) -> AsyncIterator[str]:
    """Lines of a site that answers something; those before its first answer are held back."""
    held: list[str] = []
    reached = False
    for done in lines:
        line = await done
        reached = reached or not line.endswith(NO_ANSWER)
        held += [line] if line else []
        while reached and held:
            yield held.pop(0)
    if not reached:
        raise httpx2.ConnectError("the site does not answer")


def _room_pages(release: SiteRelease, rooms: Sequence[str]) -> Iterator[SiteFile]:
    """The pages of these rooms, as the release has that of every room."""
    for file in release.files:
        if file.path == ROOM_PAGE:
            yield from (replace(file, path=f"/rooms/{quote(room, safe='')}/") for room in rooms)


def _ways(file: SiteFile, release: SiteRelease) -> Iterator[Way]:
    """The ways beside the plain one."""
    for packing in PACKINGS:
        if packing not in not_unpacked():
            yield Way(f"packed as {packing}", headers={"Accept-Encoding": packing})
    if file.path.startswith(f"/static/{release.build}/"):
        return
    yield WITH_QUERY
    if release.language == release.languages[0]:
        others = ",".join(one for one in LANGUAGES if one not in release.languages)
        yield Way("in another language", headers={"Accept-Language": others})


async def _difference(http: httpx2.AsyncClient, file: SiteFile, ways: Iterator[Way]) -> str:
    """Return the faults of one file; "" if there is none. A file that is another one in any case is
    not asked for in other ways.
    """
    try:
        faults = await _faults(http, file, PLAIN)
        for way in () if faults else ways:
            faults += [f"{fault}, {way.said}" for fault in await _faults(http, file, way)]
    except httpx2.TransportError:
        faults = [NO_ANSWER]
    return f"{file.path}: {'; '.join(faults)}" if faults else ""


async def _faults(http: httpx2.AsyncClient, file: SiteFile, way: Way) -> list[str]:
    try:
        async with asyncio.timeout(LONGEST):
            place = file.path + way.query
            async with http.stream(
                "GET", place, headers=way.headers, follow_redirects=False
            ) as answer:
                return await _faults_of(answer, file, way)
    except TimeoutError:
        return ["does not end"]
    except httpx2.DecodingError:
        return ["cannot be unpacked"]


async def _faults_of(answer: httpx2.Response, file: SiteFile, way: Way) -> list[str]:
    if answer.status_code != 200:
        return [f"answers {answer.status_code} instead of the file"]
    packing = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if packing not in ("identity", way.packing):
        return [f"packed as {packing[:20]!r}, which was not asked for"]
    total, size = sha256(), 0
    async for part in answer.aiter_bytes():
        total.update(part)
        size += len(part)
        if size > MOST:
            return ["does not end"]
    faults = []
    if total.hexdigest() != file.sha256:
        faults.append(f"other bytes ({size} instead of {file.size})")
    return faults + _other_headers(compared_headers(answer.headers), file.headers)


def _other_headers(found: dict[str, str], released: dict[str, str]) -> list[str]:
    """Name each header of an answer that is not as it was released."""
    return [
        f"{_how(found.get(name), released.get(name))} {name}"
        for name in HEADERS
        if found.get(name) != released.get(name)
    ]


def _how(found: str | None, released: str | None) -> str:
    if found is None:
        return "no"
    return "an added" if released is None else "another"
