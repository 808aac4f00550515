"""Vectors of invitations: what a link's secret derives, and every box that goes with it."""

from __future__ import annotations

import json
from typing import Any

from sotto.protocol.encoding import b64
from sotto.protocol.events import invite_proof, joiner_proof
from sotto.protocol.invite_link import open_card, seal_card, seal_escrow, seal_item
from sotto.protocol.profile import profile_hash, seal_profile
from tests.vectors.histories import PROFILE, group, links, profile_bytes
from tests.vectors.making import K1, SECRET, aad, chosen


def invite() -> dict[str, Any]:
    """What a link's secret derives, both proofs, and every box that goes with a link."""
    script, link = group(), links()["first"]
    ada, ben = script.people["ada"], script.people["ben"]
    event, join = (json.loads(script.events[at]["event"]) for at in (2, 3))
    room, plain = script.state.room, profile_bytes()
    key_ctx = {"v": 1, "room": room, "iid": link.iid, "e": 1}
    card_ctx = {"v": 1, "room": room, "iid": link.iid}
    profile_ctx = {"v": 1, "room": room, "e": 1}
    card = seal_card(link, room, plain, chosen("card"))
    assert open_card(link, room, card) == plain
    return {
        "secret": b64(SECRET),
        "fragment": link.fragment,
        "fragments_read": [
            link.fragment + end for end in (".", ")", "_", "**", "?a=1", "%E3%80%82")
        ],
        "fragments_refused": [
            "",
            "#",
            "#1.",
            "#2." + link.fragment[3:],
            link.fragment[:-1],
            link.fragment + "A",
            link.fragment[:-1] + "9",
            link.fragment.replace(".", ","),
        ],
        "iid": link.iid,
        "ipk": link.ipk,
        "K_inv": b64(link.key),
        "sk_inv": b64(link.signer.private_bytes_raw()),
        "room": room,
        "inviter": ada.kid,
        "joiner": {"uid": ben.uid, "kid": ben.kid},
        "pop": {"body": invite_proof(event), "sig": event["pop"]},
        "isig": {"body": joiner_proof(room, link.iid, ben.uid, ben.kid), "sig": join["isig"]},
        "key": b64(K1),
        "profile": {"name": PROFILE.name, "topic": PROFILE.topic, "avatar": PROFILE.avatar},
        "plain": b64(plain),
        "h": profile_hash(plain),
        "boxes": {
            "card": {"ctx": card_ctx, "aad": aad("card", card_ctx), "box": card},
            "item": {
                "ctx": key_ctx,
                "aad": aad("item", key_ctx),
                "box": seal_item(link.key, room, link.iid, 1, K1, chosen("item")),
            },
            "escrow": {
                "ctx": key_ctx,
                "aad": aad("escrow", key_ctx),
                "box": seal_escrow(K1, room, link.iid, 1, link.key, chosen("escrow")),
            },
            "profile": {
                "ctx": profile_ctx,
                "aad": aad("profile", profile_ctx),
                "box": seal_profile(K1, room, 1, plain, chosen("profile box")),
            },
        },
    }
