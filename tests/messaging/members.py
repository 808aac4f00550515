"""Somebody with an account on a live server."""

from __future__ import annotations

import secrets
from typing import Any

import httpx2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chatsite.lib import signatures, wire
from tests.base import PASSWORD, RoomScript, canonical, creation, spki, wrap
from tests.live import LiveServer


class Member:
    """What `Sender` needs of a person, and a way to the server."""

    def __init__(self, server: LiveServer) -> None:
        self.name = f"live-{secrets.token_hex(4)}"
        self.key = Ed25519PrivateKey.generate()
        self.http = httpx2.Client(base_url=f"{server.url}/api/v1/", timeout=30)
        account = self._post("auth/register", {"name": self.name, "password": PASSWORD})
        self.uid, self.access = account["uid"], account["access"]
        self.refresh = account["refresh"]
        self.http.headers["Authorization"] = f"Bearer {self.access}"
        ed = wire.b64(self.key.public_key().public_bytes_raw())
        identity = {"v": 1, "uid": self.uid, "name": self.name, "ed": ed, "rsa": spki(self.name)}
        body = canonical({**identity, "n": 1, "prev": ""})
        self._post("identities", {"body": body, "sig": self.sign("identity", body)})
        self.kid = signatures.digest64("identity", body)

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.http.post(path, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else {}

    def sign(self, type_: str, text: str) -> str:
        return wire.b64(self.key.sign(signatures.pae(type_, text.encode())))

    def create_room(self) -> RoomScript:
        event = creation(self, secrets.token_bytes(16))  # type: ignore[arg-type]
        text = canonical(event)
        sent = {"event": text, "sig": self.sign("event", text), "wraps": [wrap(1, self)]}  # type: ignore[arg-type]
        return RoomScript(event["room"], self._post("chatrooms", sent)["head"])

    def history(self, room: RoomScript) -> list[dict[str, Any]]:
        answer = self.http.get(f"chatrooms/{room.id}/messages?limit=200")
        answer.raise_for_status()
        return answer.json()["messages"]

    def sign_out(self) -> None:
        self._post("auth/logout", {"refresh": self.refresh})
