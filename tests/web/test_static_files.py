"""Static files: the bytes of the repository, compressed, kept forever, and nothing else."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import brotli
import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.contrib.staticfiles import finders

from chatsite.web.static_files import StaticFiles

ENTRY = settings.STATIC_SOURCES / "js" / "pages" / "room-view.js"


async def passed_on(scope, receive, send):
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture(scope="module")
def files() -> StaticFiles:
    return StaticFiles(passed_on)


async def ask(files, path, *, method="GET", accept="", prefix=settings.STATIC_URL):
    headers = [(b"accept-encoding", accept.encode())] if accept else []
    scope = {"type": "http", "method": method, "path": prefix + path, "headers": headers}
    talk = ApplicationCommunicator(files, scope)
    await talk.send_input({"type": "http.request", "body": b""})
    start = await talk.receive_output()
    body = await talk.receive_output()
    return start["status"], dict(start["headers"]), body["body"]


async def test_what_reaches_the_browser_is_what_stands_in_the_repository(files):
    status, headers, body = await ask(files, "js/pages/room-view.js")
    assert (status, body) == (200, ENTRY.read_bytes())
    assert b"content-encoding" not in headers
    assert headers[b"content-length"] == str(len(body)).encode()


@pytest.mark.parametrize(
    ("accept", "encoding", "unpack"),
    [
        ("gzip, deflate, br, zstd", b"br", brotli.decompress),
        ("gzip, br;q=0", b"gzip", gzip.decompress),
        ("GZIP", b"gzip", gzip.decompress),
    ],
)
async def test_it_comes_compressed_as_the_browser_takes_it(files, accept, encoding, unpack):
    _, headers, body = await ask(files, "js/pages/room-view.js", accept=accept)
    assert headers[b"content-encoding"] == encoding
    assert headers[b"vary"] == b"accept-encoding"
    assert unpack(body) == ENTRY.read_bytes()
    assert len(body) < ENTRY.stat().st_size / 2
    assert headers[b"content-length"] == str(len(body)).encode()


async def test_it_is_kept_for_ever_and_carries_no_policy_of_pages(files):
    _, headers, _ = await ask(files, "js/pages/room-view.js", accept="br")
    assert b"immutable" in headers[b"cache-control"]
    assert headers[b"content-type"] == b"text/javascript"
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert headers.keys() == {
        b"content-type",
        b"x-content-type-options",
        b"cache-control",
        b"vary",
        b"content-length",
        b"content-encoding",
    }


async def test_a_worker_has_a_policy_of_its_own(files):
    """It inherits none from the page: without one it could ask any server for anything."""
    _, headers, _ = await ask(files, "js/workers/make-keys.js")
    assert headers[b"content-security-policy"] == b"default-src 'none'; script-src 'self'"


NOTHING = pytest.mark.parametrize(
    "path",
    [
        "js/none.js",
        "../settings.py",
        "../../manage.py",
        "js/../../manage.py",
        "/etc/passwd",
        "js/\0",
        "a" * 5000,
        "",
        "js",
        ".",
    ],
)


@NOTHING
async def test_nothing_else_is_served(files, path):
    status, headers, body = await ask(files, path)
    assert (status, body) == (404, b"")
    assert headers[b"cache-control"] == b"no-store"


@NOTHING
async def test_in_development_nothing_else_is_served_either(settings, path):
    """Where finders look for each file anew, and refuse a path that leads out of their folders."""
    settings.DEBUG = True
    status, _, body = await ask(StaticFiles(passed_on), path)
    assert (status, body) == (404, b"")


async def test_a_head_has_the_headers_alone(files):
    status, headers, body = await ask(files, "js/pages/room-view.js", method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers[b"content-length"]) == ENTRY.stat().st_size


async def test_nothing_is_written_there(files):
    status, headers, _ = await ask(files, "js/pages/room-view.js", method="POST")
    assert (status, headers[b"allow"]) == (405, b"GET, HEAD")


async def test_every_other_address_is_the_site_s(files):
    status, _, _ = await ask(files, "/rooms/", prefix="")
    assert status == 204
    status, _, _ = await ask(files, "js/pages/room-view.js", prefix="/static/another-build/")
    assert status == 204, "the site says that there is nothing"


async def test_a_compressed_twin_is_served_only_if_it_holds_the_same_bytes(settings, tmp_path):
    settings.STATICFILES_DIRS = [tmp_path / "static"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_TWINS = tmp_path / "twins"
    file = tmp_path / "static/js/a.js"
    file.parent.mkdir(parents=True)
    file.write_bytes(content := b"export const a = 1;\n" * 50)
    make_twins(tmp_path)
    twin = tmp_path / "twins/js/a.js.br"
    best = twin.read_bytes()
    assert len(best) <= len(brotli.compress(content, quality=11))
    assert await served("js/a.js") == best
    for stale in (brotli.compress(b"export const a = 2;\n"), b"no brotli"):
        twin.write_bytes(stale)
        assert brotli.decompress(await served("js/a.js")) == content


def make_twins(folder: Path) -> None:
    """As an image does, and `make run`."""
    command = [sys.executable, "deploy/compress.py", str(folder / "static"), str(folder / "twins")]
    subprocess.run(command, cwd=settings.BASE_DIR, check=True)


def test_a_twin_is_made_anew_only_for_a_file_that_changed(tmp_path):
    file, kept = tmp_path / "static/a.js", tmp_path / "static/b.css"
    file.parent.mkdir()
    for path in (file, kept):
        path.write_bytes(b"1;" * 200)
    make_twins(tmp_path)
    twins = sorted((tmp_path / "twins").iterdir())
    assert [twin.name for twin in twins] == ["a.js.br", "a.js.gz", "b.css.br", "b.css.gz"]
    before = {twin.name: twin.stat().st_mtime_ns for twin in twins}
    file.write_bytes(b"2;" * 200)
    make_twins(tmp_path)
    changed = [twin.name for twin in twins if twin.stat().st_mtime_ns > before[twin.name]]
    assert changed == ["a.js.br", "a.js.gz"]
    assert gzip.decompress(twins[1].read_bytes()) == b"2;" * 200


def test_a_folder_that_cannot_be_written_is_said_in_one_line(tmp_path):
    (tmp_path / "a.js").write_bytes(b"1;" * 200)
    (tmp_path / "twins").write_bytes(b"a file")
    command = [sys.executable, "deploy/compress.py", str(tmp_path), str(tmp_path / "twins/inside")]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "Static files are sent less compressed: Not a directory.\n"


async def served(path) -> bytes:
    """The compressed body of a process that starts now."""
    _, _, body = await ask(StaticFiles(passed_on), path, accept="br")
    return body


async def test_in_development_a_change_is_served_at_once(settings, monkeypatch, tmp_path):
    settings.DEBUG = True
    changed = tmp_path / "a.js"
    monkeypatch.setattr(finders, "find", lambda name: str(changed))
    files = StaticFiles(passed_on)
    for text in (b"1;", b"2;"):
        changed.write_bytes(text)
        _, headers, body = await ask(files, "a.js", accept="br")
        assert (body, headers[b"cache-control"]) == (text, b"no-cache")
