"""uvicorn's WebSocket, with a door for frames that many sockets share (`lib/prepared`)."""

from __future__ import annotations

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request

from chatsite.lib.ws_framing import EXTENSION
from chatsite.ops.http_protocol import connections

MOST_FRAGMENTS = 1024  # of one message
INVALID_TEXT, TOO_MANY_FRAGMENTS = 1007, 1009


class PreparedFrames(WebSocketsSansIOProtocol):
    """Frames are written whole, by this and by the parent, so that they never interleave."""

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.close_sent:  # the handshake was not refused
            self.scope["extensions"][EXTENSION] = self.write_prepared  # type: ignore[assignment]

    def write_prepared(self, frame: bytes) -> bool:
        """Write `frame` and return True, unless the socket is closed or the transport is above its
        high-water mark: there, the ordinary way waits for the reader (and gives up on it).
        """
        if self.close_sent or self.disconnected or not self.writable.is_set():
            return False
        if not self.handshake_complete or self.transport.is_closing():
            return False
        self.transport.write(frame)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        connections.release(self.transport)
        super().connection_lost(exc)

    # --- frames that mean harm -------------------------------------------------------------

    def handle_cont(self, event: Frame) -> None:
        """Empty fragments have no size that a limit of bytes would end."""
        if len(self.frames) >= MOST_FRAGMENTS:
            self._fail(TOO_MANY_FRAGMENTS)
        else:
            super().handle_cont(event)

    def handle_ping(self) -> None:
        """Answer no ping of a client that does not read: pongs would pile up here."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def send_receive_event_to_app(self) -> None:
        """The parent logs text that is none, with its traceback."""
        if self.curr_msg_data_type == "text" and not _is_text(self.frames):
            self._fail(INVALID_TEXT)
        else:
            super().send_receive_event_to_app()

    def _fail(self, code: int) -> None:
        self.frames = []
        if not self.close_sent:
            self.conn.fail(code)
            self.handle_parser_exception()


def _is_text(parts: list[bytes]) -> bool:
    try:
        b"".join(parts).decode()
    except UnicodeDecodeError:
        return False
    return True
