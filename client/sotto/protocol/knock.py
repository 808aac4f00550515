"""Knocks: signed requests to be let in by a link, or back in after a key reset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sotto.protocol.encoding import (
    Schema,
    WireError,
    encode_body,
    hash64,
    ident,
    integer,
    one_of,
    or_empty,
    parse_body,
    unb64,
)
from sotto.protocol.event_builder import Author
from sotto.protocol.events import joiner_proof
from sotto.protocol.identity import Identity
from sotto.protocol.invite_link import Link
from sotto.protocol.room_state import Invite
from sotto.protocol.signing import sign, verify

SCHEMA: Schema = {
    "v": one_of(1),
    "room": ident,
    "iid": or_empty(ident),
    "uid": ident,
    "kid": hash64,
    "ts": integer(),
}


@dataclass(frozen=True, slots=True)
class Knock:
    """A knock. `iid` is "" for a member after a reset."""

    room: str
    iid: str
    uid: str
    kid: str
    ts: int


def make_knock(room: str, author: Author, link: Link | None = None) -> dict[str, str]:
    """Sign a knock, without a link for a member whose keys are new.

    Returns:
        {"body", "sig", "isig"}.
    """
    iid = link.iid if link is not None else ""
    who = {"uid": author.uid, "kid": author.kid}
    body = encode_body({"v": 1, "room": room, "iid": iid, **who, "ts": author.now})
    parse_body(body, SCHEMA)
    proof = joiner_proof(room, iid, author.uid, author.kid)
    isig = sign(link.signer, "joiner", proof) if link is not None else ""
    return {"body": body, "sig": sign(author.ed, "knock", body), "isig": isig}


def open_knock(given: Any, identity: Identity, invite: Invite | None) -> Knock:
    """Verify a knock {"body", "sig", "isig"}. The caller checks its room and iid, and that the
    invitation is open.

    Args:
        identity: who signed it.
        invite: the log's entry of the link; None for a reset.

    Raises:
        WireError: it is malformed or badly signed.
    """
    if type(given) is not dict or not {"body", "sig", "isig"} <= set(given):
        raise WireError("not a knock")
    body = parse_body(given["body"], SCHEMA)
    knock = Knock(*(body[key] for key in ("room", "iid", "uid", "kid", "ts")))
    if (knock.uid, knock.kid) != (identity.uid, identity.kid):
        raise WireError("a knock of another")
    verify(identity.ed, "knock", given["body"], given["sig"])
    if (knock.iid == "") != (invite is None):
        raise WireError("a knock by no invitation")
    if invite is not None:
        proof = joiner_proof(knock.room, knock.iid, knock.uid, knock.kid)
        verify(unb64(invite.ipk, 32), "joiner", proof, given["isig"])
    elif given["isig"] != "":
        raise WireError("a knock with a proof of nothing")
    return knock
