"""Sotto's end-to-end protocol and a client for its server (docs/protocol.md).

The protocol's core (`encoding` … `tokens`) is pure: bytes and keys in, bytes and verdicts out.
`api` and `session` speak to a server and believe nothing of it that the core has not verified.
"""

from sotto.api import ApiError
from sotto.encoding import WireError
from sotto.home import Home, HomeError
from sotto.identity import Keys
from sotto.own_keys import KeysNotPublished
from sotto.reading import Message
from sotto.restored import Restored
from sotto.room import Closed, Frozen, NewerVersion, Room, UnapprovedKeys
from sotto.session import Client
from sotto.trust import Namesake, OlderKeys

__all__ = [
    "ApiError",
    "Client",
    "Closed",
    "Frozen",
    "Home",
    "HomeError",
    "Keys",
    "KeysNotPublished",
    "Message",
    "Namesake",
    "NewerVersion",
    "OlderKeys",
    "Restored",
    "Room",
    "UnapprovedKeys",
    "WireError",
]
