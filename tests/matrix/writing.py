"""Complete requests, as each role would send them: signed, in their place in the log, and legal
but for who sends them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from chatsite.lib import wire
from tests.base import PADDED_BOX, RoomScript, canonical, creation, wrap
from tests.matrix.cast import Cast, Sent, Writer, rid_of
from tests.messaging.filing import SEALED
from tests.messaging.senders import number

API = "/api/v1/chatrooms"

Scribe = Callable[[Cast, Writer, str], Sent]


# --- events of a room's log --------------------------------------------------------------------


def _create(cast: Cast, by: Writer, role: str) -> Sent:
    event = creation(by, sha256(role.encode()).digest()[:16])
    return Sent("POST", API, {**by.signed(event), "wraps": [wrap(1, by)]})


def _profile(cast: Cast, by: Writer, role: str) -> Sent:
    event = cast.room.event(by, "profile", h=wire.b64(bytes(32)))
    box = {"e": cast.room.e, "box": PADDED_BOX}
    return Sent("PUT", f"{API}/{cast.room.id}", {**by.signed(event), "profile": box})


def _join(cast: Cast, by: Writer, role: str) -> Sent:
    sent: Sent = cast.room.join(by, cast.link_of(role))
    return sent


def _revoke(cast: Cast, by: Writer, role: str) -> Sent:
    sent: Sent = cast.room.post(by, cast.room.event(by, "revoke", iid=cast.link.iid))
    return sent


def _policy(cast: Cast, by: Writer, role: str) -> Sent:
    sent: Sent = cast.room.policy(by, ai="ask", days=7)
    return sent


def _disclose(cast: Cast, by: Writer, role: str) -> Sent:
    event = cast.room.event(by, "disclose", **{"from": 1, "to": 1, "model": "m"})
    sent: Sent = cast.room.post(by, event)
    return sent


def _close(cast: Cast, by: Writer, role: str) -> Sent:
    sent: Sent = cast.room.post(by, cast.room.event(by, "close"))
    return sent


def _leave(cast: Cast, by: Writer, role: str) -> Sent:
    sent: Sent = cast.room.post(by, cast.room.event(by, "leave"))
    return sent


def _other(cast: Cast, by: Writer) -> Any:
    """The moderator, or for them the other leader."""
    moderator = cast.persons["moderator"]
    return cast.owner if by.uid == moderator.uid else moderator


EVENTS: dict[str, Scribe] = {
    "create": _create,
    "profile": _profile,
    "invite": lambda cast, by, role: cast.room.invite(by)[1],
    "revoke": _revoke,
    "join": _join,
    "add": lambda cast, by, role: cast.room.add(by, cast.newcomer),
    "remove": lambda cast, by, role: cast.room.remove(by, cast.target, cast.members(cast.target)),
    "remove/moderator": lambda cast, by, role: cast.room.remove(
        by, _other(cast, by), cast.members(_other(cast, by))
    ),
    "leave": _leave,
    "role": lambda cast, by, role: cast.room.role(by, cast.target, "moderator"),
    "role/hand-over": lambda cast, by, role: cast.room.role(by, cast.target, "owner"),
    "role/demote": lambda cast, by, role: cast.room.demote(by, _other(cast, by), cast.members()),
    "ban": lambda cast, by, role: cast.room.ban(by, cast.persons["removed"]),
    "successor": lambda cast, by, role: cast.room.name_successor(by, cast.target),
    "succeed": lambda cast, by, role: cast.room.succeed(by, cast.owner, cast.members(cast.owner)),
    "policy": _policy,
    "epoch": lambda cast, by, role: cast.room.post(by, **cast.room.epoch(by, cast.members())),
    "reset": lambda cast, by, role: cast.room.reset(
        by, cast.reborn, [*cast.members(cast.reborn), cast.reborn]
    ),
    "close": _close,
    "disclose": _disclose,
}


# --- what else a route takes ---------------------------------------------------------------------


def _knock(cast: Cast, by: Writer, role: str) -> Any:
    return cast.room.knock(by, None).body


def _knock_by_link(cast: Cast, by: Writer, role: str) -> Any:
    return cast.room.knock(by, cast.link_of(role)).body


def _ask(cast: Cast, by: Writer, role: str) -> Any:
    sealed = {"ek": wire.b64(bytes(384)), "box": wire.b64(bytes(99))}
    return {"rid": number(("asks", role)), "wk": wire.b64(bytes(32)), "dis": 1, **sealed}


def _share(cast: Cast, by: Writer, role: str) -> Any:
    about = {"v": 1, "room": cast.room.id, "uid": by.uid, "kid": by.kid, "dis": 1}
    box = wire.b64(sha256(bytes(80)).digest())
    body = canonical({**about, "from": 1, "to": 1, "a": 1, "b": 1, "box": box})
    return {"body": body, "sig": by.sign("summary", body), "box": wire.b64(bytes(80))}


Body = Callable[[Cast, Writer, str], Any]

BODIES: dict[str, Body] = {
    f"POST {API}": lambda *of: _create(*of).body,
    f"PUT {API}/<str:room>": lambda *of: _profile(*of).body,
    f"POST {API}/<str:room>/log": lambda *of: EVENTS["epoch"](*of).body,
    f"POST {API}/<str:room>/invite": lambda *of: EVENTS["invite"](*of).body,
    f"POST {API}/<str:room>/wraps": lambda cast, by, role: {"wraps": [wrap(1, by)]},
    f"POST {API}/<str:room>/key_request": lambda cast, by, role: {"e": [1]},
    f"POST {API}/<str:room>/knock": _knock,
    f"POST {API}/join/<str:iid>": lambda *of: _join(*of).body,
    f"POST {API}/join/<str:iid>/knock": _knock_by_link,
    f"POST {API}/<str:room>/search": lambda cast, by, role: {"tokens": [{"g": 1, "t": [1]}]},
    f"POST {API}/<str:room>/tokens": lambda cast, by, role: {"messages": []},
    f"POST {API}/<str:room>/summary": _ask,
    f"POST {API}/<str:room>/summary/cache": _share,
    # A body that is refused: no account of the cast ends.
    "POST /api/v1/me/delete": lambda cast, by, role: {"password": 1},
    f"PUT {API}/<str:room>/files/<str:file>": lambda cast, by, role: SEALED,
}

QUERIES = {
    f"GET {API}/<str:room>/refs": "?first=1&last=1",
}


def path(route: str, cast: Cast, role: str, method: str, *, room: RoomScript | None = None) -> str:
    """The address of a route, with ids that are there, in `room` or the cast's own."""
    where = room or cast.room
    fid = number(("file", where.id) if method == "GET" else ("another file", role))
    ids = {
        "room": where.id,
        "iid": cast.link_of(role).iid,
        "uid": cast.reborn.uid,
        "seq": "1",
        "factor": "1",
        "file": fid,
        "rid": rid_of(where, cast.of(role)),
        **(cast.bot_of(role) if "<str:bot>" in route else {}),
        "session": cast.session_of(role) if "<str:session>" in route else "",
        "name": cast.target.name,
        "version": "0123456789abcdef",
    }
    filled = re.sub(r"<\w+:(\w+)>", lambda found: ids[found[1]], route)
    return filled + QUERIES.get(f"{method} {route}", "")


__all__ = ["API", "BODIES", "EVENTS", "path"]
