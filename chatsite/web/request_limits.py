"""Request bodies: how long they may be, how slow, and that none is read before it is asked for.

A small body is read before Django begins. A larger one stays with the network until a view reads
it, so that who asks, and whether they may, is decided before its first byte: `request.read` then
takes it in parts, and nothing is put on the disk in between.
"""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import CancelledError
from io import BytesIO
from typing import Any

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.renderers import JSONRenderer

from chatsite.lib.database import give_back
from chatsite.lib.errors import ChatError, LengthRequired, TooLarge
from chatsite.lib.limits import customer
from chatsite.lib.turns import Asker, Turn, current, paused, request_turns
from chatsite.web.api_paths import is_api, versioned
from chatsite.web.request_threads import RequestThreads
from chatsite.web.sign_in_places import places, signs_in

SMALL = 64 * 1024  # bytes: of who is not signed in, of forms, and of what is read at once
FILE = re.compile(r"/api/v1/chatrooms/[^/]+/files/[^/]+")
ID = re.compile(r"[^/]*[0-9][^/]*(?=/|$)")
SHUTDOWN = 5.0  # seconds
CREDENTIALS = {b"authorization", b"cookie"}


class TooSlow(ChatError):
    status = 408
    code = "too_slow"
    detail = "The connection is too slow: too little came in half a minute. Try again."


class Incomplete(ChatError):
    code = "incomplete"
    detail = "The request did not arrive whole."


class RequestBody:
    """The body of one request as it comes from the network.

    Args:
        scope: the request's.
        receive: the server's.

    Raises:
        LengthRequired, TooLarge: before any byte of it is read.
    """

    def __init__(self, scope: HTTPScope, receive: ASGIReceiveCallable) -> None:
        self.receive = receive
        self.size = _declared(scope)
        self.finished = asyncio.Event()
        self.answered = False  # all of it is sent
        self.stream: BytesIO | NetworkStream = NetworkStream(self, asyncio.get_running_loop())
        self._rate = MinimumRate(settings.BODY_RATE, settings.BODY_WINDOW)
        if self.size > _most(scope):
            raise TooLarge

    async def read_ahead(self) -> None:
        """Read all of it into memory."""
        parts = [part async for part in self]
        self.stream = BytesIO(b"".join(parts))

    def __aiter__(self) -> RequestBody:
        return self

    async def __anext__(self) -> bytes:
        """The next part.

        Raises:
            TooSlow: less came than the minimum rate asks for.
            Incomplete: the client has gone.
        """
        if self.finished.is_set():
            raise StopAsyncIteration
        message = await self._rate.measure(self.receive())
        if message["type"] == "http.disconnect":
            raise Incomplete
        if not message.get("more_body", False):
            self.finished.set()
        return message.get("body", b"")


class MinimumRate:
    """At least `rate` bytes a second on average over `window` seconds of waiting for the network.

    Time that the server takes for itself between two parts does not count, nor does any whole
    time: a large file may take hours.
    """

    def __init__(self, rate: int, window: float) -> None:
        self._enough = rate * window
        self._window = window
        self._begin()

    def _begin(self) -> None:
        self._left = self._window
        self._bytes = 0

    async def measure(self, receiving: Any) -> Any:
        """The message that `receiving` resolves to; TooSlow if it does not come in time."""
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            async with asyncio.timeout(self._left):
                message = await receiving
        except TimeoutError:
            raise TooSlow from None
        self._left -= clock() - began
        self._bytes += len(message.get("body", b""))
        if self._bytes >= self._enough:
            self._begin()
        return message


