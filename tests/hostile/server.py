"""The hostile server: it serves one victim what the real one says, but for its lies.

It stands before a real server, as its operator does, and rewrites what comes back. The victim
is a Python client or a browser; both take it for the real one.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode

import httpx2
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from sotto.protocol.signing import hash64 as hash_of

API = "/api/v1/"
FACTS = "/site.json"  # who is signed in, and with which key, for pages
DROPPED = {b"host", b"connection", b"accept-encoding", b"content-length", b"transfer-encoding"}
CONNECTED_WITHIN = 20.0  # seconds
MESSAGES = Path(__file__).parents[2] / "static/js/conversation/messages"
HISTORY = (MESSAGES / "room-history.js").read_text()
CONTINUED = [
    int(number) for number in re.findall(r"^export const (?:LARGE_)?PAGE = (\d+);", HISTORY, re.M)
]
"""The numbers of messages that browsers ask for to go on from those that they show."""
assert len(CONTINUED) == 2
JSON = [(b"content-type", b"application/json")]
HELD_BACK = {"user_join", "user_leave", "room_event", "message_receive"}
TLS = ssl.create_default_context()
Event = dict[str, str]
Row = dict[str, Any]
Frame = dict[str, Any]


def network() -> httpx2.AsyncHTTPTransport:
    """What a program reaches servers over. Reading the certificates takes longer than a request,
    so that is done once.
    """
    return httpx2.AsyncHTTPTransport(verify=TLS)


class Hostile:
    """`rows` and `logs` replace what a room holds; no page says that messages in `silent` change
    what is in it; `identities` come with every answer that has
    some; `twist(path, answer)` changes any other answer of the API in place; `made_up` answers
    requests that the real server would refuse, by method and the path's end; where it is a
    function, of the request's body, None passes it on. `on_frame(frame)`
    says what becomes of a frame that the victim sends or gets; `push` makes one up. `sent` has
    what the victim wrote: path and body.
    """

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://localhost:{self._listener.getsockname()[1]}"
        self.rows: dict[str, list[Row]] = {}
        self.logs: dict[str, list[Event]] = {}
        self.identities: list[Event] = []
        self.silent: set[int] = set()
        self.pieces = 0
        """How many messages a page has at most, whatever is asked for; 0 for no limit."""
        self._holds_back = False
        self.twist: Callable[[str, Any], None] = lambda path, answer: None
        self.made_up: dict[tuple[str, str], Any] = {}
        self.sent: list[tuple[str, Any]] = []
        self.on_frame: Callable[[Frame], list[Frame]] = lambda frame: [frame]
        # Each request has its own connection: the real server closes idle ones at any moment, and
        # a request that is on its way then would be lost.
        self._transport = httpx2.AsyncHTTPTransport(
            verify=TLS, limits=httpx2.Limits(max_keepalive_connections=0)
        )
        self._sockets: set[Any] = set()
        config = uvicorn.Config(
            self._serve,
            interface="asgi3",
            ws="websockets-sansio",
            ws_max_size=1 << 23,
            lifespan="off",
            log_config=None,
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config)
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Hostile:
        self._task = asyncio.create_task(self._server.serve([self._listener]))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.should_exit = True
        assert self._task is not None
        await self._task
        await self._transport.aclose()

    async def push(self, frame: dict[str, Any]) -> None:
        """Say something to the victim over the socket, once there is one."""
        async with asyncio.timeout(CONNECTED_WITHIN):
            while not self._sockets:  # noqa: ASYNC110 (a page shows a room before it connects)
                await asyncio.sleep(0.02)
        for send in list(self._sockets):
            await send({"type": "websocket.send", "text": json.dumps(frame)})

    @contextmanager
    def holding_back(self) -> Iterator[None]:
        """Answer no page that continues what is shown as long as the block takes: what is not asked
        for by its number stays unread.
        """
        self._holds_back = True
        yield
        self._holds_back = False

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await self._socket(scope, receive, send)

    # --- HTTP -------------------------------------------------------------------------------

    async def _http(self, scope: Any, receive: Any, send: Any) -> None:
        path, query = scope["path"], scope["query_string"].decode()
        body = b""
        while (message := await receive()).get("more_body"):
            body += message.get("body", b"")
        body += message.get("body", b"")
        if path.startswith(API) and scope["method"] in ("POST", "PUT"):
            self._note(path, body)
        if self._is_held_back(path, query):
            await _answer(send, 409, JSON, _dump({"error": {"code": "conflict", "detail": ""}}))
            return
        query = self._in_pieces(path, query)
        made_up = self._made_up(scope["method"], path, body)
        if made_up is not None:
            status = 409 if "error" in made_up else 200
            await _answer(send, status, JSON, _dump(made_up))
            return
        request = httpx2.Request(
            scope["method"],
            f"{self.upstream}{path}{'?' + query if query else ''}",
            headers=self._headers(scope),
            content=body,
        )
        response = await self._transport.handle_async_request(request)
        content, status = await response.aread(), response.status_code
        told = path.startswith(API) and scope["method"] in ("GET", "POST", "PUT")
        if told or path == FACTS:
            status, content = self._lie(path, query, status, content)
        await _answer(send, status, response.headers.raw, content)

    def _is_held_back(self, path: str, query: str) -> bool:
        asked = dict(parse_qsl(query))
        continues = int(asked.get("limit", 0)) in CONTINUED and asked.keys() & {"before", "after"}
        return self._holds_back and path.endswith("/messages") and bool(continues)

    def _in_pieces(self, path: str, query: str) -> str:
        """A request for shown messages that asks for no more than `pieces`."""
        asked = dict(parse_qsl(query))
        limit = int(asked.get("limit", 0))
        if not self.pieces or not path.endswith("/messages") or limit > max(CONTINUED):
            return query
        return urlencode({**asked, "limit": min(limit or self.pieces, self.pieces)})

    def _note(self, path: str, body: bytes) -> None:
        try:
            self.sent.append((path, json.loads(body or b"{}")))
        except ValueError:  # the bytes of a file
            return

    @property
    def wrapped_to(self) -> set[str]:
        """The kids that the victim has wrapped keys to."""
        bodies = [body for _, body in self.sent if isinstance(body, dict)]
        return {wrap["to"] for body in bodies for wrap in body.get("wraps", [])}

    def name_key(self, kid: str | None) -> None:
        """Tell the victim that its account's key is `kid`."""

        def twist(path: str, answer: Any) -> None:
            if path.endswith("/me"):
                answer["kid"] = kid
            if path == FACTS and answer["me"]:
                answer["me"]["kid"] = kid

        self.twist = twist

    def tell_the_truth(self) -> None:
        """About their own key."""
        self.twist = lambda path, answer: None

    def _made_up(self, method: str, path: str, body: bytes) -> Any:
        for (wanted, end), answer in self.made_up.items():
            if method == wanted and path.endswith(end):
                return answer(json.loads(body)) if callable(answer) else answer
        return None

    def _headers(self, scope: Any) -> list[tuple[bytes, bytes]]:
        """The victim's, as if they had asked the real server."""
        ours, theirs = self.url.encode(), self.upstream.encode()
        return [
            (name, value.replace(ours, theirs))
            for name, value in scope["headers"]
            if name not in DROPPED and not name.startswith(b"sec-websocket")
        ]

    def _lie(self, path: str, query: str, status: int, content: bytes) -> tuple[int, bytes]:
        try:
            answer = json.loads(content)
        except ValueError:
            return status, content
        parts = path.removeprefix(API).strip("/").split("/")
        room = parts[1] if len(parts) > 1 and parts[0] == "chatrooms" else ""
        asked = {key: values[0] for key, values in parse_qs(query).items()}
        if room in self.rows and parts[2:] == ["messages"]:
            status, answer = 200, self._page(self.rows[room], asked)
        elif room in self.logs and parts[2:] == ["log"] and "after" in asked:
            status, answer = 200, self._log(room, int(asked["after"]), answer)
        elif parts[:2] == ["chatrooms", "join"] and answer.get("room") in self.logs:
            answer["events"] = self.logs[answer["room"]]
            answer["head"] = self._head(answer["room"])
        for described in [answer, *answer.get("rooms", [])]:
            self._describe(described)
        if isinstance(answer.get("identities"), list):
            answer["identities"] += self.identities
        self.twist(path, answer)
        return status, _dump(answer)

    def _page(self, rows: list[Row], asked: dict[str, str]) -> dict[str, Any]:
        limit = int(asked.get("limit", 50))
        first, head = (rows[0]["seq"], rows[-1]["seq"]) if rows else (0, 0)
        around = min(max(int(asked["around"]), first), head) if "around" in asked else None
        if around is not None:
            low = around - limit // 2
            found = [row for row in rows if low <= row["seq"] < low + limit]
        elif "after" in asked:
            found = [row for row in rows if row["seq"] > int(asked["after"])][:limit]
        else:
            before = int(asked.get("before", 2**53))
            found = [row for row in rows if row["seq"] < before][-limit:]
        page = {"messages": found, "refs": self._refs(rows, found), "more_refs": None}
        return {**page, "around": around, "first": first, "head": head}

    def _refs(self, rows: list[Row], found: list[Row]) -> list[Row]:
        """What changes messages of a page after it. `silent` ones the server does not name."""
        seqs = {row["seq"] for row in found}
        last = max(seqs, default=0)
        return [
            row
            for row in rows
            if row["seq"] > last and seqs & set(row.get("re", ())) and row["seq"] not in self.silent
        ]

    def _log(self, room: str, after: int, answer: dict[str, Any]) -> dict[str, Any]:
        events = self.logs[room][after + 1 :]
        known = answer.get("identities", [])
        return {"events": events, "identities": known, "head": self._head(room), "more": False}

    def _head(self, room: str) -> list[Any]:
        return self.head_of(self.logs[room])

    @staticmethod
    def head_of(events: list[Event]) -> list[Any]:
        return [len(events) - 1, hash_of("event", events[-1]["event"])]

    def _describe(self, item: dict[str, Any]) -> None:
        """A room in a list, or by itself."""
        if item.get("id") in self.logs and "head" in item:
            item["head"] = self._head(item["id"])
        if item.get("id") in self.rows and "msg" in item:
            rows = self.rows[item["id"]]
            item["msg"], item["last"] = (rows[-1]["seq"], rows[-1]) if rows else (0, None)

    # --- the socket -------------------------------------------------------------------------

    async def _socket(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        headers = [(name.decode(), value.decode()) for name, value in self._headers(scope)]
        wanted = [(name, value) for name, value in headers if name in ("cookie", "user-agent")]
        origin = dict(headers).get("origin")
        url = f"{self.upstream.replace('http', 'ws', 1)}{scope['path']}"
        async with connect(
            url,
            additional_headers=wanted,
            origin=origin,  # type: ignore[arg-type]
            user_agent_header=None,
            compression=None,
            max_size=1 << 23,
        ) as real:
            back = asyncio.create_task(self._from_real(real, send))
            try:
                while (message := await receive())["type"] == "websocket.receive":
                    for frame in self.on_frame(json.loads(message["text"])):
                        await real.send(_dump(frame).decode())
            except ConnectionClosed:
                pass
            finally:
                self._sockets.discard(send)
                back.cancel()

    async def _from_real(self, real: ClientConnection, send: Any) -> None:
        try:
            async for text in real:
                given = json.loads(text)
                frames = given if isinstance(given, list) else [given]
                for frame in filter(self._passes, frames):
                    for said in self.on_frame(frame):
                        await send({"type": "websocket.send", "text": json.dumps(said)})
                self._sockets.add(send)  # after `ready`, which pages wait for
        except ConnectionClosed:
            pass
        await send({"type": "websocket.close", "code": real.close_code or 1006})

    def _passes(self, frame: dict[str, Any]) -> bool:
        for room, head in frame.get("heads", {}).items():
            if room in self.rows:
                head["msg"] = self.rows[room][-1]["seq"] if self.rows[room] else 0
            if room in self.logs:
                head["log"] = len(self.logs[room]) - 1
        room = frame.get("room")
        return frame["type"] not in HELD_BACK or (room not in self.rows and room not in self.logs)


class _Server(uvicorn.Server):
    """Leaves the signals to pytest."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _dump(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


async def _answer(
    send: Any, status: int, headers: list[tuple[bytes, bytes]], content: bytes
) -> None:
    dropped = (b"content-length", b"transfer-encoding", b"connection", b"content-encoding")
    kept = [(name.lower(), value) for name, value in headers if name.lower() not in dropped]
    length = [(b"content-length", str(len(content)).encode())]
    start = {"type": "http.response.start", "status": status, "headers": kept + length}
    await send(start)
    await send({"type": "http.response.body", "body": content})
