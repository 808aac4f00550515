"""What stands before the site: Caddy with deploy/Caddyfile, or a small proxy that does the same."""

from __future__ import annotations

import asyncio
import os
import shutil
import ssl
import subprocess
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import cycle
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.live import ROOT

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
END = b"\r\n\r\n"
MOST = 64 * 1024


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of localhost, which is its own authority, and its key, as PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "localhost.pem", folder / "localhost.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


@contextmanager
def in_front(folder: Path, port: int, upstreams: list[int]) -> Iterator[Path]:
    """TLS on `port` before the processes on `upstreams`; the certificate to trust."""
    trusted, key = certificate(folder)
    caddy = shutil.which("caddy")
    behind = _caddy if caddy else _small
    with behind(folder, port, upstreams, trusted, key):
        yield trusted


@contextmanager
def _caddy(
    folder: Path, port: int, upstreams: list[int], trusted: Path, key: Path
) -> Iterator[None]:
    variables = {
        "SITE": "localhost",
        "UPSTREAMS": " ".join(f"127.0.0.1:{one}" for one in upstreams),
        "TLS_FILES": f"{trusted} {key}",
        "HTTPS_PORT": str(port),
        "HTTP_PORT": "0",
        "HOME": str(folder),
    }
    command = ["caddy", "run", "--config", "deploy/Caddyfile", "--adapter", "caddyfile"]
    with (folder / "caddy.log").open("wb") as log:
        running = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **variables}, stdout=log, stderr=log
        )
    try:
        yield
    finally:
        running.terminate()
        running.wait()


@contextmanager
def _small(
    folder: Path, port: int, upstreams: list[int], trusted: Path, key: Path
) -> Iterator[None]:
    with _listening(port, Small(upstreams).serve, trusted, key):
        yield


@contextmanager
def terminated(port: int, behind: int, trusted: Path, key: Path) -> Iterator[None]:
    """TLS on `port` before a server that knows none, whatever it speaks."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            answer, request = await asyncio.open_connection("127.0.0.1", behind)
            await asyncio.gather(_pass(reader, request), _pass(answer, writer))

    with _listening(port, serve, trusted, key):
        yield


@contextmanager
def _listening(port: int, serve: Serve, trusted: Path, key: Path) -> Iterator[None]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(trusted, key)
    loop = asyncio.new_event_loop()
    listening = asyncio.start_server(serve, "127.0.0.1", port, ssl=context, limit=MOST)
    server = loop.run_until_complete(listening)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


class Small:
    """One request a connection, to each process in its turn; sockets stay."""

    def __init__(self, upstreams: list[int]) -> None:
        self._upstreams = cycle(upstreams)
        self._many = len(upstreams)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(END)
            to = await self._connect()
            if to is not None:
                answer, request = to
                request.write(_marked(head))
                await asyncio.gather(_pass(reader, request), _pass(answer, writer))
        writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for _ in range(self._many):
            with suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", next(self._upstreams))
        return None


def _marked(head: bytes) -> bytes:
    lines = head.removesuffix(END).split(b"\r\n")
    if not any(line.lower().startswith(b"upgrade:") for line in lines):
        lines = [line for line in lines if not line.lower().startswith(b"connection:")]
        lines.append(b"Connection: close")
    lines += [b"X-Forwarded-Proto: https", b"X-Forwarded-For: 127.0.0.1"]
    return b"\r\n".join(lines) + END


async def _pass(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await source.read(MOST):
            to.write(data)
            await to.drain()
    with suppress(ConnectionError):
        to.close()
