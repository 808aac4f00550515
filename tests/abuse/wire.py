"""Requests written byte by byte, as no library would send them."""

from __future__ import annotations

import json
import socket
from typing import Any

from tests.live import LiveServer

WITHIN = 20.0  # seconds for the server to answer or to close


class Wire:
    """One connection; `size`: of the body that is announced, of which nothing is sent."""

    def __init__(self, site: LiveServer) -> None:
        self.socket = socket.create_connection(("127.0.0.1", site.port), timeout=WITHIN)
        self._host = f"localhost:{site.port}"

    def head(self, method: str, path: str, token: str = "", **headers: str) -> Wire:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}"]
        if token:
            lines.append(f"Authorization: Bearer {token}")
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        return self.send("\r\n".join([*lines, "", ""]).encode())

    def send(self, data: bytes) -> Wire:
        self.socket.sendall(data)
        return self

    def end(self) -> bytes:
        """All that comes until the server closes."""
        parts = []
        try:
            while part := self.socket.recv(65_536):
                parts.append(part)
        except ConnectionResetError:
            pass
        return b"".join(parts)

    def answer(self) -> tuple[int, Any]:
        """Status and JSON of an answer that ends the connection."""
        head, _, body = self.end().partition(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        return status, json.loads(body) if b"application/json" in head else body

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()
