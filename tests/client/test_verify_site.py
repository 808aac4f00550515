"""`make release` and `sotto verify-site`: a changed byte of any page or file is named."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sotto.client import Client
from sotto.profile.profile_dir import ProfileDir
from sotto.protocol.encoding import WireError, b64
from sotto.protocol.signing import sign
from sotto.site_comparison import differences
from sotto.site_release import HEADERS, NOT_COVERED, TYPE, SiteFile, SiteRelease, release_body
from tests.client import acting
from tests.client.acting import PASSWORD, call_cli, run_cli
from tests.live import ROOT, LiveServer
from tests.release import KEY, release, release_of_the_run

WITHIN = 10  # seconds, of a comparison
TRIES = 3  # on a machine that does other things, too


@pytest.fixture(scope="module")
def key() -> Ed25519PrivateKey:
    return KEY


@pytest.fixture(scope="module")
def signed() -> Path:
    """The manifest that `make release` writes of this commit."""
    (written,) = release_of_the_run().glob("*-en.json")
    return written


@pytest.fixture(scope="module")
def manifest(key, signed) -> SiteRelease:
    return SiteRelease.parse(signed.read_bytes(), key.public_key().public_bytes_raw())


class Changing(httpx2.AsyncBaseTransport):
    """The site, as it would answer after a change."""

    def __init__(self, paths: set[str], change: str) -> None:
        self._paths = paths
        self._change = change
        self._site = httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        request.headers["accept-encoding"] = "identity"
        answer = await self._site.handle_async_request(request)
        if request.url.path not in self._paths:
            return answer
        content = await answer.aread()
        headers = {name: value for name, value in answer.headers.items() if "length" not in name}
        if self._change == "byte":
            content = bytes([content[0] ^ 1]) + content[1:]
        elif self._change == "policy":
            headers["content-security-policy"] = "default-src *"
        elif self._change in HEADERS:
            headers[self._change] = "</x.css>; rel=stylesheet"
        elif self._change == "longer":
            content += b" "
        status = {"gone": 404, "elsewhere": 302}.get(self._change, 200)
        return httpx2.Response(status, headers=headers, content=content)

    async def aclose(self) -> None:
        await self._site.aclose()


async def found(url: str, manifest: SiteRelease, transport: Any = None) -> list[str]:
    return [line async for line in differences(url, manifest, transport=transport)]


def test_the_manifest_names_every_page_and_file_and_what_it_leaves_out(manifest, signed):
    paths = {file.path for file in manifest.files}
    assert {"/", "/sw.js", "/rooms/-/", "/accounts/login/", "/keys/"} <= paths
    static = f"/static/{manifest.build}/"
    shipped = {
        static + path.relative_to(ROOT / "static").as_posix()
        for path in (ROOT / "static").rglob("*")
        if path.is_file() and path.suffix not in (".br", ".gz")
    }
    assert shipped <= paths
    assert f"{static}admin/js/core.js" in paths, "what other packages have there, too"
    body = json.loads(json.loads(signed.read_text())["body"])
    assert {"/admin/", "/site.json", "/manifest.webmanifest"} <= set(body["not_covered"])
    assert body["not_covered"] == list(NOT_COVERED)
    assert body["languages"][0] == "en"
    assert len(body["commit"]) >= 7
    assert body["language"] == "en"


async def test_the_site_of_this_commit_is_the_release(server, manifest):
    took = []
    for _ in range(TRIES):
        began = time.monotonic()
        assert await found(server.url, manifest) == []
        took.append(time.monotonic() - began)
        if took[-1] < WITHIN:
            return
    raise AssertionError(f"a comparison took {took} s")


async def test_a_byte_of_each_page_and_module_is_named(server, manifest):
    """Of every one of them, and each is named once."""
    everything = {file.path for file in manifest.files}
    lines = await found(server.url, manifest, Changing(everything, "byte"))
    named = [path for path, _, _ in (line.partition(": ") for line in lines)]
    assert sorted(named) == sorted(everything)
    assert all("other bytes" in line for line in lines)


@pytest.mark.parametrize(
    "kind",
    [
        "/keys/",
        ".js",
        *(pytest.param(k, marks=pytest.mark.slow) for k in ("/sw.js", ".css", ".svg", ".png")),
    ],
)
async def test_one_changed_byte_is_named_alone(server, manifest, kind):
    path = next(file.path for file in manifest.files if file.path.endswith(kind))
    (line,) = await found(server.url, manifest, Changing({path}, "byte"))
    assert line.startswith(f"{path}: other bytes")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("longer", "other bytes"),
        ("gone", "answers 404"),
        ("elsewhere", "answers 302"),
        ("policy", "another content-security-policy"),
        *((name, name) for name in HEADERS),
    ],
)
async def test_other_changes_are_named(server, manifest, change, said):
    (line,) = await found(server.url, manifest, Changing({"/rooms/-/"}, change))
    assert line.startswith("/rooms/-/: ")
    assert said in line


# --- the command ---------------------------------------------------------------------------------


@pytest.fixture
def public(key) -> str:
    return b64(key.public_key().public_bytes_raw())


def test_the_command_says_that_a_site_is_the_release(server, tmp_path, signed, public):
    assert public.startswith("-"), "a key that could be taken for an option"
    code, out, err = run_cli(
        server.url, tmp_path, "verify-site", server.url, "--key", public, "--manifest", str(signed)
    )
    assert code == 0, err
    assert "is the same" in out
    assert f"Not covered: {', '.join(NOT_COVERED)}" in out


@pytest.fixture
def home(tmp_path) -> Path:
    return tmp_path / "profile"


def begin(url: str, home: Path) -> None:
    """Somebody new, with a room."""
    for arguments in (("signup", f"ada.{time.monotonic_ns()}"), ("create", "Garden")):
        code, _, err = call_cli(url, home, *arguments)
        assert code == 0, err


@pytest.fixture
def as_account(home, tmp_path, signed, key) -> Callable[[str], tuple[int, str, str]]:
    """Compares a site as the profile's account."""
    path = tmp_path / "key.pem"
    path.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    options = ["--key", str(path), "--manifest", str(signed), "--profile"]
    return lambda url: call_cli(url, home, "verify-site", url, *options)


