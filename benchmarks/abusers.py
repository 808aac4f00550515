"""Clients that misbehave, in a process of their own: `python -m benchmarks.abusers PLAN.json`.

Each does one thing again and again until the time is over. PLAN: {"port", "seconds", "room",
"messages": how many the room has, "logins", "halves", "uploads", "sockets": how many clients,
"member", "owner": tokens, "readers": [token]}. The last line printed is JSON: how often each
kind of client met each outcome, which is a status, or what became of the connection.
All connect over loopback, from many addresses, so that no limit per address ends the attack.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

HOST = "127.0.0.1"
PART = 65_552  # bytes of a sealed chunk
PARTS = 8  # of an upload
PAGE = 200  # messages, more than fit into a page's bytes
STEP = 10  # messages between two pages that are read
PATIENCE = 30.0  # seconds for an answer
PAUSE = 2.0  # seconds after each act but a page that came


def address(kind: int, number: int) -> str:
    """Another address of loopback for every client."""
    return f"127.{kind}.{number // 250}.{number % 250 + 1}"


class Site:
    """The server, as somebody at `source` asks it: one connection for each request."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def connect(self, source: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(HOST, self.port, local_addr=(source, 0))

    def head(self, line: str, token: str = "", **headers: str) -> bytes:
        lines = [f"{line} HTTP/1.1", f"Host: localhost:{self.port}", "Connection: close"]
        if token:
            lines.append(f"Authorization: Bearer {token}")
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode()

    async def ask(self, source: str, head: bytes, body: bytes = b"") -> str:
        """The status of the answer, once all of it is here."""
        reader, writer = await self.connect(source)
        try:
            writer.write(head)
            for at in range(0, len(body), PART):
                writer.write(body[at : at + PART])
                await writer.drain()
        except ConnectionError:
            pass  # a refusal may come before the body is sent
        try:
            said = await reader.read(64)
            while await reader.read(PART):
                pass
        finally:
            writer.close()
        return said.split(b" ", 2)[1].decode() if b" " in said else "closed"


class Held(WSListener):
    """A socket that signs in and stays. `ended`: whether it had been greeted."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._greeted = False
        self.ended: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def on_ws_connected(self, transport: WSTransport) -> None:
        said = json.dumps({"type": "auth", "token": self._token})
        transport.send(WSMsgType.TEXT, said.encode())

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT and b'"type":"ready"' in frame.get_payload_as_bytes():
            self._greeted = True

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if not self.ended.done():
            self.ended.set_result(self._greeted)

    async def stay(self, seconds: float) -> str:
        try:
            greeted = await asyncio.wait_for(asyncio.shield(self.ended), seconds)
        except TimeoutError:
            return "held" if self._greeted else "not greeted"
        return "closed" if greeted else "refused"


class Crowd:
    def __init__(self, plan: dict[str, Any]) -> None:
        self._plan = plan
        self._site = Site(plan["port"])
        self._until = time.monotonic() + plan["seconds"]
        self._files = f"/api/v1/chatrooms/{plan['room']}/files"
        self._pages = f"/api/v1/chatrooms/{plan['room']}/messages"
        self.outcomes: dict[str, Counter[str]] = defaultdict(Counter)

    @property
    def _left(self) -> float:
        return max(0.0, self._until - time.monotonic())

    async def log_in(self, number: int) -> str:
        sent = json.dumps({"name": f"nobody.{secrets.token_hex(6)}", "password": "not this one"})
        about = {"Content_Type": "application/json", "Content_Length": str(len(sent))}
        head = self._site.head("POST /api/v1/auth/login", **about)
        return await self._site.ask(address(1, number), head, sent.encode())

    async def send_half(self, number: int) -> str:
        head = self._site.head("GET /healthz")[:-2]  # its last line does not come
        return await self._site.ask(address(2, number), head)

    async def upload(self, number: int) -> str:
        """Every second client is a member, the others nobody."""
        token = self._plan["member"] if number % 2 else ""
        body = secrets.token_bytes(PARTS * PART)
        about = {"Content_Type": "application/octet-stream", "Content_Length": str(len(body))}
        head = self._site.head(f"PUT {self._files}/{secrets.token_hex(16)}", token, **about)
        return await self._site.ask(address(3, number), head, body)

    def reader(self, token: str) -> Callable[[int], Awaitable[str]]:
        """Somebody who pages through history from the newest message, over and over."""
        at = self._plan["messages"]

        async def read(number: int) -> str:
            nonlocal at
            query = f"?before={at + 1}&limit={PAGE}"
            at = at - STEP if at > 2 * STEP else self._plan["messages"]
            head = self._site.head(f"GET {self._pages}{query}", token)
            return await self._site.ask(address(4, number), head)

        return read

    async def hold_socket(self, number: int) -> str:
        held = Held(self._plan["owner"])
        url = f"ws://{HOST}:{self._site.port}/ws/"
        named = {"Host": f"localhost:{self._site.port}"}
        source = (address(5, 0), 0)  # one address: sockets have a limit of their own
        transport, _ = await ws_connect(
            lambda: held,
            url,
            extra_headers=named,
            websocket_handshake_timeout=PATIENCE,
            local_addr=source,
        )
        said = await held.stay(self._left)
        transport.disconnect()
        return said

    async def again(self, kind: str, act: Callable[[int], Awaitable[str]], number: int) -> None:
        while self._left:
            try:
                outcome = await asyncio.wait_for(act(number), max(PATIENCE, self._left))
            except TimeoutError:
                outcome = "no answer"
            except Exception as failed:
                outcome = type(failed).__name__
            self.outcomes[kind][outcome] += 1
            if (kind, outcome) != ("readers", "200"):
                await asyncio.sleep(PAUSE)

    async def play(self) -> None:
        plan = self._plan
        async with asyncio.TaskGroup() as group:
            for kind, act in (
                ("logins", self.log_in),
                ("halves", self.send_half),
                ("uploads", self.upload),
                ("sockets", self.hold_socket),
            ):
                for number in range(plan[kind]):
                    group.create_task(self.again(kind, act, number))
            for number, token in enumerate(plan["readers"]):
                group.create_task(self.again("readers", self.reader(token), number))


async def main(plan: Path) -> None:
    crowd = Crowd(json.loads(plan.read_text()))
    await crowd.play()
    print(json.dumps(crowd.outcomes), flush=True)


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1])))
