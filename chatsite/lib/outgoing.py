"""HTTP requests to servers of others, each with one deadline for the whole of it.

A library's timeout counts anew with each packet, so that an answer of one byte every few seconds
never ends. Here connecting, the handshake, sending, and each read have what is left of the time.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore2  # what httpx2 stands on, and requires
import httpx2

PIECE = 4096  # bytes sent at a time, each of which waits


def client(seconds: float, trusted: ssl.SSLContext) -> httpx2.Client:
    """A client for one request, which ends `seconds` from now. It follows no redirect and uses no
    proxy of the environment.

    Raises:
        httpx2.TimeoutException: of the client, whatever it was doing when the time was over.
    """
    return httpx2.Client(
        timeout=seconds,
        follow_redirects=False,
        trust_env=False,
        transport=_Transport(seconds, trusted),
    )


class _Transport(httpx2.HTTPTransport):
    def __init__(self, seconds: float, trusted: ssl.SSLContext) -> None:
        super().__init__(verify=trusted, trust_env=False)
        self._pool = httpcore2.ConnectionPool(trusted, network_backend=_Network(_Deadline(seconds)))


class _Deadline:
    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self, over: type[httpcore2.TimeoutException]) -> float:
        """Seconds, more than none.

        Raises:
            httpcore2.TimeoutException: an `over`, if none is left.
        """
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise over
        return seconds


class _Network(httpcore2.NetworkBackend):
    def __init__(self, deadline: _Deadline) -> None:
        self._deadline = deadline
        self._inner = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Tries the addresses of a name in turn, all within the time."""
        failed: Exception = httpcore2.ConnectError("no address")
        for address in _addresses(host, port):
            left = self._deadline.left(httpcore2.ConnectTimeout)
            try:
                found = self._inner.connect_tcp(address, port, left, local_address, socket_options)
            except httpcore2.ConnectError as error:
                failed = error
            else:
                return _Stream(found, self._deadline)
        raise failed


def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise httpcore2.ConnectError("unknown host") from None
    return [str(one[4][0]) for one in found]


class _Stream(httpcore2.NetworkStream):
    def __init__(self, inner: httpcore2.NetworkStream, deadline: _Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left(httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for at in range(0, len(buffer), PIECE):
            left = self._deadline.left(httpcore2.WriteTimeout)
            self._inner.write(buffer[at : at + PIECE], left)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        left = self._deadline.left(httpcore2.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
