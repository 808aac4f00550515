"""Vectors of invitations: what a link's secret derives, and every box that goes with it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

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
        "pasted": _pasted(f"https://sotto.example/i{link.fragment}"),
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


def _pasted(url: str) -> list[str]:
    """Texts out of which a link is read."""
    ends = "\u3002 \uff1b \uff1a \uff1f \uff09 \u300d \u0965 \u061b \u061f \u06d4 \u05f4 \u05c3 "
    ends += "\u00b7 \u0f0d \u0e5a \u17d4 \u1361 \u055d \u200e \u2069 \ufeff \u00e9 \u2014see "
    ends += "&nbsp; &#39; </p> %22 =20 \\n # ... ** ~~ ` ;"
    redirect = f"https://www.example.org/url?q={quote(url, safe='')}&sa=D"
    return [
        *(url + end for end in ends.split()),
        *(
            f"{before}{url}{after}"
            for before, after in ("()", "[]", "<>", "\u300e\u300f", "\u2068\u2069")
        ),
        f"> On Monday Ada wrote:\n> {url}\n> bye",
        f">> {url[:50]}\r\n>> {url[50:]}",
        f"{url[:40]}=\r\n{url[40:]}",
        url.replace("#", "\n#"),
        url.replace("#1.", "#1.\n"),
        f"{url[:35]}\n {url[35:60]} \n{url[60:]}",
        f"{url[:40]}\u200b{url[40:50]}\u00ad{url[50:]}",
        f'<a href="{url}">join</a>',
        f"| {url} |",
        f"1. {url}",
        f"Join:{url}\n\n--\nAda\nhttps://other.example/",
        url.replace("#", "%23"),
        redirect,
        f"https://safe.example/?u={quote(redirect, safe='')}",
        f"https://urldefense.com/v3/__{url.replace('#', '*')}__;Iw!!abc$",
        f"\u52a0\u5165{url}\u5427",
    ]
