"""The site for the demo's player alone: in its process, so under its clock, on a Unix socket.

A server refuses messages whose time is more than five minutes off. The clock of this one shows the
story's time. Nobody else reaches it: it listens in a folder of its owner.
"""

from __future__ import annotations

import logging
import os
import socket
import tempfile
import threading
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Self

import httpx2
import uvicorn
from websockets.asyncio.client import ClientConnection, unix_connect

import chatsite.asgi  # noqa: F401  (it sets up logging; after that its levels may change)
from chatsite.ops.server import DrainingServer, site_config
from sotto.api import CONNECTIONS
from sotto.stream import MAX_FRAME

START_WITHIN = 60  # seconds


class PrivateSite:
    """The site's database behind a server that ends with the `with` block.

    It has neither worker, tidying nor demo, and takes no part in the processes of the site: what it
    stores is in rooms that nobody else knows yet.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="sotto-demo-")
        self._path = str(Path(self._folder.name) / "site")
        self._server = _Server(site_config(uds=self._path))
        self._thread = threading.Thread(target=self._server.run, name="site", daemon=True)

    def __enter__(self) -> Self:
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)  # nobody reads its lines
        self._thread.start()
        if not self._server.answers.wait(START_WITHIN):
            raise TimeoutError("the site did not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._folder.cleanup()

    def transport(self) -> httpx2.AsyncBaseTransport:
        """REST, whatever the host of the URL."""
        return httpx2.AsyncHTTPTransport(uds=self._path, limits=CONNECTIONS)

    def connect(self, url: str) -> AbstractAsyncContextManager[ClientConnection]:
        """The socket, whatever the host of the URL."""
        return unix_connect(self._path, uri=url, max_size=MAX_FRAME, compression=None)


class _Server(DrainingServer):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answers = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        os.chmod(self.config.uds or "", 0o600)
        self.answers.set()
