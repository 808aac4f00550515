"""Scopes of bots' tokens. People have none: they may do all that their account may.

`read` is needed by all: nothing can be sealed for a room without its log and keys.
"""

from __future__ import annotations

READ, SEND, ROOMS = "read", "send", "rooms"
SCOPES = {
    READ: "reads rooms, messages and files, and keeps their keys",
    SEND: "sends messages and files, and renews a room's key where that has to come first",
    ROOMS: "makes, joins and leaves rooms, and writes their log: members, links, rules",
}
DEFAULT = [READ, SEND]
