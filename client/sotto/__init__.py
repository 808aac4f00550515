"""A client for Sotto servers, with the end-to-end protocol of docs/protocol.md.

`sotto.protocol` is pure: it maps bytes and keys to bytes and verdicts. `Client` and its parts talk
to a server and use nothing of an answer that `sotto.protocol` has not verified.
"""

from sotto.api import ApiError
from sotto.client import Client
from sotto.conversation import Message
from sotto.keys.own_keys import KeysNotPublished
from sotto.profile.profile_dir import ProfileDir, ProfileDirError
from sotto.protocol.encoding import WireError
from sotto.protocol.identity import Keys
from sotto.protocol.restore_notice import RestoreNotice
from sotto.room import Room
from sotto.room_errors import (
    Blocked,
    Closed,
    FormerMember,
    Frozen,
    KeysReplaced,
    Namesake,
    NewerVersion,
    OlderKeys,
    PeerLeft,
    RoomError,
    UnapprovedKeys,
)

__all__ = [
    "ApiError",
    "Blocked",
    "Client",
    "Closed",
    "FormerMember",
    "Frozen",
    "Keys",
    "KeysNotPublished",
    "KeysReplaced",
    "Message",
    "Namesake",
    "NewerVersion",
    "OlderKeys",
    "PeerLeft",
    "ProfileDir",
    "ProfileDirError",
    "RestoreNotice",
    "Room",
    "RoomError",
    "UnapprovedKeys",
    "WireError",
]
