"""uvicorn's HTTP protocol for clients that are slow on purpose, or come in crowds.

Request headers have a deadline, answers must be read, and connections are counted.
`chatsite.web.request_limits` enforces the rate of bodies.
"""

from __future__ import annotations

import asyncio
from typing import Any

from django.conf import settings
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.utils import get_remote_addr

from chatsite.lib import metrics
from chatsite.ops.connections import AddressSlots, connection_slots

IDLE_CONNECTIONS = 5  # seconds between two requests; proxies and programs close theirs before
LINGER = 5.0  # seconds in which a refused body is still read, so that its sender gets the answer
REFUSAL = b"HTTP/1.1 %s\r\nretry-after: 5\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
CROWDED = REFUSAL % b"503 Service Unavailable"
LATE = REFUSAL % b"408 Request Timeout"


class OpenConnections:
    """The slots that connections hold until they are lost, also after an upgrade to WebSocket."""

    def __init__(self) -> None:
        self._held: dict[Any, tuple[AddressSlots, str]] = {}

    def admit(self, transport: Any) -> bool:
        peer = get_remote_addr(transport)
        slots = connection_slots()
        key = slots.take(peer[0] if peer else "")
        if key is not None:
            self._held[transport] = (slots, key)
        return key is not None

    def release(self, transport: Any) -> None:
        held = self._held.pop(transport, None)
        if held is not None:
            slots, key = held
            slots.release(key)


connections = OpenConnections()


class GuardedHttp(HttpToolsProtocol):
    """One HTTP connection, until it is lost or becomes a WebSocket."""

    _begun = False  # whether some of a request's head is here
    _headers_due: asyncio.TimerHandle | None = None
    _reader_due: asyncio.TimerHandle | None = None
    _lingering: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if connections.admit(transport):
            self._expect_headers()
            return
        metrics.limited.labels("connections").inc()
        transport.write(CROWDED)
        transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        connections.release(self.transport)
        for timer in (self._headers_due, self._reader_due, self._lingering):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    # --- headers ---------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            self._expect_headers()  # of the next request
        super().data_received(data)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begun = True
        self._expect_headers()

    def on_headers_complete(self) -> None:
        if self._headers_due is not None:
            self._headers_due.cancel()
            self._headers_due = None
        self._begun = False
        before = self.cycle
        super().on_headers_complete()
        if self.cycle is not before and self._has_body():
            self.cycle.transport = LingeringTransport(self.transport, self)  # type: ignore[assignment]

    def _expect_headers(self) -> None:
        if self._headers_due is None and self._lingering is None:
            later = self.loop.call_later
            self._headers_due = later(settings.HEADERS_WITHIN, self._headers_are_late)

    def _headers_are_late(self) -> None:
        """Close without a response if nothing was sent: browsers open connections in advance."""
        self._headers_due = None
        if self._begun and (self.cycle is None or self.cycle.response_complete):
            self.transport.write(LATE)
        self.transport.close()

    # --- refused bodies --------------------------------------------------------------------

    def _has_body(self) -> bool:
        return any(
            name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
            for name, value in self.headers
        )

    def linger(self) -> None:
        """Close once the body has arrived, or after LINGER: if the socket closed at once, a reset
        could destroy the answer before its reader has it.
        """
        if not self.cycle.more_body:
            self.transport.close()
        elif self._lingering is None and not self.transport.is_closing():
            self.flow.resume_reading()
            if self.transport.can_write_eof():
                self.transport.write_eof()
            self._lingering = self.loop.call_later(LINGER, self.transport.close)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        if self._lingering is not None:
            self.transport.close()

    # --- slow readers ----------------------------------------------------------------------

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._reader_due is None:
            later = self.loop.call_later
            self._reader_due = later(settings.ANSWERS_READ_WITHIN, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._reader_due is not None:
            self._reader_due.cancel()
            self._reader_due = None


class LingeringTransport:
    """The transport of a request that has a body: to close it is to linger."""

    def __init__(self, transport: asyncio.Transport, protocol: GuardedHttp) -> None:
        self._transport = transport
        self._protocol = protocol

    def write(self, data: bytes) -> None:
        self._transport.write(data)

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def close(self) -> None:
        self._protocol.linger()
