"""A load generator, in a process of its own: `python -m benchmarks.load PLAN.json`.

Open load: each message has a time at which it is due and is sent then, whatever the server does;
latency counts from when it was due. (With a closed loop, senders march in step with a slow server,
which then looks fast.) Everything that costs is made beforehand: keys, signatures, texts.

PLAN: {"url", "kind": a key of KINDS, "sockets": [{"room": number, "token"?}], "at_once": how many
connect at the same time}. Once all sockets are in it says in how many seconds; then each line on
stdin names a run, {"messages": [{"socket", "id", "text"}], "rate": messages a second, "members":
deliveries a message}, and is answered by one line of JSON: see `Tally.result`.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

ID = re.compile(rb'\\"cid\\":\\"([0-9a-f]{32})')  # within a header, which is text within JSON
STEP = 0.001  # seconds between looks at what is due
TENTH = 10_000  # latencies are counted by tenths of a millisecond
SETTLE = 0.5  # seconds without a delivery that end a run …
PATIENCE = 15.0  # … and without all of them


class Tally:
    """Of one run: when each message was due, and when each delivery came."""

    def __init__(self, expected: int) -> None:
        self.expected = expected
        self.due: dict[bytes, float] = {}
        self.delays: dict[int, int] = {}
        self.came = self.frames = self.errors = 0
        self.last = time.perf_counter()
        self._parsed: dict[bytes, list[float]] = {}

    def frame(self, payload: bytes) -> None:
        """The sockets of a room get the same bytes: their ids are looked for once."""
        sent = self._parsed.get(payload)
        if sent is None:
            if len(self._parsed) > 500:
                self._parsed.clear()
            sent = [self.due[one] for one in ID.findall(payload) if one in self.due]
            self._parsed[payload] = sent
            self.errors += payload.count(b'"type":"error"')
        if not sent:
            return
        now = self.last = time.perf_counter()
        self.frames += 1
        self.came += len(sent)
        for due in sent:
            tenth = int((now - due) * TENTH)
            self.delays[tenth] = self.delays.get(tenth, 0) + 1

    def result(self, took: float) -> dict[str, Any]:
        return {
            "deliveries": self.came,
            "lost": self.expected - self.came,
            "errors": self.errors,
            "messages_per_frame": round(self.came / max(1, self.frames), 2),
            "p50_ms": self._percentile(0.50),
            "p99_ms": self._percentile(0.99),
            "seconds": round(took, 3),
        }

    def _percentile(self, part: float) -> float | None:
        left = self.came * part
        for tenth in sorted(self.delays):
            left -= self.delays[tenth]
            if left <= 0:
                return tenth / 10
        return None


class Peer(WSListener):
    """One socket. Subclasses know how a system greets, and how a message is put."""

    def __init__(self, load: Load, about: dict[str, Any]) -> None:
        self.load = load
        self.about = about
        self.ready = asyncio.get_running_loop().create_future()
        self.transport: WSTransport | None = None

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        self.hello()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT:
            payload = frame.get_payload_as_bytes()
            if self.ready.done():
                self.heard(payload)
            else:
                self.greeted(payload)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.load.ended += 1
        if not self.ready.done():
            self.ready.set_exception(ConnectionError("closed before it was ready"))

    def say(self, text: str) -> None:
        assert self.transport is not None
        self.transport.send(WSMsgType.TEXT, text.encode())

    def hello(self) -> None:
        raise NotImplementedError

    def greeted(self, payload: bytes) -> None:
        raise NotImplementedError

    def heard(self, payload: bytes) -> None:
        self.load.heard(payload)

    def send(self, text: str) -> None:
        self.say(text)


class Sotto(Peer):
    def hello(self) -> None:
        self.say(json.dumps({"type": "auth", "token": self.about["token"]}))

    def greeted(self, payload: bytes) -> None:
        if b'"type":"ready"' in payload:
            self.ready.set_result(None)


class Limit(Peer):
    """The bare server of benchmarks/limit.py: the first frame names the room."""

    def hello(self) -> None:
        self.say(str(self.about["room"]))

    def greeted(self, payload: bytes) -> None:
        self.ready.set_result(None)


class SocketIo(Peer):
    """Engine.IO 4 over a WebSocket: 0 open, 2 ping, 3 pong, 4 message; then Socket.IO's digit."""

    def hello(self) -> None:
        self.say("40")

    def greeted(self, payload: bytes) -> None:
        if payload.startswith(b"40"):
            self.say(f'42["join",{self.about["room"]}]')
        elif payload.startswith(b'42["joined"'):
            self.ready.set_result(None)

    def heard(self, payload: bytes) -> None:
        if payload == b"2":
            self.say("3")
        else:
            self.load.heard(payload)

    def send(self, text: str) -> None:
        self.say(f'42["msg",{text}]')


KINDS: dict[str, type[Peer]] = {"sotto": Sotto, "limit": Limit, "socketio": SocketIo}


class Load:
    def __init__(self, plan: dict[str, Any]) -> None:
        self._plan = plan
        self._peers: list[Peer] = []
        self._tally: Tally | None = None
        self.ended = 0

    def heard(self, payload: bytes) -> None:
        if self._tally is not None:
            self._tally.frame(payload)

    async def connect(self) -> None:
        few = asyncio.Semaphore(self._plan["at_once"])

        async def one(about: dict[str, Any]) -> Peer:
            peer = KINDS[self._plan["kind"]](self, about)
            async with few:
                await ws_connect(lambda: peer, self._plan["url"], read_buffer_init_size=4096)
                await asyncio.wait_for(peer.ready, 60)
            return peer

        self._peers = await asyncio.gather(*map(one, self._plan["sockets"]))

    async def run(self, messages: list[dict[str, Any]], rate: float, members: int) -> Any:
        tally = self._tally = Tally(len(messages) * members)
        ended, began = self.ended, time.perf_counter() + 0.05
        every = 1 / rate
        for at, message in enumerate(messages):
            tally.due[message["id"].encode()] = began + at * every
        done = 0
        while done < len(messages):
            now_due = int((time.perf_counter() - began) / every) + 1
            until = max(done, min(len(messages), now_due))
            for message in messages[done:until]:
                self._peers[message["socket"]].send(message["text"])
            done = until
            await asyncio.sleep(STEP)
        await self._all_come(tally)
        self._tally = None
        return {**tally.result(tally.last - began), "closed": self.ended - ended}

    async def _all_come(self, tally: Tally) -> None:
        over = time.perf_counter() + PATIENCE
        while tally.came < tally.expected and time.perf_counter() < over:
            await asyncio.sleep(0.05)
        await asyncio.sleep(SETTLE)  # what came twice would be seen now


async def main(plan: Path) -> None:
    load = Load(json.loads(plan.read_text()))
    began = time.perf_counter()
    await load.connect()
    print(time.perf_counter() - began, flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        run = json.loads(Path(line.strip()).read_text())
        print(json.dumps(await load.run(**run)), flush=True)


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1])))
