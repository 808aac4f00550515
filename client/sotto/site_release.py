"""Which bytes a site should serve: a signed manifest of a release, and a comparison with a site.

A manifest covers every page and static file of one build in one language. It proves what its signer
published. The comparison proves what a server answered just now to the person who asked: the server
may answer others differently.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import httpx2

from sotto.protocol.encoding import WireError, field_of, strict_json
from sotto.protocol.signing import verify

TYPE = "site-release"
LOCATION = "/.well-known/sotto-release.json"
NOT_COVERED = ("/admin/", "/site.json", "/manifest.webmanifest", "legal texts", "error pages")
"""Answers that differ by site or person, or that only administrators load."""
AT_ONCE = 12  # requests
MOST = 8 * 1024 * 1024  # bytes of one answer
TIMEOUT = 20.0  # seconds
FIELDS = ("version", "commit", "language", "build")
HEADERS = (
    "content-type",
    "content-security-policy",
    "permissions-policy",
    "service-worker-allowed",
    "link",
    "refresh",
    "speculation-rules",
)
"""Headers that decide what bytes are and what a page's scripts may do, or that load or open
something else.
"""
ROOM_PAGE = "/rooms/-/"
"""Stands for the page of every room."""


@dataclass(frozen=True)
class SiteFile:
    """One answer of a site, as the manifest names it."""

    path: str
    sha256: str
    size: int
    headers: dict[str, str]


@dataclass(frozen=True)
class SiteRelease:
    """A manifest whose signature is valid."""

    version: str
    commit: str
    language: str
    build: str
    files: tuple[SiteFile, ...]

    @classmethod
    def parse(cls, signed: bytes, key: bytes) -> SiteRelease:
        """Read a manifest, and verify that the owner of `key` signed it.

        Args:
            signed: JSON with `body` (the manifest's own JSON, as signed) and `sig`.
            key: the raw Ed25519 public key, 32 bytes.

        Raises:
            WireError: it is no manifest, or another key signed it.
        """
        try:
            outer = strict_json(signed.decode())
        except UnicodeDecodeError:
            raise WireError("a manifest that is not text") from None
        body = field_of(outer, "body", str)
        verify(key, TYPE, body, field_of(outer, "sig", str))
        found = strict_json(body)
        files = tuple(map(_file, field_of(found, "files", list)))
        if field_of(found, "v", int) != 1 or not files:
            raise WireError("a manifest of another version")
        version, commit, language, build = (field_of(found, name, str) for name in FIELDS)
        return cls(version, commit, language, build, files)


def _file(value: Any) -> SiteFile:
    path, size = field_of(value, "path", str), field_of(value, "size", int)
    headers = field_of(value, "headers", dict)
    if not path.startswith("/") or path.startswith("//"):
        raise WireError("a path that leads to another site")
    if not all(type(text) is str for text in headers.values()) or headers.keys() - set(HEADERS):
        raise WireError("a header that is not compared")
    return SiteFile(path, field_of(value, "sha256", str), size, headers)


def release_body(about: dict[str, str], files: list[SiteFile]) -> str:
    """The JSON text that is signed. `about` has the texts that FIELDS names."""
    listed = [
        {"path": one.path, "sha256": one.sha256, "size": one.size, "headers": one.headers}
        for one in sorted(files, key=lambda file: file.path)
    ]
    value = {"sotto": TYPE, "v": 1, **about, "files": listed, "not_covered": NOT_COVERED}
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def compared_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of an answer that are compared, each where it has any value.

    The directives of a content security policy have no order; servers write them in any. Of a type
    neither case nor spaces matter.
    """
    found = {name: headers[name] for name in HEADERS if headers.get(name)}
    if policy := found.get("content-security-policy"):
        found["content-security-policy"] = "; ".join(
            sorted(directive.strip() for directive in policy.split(";"))
        )
    if kind := found.get("content-type"):
        found["content-type"] = kind.lower().replace(" ", "")
    return found


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
    files = [*release.files, *_room_pages(release, rooms)]
    async with httpx2.AsyncClient(
        base_url=url.rstrip("/"),
        headers={"Accept-Language": release.language},
        cookies=cookies,
        timeout=TIMEOUT,
        verify=trusted or True,
        transport=transport,
    ) as http:

        async def compared(file: SiteFile) -> str:
            async with places:
                return await _difference(http, file)

        for done in asyncio.as_completed([compared(file) for file in files]):
            if line := await done:
                yield line


def _room_pages(release: SiteRelease, rooms: Sequence[str]) -> Iterator[SiteFile]:
    """The pages of these rooms, as the release has that of every room."""
    for file in release.files:
        if file.path == ROOM_PAGE:
            yield from (replace(file, path=f"/rooms/{quote(room, safe='')}/") for room in rooms)


async def _difference(http: httpx2.AsyncClient, file: SiteFile) -> str:
    """Return the fault of one answer; "" if there is none."""
    async with http.stream("GET", file.path, follow_redirects=False) as answer:
        if answer.status_code != 200:
            return f"{file.path}: answers {answer.status_code} instead of the file"
        total, size = sha256(), 0
        async for part in answer.aiter_bytes():
            total.update(part)
            size += len(part)
            if size > MOST:
                return f"{file.path}: does not end"
        headers = compared_headers(answer.headers)
        wrong = [name for name in HEADERS if headers.get(name) != file.headers.get(name)]
    if total.hexdigest() != file.sha256:
        return f"{file.path}: other bytes ({size} instead of {file.size})"
    if wrong:
        return f"{file.path}: another {wrong[0]}"
    return ""
