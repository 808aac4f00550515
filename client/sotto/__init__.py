"""Sotto's end-to-end protocol and a client for its server (docs/protocol.md).

The protocol's core (`encoding` … `tokens`) is pure: bytes and keys in, bytes and verdicts out.
`api` and `session` speak to a server and believe nothing of it that the core has not verified.
"""

from sotto.api import ApiError
from sotto.client import Client
from sotto.conversation import Message
from sotto.own_keys import KeysNotPublished
from sotto.profile_dir import Home, HomeError
from sotto.protocol.encoding import WireError
from sotto.protocol.identity import Keys
from sotto.protocol.restore_notice import Restored
from sotto.room import Closed, Frozen, NewerVersion, Room, UnapprovedKeys
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
