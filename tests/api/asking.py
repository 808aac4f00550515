"""Requests that schemathesis sends to a running site: from a signed-in account, with ids of rooms
and messages that exist, valid signatures, and formats that JSON Schema cannot express.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2
import schemathesis
from hypothesis import strategies as st

from chatsite.lib import wire
from sotto.client import Client
from sotto.protocol.invite_link import Link
from sotto.protocol.signing import sign
from tests.client.acting import PASSWORD
from tests.live import LiveServer
from tests.vectors.making import cast

VECTORS = Path(__file__).resolve().parent.parent / "vectors"


class PatientServer(LiveServer):
    """A site that lets one person ask for anything as often as they like."""

    @property
    def environment(self) -> dict[str, str]:
        from django.conf import settings

        endless = ",".join(f"{name}=100000/60" for name in settings.RATE_LIMITS)
        return {**super().environment, "RATE_LIMITS": endless}


@dataclass
class Scene:
    """Ada owns a room with a few messages, a file and a link; ben is in it."""

    url: str
    room: str
    uid: str
    kid: str
    name: str
    other: str
    iid: str
    file: str
    key: Any
    headers: dict[str, str] = field(default_factory=dict)

    def sign_in(self) -> None:
        sent = {"name": self.name, "password": PASSWORD}
        answer = httpx2.post(f"{self.url}/api/v1/auth/login", json=sent).json()
        self.headers = {"Authorization": f"Bearer {answer['access']}"}

    @property
    def ids(self) -> dict[str, str]:
        return {
            "room": self.room,
            "iid": self.iid,
            "uid": self.other,
            "file": self.file,
            "name": self.name,
        }


async def set_scene(url: str) -> Scene:
    people, file = cast(), "f" * 32
    async with Client(url) as ada, Client(url) as ben:
        await ada.account.sign_up("ada", PASSWORD, people["ada"].keys)
        await ben.account.sign_up("ben", PASSWORD, people["ben"].keys)
        await ada.account.store_recovery_kit()
        room = await ada.rooms.create("Garden", "What grows", ai="ask")
        await ben.rooms.join(await ada.room_admin.invite(room))
        for n in range(5):
            await ada.messages.send(room, f"line {n}")
        iid = Link.parse(await ada.room_admin.invite(room)).iid
        me = ada.me
        scene = Scene(
            url, room, me.uid, me.kid, "ada", ben.me.uid, iid, file, people["ada"].keys.ed
        )
    scene.sign_in()
    sealed = {**scene.headers, "Content-Type": "application/octet-stream"}
    path = f"{url}/api/v1/chatrooms/{room}/files/{file}"
    httpx2.put(path, headers=sealed, content=bytes(80)).raise_for_status()
    return scene


# --- texts that are signed, and other formats -----------------------------------------------------


def _found(value: Any, key: str) -> Iterator[str]:
    """Every text under `key`, however deep."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == key and isinstance(inner, str):
                yield inner
            else:
                yield from _found(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _found(inner, key)


def _vectors(file: str, part: str, key: str) -> list[str]:
    return sorted(set(_found(json.loads((VECTORS / file).read_text())[part], key)))


PADDED = sorted(size for size in wire.PADDED_BOXES if size < 2000)


def register_formats() -> None:
    texts = {
        "signed-event": _vectors("log.json", "logs", "event"),
        "signed-identity": _vectors("identity.json", "identities", "body"),
        "signed-knock": [one for one in _vectors("knock.json", "cases", "body") if '"iid"' in one],
        "signed-report": [
            one for one in _vectors("report.json", "reports", "body") if '"rid"' in one
        ],
        "signed-summary": _vectors("summary.json", "summaries", "body"),
    }
    for name, known in texts.items():
        assert known, name
        schemathesis.openapi.format(name, st.sampled_from(known))
    boxes = st.sampled_from(PADDED).map(lambda size: wire.b64(bytes(size)))
    schemathesis.openapi.format("padded-box", boxes)


# --- what JSON Schema cannot say ------------------------------------------------------------------


PLACES = ("before", "after", "around", "at")  # in a history


def complete(case: Any, scene: Scene) -> None:
    """Make of what the schema allows what the protocol's text asks for, too."""
    name = case.operation.definition.raw["operationId"]
    if isinstance(case.query, dict):
        _complete_query(name, case.query)
    if isinstance(case.body, dict):
        case.body = _whole(case.body)
        if name in COMPLETED:
            COMPLETED[name](case.body, scene)


def _complete_query(name: str, query: dict[str, Any]) -> None:
    query.pop("cursor", None)
    if isinstance(query.get("after"), str) and name != "getWraps":
        query.pop("after")  # an opaque mark, which only a page before can give
    for one in [place for place in PLACES if place in query][1:]:
        query.pop(one)  # they exclude each other


def _search(body: dict[str, Any], _: Scene) -> None:
    body.pop("cursor", None)
    terms = body["tokens"][0]["t"]
    body["tokens"] = [{"g": g + 1, "t": terms} for g, _ in enumerate(body["tokens"])]


def _tokens(body: dict[str, Any], _: Scene) -> None:
    for one in body["messages"]:
        one["t"] = sorted(set(one["t"]))


def _identity(body: dict[str, Any], _: Scene) -> None:
    body.update(cast()["ben"].signed)


def _report(body: dict[str, Any], _: Scene) -> None:
    body["keys"] = list({one["to"]: one for one in body["keys"]}.values())


def _whole(value: Any) -> Any:
    """1.0 is an integer for JSON Schema; the protocol knows no such number."""
    if isinstance(value, dict):
        return {key: _whole(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    return int(value) if isinstance(value, float) else value


def _sign_summary(body: dict[str, Any], scene: Scene) -> None:
    """A summary of this room by ada, over the box that is sent."""
    hashed = wire.b64(sha256(wire.unb64(body["box"])).digest())
    told = {"v": 1, "room": scene.room, "uid": scene.uid, "kid": scene.kid, "dis": 1}
    told |= {"from": 1, "to": 5, "a": 1, "b": 1, "box": hashed}
    body["body"] = json.dumps(told, separators=(",", ":"))
    body["sig"] = sign(scene.key, "summary", body["body"].encode())


COMPLETED = {
    "postIdentities": _identity,
    "postReports": _report,
    "postSearch": _search,
    "postSummaryCache": _sign_summary,
    "postTokens": _tokens,
}
"""What completes a body, by operation."""
