"""A summary worker that waits to be told what to do, in place of the server's.

It stands between a browser and the server at the paths of summaries only, and opens requests with
the Python client's second implementation of the boxes. For what a real worker cannot be made to do
at will: to be slow, to fail, to change its key.
"""

from __future__ import annotations

import json
import time
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.async_api import Route

from sotto.protocol.boxes import open_box, pad, seal
from sotto.protocol.encoding import b64, encode_body, unb64
from sotto.protocol.identity import Keys
from sotto.protocol.room_keys import oaep_open
from sotto.protocol.signing import pae
from tests.browser.people import Person

Json = dict[str, Any]


class StandIn:
    """`opened` is what it read, in order; `state` is what becomes of requests as they come."""

    def __init__(self, *, engine: str = "extractive", models: tuple[str, ...] = ()) -> None:
        self.keys = Keys.generate()
        self.engine = engine
        self.models = list(models or (engine,))
        self.embedded = True
        self.requests: dict[str, Json] = {}
        self.shared: list[Json] = []
        self.opened: list[Json] = []
        self.refusal: tuple[int, str] | None = None
        self.present = True

    async def serve(self, *people: Person) -> StandIn:
        for person in people:
            await person.context.route("**/api/v1/chatrooms/*/summary**", self._route)
        return self

    @property
    def wk(self) -> str:
        return fingerprint(self.keys.rsa)

    async def _route(self, route: Route) -> None:
        request = route.request
        room, _, rest = urlsplit(request.url).path.partition("chatrooms/")[2].partition("/summary")
        status, answer = self._answer(
            room,
            request.method,
            rest.strip("/"),
            json.loads(request.post_data or "{}"),
        )
        body = "" if status == 204 else json.dumps(answer)
        await route.fulfill(status=status, body=body, content_type="application/json")

    def _answer(self, room: str, method: str, what: str, body: Json) -> tuple[int, Json]:
        if what == "cache":
            self.shared.insert(0, {**body, "at": int(time.time() * 1000)})
            return 201, {}
        if method == "GET" and not what:
            requests = list(self.requests.values())
            return 200, {"worker": self._worker(), "summaries": self.shared, "requests": requests}
        if method == "POST":
            return self._take(room, body)
        if what not in self.requests:
            return 404, {"error": {"code": "not_found", "detail": "There is no such request."}}
        if method == "DELETE":
            del self.requests[what]
            return 204, {}
        return 200, self.requests[what]

    def _worker(self) -> Json | None:
        about = {
            "spki": b64(self.keys.spki),
            "engine": self.engine,
            "models": self.models,
            "embedded": self.embedded,
            "most_messages": 500,
            "most_bytes": 200_000,
        }
        return about if self.present else None

    def _take(self, room: str, body: Json) -> tuple[int, Json]:
        if self.refusal:
            status, code = self.refusal
            return status, {"error": {"code": code, "detail": code}}
        if body["wk"] != self.wk:
            return 409, {"error": {"code": "wrong_worker", "detail": "Another worker."}}
        self.requests[body["rid"]] = {
            "rid": body["rid"],
            "state": "queued",
            "done": 0,
            "total": 0,
            "from": 1,
            "to": 1,
            "answer": None,
            "code": "",
            "detail": "",
            "room": room,
            "ek": body["ek"],
            "box": body["box"],
        }
        return 202, self.requests[body["rid"]]

    # --- what the worker does ------------------------------------------------------------------

    def become(self, state: str, **more: Any) -> None:
        for request in self.requests.values():
            request.update(state=state, **more)

    def answer(self, person: str, text: str) -> None:
        """Open what waits, as asked by the uid `person`, and answer it."""
        for rid, request in self.requests.items():
            question = open_ask(self.keys.rsa, rid, request["room"], person, request)
            self.opened.append(question)
            plain = json.dumps({"text": text, "model": question["model"]}).encode()
            box = seal(unb64(question["reply"]), "answer", {"v": 1, "rid": rid}, pad(plain))
            request.update(state="done", answer=box, done=1, total=1)


def fingerprint(rsa: Any) -> str:
    """By what a worker is known."""
    spki = rsa.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64(sha256(spki).digest())


def open_ask(rsa: Any, rid: str, room: str, uid: str, sealed: Json) -> Json:
    """What a worker reads in a request of that uid."""
    ctx = {"v": 1, "rid": rid, "room": room, "uid": uid}
    key = oaep_open(rsa, pae("ask", encode_body(ctx).encode()), unb64(sealed["ek"]))
    return json.loads(open_box(key, "ask", ctx, sealed["box"]))
