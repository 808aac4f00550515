"""Uploads: who may not is told so before a byte of the body is asked for, and slow ones end."""

from __future__ import annotations

import secrets
import select
import socket
import time
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest

from chatsite.lib.errors import TooMany, Unavailable
from messaging.files.uploads import UploadSlots
from tests.abuse.wire import WITHIN, Wire

SEALED = "application/octet-stream"
PART = 65_552  # bytes of a sealed chunk
LARGE = 16 * PART


def address(room: str, fid: str = "e" * 32) -> str:
    return f"/api/v1/chatrooms/{room}/files/{fid}"


def announce(wire: Wire, path: str, token: str = "", size: int = LARGE, **headers: str) -> Wire:
    """The head of an upload, and nothing of its body."""
    about = {"Content_Type": SEALED, "Content_Length": str(size), **headers}
    return wire.head("PUT", path, token, **about)


def left_behind(site) -> list[str]:
    """What uploads have left on the disk: in the temporary folder and in that of files."""
    folders = (site.data.parent / "tmp", site.data / "files")
    found = [path for folder in folders for path in Path(folder).rglob("*") if path.is_file()]
    return [str(path) for path in found]


def nothing_is_left(site) -> None:
    """The site notices in its own time that an upload has ended."""
    deadline = time.monotonic() + WITHIN
    while left_behind(site) and time.monotonic() < deadline:
        httpx2.get(f"{site.url}/healthz", timeout=WITHIN)
    assert left_behind(site) == []


@pytest.mark.parametrize("size", [1, 50_000, LARGE])
def test_abuse_an_upload_of_nobody_is_refused_before_its_body(site, household, size):
    with Wire(site) as wire:
        status, said = announce(wire, address(household.room), size=size).answer()
    assert (status, said["error"]["code"]) == (401, "not_authenticated")
    assert left_behind(site) == []


def test_abuse_a_large_body_of_nobody_is_too_large_whatever_it_is_for(site, household):
    for path in ("/api/v1/chatrooms", "/api/v1/auth/login", "/accounts/login/", "/api/v1/me"):
        with Wire(site) as wire:
            status, said = wire.head("POST", path, Content_Length=str(LARGE)).answer()
        assert (status, said["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("token", "cookie", "status", "code"),
    [
        ("forged", "", 401, "bad_token"),
        ("", "sessionid=forged", 401, "not_authenticated"),
    ],
)
def test_abuse_forged_credentials_are_refused_before_the_body(
    site, household, token, cookie, status, code
):
    headers = {"Cookie": cookie} if cookie else {}
    with Wire(site) as wire:
        answered, said = announce(wire, address(household.room), token, **headers).answer()
    assert (answered, said["error"]["code"]) == (status, code)
    assert left_behind(site) == []


def test_abuse_a_stranger_s_upload_is_refused_before_its_body(site, household):
    with Wire(site) as wire:
        status, said = announce(wire, address(household.room), household.stranger).answer()
    assert (status, said["error"]["code"]) == (404, "not_found")
    assert left_behind(site) == []


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"size": 1 << 40}, 413, "too_large"),
        ({"size": PART + 16}, 400, "not_sealed"),
        ({"size": LARGE, "Content_Type": "text/plain"}, 415, "unsupported_media_type"),
    ],
)
def test_abuse_what_cannot_be_a_file_is_refused_before_its_body(
    site, household, headers, status, code
):
    with Wire(site) as wire:
        answer = announce(wire, address(household.room), household.member, **headers).answer()
    assert (answer[0], answer[1]["error"]["code"]) == (status, code)


def test_abuse_a_body_without_a_length_is_refused(site, household):
    with Wire(site) as wire:
        path, token = address(household.room), household.member
        wire.head("PUT", path, token, Content_Type=SEALED, Transfer_Encoding="chunked")
        status, said = wire.answer()
    assert (status, said["error"]["code"]) == (411, "no_length")


def test_abuse_no_go_ahead_is_given_to_who_may_not(site, household):
    """With `Expect: 100-continue` a client sends nothing until it is told to."""
    with Wire(site) as wire:
        announce(wire, address(household.room), household.stranger, Expect="100-continue")
        assert wire.end().startswith(b"HTTP/1.1 404")


def test_abuse_an_upload_that_stands_still_ends_and_leaves_nothing(site, household):
    with Wire(site) as wire:
        announce(wire, address(household.room), household.member).send(bytes(PART))
        status, said = wire.answer()
    assert (status, said["error"]["code"]) == (408, "too_slow")
    assert left_behind(site) == []


@pytest.mark.slow
def test_abuse_an_upload_that_is_broken_off_leaves_nothing(site, household):
    with Wire(site) as wire:
        announce(wire, address(household.room), household.member).send(bytes(2 * PART))
        wire.socket.shutdown(socket.SHUT_WR)
        wire.end()
    nothing_is_left(site)


def test_abuse_a_person_and_all_people_have_so_many_uploads_at_a_time(settings):
    settings.UPLOADS_PER_PERSON, settings.UPLOADS_AT_ONCE = 2, 3
    slots = UploadSlots()
    with slots.taken("ada"), slots.taken("ben"):
        with slots.taken("ada"):
            with pytest.raises(TooMany), slots.taken("ada"):
                pass
            with pytest.raises(Unavailable), slots.taken("cleo"):
                pass
        with slots.taken("cleo"):
            pass


def test_a_member_s_upload_comes_whole(site, household):
    data = bytes(n % 251 for n in range(40 * PART))
    headers = {"Authorization": f"Bearer {household.member}"}
    url = site.url + address(household.room, "a" * 32)
    with httpx2.Client(timeout=60, headers=headers) as client:
        answer = client.put(url, content=data, headers={"Content-Type": SEALED})
        assert answer.status_code == 201, answer.text
        assert client.get(url).content == data
    stored = site.data / "files" / household.room / ("a" * 32)
    assert stored.stat().st_size == len(data)
    stored.unlink()


def test_a_refusal_in_the_middle_of_a_large_body_is_read(site, household):
    """Not a connection that is reset: people shall see why."""
    headers = {"Authorization": f"Bearer {household.stranger}", "Content-Type": SEALED}
    with httpx2.Client(timeout=60, headers=headers) as client:
        answer = client.put(site.url + address(household.room), content=bytes(200 * PART))
    assert answer.status_code == 404


def test_abuse_uploads_that_come_slowly_leave_their_turn_to_others(site, household):
    """The site works on one request at a time. Each upload waits for its body."""
    with ExitStack() as stack:
        uploads = [stack.enter_context(Wire(site)) for _ in range(4)]
        for number, wire in enumerate(uploads):
            announce(wire, address(household.room, f"{number:032x}"), household.member)
            wire.send(secrets.token_bytes(PART))
        answer = httpx2.get(
            f"{site.url}/api/v1/chatrooms",
            headers={"Authorization": f"Bearer {household.member}"},
            timeout=WITHIN,
        )
        ended = select.select([wire.socket for wire in uploads], [], [], 0)[0]
    assert answer.status_code == 200
    assert ended == []  # all of them were under way meanwhile
    nothing_is_left(site)