async def sign_ins(url: str, home: Path) -> list[dict[str, Any]]:
    """Those of a profile's account that stand."""
    async with Client(url, profile_dir=ProfileDir(home)) as client:
        await client.account.resume()
        found: list[dict[str, Any]] = (await client.session.api.get("me/sessions"))["sessions"]
        return found


@pytest.mark.slow
def test_with_a_profile_it_looks_as_its_account_too(server, home, as_account):
    begin(server.url, home)
    code, out, err = as_account(server.url)
    assert code == 0, out + err
    assert PASSWORD not in out + err
    (left,) = asyncio.run(sign_ins(server.url, home))
    assert left["current"], "the sign-in of the browser has ended"


@pytest.mark.slow
def test_a_page_that_changes_for_a_session_alone_is_named(changed, home, as_account):
    """That of a room, as only a member's browser opens it: of hers, and of one that was made up."""
    begin(changed, home)
    code, out, err = as_account(changed)
    assert code == 1, out + err
    lines = [line for line in out.splitlines() if "/rooms/" in line]
    assert len(lines) == 2, out
    assert all(re.match(r"/rooms/[\w-]{16,}/: other bytes .* \(as ada", line) for line in lines)
    (left,) = asyncio.run(sign_ins(changed, home))
    assert left["current"]


@pytest.mark.slow
def test_with_a_wrong_password_nothing_is_the_same(server, home, as_account, monkeypatch):
    begin(server.url, home)
    monkeypatch.setattr(acting, "PASSWORD", "another password")
    code, out, err = as_account(server.url)
    assert (code, "not correct" in err) == (1, True), err
    assert "is the same" not in out


CHANGE = """
import sys
sys.argv = ["manage.py", "serve"]
from contextvars import ContextVar
from django.core.handlers.base import BaseHandler
from django.template.backends.django import Template
in_room = ContextVar("in_room", default=False)
answer, render = BaseHandler.get_response, Template.render

def get_response(self, request):
    is_room = len(request.path) > 30 and request.path.startswith("/rooms/")
    in_room.set(is_room and "sessionid" in request.COOKIES)
    return answer(self, request)

def changed(self, *given, **named):
    text = render(self, *given, **named).replace("Welcome back", "Welcome, back")
    return text + "<script></script>" * in_room.get()

BaseHandler.get_response, Template.render = get_response, changed
import manage
manage.main()
"""
"""A server that changes one page for everybody, and that of a room for its members."""


