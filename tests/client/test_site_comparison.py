"""What `sotto verify-site` names of a site that serves something else in one way or another."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from hashlib import sha256

import brotli
import httpx2
import pytest

from sotto import site_comparison
from sotto.site_comparison import differences, not_unpacked
from sotto.site_release import HEADERS, SiteFile, SiteRelease, compared_headers

POLICY = "default-src 'none'; script-src 'self'"
PAGE = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Vary": "Accept-Language",
}
SCRIPT = {"Content-Type": "text/javascript", "X-Content-Type-Options": "nosniff"}
SITE = {
    "/": (PAGE, b"<p>Welcome</p>" * 40),
    "/rooms/-/": (PAGE, b"<main></main>" * 40),
    "/sw.js": ({**SCRIPT, "Vary": "Accept-Language"}, b"const SHELL = {};\n" * 20),
    "/static/b/js/room.js": (SCRIPT, b"export const a = 1;\n" * 20),
}
FORGED = b"fetch('https://mallory.example');\n"
PACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "br": brotli.compress}


def released(languages: tuple[str, ...] = ("en",)) -> SiteRelease:
    files = tuple(
        SiteFile(path, sha256(body).hexdigest(), len(body), compared_headers(httpx2.Headers(given)))
        for path, (given, body) in SITE.items()
    )
    return SiteRelease("1", "c", "en", "b", languages, files)


def honest(request: httpx2.Request) -> httpx2.Response:
    """The site as it was released. It packs what a browser lets it pack."""
    path = request.url.path
    if path.startswith("/rooms/"):
        path = "/rooms/-/"
    if path not in SITE:
        return httpx2.Response(404)
    headers, body = SITE[path]
    return packed(request, headers, body)


def packed(request: httpx2.Request, headers: dict[str, str], body: bytes) -> httpx2.Response:
    asked = request.headers["accept-encoding"]
    if asked not in PACK:
        return httpx2.Response(200, headers=headers, content=body)
    varies = ", ".join(filter(None, [headers.get("Vary"), "Accept-Encoding"]))
    given = {**headers, "Vary": varies, "Content-Encoding": asked}
    return httpx2.Response(200, headers=given, content=PACK[asked](body))


Lie = Callable[[httpx2.Request, httpx2.Response], httpx2.Response]


async def found(lie: Lie, release: SiteRelease | None = None) -> list[str]:
    transport = httpx2.MockTransport(lambda request: lie(request, honest(request)))
    lines = differences("https://chat.example", release or released(), transport=transport)
    return sorted([line async for line in lines])


def forged_where(holds: Callable[[httpx2.Request], bool]) -> Lie:
    """Other bytes for the requests of which something holds."""

    def lie(request: httpx2.Request, answer: httpx2.Response) -> httpx2.Response:
        headers, body = SITE.get(request.url.path, SITE["/rooms/-/"])
        return packed(request, headers, body + FORGED) if holds(request) else answer

    return lie


def with_headers(change: Callable[[dict[str, str]], None], path: str = "/") -> Lie:
    def lie(request: httpx2.Request, answer: httpx2.Response) -> httpx2.Response:
        if request.url.path != path:
            return answer
        headers, body = SITE[path]
        given = dict(headers)
        change(given)
        return packed(request, given, body)

    return lie


async def test_a_site_of_the_release_has_no_difference():
    assert await found(lambda request, answer: answer) == []


@pytest.mark.parametrize("packing", PACK)
@pytest.mark.parametrize("path", SITE)
async def test_a_packed_copy_that_is_another_file_is_named(path, packing):
    lie = forged_where(
        lambda request: request.url.path == path and request.headers["accept-encoding"] == packing
    )
    (line,) = await found(lie)
    assert line.startswith(f"{path}: other bytes (")
    assert line.endswith(f"), packed as {packing}")


async def test_each_packed_copy_is_named():
    lie = forged_where(lambda request: request.headers["accept-encoding"] != "identity")
    lines = await found(lie)
    assert [line.split(":")[0] for line in lines if not line.startswith("/rooms/-")][:1] == ["/"]
    assert all("packed as gzip" in line and "packed as br" in line for line in lines)
    assert len(lines) == len(SITE) + 1, "and of a room that was made up"


@pytest.mark.parametrize("encoding", ["gzip", "zstd", "x-gzip", "gzip, br", "made-up"])
async def test_a_packing_that_was_not_asked_for_is_named(encoding):
    """Its reader may unpack what this one cannot."""
    headers, body = SITE["/sw.js"]
    content = gzip.compress(body) if encoding == "gzip" else body

    def lie(request: httpx2.Request, answer: httpx2.Response) -> httpx2.Response:
        if request.url.path != "/sw.js":
            return answer
        given = {**headers, "Content-Encoding": encoding}
        return httpx2.Response(200, headers=given, stream=Content(content))

    (line,) = await found(lie)
    assert line == f"/sw.js: packed as {encoding!r}, which was not asked for"


class Content(httpx2.AsyncByteStream):
    """Bytes as they come from a network. Without an end, where `ends` is false."""

    def __init__(self, content: bytes, *, ends: bool = True) -> None:
        self._content = content
        self._ends = ends

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content
        while not self._ends:
            yield self._content


@pytest.mark.parametrize("packing", PACK)
async def test_a_packed_copy_that_is_damaged_is_named(packing):
    def lie(request: httpx2.Request, answer: httpx2.Response) -> httpx2.Response:
        if request.url.path != "/" or request.headers["accept-encoding"] != packing:
            return answer
        given = {**PAGE, "Content-Encoding": packing}
        return httpx2.Response(200, headers=given, stream=Content(b"\x00damaged\xff" * 9))

    assert await found(lie) == [f"/: cannot be unpacked, packed as {packing}"]


@pytest.mark.parametrize(
    ("holds", "paths", "said"),
    [
        (lambda request: request.url.query, ["/", "/rooms/-/", "/sw.js"], "with a query"),
        (
            lambda request: "de" in request.headers["accept-language"],
            ["/", "/rooms/-/", "/sw.js"],
            "in another language",
        ),
    ],
)
async def test_other_bytes_in_one_way_of_asking_are_named(holds, paths, said):
    lines = await found(forged_where(holds))
    named = [line.partition(": ") for line in lines]
    assert {path for path, _, _ in named} > set(paths)
    assert all(fault.endswith(said) for _, _, fault in named)
    assert len(lines) == len(paths) + 1, "and of a room that was made up"


async def test_only_the_manifest_of_the_first_language_covers_the_others():
    lie = forged_where(lambda request: "fr" in request.headers["accept-language"])
    assert await found(lie, replace(released(), languages=("de", "en"))) == []
    assert await found(lie, released(("en", "de")))


async def test_other_bytes_for_rooms_that_may_exist_are_named():
    lie = forged_where(lambda request: len(request.url.path) > 30)
    (line,) = await found(lie)
    assert line.startswith("/rooms/")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda headers: headers.pop("Content-Security-Policy"), "no content-security-policy"),
        (
            lambda headers: headers.update({"Content-Security-Policy": "default-src *"}),
            "another content-security-policy",
        ),
        (
            lambda headers: headers.update({"Content-Security-Policy": f"{POLICY}, default-src *"}),
            "another content-security-policy",
        ),
        (
            lambda headers: headers.pop("Cross-Origin-Opener-Policy"),
            "no cross-origin-opener-policy",
        ),
        (lambda headers: headers.update(Vary="Accept-Language, Cookie"), "another vary"),
        (lambda headers: headers.pop("Vary"), "no vary"),
        (lambda headers: headers.update({"Set-Cookie": "mark=1"}), "an added set-cookie"),
        (
            lambda headers: (headers.clear(), headers.update({"Content-Type": "text/plain"})),
            "another content-type; no vary; no content-security-policy; "
            "no cross-origin-opener-policy",
        ),
    ],
)
async def test_headers_that_are_others_added_or_gone_are_named_one_by_one(change, said):
    assert await found(with_headers(change)) == [f"/: {said}"]


@pytest.mark.parametrize("name", HEADERS)
async def test_no_compared_header_may_be_added(name):
    headers, body = SITE["/static/b/js/room.js"]
    given = {key: text for key, text in headers.items() if key.lower() != name} | {name: "other"}

    def lie(request: httpx2.Request, answer: httpx2.Response) -> httpx2.Response:
        return packed(request, given, body) if request.url.path.startswith("/static/") else answer

    (line,) = await found(lie)
    assert line.endswith(f" {name}")


async def test_other_bytes_and_another_policy_are_both_named():
    def lie(request: httpx2.Request, answer: httpx2.Response) -> httpx2.Response:
        return httpx2.Response(200, headers=SCRIPT, content=FORGED)

    lines = [line for line in await found(lie) if line.startswith("/: ")]
    assert lines == [
        f"/: other bytes ({len(FORGED)} instead of {len(SITE['/'][1])}); another content-type; "
        "an added x-content-type-options; no vary; no content-security-policy; "
        "no cross-origin-opener-policy"
    ]


@pytest.mark.parametrize("status", [204, 206, 302, 304, 403, 404, 405, 500, 503])
async def test_an_answer_that_is_not_the_file_is_named(status):
    def lie(request: httpx2.Request, answer: httpx2.Response) -> httpx2.Response:
        return httpx2.Response(status) if request.url.path == "/sw.js" else answer

    assert await found(lie) == [f"/sw.js: answers {status} instead of the file"]


@pytest.mark.parametrize("broken", [httpx2.ReadTimeout, httpx2.RemoteProtocolError])
async def test_a_file_without_an_answer_is_named_beside_other_differences(broken):
    def lie(request: httpx2.Request, answer: httpx2.Response) -> httpx2.Response:
        if request.url.path == "/":
            raise broken("cut")
        return httpx2.Response(404) if request.url.path == "/sw.js" else answer

    assert await found(lie) == ["/: no answer", "/sw.js: answers 404 instead of the file"]


async def test_a_site_that_answers_nothing_is_not_there():
    def lie(request: httpx2.Request, answer: httpx2.Response) -> httpx2.Response:
        raise httpx2.ConnectError("refused")

    with pytest.raises(httpx2.TransportError):
        await found(lie)


async def test_an_answer_that_does_not_end_is_named(monkeypatch):
    monkeypatch.setattr(site_comparison, "MOST", 10_000)

    def lie(request: httpx2.Request, answer: httpx2.Response) -> httpx2.Response:
        if request.url.path != "/":
            return answer
        return httpx2.Response(200, headers=PAGE, stream=Content(b"more " * 99, ends=False))

    assert await found(lie) == ["/: does not end"]


def test_what_cannot_be_unpacked_is_told():
    assert set(not_unpacked()) <= {"zstd"}, "gzip and brotli always can"
