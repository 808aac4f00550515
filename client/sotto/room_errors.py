"""Errors of rooms: one is not read, or nothing is written in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sotto.protocol.restore_notice import RestoreNotice
from sotto.protocol.room_state import Exit


class RoomError(Exception):
    """A room is not read, or nothing is written in it, as the subclass says."""


class Frozen(RoomError):
    """The room is read-only: the server did what only it can have done.

    `restored`: the operator's notices of restored backups, newest first, if they were fetched
    (`client.rooms.restore_notices`). They prove nothing.
    """

    restored: Sequence[RestoreNotice] = ()


class NewerVersion(RoomError):
    """The room's log contains events of a newer version. Reading works, writing does not."""


class Closed(RoomError):
    """The owner closed the room for good, as its signed log proves.

    `by`: the owner's name. `ts`: when, in ms.
    """

    def __init__(self, by: str, ts: int) -> None:
        super().__init__(f"{by} closed this room for good{_on(ts)}")
        self.by, self.ts = by, ts


class PeerLeft(RoomError):
    """The other person of a direct room has left it, as its signed log proves: nobody would read
    what is sent. `client.rooms.direct` begins another one.
    """

    def __init__(self, name: str, exit_: Exit | None) -> None:
        when = _on(exit_.ts) if exit_ is not None else ""
        super().__init__(f"{name} declined to talk, or left this conversation{when}")
        self.name, self.exit = name, exit_


class Blocked(RoomError):
    """The account blocks the other person of a direct room: nothing is sent to them.
    `client.contacts.unblock` lifts it.
    """

    def __init__(self, name: str) -> None:
        super().__init__(
            f"You have blocked {name}. Nothing is sent to them until you unblock them."
        )
        self.name = name


class FormerMember(RoomError):
    """The account is not a member of the room, as its signed log proves.

    `exit`: how the membership ended, or None if the log names none. `by`: the name of who ended it.
    """

    def __init__(self, exit_: Exit | None, by: str) -> None:
        super().__init__(_exit_text(exit_, by))
        self.exit = exit_
        self.by = by


class UnapprovedKeys(RoomError):
    """People whose keys nobody approved. Compare safety numbers, then call
    `client.contacts.approve_key`.
    """


class KeysReplaced(RoomError):
    """The server names newer keys of the user's own account, made elsewhere. Reading works, writing
    does not.
    """

    def __init__(self) -> None:
        super().__init__(
            "Your account has newer keys, made elsewhere. Nothing is sent with the ones here."
        )


class Namesake(UnapprovedKeys):
    """A second account has a known name. Nothing is sent to either until
    `client.contacts.accept_namesake` or `refuse_namesake` decides.
    """


class OlderKeys(UnapprovedKeys):
    """A key that a newer one replaced. `client.contacts.accept_older_key` trusts it in one room."""


@dataclass(frozen=True, slots=True)
class RoomFailure:
    """The reason why a room can be followed no longer."""

    room: str
    why: Exception


def _exit_text(exit_: Exit | None, by: str) -> str:
    if exit_ is None:
        return "you are not a member of this room"
    when = _on(exit_.ts)
    if exit_.t == "leave":
        return f"you left this room{when}"
    if exit_.t == "succeed":
        return f"{by} took this room over{when}, because your account had ended"
    return f"{by} removed you from this room{' and banned you' if exit_.ban else ''}{when}"


def _on(ts: int) -> str:
    """A time of the signed log (ms), on this machine's clock; "" if it cannot be one."""
    try:
        return f" on {datetime.fromtimestamp(ts / 1000).astimezone():%Y-%m-%d %H:%M}"
    except (OverflowError, OSError, ValueError):
        return ""