@pytest.fixture(scope="module")
def changed(tmp_path_factory) -> Iterator[str]:
    """A site whose operator has changed pages, under the name of the same build."""

    class Hostile(LiveServer):
        @property
        def command(self) -> list[str]:
            return [sys.executable, "-c", CHANGE]

    with Hostile(tmp_path_factory.mktemp("changed") / "data") as server:
        yield server.url


def test_a_site_that_differs_is_named_and_the_exit_code_is_1(changed, tmp_path, signed, public):
    arguments = ["verify-site", changed, "--key", public, "--manifest", str(signed)]
    code, out, err = run_cli(changed, tmp_path / "home", *arguments)
    assert code == 1, out + err
    assert "/accounts/login/: other bytes" in out
    assert "differs from the release" in err


@pytest.mark.slow
def test_the_site_may_publish_the_manifest_itself(tmp_path, signed, public):
    with LiveServer(tmp_path / "data") as server:
        arguments = ["verify-site", server.url, "--key", public]
        code, _, err = run_cli(server.url, tmp_path / "home", *arguments)
        assert (code, "publishes no manifest" in err) == (2, True)
        (server.data / "releases").mkdir()
        (server.data / "releases" / signed.name).write_bytes(signed.read_bytes())
        code, _, err = run_cli(server.url, tmp_path / "home", *arguments)
        assert code == 0, err


def test_a_manifest_that_another_key_signed_is_refused(server, tmp_path, signed):
    other = b64(Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    code, _, err = run_cli(
        server.url, tmp_path, "verify-site", server.url, "--key", other, "--manifest", str(signed)
    )
    assert (code, "a bad signature" in err) == (4, True)


# --- manifests and keys --------------------------------------------------------------------------

ABOUT = {"version": "1", "commit": "c", "language": "en", "build": "b", "languages": ["en"]}


def written(key: Ed25519PrivateKey, body: str) -> bytes:
    return json.dumps({"body": body, "sig": sign(key, TYPE, body)}).encode()


@pytest.mark.parametrize(
    "file",
    [
        SiteFile("//elsewhere.example/a.js", "0" * 64, 1, {}),
        SiteFile("a.js", "0" * 64, 1, {}),
        SiteFile("/a.js", "0" * 64, 1, {"x-other": "1"}),
    ],
)
def test_a_signed_manifest_that_makes_no_sense_is_refused(key, file):
    signed = written(key, release_body(ABOUT, [file]))
    with pytest.raises(WireError):
        SiteRelease.parse(signed, key.public_key().public_bytes_raw())


@pytest.mark.parametrize("languages", [[], [1], "en"])
def test_a_manifest_without_languages_is_refused(key, languages):
    about = {**ABOUT, "languages": languages}
    signed = written(key, release_body(about, [SiteFile("/a.js", "0" * 64, 1, {})]))
    with pytest.raises(WireError):
        SiteRelease.parse(signed, key.public_key().public_bytes_raw())


@pytest.mark.parametrize("signed", [b"", b"\xff", b"{}", b'{"body": 1, "sig": ""}', b"[]"])
def test_what_is_no_manifest_is_refused(key, signed):
    with pytest.raises(WireError):
        SiteRelease.parse(signed, key.public_key().public_bytes_raw())


def test_a_changed_manifest_is_refused(key):
    body = release_body(ABOUT, [SiteFile("/a.js", "0" * 64, 1, {})])
    signed = json.loads(written(key, body))
    signed["body"] = body.replace('"/a.js"', '"/b.js"')
    with pytest.raises(WireError, match="signature"):
        SiteRelease.parse(json.dumps(signed).encode(), key.public_key().public_bytes_raw())


def test_a_release_needs_a_key_that_is_not_in_the_repository(tmp_path):
    assert release("").returncode == 2
    assert release(str(tmp_path / "none.pem")).returncode == 2
    done = release(str(ROOT / "manage.py"))
    assert (done.returncode, "in the repository" in done.stderr) == (2, True)
    (tmp_path / "text.pem").write_text("no key")
    assert release(str(tmp_path / "text.pem")).returncode == 2
