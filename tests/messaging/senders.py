"""Signed messages, made by hand so that wrong ones can be; and a socket without a network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from chatsite.lib import signatures, wire
from messaging.store.base import NewMessage
from rooms.actions import now_ms
from tests.base import Person, RoomScript, canonical

WITHIN = 10  # seconds: how long a test waits before it fails
ROOM, UID, DEV = "a" * 32, "b" * 32, "d" * 32


def number(what: object) -> str:
    """An id that says nothing, the same for the same thing."""
    return sha256(repr(what).encode()).hexdigest()[:32]


def name_of(what: object) -> str:
    """What looks like a message's id."""
    return wire.b64(sha256(repr(what).encode()).digest())


def new_message(n: int = 1, /, **changes: Any) -> NewMessage:
    """The n-th of a chain of messages; `changes` may put it into another room or chain."""
    place = tuple(changes.get(key, "") for key in ("room", "uid", "device"))
    values: dict[str, Any] = {
        "room": ROOM,
        "uid": UID,
        "device": DEV,
        "chain_number": n,
        "previous_id": name_of((place, n - 1)) if n > 1 else "",
        "client_message_id": number((place, n)),
        "epoch": 1,
        "message_id": name_of((place, n)),
        "header": f"header {n}",
        "iv": "iv",
        "ciphertext": "Y3Q",
        "signature": "sig",
        "stored_ms": 1,
    }
    return NewMessage(**{**values, **changes})


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class Sender:
    """One device of somebody in a room: seals bytes that mean nothing, and keeps its chain."""

    def __init__(self, person: Person, room: RoomScript, dev: str = DEV) -> None:
        self.person = person
        self.room = room
        self.dev = dev
        self.n = 0
        self.last = ""

    def header(self, **changes: Any) -> dict[str, Any]:
        header = {
            "v": 1,
            "room": self.room.id,
            "e": self.room.e,
            "uid": self.person.uid,
            "kid": self.person.kid,
            "dev": self.dev,
            "n": self.n + 1,
            "pm": self.last,
            "lh": list(self.room.head),
            "sh": [0, ""],
            "cid": number((self.person.name, self.room.id, self.dev, self.n + 1)),
            "ts": now_ms(),
        }
        return {**header, **changes}

    def seal(
        self, *, h: str | None = None, iv: bytes = bytes(12), ct: bytes = bytes(80), **changes: Any
    ) -> dict[str, Any]:
        """A frame; `h` replaces the header's text, `changes` its values. The chain moves on."""
        text = canonical(self.header(**changes)) if h is None else h
        head = signatures.digest("message", text.encode("ascii", "replace"))
        sealed = head + iv + sha256(ct).digest()
        self.n, self.last = self.n + 1, wire.b64(signatures.digest("sealed", sealed))
        return {
            "type": "message_send",
            "room": self.room.id,
            "h": text,
            "iv": wire.b64(iv),
            "ct": wire.b64(ct),
            "sig": wire.b64(self.person.key.sign(signatures.pae("sealed", sealed))),
        }


def cid_in(frame: dict[str, Any]) -> str:
    return json.loads(frame["h"])["cid"]


class Wire:
    """The client of one socket: `events` are what came, arrays taken apart, in order."""

    def __init__(self, app: Callable[..., Any], *, origin: str = "", session: Any = None) -> None:
        headers = [(b"host", b"localhost:8000")]
        if origin:
            headers.append((b"origin", origin.encode()))
        self.scope = {"type": "websocket", "path": "/ws/", "headers": headers, "session": session}
        self.events: list[dict[str, Any]] = []
        self.frames: list[str] = []
        self.accepted = False
        self.code: int | None = None
        self.reading = asyncio.Event()
        self.reading.set()
        self._app = app
        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Wire:
        self._inbox.put_nowait({"type": "websocket.connect"})
        self._task = asyncio.create_task(self._app(self.scope, self._inbox.get, self._take))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._inbox.put_nowait({"type": "websocket.disconnect", "code": 1001})
        self.reading.set()
        assert self._task is not None
        async with asyncio.timeout(WITHIN):
            await self._task

    async def _take(self, message: dict[str, Any]) -> None:
        await self.reading.wait()
        if message["type"] == "websocket.accept":
            self.accepted = True
        elif message["type"] == "websocket.close":
            self.code = message["code"]
        else:
            self.frames.append(message["text"])
            value = json.loads(message["text"])
            self.events += value if isinstance(value, list) else [value]
        self._news.set()

    def send(self, frame: Any) -> None:
        self.send_text(frame if isinstance(frame, str) else json.dumps(frame))

    def send_text(self, text: str) -> None:
        self._inbox.put_nowait({"type": "websocket.receive", "text": text})

    def send_bytes(self, data: bytes) -> None:
        self._inbox.put_nowait({"type": "websocket.receive", "bytes": data})

    async def until(self, holds: Callable[[], Any]) -> Any:
        """Wait until `holds()` is true, and return it."""
        async with asyncio.timeout(WITHIN):
            while not (result := holds()):
                self._news.clear()
                await self._news.wait()
        return result

    def all(self, type_: str, **fields: Any) -> list[dict[str, Any]]:
        return [
            event
            for event in self.events
            if event["type"] == type_ and fields.items() <= event.items()
        ]

    async def event(self, type_: str, **fields: Any) -> dict[str, Any]:
        """The first event of a type (with these fields), now or later."""
        found = await self.until(lambda: self.all(type_, **fields))
        return found[0]

    async def closed(self) -> int:
        await self.until(lambda: self.code is not None)
        assert self.code is not None
        return self.code

    async def ask(self, frame: dict[str, Any]) -> dict[str, Any]:
        """Send a message and wait for its ack or error."""
        cid, before = cid_in(frame), len(self.events)
        self.send(frame)
        answers = ("ack", "error")
        found = await self.until(
            lambda: [
                event
                for event in self.events[before:]
                if event["type"] in answers and event.get("cid") == cid
            ]
        )
        return found[0]

    async def pong(self) -> dict[str, Any]:
        """Everything that was sent before has been answered when this returns."""
        before = len(self.all("pong"))
        self.send({"type": "ping"})
        found = await self.until(lambda: self.all("pong")[before:])
        return found[0]

    def seqs(self, room: str) -> list[int]:
        """The numbers of the messages that came, in the order in which they did."""
        received = self.all("message_receive", room=room)
        return [row["seq"] for event in received for row in event["messages"]]


async def until(holds: Callable[[], Any]) -> Any:
    """Wait for a condition that nothing announces."""
    async with asyncio.timeout(WITHIN):
        while not (result := holds()):  # noqa: ASYNC110 (other threads announce nothing)
            await asyncio.sleep(0.005)
    return result
