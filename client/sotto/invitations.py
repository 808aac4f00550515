"""Invitation links of a room, and the keys that they carry."""

from __future__ import annotations

from sotto.log_api import Body, LogApi
from sotto.protocol.encoding import WireError, field_of
from sotto.protocol.event_builder import Author, make_invite
from sotto.protocol.invite_link import Link, open_escrow, seal_card, seal_escrow, seal_item
from sotto.protocol.profile import Profile, write_profile
from sotto.protocol.room_state import RoomState
from sotto.room import Room

HOUR = 3_600_000


async def invite(log_api: LogApi, room: Room, link: Link, uses: int, hours: float) -> None:
    """Write an invitation into the log.

    Args:
        link: what the invited person gets.
        uses: how many people may join by it.
        hours: how long it is valid.
    """
    plain = room.profile_plain or write_profile(Profile(""))

    def build(state: RoomState, author: Author) -> Body:
        exp = max(author.now, state.ts) + int(hours * HOUR)
        event = make_invite(state, author, link, exp=exp, max=uses)
        return {**event, "card": seal_card(link, room.id, plain), **_link_keys(room, link)}

    await log_api.append(room, build, path="invite")
    await log_api.sync(room)


def _link_keys(room: Room, link: Link) -> Body:
    """The room's keys for the link's holder, if the policy lets newcomers read."""
    state = room.state
    if (state.policy["join"], state.policy["history"]) != ("link", "all"):
        return {}
    present = room.keys.get(state.e)
    if present is None:
        raise WireError("the present key is not here yet")
    escrow = seal_escrow(present, room.id, link.iid, state.e, link.key)
    return {
        "escrow": {"e": state.e, "box": escrow},
        "items": [
            {"e": e, "box": seal_item(link.key, room.id, link.iid, e, key)}
            for e, key in sorted(room.keys.items())
        ],
    }


def extended_links(room: Room, e: int, key: bytes, now: int) -> list[dict[str, str]]:
    """The key of epoch `e` for each open link that lacks it and whose key is in escrow."""
    found: dict[str, dict[str, str]] = {}
    extended = set()
    still_open = set(room.state.open_invites(max(now, room.state.ts)))
    for given in room.escrows:
        try:
            iid, old, box = (
                field_of(given, "iid", str),
                field_of(given, "e", int),
                field_of(given, "box", str),
            )
            if old == e:
                extended.add(iid)
            if iid in found or iid not in still_open or old not in room.keys:
                continue
            link_key = open_escrow(room.keys[old], room.id, iid, old, box)
        except WireError:
            continue
        found[iid] = {
            "iid": iid,
            "escrow": seal_escrow(key, room.id, iid, e, link_key),
            "item": seal_item(link_key, room.id, iid, e, key),
        }
    return [found[iid] for iid in found if iid not in extended]
