"""Files over a real server: streamed both ways, cut off where they are too long."""

from __future__ import annotations

import json
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import httpx2
import pytest

from tests.live import LiveServer
from tests.messaging.members import Member

MOST = 8 * 1024 * 1024
FID = "e" * 32


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("live") / "data"
    with LiveServer(folder, FILE_MOST=str(MOST)) as server:
        yield server


@pytest.fixture
def ada(server) -> Member:
    return Member(server)


@pytest.fixture
def room(ada):
    return ada.create_room()


def put(who: Member, room, content, **headers: str) -> httpx2.Response:
    about = {"Content-Type": "application/octet-stream", **headers}
    return who.http.put(f"chatrooms/{room.id}/files/{FID}", content=content, headers=about)


def stored(server: LiveServer, room) -> list[Path]:
    return list((server.data / "files" / room.id).glob("*"))


def request(who: Member, room, length: str) -> bytes:
    """The head of an upload, by hand."""
    lines = [
        f"PUT /api/v1/chatrooms/{room.id}/files/{FID} HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {who.access}",
        "Content-Type: application/octet-stream",
        length,
    ]
    return "\r\n".join([*lines, "", ""]).encode()


@pytest.mark.slow
def test_a_file_as_large_as_may_be_comes_back(server, ada, room):
    data = secrets.token_bytes(MOST)
    pieces = (data[at : at + 100_000] for at in range(0, MOST, 100_000))
    assert put(ada, room, pieces, **{"Content-Length": str(MOST)}).status_code == 201
    with ada.http.stream("GET", f"chatrooms/{room.id}/files/{FID}") as answer:
        assert answer.headers["content-length"] == str(MOST)
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert b"".join(answer.iter_bytes()) == data
    [path] = stored(server, room)
    assert path.read_bytes() == data


def test_what_says_that_it_is_too_large_is_refused_before_it_comes(server, ada, room):
    with socket.create_connection(("localhost", server.port), timeout=20) as line:
        line.sendall(request(ada, room, f"Content-Length: {MOST + 1}"))
        answer = line.makefile("rb").read()
    head, _, text = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413")
    assert json.loads(text)["error"]["code"] == "too_large"


def test_an_upload_without_a_length_is_refused(server, ada, room):
    with socket.create_connection(("localhost", server.port), timeout=20) as line:
        line.sendall(request(ada, room, "Transfer-Encoding: chunked"))
        piece = b"100000\r\n" + bytes(0x100000) + b"\r\n"
        for _ in range(MOST // 0x100000):
            line.sendall(piece)
        line.sendall(b"1\r\nx\r\n")
        assert line.makefile("rb").readline().startswith(b"HTTP/1.1 411")
    assert stored(server, room) == []


def test_an_upload_that_breaks_off_leaves_nothing(server, ada, room):
    with socket.create_connection(("localhost", server.port), timeout=20) as line:
        line.sendall(request(ada, room, f"Content-Length: {MOST}"))
        line.sendall(bytes(MOST // 2))
    deadline = monotonic() + 20
    while stored(server, room) and monotonic() < deadline:  # until the server notices
        assert ada.http.get(f"chatrooms/{room.id}/files/{FID}").status_code == 404
    assert stored(server, room) == []
    assert put(ada, room, bytes(100)).status_code == 201, "the id is still free"


def test_other_requests_are_held_to_less(server, ada):
    answer = ada.http.post("chatrooms", content=b" " * (2 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


def test_who_stops_reading_stops_nobody(server, ada, room):
    put(ada, room, secrets.token_bytes(MOST))
    for _ in range(5):
        with ada.http.stream("GET", f"chatrooms/{room.id}/files/{FID}") as answer:
            next(answer.iter_bytes())
    assert len(ada.http.get(f"chatrooms/{room.id}/files/{FID}").content) == MOST
    assert "Traceback" not in server.log.read_text()
