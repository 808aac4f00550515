"""What a case of refusal is made of."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sotto.protocol.events import SignedEvent
from sotto.protocol.room_state import RoomState
from tests.vectors.making import HOUR, NOW, Person

States = dict[str, list[RoomState]]
Changes = dict[str, dict[str, Any]]
LATE = NOW + HOUR
"""After every event of the logs, before every invitation's end."""


@dataclass(frozen=True)
class Case:
    """`signed` must be refused after the first `after` events of `log`, for `reason`."""

    name: str
    log: str
    after: int
    signed: SignedEvent
    reason: str = "illegal"


def changed(person: Person, signed: SignedEvent, **changes: Any) -> SignedEvent:
    """The same event with other values (None: without that key), signed again."""
    event = {**json.loads(signed["event"]), **changes}
    return person.sign_event({key: value for key, value in event.items() if value is not None})
