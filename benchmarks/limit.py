"""The least that a server can do: take a frame, write it to everybody in the room. In C, without
a shape, a door, a signature or a disk. `python -m benchmarks.limit PORT`.
"""

from __future__ import annotations

import asyncio
import sys
from collections import defaultdict

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_create_server

rooms: dict[str, list[WSTransport]] = defaultdict(list)


class Member(WSListener):
    room = ""

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            return
        if not self.room:
            self.room = frame.get_payload_as_ascii_text()
            rooms[self.room].append(transport)
            transport.send(WSMsgType.TEXT, b"ready")
            return
        payload = frame.get_payload_as_bytes()
        for member in rooms[self.room]:
            member.send(WSMsgType.TEXT, payload)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if self.room:
            rooms[self.room].remove(transport)


async def main(port: int) -> None:
    server = await ws_create_server(lambda _: Member(), "127.0.0.1", port, backlog=2048)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    asyncio.run(main(int(sys.argv[1])))
