"""The rules of the log: one function per event type checks the event and applies it.

Each runs in the transaction that locks the room's row, so an exception leaves no trace. They
implement the table of docs/protocol.md.
"""

from __future__ import annotations

from collections.abc import Callable

from rooms.rules import epochs, leaders, links, members, settings
from rooms.rules.base import Append, bad
from rooms.rules.links import require_open

__all__ = ["RULES", "Append", "bad", "require_open"]

RULES: dict[str, Callable[[Append], None]] = {
    "create": settings.create,
    "profile": settings.profile,
    "invite": links.invite,
    "revoke": links.revoke,
    "join": members.join,
    "add": members.add,
    "remove": members.remove,
    "leave": members.leave,
    "role": leaders.role,
    "ban": members.ban,
    "successor": leaders.successor,
    "succeed": leaders.succeed,
    "policy": settings.policy,
    "epoch": epochs.epoch,
    "reset": members.reset,
    "close": settings.close,
    "disclose": settings.disclose,
}
