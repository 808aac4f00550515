"""The rules of the log: one function per event type checks the event and applies it.

Each runs inside the transaction that holds the room's row; whatever it raises leaves no trace.
The sentences of docs/protocol.md's table stand here once.
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
