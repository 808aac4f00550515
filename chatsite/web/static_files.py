"""Static files over ASGI, before Django: from memory, compressed, and cacheable forever.

The build is part of their path, so an address never means other bytes. They carry no policy of
pages, except scripts of workers, which have no other policy than their own, and none that keeps
other sites from loading them: everybody may read them.
"""

from __future__ import annotations

import gzip
import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import brotli
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousFileOperation

TEXTS = {"text/css", "text/javascript", "image/svg+xml", "application/json", "text/plain"}
NOT_SERVED = ["rest_framework"]  # pages that this API does not have
LEAST = 200  # bytes, below which compressing gains nothing
QUALITY = 5  # a fortieth of the time of 11, with which deploy/compress.py makes twins
ENCODINGS = ("br", "gzip")  # the better one first
FOR_EVER = b"max-age=31536000, immutable"  # for shared caches, too: nobody signs in for these
WORKERS = "js/workers/"
WORKER_POLICY = "default-src 'none'; script-src 'self'"
"""Workers compute: they load modules, and reach no network otherwise."""

Headers = list[tuple[bytes, bytes]]


@dataclass
class StaticFile:
    """One file, as it is sent: `bodies` by encoding, "" for none. It is compressed once it is asked
    for; `twin` is None for what is not, else where a compressed one may be, without its suffix.
    """

    headers: Headers
    bodies: dict[str, bytes]
    twin: Path | None

    def accepted(self, accept: bytes) -> tuple[Headers, bytes]:
        """Headers and body for what a request's Accept-Encoding says."""
        asked = _encodings(accept)
        encoding = next((one for one in ENCODINGS if self.twin and one in asked), "")
        body = self._body(encoding)
        headers = [*self.headers, (b"content-length", str(len(body)).encode())]
        if encoding:
            headers.append((b"content-encoding", encoding.encode()))
        return headers, body

    def _body(self, encoding: str) -> bytes:
        if encoding not in self.bodies and self.twin is not None:
            self.bodies[encoding] = _compressed(self.twin, self.bodies[""], encoding)
        return self.bodies[encoding]


class StaticFiles:
    """ASGI application that answers below STATIC_URL, and passes everything else on to `app`."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._prefix: str = settings.STATIC_URL
        self._files = {} if settings.DEBUG else dict(read_all())

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"].startswith(self._prefix):
            await self._serve(scope, send)
        else:
            await self._app(scope, receive, send)

    async def _serve(self, scope: Any, send: Any) -> None:
        method = scope["method"]
        if method not in ("GET", "HEAD"):
            await _refuse(send, 405, [(b"allow", b"GET, HEAD")])
        elif (file := self._find(scope["path"].removeprefix(self._prefix))) is None:
            await _refuse(send, 404, [])
        else:
            given = dict(scope["headers"]).get(b"accept-encoding", b"")
            headers, body = file.accepted(given)
            await _answer(send, 200, headers, b"" if method == "HEAD" else body)

    def _find(self, name: str) -> StaticFile | None:
        if not settings.DEBUG:
            return self._files.get(name)
        path = _path_of(name)  # in development a change is served at once
        return _read(name, path, compressed=False) if path else None


def _path_of(name: str) -> Path | None:
    """The file that a finder has under that name, and none outside the folders of static files."""
    try:
        found = finders.find(name)
    except (SuspiciousFileOperation, ValueError):  # it leads outside, or no file is called that
        return None
    return Path(found) if found and Path(found).is_file() else None


def read_all() -> Iterator[tuple[str, StaticFile]]:
    """Every static file of the site and its packages, by its path below STATIC_URL. The first
    finder that has a path decides, as in Django.
    """
    seen = set()
    for finder in finders.get_finders():
        for name, storage in finder.list(NOT_SERVED):
            if name not in seen:
                seen.add(name)
                yield name, _read(name, Path(storage.path(name)), compressed=True)


def _read(name: str, path: Path, *, compressed: bool) -> StaticFile:
    content = path.read_bytes()
    kind = _kind(name)
    headers = [
        (b"content-type", content_type(name).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"cache-control", FOR_EVER if compressed else b"no-cache"),
    ]
    if name.startswith(WORKERS):
        headers.append((b"content-security-policy", WORKER_POLICY.encode()))
        headers.append((b"cross-origin-embedder-policy", b"require-corp"))  # as its page's
    smaller = compressed and kind in TEXTS and len(content) >= LEAST
    if smaller:
        headers.append((b"vary", b"accept-encoding"))
    return StaticFile(headers, {"": content}, settings.STATIC_TWINS / name if smaller else None)


def _compressed(twin: Path, content: bytes, encoding: str) -> bytes:
    """Return the twin of a file if it holds the same bytes, else a new one."""
    suffix, unpack = {"br": (".br", brotli.decompress), "gzip": (".gz", gzip.decompress)}[encoding]
    try:
        kept = twin.with_name(twin.name + suffix).read_bytes()
        if unpack(kept) == content:
            return kept
    except (OSError, brotli.error, EOFError):
        pass
    return compress(content, encoding)


def compress(content: bytes, encoding: str, quality: int = QUALITY) -> bytes:
    """The same bytes for the same content, whenever it is compressed."""
    if encoding == "br":
        return bytes(brotli.compress(content, quality=quality))
    return gzip.compress(content, compresslevel=quality, mtime=0)


def content_type(name: str) -> str:
    """A file's Content-Type. Modules are UTF-8 whatever a header says: a hundred of them do without
    it.
    """
    kind = _kind(name)
    return f"{kind}; charset=utf-8" if kind in TEXTS - {"text/javascript"} else kind


def _kind(name: str) -> str:
    if name.endswith(".ts"):
        return "text/plain"  # types of modules, for readers
    kind = mimetypes.guess_type(name)[0] or "text/plain"
    return "text/javascript" if kind == "application/javascript" else kind


def _encodings(accept: bytes) -> set[str]:
    """Encodings that a browser takes; `;q=0` refuses one."""
    found = set()
    for part in accept.decode("latin-1").lower().split(","):
        name, _, weight = part.strip().partition(";")
        if weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            found.add(name.strip())
    return found


async def _refuse(send: Any, status: int, headers: Headers) -> None:
    plain = [
        (b"content-length", b"0"),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await _answer(send, status, [*headers, *plain], b"")


async def _answer(send: Any, status: int, headers: Headers, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