class NetworkStream:
    """A body as the file that Django's request reads from, in the thread of a view."""

    def __init__(self, body: RequestBody, loop: asyncio.AbstractEventLoop) -> None:
        self._body = body
        self._loop = loop
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, all of them for -1; blocks until they are here."""
        parts, have = [self._rest], len(self._rest)
        while (size < 0 or have < size) and (part := self._next()):
            parts.append(part)
            have += len(part)
        read = b"".join(parts)
        end = have if size < 0 else size
        self._rest = read[end:]
        return read[:end]

    def _next(self) -> bytes:
        """The next part; never waited for without end, not even while the process ends."""
        give_back()
        coming = asyncio.run_coroutine_threadsafe(self._receive(), self._loop)
        try:
            with paused():
                return coming.result(settings.BODY_WINDOW + SHUTDOWN)
        except (CancelledError, TimeoutError):
            raise Incomplete from None

    async def _receive(self) -> bytes:
        async for part in self._body:
            if part:
                return part
        return b""

    def close(self) -> None:
        self._rest = b""


class Handler(ASGIHandler):
    """Django's handler, with bodies that views read from the network, and threads that stay."""

    def __init__(self) -> None:
        super().__init__()
        self._threads = RequestThreads()

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            body = RequestBody(scope, receive)
            if body.size <= SMALL and not _is_upload(scope):
                await body.read_ahead()
            receiving: Any = body
            with places.place(scope):
                async with _turn(scope):
                    with self._threads.taken() as thread:
                        async with ThreadSensitiveContext(executor=thread):
                            await super().handle(scope, receiving, _closing(body, send))
        except ChatError as refusal:
            await _refuse(refusal, scope, send)

    def load_middleware(self, is_async: bool = False) -> None:
        """Load it for threads. No view awaits anything, and in async mode Django would go to a
        thread and back for each middleware: some thirty switches a request, each of which waits
        for the event loop.
        """
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """Run all middleware and the view in one go, in the request's thread."""
        return await sync_to_async(self._respond, thread_sensitive=True)(request)

    def _respond(self, request: HttpRequest) -> HttpResponseBase:
        turn = current()
        if turn is None:
            return self.get_response(request)
        with turn.used_by_thread():
            response = self.get_response(request)
        if response.status_code < 400:
            turn.learn()
        return response

    async def read_body(self, body: Any) -> Any:
        return body.stream

    async def listen_for_disconnect(self, body: Any) -> None:
        """Wait until the client has gone. A view that reads the body notices it first.

        Servers say so after each answer, too. Raised then, the error would keep the answer until
        the garbage collector comes: Django's frame, which it names, holds both.
        """
        await body.finished.wait()
        message = await body.receive()
        if body.answered:
            await asyncio.get_running_loop().create_future()  # Django cancels it
        if message["type"] == "http.disconnect":
            raise RequestAborted


def _turn(scope: HTTPScope) -> Turn:
    client = scope.get("client")
    address = customer(client[0] if client else "")
    kind = f"{scope['method']} {ID.sub('*', versioned(scope['path']))}"
    costly = _is_upload(scope) or signs_in(scope)
    return Turn(request_turns(), Asker(address, kind, costly=costly))


def _declared(scope: HTTPScope) -> int:
    """The length of a body by its header: 0 without one."""
    headers = dict(scope["headers"])
    if b"transfer-encoding" in headers:
        raise LengthRequired
    given = headers.get(b"content-length", b"0")
    return int(given) if given.isdigit() and len(given) < 20 else 0


def _most(scope: HTTPScope) -> int:
    """How long a body may be. Who is not signed in has nothing long to say."""
    path = versioned(scope["path"])
    if _is_upload(scope):
        return settings.FILE_MOST
    if not is_api(path) or path.startswith("/api/v1/auth/"):
        return SMALL
    if not any(name in CREDENTIALS for name, _ in scope["headers"]):
        return SMALL
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def _is_upload(scope: HTTPScope) -> bool:
    return scope["method"] == "PUT" and FILE.fullmatch(versioned(scope["path"])) is not None


def _closing(body: RequestBody, send: ASGISendCallable) -> Any:
    """`send` that ends the connection after an answer to a body that was not read to its end, and
    notes the answer's end.
    """

    async def closing(message: Any) -> None:
        if message["type"] == "http.response.start" and not body.finished.is_set():
            headers = [*message.get("headers", []), (b"connection", b"close")]
            message = {**message, "headers": headers}
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            body.answered = True
        await send(message)

    return closing


async def _refuse(refusal: ChatError, scope: HTTPScope, send: Any) -> None:
    """Answer before Django begins: a page's reader in plain words, a script in JSON."""
    of_page = scope["method"] == "GET" and not is_api(scope["path"])
    kind = b"text/plain; charset=utf-8" if of_page else b"application/json"
    error = {"error": refusal.as_dict()}
    text = refusal.detail.encode() if of_page else JSONRenderer().render(error)
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(text)).encode()),
        (b"cache-control", b"private, no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ]
    if refusal.retry_after is not None:
        headers.append((b"retry-after", str(refusal.retry_after).encode()))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": text})
