"""What the server reads of what travels: shapes and signatures, by its own code."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from rest_framework.exceptions import ValidationError

from accounts.identity import open_identity
from accounts.serializers import SealedKitSerializer
from chatsite.lib import wire
from chatsite.lib.errors import ChatError
from chatsite.lib.rest.views import validated
from messaging.live import frames
from messaging.live.admission import HEADER, parse_message
from rooms.events import parse_event
from rooms.join_requests import KNOCK
from summaries.actions import BODY

SEALED = {"iv": wire.b64(bytes(12)), "ct": wire.b64(bytes(80)), "sig": wire.b64(bytes(64))}


def _header(given: dict[str, Any]) -> None:
    """Read as if room and sender were those of the frame."""
    header = wire.parse_body(given["h"], HEADER)
    frame = {"type": "message_send", "room": header["room"], "h": given["h"], **SEALED}
    parse_message(frames.send_of(frame), header["uid"])


def _kit_in(file: str) -> Any:
    """What a client takes out of the file and sends: without its code."""
    found = json.loads(file)
    return found.get("kit") if type(found) is dict else None


READERS: dict[str, Callable[[Any], Any]] = {
    "identity": lambda given: open_identity(given["body"], given["sig"]),
    "event": lambda given: parse_event(given["event"]),
    "message": _header,
    "knock": lambda given: wire.parse_body(given["body"], KNOCK),
    "summary": lambda given: wire.parse_body(given["body"], BODY),
    "kit": lambda given: validated(SealedKitSerializer, _kit_in(given["file"])),
}


def accepts(kind: str, given: Any) -> bool:
    """Whether the server takes its shape; it refuses with one of its own errors."""
    try:
        READERS[kind](given)
    except (wire.BadWire, ChatError, ValidationError):
        return False
    return True


def read_frame(text: str) -> None:
    """A client's frame, as far as its shape goes; ChatError if it is refused."""
    frame = frames.parse(text)
    type_ = frame["type"]
    if type_ == "message_send":
        sent = frames.send_of(frame)
        parse_message(sent, "0" * 32)
    elif type_ == "read":
        frames.read_of(frame)
    elif type_ == "resume":
        frames.resume_of(frame)
    elif type_ in ("typing_start", "typing_stop"):
        frames.exact(frame, "room")
        frames.room_of(frame)
    elif type_ == "ping":
        frames.exact(frame)
    frames.about(frame)
