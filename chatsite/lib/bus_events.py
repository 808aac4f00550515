"""Events on the bus between web processes: one dataclass per kind, in one registry.

An event is a hint that may be lost; the stores hold the truth (docs/architecture.md). Processes of
two versions run side by side during an upgrade: a receiver skips a kind or a shape it does not
know.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from typing import Any, ClassVar, TypeVar

KINDS: dict[str, type[Event]] = {}
"""Every event class, by the name of its kind on the bus."""

Class = TypeVar("Class", bound="type[Event]")


@dataclass(frozen=True, slots=True)
class Event:
    """The base of all events."""

    kind: ClassVar[str]

    def as_message(self) -> dict[str, Any]:
        """The channel layer's message. Fields that hold their default are left out."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        sent = {
            field.name: named[field.name]
            for field in fields(self)
            if field.default is MISSING or named[field.name] != field.default
        }
        return {"type": "hub.event", "kind": self.kind, **sent}


@dataclass(frozen=True, slots=True)
class RoomEvent(Event):
    """An event about one room."""

    room: str


def _register(kind: str) -> Any:
    def registered(event: Class) -> Class:
        event.kind = kind
        assert kind not in KINDS, f"two events of the kind {kind}"
        KINDS[kind] = event
        return event

    return registered


def parse(message: dict[str, Any]) -> Event | None:
    """The event in a message of the channel layer; None if this version does not know it."""
    event = KINDS.get(message.get("kind", ""))
    if event is None:
        return None
    given = {field.name: message[field.name] for field in fields(event) if field.name in message}
    try:
        return event(**given)
    except TypeError:  # a field is missing
        return None


# --- accounts --------------------------------------------------------------------------------


@_register("identity")
@dataclass(frozen=True, slots=True)
class IdentityPublished(Event):
    """A person has published new keys."""

    uid: str


@_register("revoked")
@dataclass(frozen=True, slots=True)
class SignInEnded(Event):
    """One sign-in of a person has ended. If `sign_in` is None all have, except `but`."""

    uid: str
    sign_in: str | None = None
    but: str | None = None


# --- rooms -----------------------------------------------------------------------------------


@_register("log")
@dataclass(frozen=True, slots=True)
class LogAppended(RoomEvent):
    """A signed event was appended to a room's log.

    `event` and `sig` are its texts, `t` its type; `begins` says that it begins an epoch.
    """

    event: str
    sig: str
    t: str
    begins: bool = False


@_register("room_stopped")
@dataclass(frozen=True, slots=True)
class RoomStopped(RoomEvent):
    """The operator has stopped a room, or lets it go on (`stopped` false)."""

    stopped: bool


@_register("accepted")
@dataclass(frozen=True, slots=True)
class RequestAccepted(RoomEvent):
    """A person has accepted the request to be in a room."""

    uid: str


@_register("request")
@dataclass(frozen=True, slots=True)
class RequestMade(RoomEvent):
    """A person was added to a room and has not answered yet."""

    uid: str


@_register("wraps")
@dataclass(frozen=True, slots=True)
class KeyWrapped(RoomEvent):
    """The room key of epoch `e` was wrapped for the identity `to`."""

    e: int
    to: str


@_register("key_request")
@dataclass(frozen=True, slots=True)
class KeyRequested(RoomEvent):
    """A member asks for the room key of epoch `e`, to be wrapped for the identity `kid`."""

    e: int
    uid: str
    kid: str


@_register("knock")
@dataclass(frozen=True, slots=True)
class KnockChanged(RoomEvent):
    """A person asks to join a room, or was refused."""

    uid: str


# --- messaging -------------------------------------------------------------------------------


@_register("message")
@dataclass(frozen=True, slots=True)
class MessagesStored(RoomEvent):
    """Messages `first` … `to` of a room are durable; `events` are the frames that carry them.

    `standing` of them can be unread; a process of an earlier version does not say.
    """

    first: int
    to: int
    events: list[str]
    standing: int | None = None


@_register("gone")
@dataclass(frozen=True, slots=True)
class MessagesGone(RoomEvent):
    """Messages of a room, all below a number, were erased or have expired."""

    below: int


@_register("typing")
@dataclass(frozen=True, slots=True)
class TypingChanged(RoomEvent):
    """A person begins (`on`) or stops typing in a room."""

    uid: str
    on: bool


@_register("read")
@dataclass(frozen=True, slots=True)
class ReadMoved(RoomEvent):
    """A person's read receipt in a room moved to message `seq`."""

    uid: str
    seq: int


@_register("presence")
@dataclass(frozen=True, slots=True)
class PresenceChanged(RoomEvent):
    """The people online in a room have changed in the sender's process."""


# --- summaries -------------------------------------------------------------------------------


@_register("summary")
@dataclass(frozen=True, slots=True)
class SummaryChanged(RoomEvent):
    """The request `rid` of a person has ended; both are empty if a summary was shared."""

    uid: str
    rid: str
