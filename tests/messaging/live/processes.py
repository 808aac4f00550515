"""Other processes, as a hub sees them: by the bus, the store, and sockets of their own."""

from __future__ import annotations

import json

from channels.layers import get_channel_layer

from accounts.access import SessionRef
from accounts.models import User
from chatsite.lib import pubsub
from messaging.live.connection import Connection
from messaging.live.hub import Hub
from tests.base import RoomScript
from tests.messaging.senders import new_message


async def ring(kind: str, **fields: object) -> None:
    """An event of another process, as the channel layer carries it."""
    message = {"type": "hub.event", "kind": kind, "origin": "another process", **fields}
    layer = get_channel_layer()
    assert layer is not None
    await layer.group_send(pubsub.GROUP, message)


async def write(hub: Hub, room: RoomScript, *numbers: int) -> None:
    """Store messages as another process would, without ringing."""
    messages = [new_message(n, room=room.id) for n in numbers]
    await hub.threads.run(type(hub.store)().append, messages)


def events_of(*seqs: int, room: RoomScript) -> dict:
    rows = ",".join(f'{{"seq":{seq}}}' for seq in seqs)
    event = f'{{"type":"message_receive","room":"{room.id}","messages":[{rows}]}}'
    return {"room": room.id, "first": seqs[0], "to": seqs[-1], "events": [event]}


class listening:  # noqa: N801 (reads as a verb)
    """A socket that is attached to a hub directly, as if its process had signed it in."""

    def __init__(self, hub: Hub, name: str, sign_in: str = "f") -> None:
        self._hub = hub
        self._name = name
        self._sign_in = sign_in
        self.texts: list[str] = []
        self.code: int | None = None

    async def __aenter__(self) -> listening:
        user = await User.objects.aget(name=self._name)
        ref = SessionRef(uid=user.pk, name=user.name, sign_in=self._sign_in)
        self._connection = Connection(ref, self)
        await self._hub.add(self._connection)
        self._connection.greet("{}")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._connection.gone()
        self._hub.remove(self._connection)

    async def send(self, text_data: str) -> None:
        self.texts.append(text_data)

    async def close(self, code: int) -> None:
        self.code = code

    @property
    def seqs(self) -> list[int]:
        return [
            row["seq"]
            for text in self.texts
            for event in [json.loads(text)]
            if isinstance(event, dict) and event.get("type") == "message_receive"
            for row in event["messages"]
        ]
