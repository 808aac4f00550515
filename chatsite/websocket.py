"""uvicorn's WebSocket, with a door for frames that many sockets share (`lib/prepared`)."""

from __future__ import annotations

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from chatsite.lib.prepared import EXTENSION


class PreparedFrames(WebSocketsSansIOProtocol):
    """Frames are written whole, by this and by the parent, so that they never interleave."""

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.close_sent:  # the handshake was not refused
            self.scope["extensions"][EXTENSION] = self.write_prepared  # type: ignore[assignment]

    def write_prepared(self, frame: bytes) -> bool:
        """Whether `frame` was written: not after a close, nor above the transport's high-water
        mark, where the ordinary way waits for the reader (and gives up on it)."""
        if self.close_sent or self.disconnected or not self.writable.is_set():
            return False
        if not self.handshake_complete or self.transport.is_closing():
            return False
        self.transport.write(frame)
        return True
