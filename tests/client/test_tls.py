"""The program before servers whose certificates it knows, and does not know."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.deploy.proxy import certificate

DONE, USAGE, NETWORK = 0, 2, 3


class Terminator:
    """Decrypts TLS on a port of its own, in a thread, and passes the bytes on to a server."""

    def __init__(self, url: str, context: ssl.SSLContext) -> None:
        self._target = urlsplit(url)
        self._context = context
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        starting = asyncio.run_coroutine_threadsafe(self._start(), self._loop)
        self.url = f"https://127.0.0.1:{starting.result(10)}"

    async def _start(self) -> int:
        listener = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._context)
        port: int = listener.sockets[0].getsockname()[1]
        return port

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server = await asyncio.open_connection(self._target.hostname, self._target.port)
        await asyncio.gather(_pass_on(reader, server[1]), _pass_on(server[0], writer))

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


@pytest.fixture
def encrypted(server, tmp_path) -> Iterator[tuple[str, Path]]:
    """A server's https address, and its certificate."""
    pem, key = certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem, key)
    with closing(Terminator(server.url, context)) as terminator:
        yield terminator.url, pem


def test_an_authority_of_ones_own_is_trusted_for_requests_and_the_socket(cli, encrypted):
    url, pem = encrypted
    reached = ("--server", url, "--ca", str(pem))
    assert cli(*reached, "signup", "ada.tls")[0] == DONE
    assert cli(*reached, "create", "Garden")[0] == DONE
    assert cli(*reached, "send", "Garden", "over TLS") == (DONE, "", "")
    assert "over TLS" in cli(*reached, "history", "Garden")[1]


def test_hostile_a_certificate_that_nobody_knows_gets_nothing(cli, encrypted, monkeypatch):
    url, pem = encrypted
    code, output, errors = cli("--server", url, "signup", "ben.tls")
    assert (code, output) == (NETWORK, "")
    assert "The server's certificate is not accepted: self-signed certificate." in errors
    assert "--ca" in errors
    monkeypatch.setenv("SOTTO_CA", str(pem))
    assert cli("--server", url, "signup", "ben.tls")[0] == DONE


def test_a_server_without_tls_is_told_from_one_that_is_away(cli, server):
    code, _, errors = cli("--server", server.url.replace("http:", "https:"), "signup", "cy.tls")
    assert code == NETWORK
    assert "The connection could not be encrypted" in errors


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_that_is_no_authority_is_said(cli, tmp_path, content):
    file = tmp_path / "authority.pem"
    if content is not None:
        file.write_text(content)
    code, _, errors = cli("--ca", str(file), "rooms")
    assert code == USAGE
    assert f"{file} cannot be used as an authority" in errors
