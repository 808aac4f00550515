"""What stands before the site: Caddy with deploy/Caddyfile, or a small proxy that does the same."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import cycle
from pathlib import Path

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.live import ROOT

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
END = b"\r\n\r\n"
MOST = 64 * 1024


def places(ports: list[int]) -> list[tuple[str, int]]:
    """Where the proxy finds the processes: at hosts that ALLOWED_HOSTS does not hold, as with
    `web-1:8000`. All of 127.0.0.0/8 is this machine.
    """
    return [(f"127.0.0.{n}", port) for n, port in enumerate(ports, start=2)]


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


def wait_for_answer(url: str, trusted: Path) -> None:
    """Wait until the proxy has found the processes behind it."""
    context = ssl.create_default_context(cafile=str(trusted))
    with httpx2.Client(verify=context) as http:
        for _ in range(200):
            try:
                if http.get(f"{url}/healthz").status_code == 200:
                    return
            except httpx2.TransportError:
                pass
            time.sleep(0.1)
    raise AssertionError("nothing answers behind the proxy")


@contextmanager
def _caddy(
    folder: Path, port: int, upstreams: list[int], trusted: Path, key: Path
) -> Iterator[None]:
    variables = {
        "SITE": "localhost",
        "UPSTREAMS": " ".join(f"{host}:{one}" for host, one in places(upstreams)),
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
    """What deploy/Caddyfile says, of one request a connection: each process in its turn, but only
    one whose `health_uri` answers 200 under the host that the proxy knows it by.
    """

    def __init__(self, upstreams: list[int]) -> None:
        self._upstreams = cycle(places(upstreams))
        self._many = len(upstreams)
        text = (ROOT / "deploy" / "Caddyfile").read_text()
        self._health = re.findall(r"^\s*health_uri (\S+)$", text, re.M)[0]
        self._hidden = re.findall(r"^\s*respond (/\S+) 404$", text, re.M)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(END)
            hidden = head.split(b" ")[1].partition(b"?")[0].decode() in self._hidden
            to = None if hidden else await self._connect()
            if to is None:
                writer.write(_plain(404 if hidden else 503))
                await writer.drain()
            else:
                answer, request = to
                request.write(_marked(head))
                await asyncio.gather(_pass(reader, request), _pass(answer, writer))
        writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for _ in range(self._many):
            host, port = next(self._upstreams)
            with suppress(OSError):
                if await self._is_well(host, port):
                    return await asyncio.open_connection(host, port)
        return None

    async def _is_well(self, host: str, port: int) -> bool:
        answer, request = await asyncio.open_connection(host, port)
        asked = f"GET {self._health} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n"
        request.write(asked.encode())
        status = await answer.readline()
        request.close()
        return status.split(b" ")[1:2] == [b"200"]


def _plain(status: int) -> bytes:
    return f"HTTP/1.1 {status} -\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


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
