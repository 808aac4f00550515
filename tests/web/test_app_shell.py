"""The shell that browsers keep, what makes it installable, and well-known addresses."""

from __future__ import annotations

import json
import re
from hashlib import sha256

import pytest

from chatsite.web import app_shell

LINE = re.compile(rb"const SHELL = (\{.*\});\n")


def shell(client):
    answer = client.get("/sw.js")
    assert answer.status_code == 200
    found = LINE.match(answer.content)
    assert found
    return answer, json.loads(found[1])


def test_the_service_worker_is_the_repository_s_file_behind_one_line_of_facts(client, settings):
    answer, about = shell(client)
    file = (settings.STATIC_SOURCES / "js" / "service-worker.js").read_bytes()
    assert LINE.sub(b"", answer.content, count=1) == file
    assert answer.content.count(b"\n") == file.count(b"\n") + 1
    assert (about["build"], about["static"]) == (settings.BUILD, settings.STATIC_URL)
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Cache-Control"] == "no-cache"
    assert answer["Content-Security-Policy"] == app_shell.WORKER_POLICY
    assert "Service-Worker-Allowed" not in answer, "its scope is that of its own address"


def test_each_page_is_named_with_the_hash_of_what_everybody_gets(client, db):
    _, about = shell(client)
    assert len(about["pages"]) >= 12
    for page in about["pages"]:
        answer = client.get(page["address"])
        assert answer.status_code == 200
        assert sha256(answer.content).hexdigest() == page["sha256"], page["address"]


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("/", "/"),
        ("/rooms/", "/rooms/"),
        ("/rooms/new/", "/rooms/new/"),
        ("/rooms/0123456789abcdef/", "/rooms/-/"),
        ("/i", "/i"),
        ("/admin/", None),
        ("/api/v1/me", None),
        ("/site.json", None),
        ("/rooms/a/b/", None),
    ],
)
def test_a_browser_finds_the_page_of_an_address_as_the_server_does(client, path, address):
    _, about = shell(client)
    found = [page["address"] for page in about["pages"] if re.search(page["pattern"], path)]
    assert (found[0] if found else None) == address


def test_every_file_that_pages_load_is_in_it(client, settings):
    _, about = shell(client)
    assert {"js/pages/room.js", "js/workers/make-keys.js", "css/sotto.css", "img/icons.svg"} <= set(
        about["files"]
    )
    assert not [name for name in about["files"] if name.endswith((".ts", "LICENSE", ".br"))]
    for name, digest in about["files"].items():
        content = (settings.STATIC_SOURCES / name).read_bytes()
        assert sha256(content).hexdigest() == digest


def test_the_manifest_names_icons_that_are_there(client, settings):
    answer = client.get("/manifest.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    about = json.loads(answer.content)
    assert about["start_url"].startswith(about["scope"])
    assert {"any", "maskable"} == {icon["purpose"] for icon in about["icons"]}
    for icon in about["icons"]:
        name = icon["src"].removeprefix(settings.STATIC_URL)
        head = (settings.STATIC_SOURCES / name).read_bytes()[:24]
        size = int.from_bytes(head[16:20])
        assert (head[:8], icon["sizes"]) == (b"\x89PNG\r\n\x1a\n", f"{size}x{size}")


# --- well-known addresses ------------------------------------------------------------------------


def test_search_engines_are_asked_to_stay_away(client):
    answer = client.get("/robots.txt")
    assert answer.content == b"User-agent: *\nDisallow: /\n"


def test_the_favicon_is_an_icon_of_the_build(client, settings):
    answer = client.get("/favicon.ico")
    assert answer.status_code == 302
    name = answer["Location"].removeprefix(settings.STATIC_URL)
    assert (settings.STATIC_SOURCES / name).is_file()


def test_password_managers_are_led_to_the_page_of_passwords(client):
    answer = client.get("/.well-known/change-password")
    assert (answer.status_code, answer["Location"]) == (302, "/settings/password/")


@pytest.mark.parametrize(
    ("contact", "line"),
    [
        ("holes@example.org", "Contact: mailto:holes@example.org"),
        ("https://example.org/security", "Contact: https://example.org/security"),
    ],
)
def test_finders_of_holes_learn_whom_to_tell(client, settings, contact, line):
    settings.CONTACT = contact
    lines = client.get("/.well-known/security.txt").content.decode().splitlines()
    assert lines[0] == line
    assert re.fullmatch(r"Expires: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", lines[1])


@pytest.mark.parametrize("contact", ["", "Ada, in the garden", "ada@garden\nContact: eve@x.org"])
def test_a_contact_that_is_no_address_is_not_named_there(client, settings, contact):
    settings.CONTACT = contact
    assert client.get("/.well-known/security.txt").status_code == 404


def test_the_manifest_of_the_build_is_published_if_the_operator_has_it(client, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    address = "/.well-known/sotto-release.json"
    assert client.get(address).status_code == 404
    (tmp_path / "releases").mkdir()
    (tmp_path / "releases" / "sotto-release-000000000000-en.json").write_text("another build")
    assert client.get(address).status_code == 404
    (tmp_path / "releases" / f"sotto-release-{settings.BUILD}-en.json").write_text("this one")
    assert client.get(address).content == b"this one"
