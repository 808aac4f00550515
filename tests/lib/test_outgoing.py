"""One deadline for all of a request: however slowly a server answers, it ends in time."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx2
import pytest

from accounts.intrusion import webhook
from accounts.sso import fetch
from chatsite.lib import outgoing
from chatsite.lib.errors import Unavailable

SECONDS = 0.5
EVERY = 0.1  # seconds between bytes: sooner than any timeout of one read
ENOUGH = 3 * SECONDS  # a machine may be busy
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

Answer = Callable[[socket.socket, threading.Event], None]


def never(_: socket.socket, over: threading.Event) -> None:
    over.wait()


def head_that_drips(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(HEAD)
    while not over.wait(EVERY):
        connection.sendall(b"X: y\r\n")


def body_that_drips(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(HEAD + b"\r\n{")
    while not over.wait(EVERY):
        connection.sendall(b" ")


def at_once(connection: socket.socket, _: threading.Event) -> None:
    connection.sendall(ANSWER)


@contextmanager
def serving(answer: Answer) -> Iterator[int]:
    """A server on this machine that takes one connection; yields its port."""
    over = threading.Event()

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            try:
                answer(connection, over)
                over.wait()
            except OSError:
                pass  # the other side has gone, as it should

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        over.set()
        thread.join(ENOUGH)


def ask(address: str, body: bytes = b"") -> int:
    trusted = ssl.create_default_context()
    with outgoing.client(SECONDS, trusted) as client:
        return client.post(address, content=body).status_code


def test_an_answer_in_time_arrives():
    with serving(at_once) as port:
        assert ask(f"http://127.0.0.1:{port}/") == 200


@pytest.mark.parametrize("answer", [never, head_that_drips, body_that_drips])
def test_abuse_an_answer_that_drips_ends_with_the_deadline(answer):
    with serving(answer) as port:
        began = time.monotonic()
        with pytest.raises(httpx2.TimeoutException):
            ask(f"http://127.0.0.1:{port}/")
        assert time.monotonic() - began < ENOUGH


def test_abuse_a_handshake_that_never_comes_ends_with_the_deadline():
    with serving(never) as port:
        began = time.monotonic()
        with pytest.raises(httpx2.TimeoutException):
            ask(f"https://127.0.0.1:{port}/")
        assert time.monotonic() - began < ENOUGH


def test_abuse_a_server_that_does_not_read_ends_with_the_deadline():
    with serving(never) as port:
        began = time.monotonic()
        with pytest.raises(httpx2.TimeoutException):
            ask(f"http://127.0.0.1:{port}/", b"x" * 20_000_000)
        assert time.monotonic() - began < ENOUGH


def test_nobody_there_is_an_error_of_the_connection():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(httpx2.ConnectError):
        ask(f"http://127.0.0.1:{port}/")


@pytest.mark.django_db
@pytest.mark.parametrize("answer", [head_that_drips, body_that_drips])
def test_abuse_a_provider_that_drips_is_away_after_the_deadline(answer, settings, monkeypatch):
    monkeypatch.setattr(fetch, "TIMEOUT", SECONDS)
    with serving(answer) as port:
        settings.OIDC_ISSUER = f"http://127.0.0.1:{port}"
        began = time.monotonic()
        with pytest.raises(Unavailable):
            fetch.fetch_json("GET", f"{settings.OIDC_ISSUER}/keys")
        assert time.monotonic() - began < ENOUGH


@pytest.mark.parametrize("answer", [never, head_that_drips])
def test_abuse_a_receiver_that_drips_gets_it_again_later(answer, settings, monkeypatch):
    settings.ALERT_NETWORKS, settings.WEBHOOK_CA = ["127.0.0.0/8"], ""
    monkeypatch.setattr(webhook, "TIMEOUT", SECONDS)
    with serving(answer) as port:
        began = time.monotonic()
        with pytest.raises(webhook.TryAgain):
            webhook.post(f"http://127.0.0.1:{port}/", b"{}", "s" * 32)
        assert time.monotonic() - began < ENOUGH
