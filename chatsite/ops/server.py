"""The server of the site: uvicorn with our protocols, the embedded workers, the hourly tidying and
the sealer of the audit log.

`make run`, `make dev` and production run this one.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import subprocess
import sys

import uvicorn
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.cache import cache

from accounts.sso.checking import check_due
from chatsite.ops import demo
from chatsite.ops.http_protocol import IDLE_CONNECTIONS, GuardedHttp
from chatsite.ops.sealer import Sealer
from chatsite.ops.websocket_protocol import PreparedFrames
from chatsite.ops.worker import OTHERS, SUMMARIES, EmbeddedWorker
from chatsite.tasks import tidy
from messaging.live.lifecycle import drain, leave

MAX_FRAME = 256 * 1024
TIDY_EVERY = 3600  # seconds
ASK_EVERY = 60  # seconds
log = logging.getLogger(__name__)


class DrainingServer(uvicorn.Server):
    """Stores and acknowledges received messages before it closes its sockets."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await drain()
        await super().shutdown(sockets)  # sockets get 1012: they come back at once, with jitter
        await leave()


class Server(DrainingServer):
    """Says where it listens once it does; in development it has the demo made then."""

    def __init__(self, config: uvicorn.Config, ready: str) -> None:
        super().__init__(config)
        self._ready = ready
        self._demo: subprocess.Popen[bytes] | None = None
        self._tidying: asyncio.Future[tuple[None, None]] | None = None
        self._sealer: Sealer | None = None
        queues = () if settings.REDIS_URL else (SUMMARIES, OTHERS)
        self._workers = [EmbeddedWorker(taken) for taken in queues]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            settle_memory()
            print(self._ready, flush=True)  # noqa: T201
            self._tidying = asyncio.gather(self.keep_tidy(), self.keep_asking())
            self._sealer = Sealer()
            self._sealer.start()
            for worker in self._workers:
                worker.start()
            if settings.DEBUG:
                self._demo = await sync_to_async(demo.fill_in_background)()

    async def keep_tidy(self) -> None:
        """One process of the site at a time; a chore that failed is done an hour later."""
        while True:
            await asyncio.sleep(TIDY_EVERY)
            try:
                if await cache.aadd("tidy", 1, timeout=TIDY_EVERY // 2):
                    await sync_to_async(tidy)()
            except Exception as error:  # an engine is unreachable
                log.warning("tidy.failed %s", type(error).__name__)

    async def keep_asking(self) -> None:
        """Ask the provider of single sign-on about people again. One that fails is asked later."""
        while settings.OIDC_ISSUER and settings.OIDC_RECHECK:
            await asyncio.sleep(ASK_EVERY)
            try:
                await sync_to_async(check_due, thread_sensitive=False)()
            except Exception as error:  # an engine is unreachable
                log.warning("sso.check_failed %s", type(error).__name__)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._tidying is not None:
            self._tidying.cancel()
        if self._demo is not None:
            self._demo.terminate()
        await asyncio.gather(*(asyncio.to_thread(one.stop) for one in self._workers))
        await super().shutdown(sockets)
        if self._sealer is not None:
            await asyncio.to_thread(self._sealer.stop)


def settle_memory() -> None:
    """Keep the garbage collector away from modules that stay loaded, and from walking through ten
    thousand sockets for every few hundred new objects. Threads switch after 1 ms, so that one that
    has written to the disk does not wait 5 ms for its turn.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    sys.setswitchinterval(0.001)


def site_config(uds: str | None = None) -> uvicorn.Config:
    """The configuration of uvicorn for the site. `uds`: the path of a Unix socket to listen on."""
    return uvicorn.Config(
        "chatsite.asgi:application",
        uds=uds,
        http=GuardedHttp,
        ws=PreparedFrames,
        ws_max_size=MAX_FRAME,
        ws_per_message_deflate=settings.SOCKET_COMPRESSION,
        ws_ping_interval=30,
        ws_ping_timeout=30,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=settings.TRUSTED_PROXIES,
        timeout_keep_alive=IDLE_CONNECTIONS,
        timeout_graceful_shutdown=5,
    )
