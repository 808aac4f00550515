"""The cast: people with keys that never change, and the events they sign.

Events are composed by hand here, so that illegal ones can be. What a real client composes is
tested with `client/` (tests/client) and in browsers (tests/browser).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rest_framework.test import APIClient

from accounts.actions import publish_identity
from accounts.models import Identity, User
from accounts.sign_in.sign_ins import issue_tokens
from chatsite.lib import signatures, wire
from rooms.access import room_for_active_member
from rooms.actions import now_ms
from rooms.models import Member

PASSWORD = "correct horse battery staple"
POLICY = {
    "join": "link",
    "history": "all",
    "ai": "off",
    "ain": 200,
    "search": "server",
    "n": 1000,
    "days": 30,
    "ttl": 0,
}
KEY_BOX = wire.b64(bytes(12 + 32 + 16))
PADDED_BOX = wire.b64(bytes(12 + 128 + 16))


def api(token: str | None = None) -> APIClient:
    """A program's client: JSON, and a bearer token if given."""
    client = APIClient()
    client.default_format = "json"
    if token is not None:
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def make_user(name: str) -> User:
    return User.objects.create_user(name, PASSWORD)


def canonical(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def spki(name: str) -> str:
    """A well-formed RSA public key that nobody has the private half of: servers only look."""
    modulus = b"\xff" + b"".join(sha256(f"{name}{i}".encode()).digest() for i in range(12))[:383]
    return wire.b64(signatures.SPKI_HEAD + modulus + signatures.SPKI_TAIL)


@dataclass
class Person:
    """Somebody with an account and a signing key made from their name."""

    name: str
    user: User
    key: Ed25519PrivateKey = field(init=False)
    identity_payload: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.key = Ed25519PrivateKey.from_private_bytes(sha256(self.name.encode()).digest())
        self.identity_payload = self.signed_identity(self.key)

    def renew(self) -> Person:
        """After a reset: another key and identity, which the server has taken."""
        before = self.kid
        n = json.loads(self.identity_payload["body"])["n"] + 1
        self.key = Ed25519PrivateKey.from_private_bytes(sha256(before.encode()).digest())
        self.identity_payload = self.signed_identity(self.key, n=n, prev=before)
        ed = self.key.public_key().public_bytes_raw()
        body, sig = self.identity_payload["body"], self.identity_payload["sig"]
        Identity.objects.create(
            kid=self.kid, user=self.user, number=n, ed25519_key=ed, body=body, signature=sig
        )
        return self

    def signed_identity(
        self, key: Ed25519PrivateKey, *, n: int = 1, prev: str = ""
    ) -> dict[str, str]:
        body = canonical(
            {
                "v": 1,
                "uid": self.uid,
                "name": self.name,
                "ed": wire.b64(key.public_key().public_bytes_raw()),
                "rsa": spki(self.name),
                "n": n,
                "prev": prev,
            }
        )
        return {"body": body, "sig": wire.b64(key.sign(signatures.pae("identity", body.encode())))}

    def with_fresh_signing_key(self) -> dict[str, str]:
        """The payload of another identity of the same person."""
        return self.signed_identity(Ed25519PrivateKey.generate())

    @property
    def uid(self) -> str:
        return self.user.pk

    @property
    def kid(self) -> str:
        return signatures.digest64("identity", self.identity_payload["body"])

    @property
    def client(self) -> APIClient:
        return api(self.token())

    def token(self) -> str:
        return issue_tokens(self.user).access

    def publish(self) -> Person:
        publish_identity(self.user, self.identity_payload["body"], self.identity_payload["sig"])
        return self

    def sign(self, type_: str, text: str) -> str:
        return wire.b64(self.key.sign(signatures.pae(type_, text.encode())))

    def signed(self, event: dict[str, Any]) -> dict[str, Any]:
        text = canonical(event)
        return {"event": text, "sig": self.sign("event", text)}


def person(name: str) -> Person:
    """Without a password: hashing one takes longer than most tests."""
    return Person(name, User.objects.create_user(name))


@dataclass
class RoomScript:
    """A room written event by event; `head` follows what the server accepted."""

    id: str
    head: list[Any]
    e: int = 1
    base: str = "/api/v1"  # where its requests go

    def event(self, by: Person, t: str, **extra: Any) -> dict[str, Any]:
        return {
            "v": 1,
            "t": t,
            "room": self.id,
            "seq": self.head[0] + 1,
            "prev": self.head[1],
            "ts": now_ms(),
            "by": by.uid,
            "kid": by.kid,
            **extra,
        }

    def role_of(self, who: Person) -> str:
        return Member.objects.get(room_id=self.id, user=who.user).role

    def took(self, answer: Any) -> Any:
        """Note the new head of an answer that must have been a success."""
        assert answer.status_code in (200, 201), answer.content
        self.head = answer.json()["head"]
        return answer

    def post(self, by: Person, event: dict[str, Any], **beside: Any) -> Any:
        return by.client.post(
            f"{self.base}/chatrooms/{self.id}/log", {**by.signed(event), **beside}
        )

    def leave(self, by: Person) -> Any:
        return self.took(self.post(by, self.event(by, "leave")))

    def rotate(self, by: Person, members: list[Person]) -> Any:
        answer = self.took(self.post(by, **self.epoch(by, members)))
        self.e += 1
        return answer

    def epoch(
        self, by: Person, members: list[Person], t: str = "epoch", **extra: Any
    ) -> dict[str, Any]:
        """The arguments of `post` for a legal rotation, by an event of type `t`."""
        listed = sorted([m.uid, m.kid] for m in members)
        event = self.event(
            by,
            t,
            **extra,
            e=self.e + 1,
            kcv=wire.b64(bytes(32)),
            members=signatures.digest64("members", canonical(listed)),
        )
        return {"event": event, "wraps": [wrap(self.e + 1, m) for m in members]}

    def remove(self, by: Person, who: Person, stay: list[Person], *, ban: int = 0) -> Any:
        """The answer to a removal, unchecked."""
        return self.post(by, **self.epoch(by, stay, "remove", uid=who.uid, ban=ban))

    def reset(self, by: Person, who: Person, members: list[Person]) -> Any:
        """The answer to the reset of `who`, whose key is new, unchecked."""
        return self.post(by, **self.epoch(by, members, "reset", uid=who.uid, to=who.kid))

    def add(self, by: Person, who: Person, *, iid: str = "", **beside: Any) -> Any:
        return self.post(by, self.event(by, "add", uid=who.uid, to=who.kid, iid=iid), **beside)

    def role(self, by: Person, who: Person, role: str) -> Any:
        return self.post(by, self.event(by, "role", uid=who.uid, role=role))

    def demote(self, by: Person, who: Person, members: list[Person]) -> Any:
        """The answer to taking a leader's rank away, unchecked."""
        return self.post(by, **self.epoch(by, members, "role", uid=who.uid, role="member"))

    def ban(self, by: Person, who: Person, *, on: int = 1) -> Any:
        return self.post(by, self.event(by, "ban", uid=who.uid, on=on))

    def name_successor(self, by: Person, who: Person | None) -> Any:
        return self.post(by, self.event(by, "successor", uid=who.uid if who else ""))

    def succeed(self, by: Person, owner: Person, stay: list[Person]) -> Any:
        return self.post(by, **self.epoch(by, stay, "succeed", uid=owner.uid))

    def policy(self, by: Person, **changes: Any) -> Any:
        return self.post(by, self.event(by, "policy", policy={**POLICY, **changes}))

    def knock(self, who: Person, link: Link | None, **changes: Any) -> Any:
        """Ask to be let in by a link, or after a reset; the answer is unchecked."""
        iid = link.iid if link else ""
        about = {"room": self.id, "iid": iid, "uid": who.uid, "kid": who.kid}
        body = canonical({"v": 1, **about, "ts": now_ms(), **changes})
        sent = {"body": body, "sig": who.sign("knock", body)}
        if link is None:
            return who.client.post(f"{self.base}/chatrooms/{self.id}/knock", sent)
        sent["isig"] = link.sign("joiner", canonical({"v": 1, **about}))
        return who.client.post(f"{self.base}/chatrooms/join/{iid}/knock", sent)

    def invite(
        self, by: Person, *, keys: bool = True, beside: dict[str, Any] | None = None, **changes: Any
    ) -> tuple[Link, Any]:
        """Make an invitation, with the room's keys or without; the answer is unchecked.

        Args:
            beside: what is sent with the event instead of the usual.
            changes: to the event.
        """
        link = Link(sha256(f"{self.id}{self.head[0]}".encode()).digest())
        event = self.event(by, "invite", iid=link.iid, ipk=link.ipk, exp=0, max=1, pop="")
        event["exp"] = event["ts"] + 3600_000
        event.update(changes)
        proven = ("v", "room", "iid", "seq", "prev", "kid", "exp", "max")
        proof = link.sign("invite", canonical({key: event[key] for key in proven}))
        event["pop"] = changes.get("pop", proof)
        sent = {**by.signed(event), "card": PADDED_BOX}
        if keys:
            sent["escrow"] = {"e": self.e, "box": KEY_BOX}
            sent["items"] = [{"e": e, "box": KEY_BOX} for e in range(1, self.e + 1)]
        sent |= beside or {}
        return link, by.client.post(f"{self.base}/chatrooms/{self.id}/invite", sent)

    def joining(self, who: Person, link: Link) -> dict[str, Any]:
        body = {"v": 1, "room": self.id, "iid": link.iid, "uid": who.uid, "kid": who.kid}
        return self.event(who, "join", iid=link.iid, isig=link.sign("joiner", canonical(body)))

    def join(self, who: Person, link: Link) -> Any:
        payload = who.signed(self.joining(who, link))
        return who.client.post(f"{self.base}/chatrooms/join/{link.iid}", payload)

    def admit(self, by: Person, who: Person) -> None:
        """Invite and join, both as they should be."""
        link, answer = self.invite(by)
        self.took(answer)
        self.took(self.join(who, link))


@dataclass
class Link:
    """An invitation's secret half, as far as servers can tell."""

    secret: bytes

    @property
    def iid(self) -> str:
        return sha256(b"iid" + self.secret).digest()[:16].hex()

    @property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(sha256(b"key" + self.secret).digest())

    @property
    def ipk(self) -> str:
        return wire.b64(self._key.public_key().public_bytes_raw())

    def sign(self, type_: str, text: str) -> str:
        return wire.b64(self._key.sign(signatures.pae(type_, text.encode())))


def code(answer: Any) -> str:
    """The code of an answer that refuses."""
    return str(answer.json()["error"]["code"])


def membership(who: Person, room: RoomScript | str) -> Member:
    """What actions on a room take: the membership of `who`."""
    return room_for_active_member(who.user, room if isinstance(room, str) else room.id)


def wrap(e: int, to: Person) -> dict[str, Any]:
    return {"e": e, "to": to.kid, "ct": wire.b64(bytes(384))}


def creation(owner: Person, nonce: bytes = bytes(16), **changes: Any) -> dict[str, Any]:
    """The `create` event of a room of `owner`."""
    room = sha256(signatures.pae("room", wire.unb64(owner.kid) + nonce)).digest()[:16].hex()
    return {
        "v": 1,
        "t": "create",
        "room": room,
        "seq": 0,
        "prev": "",
        "ts": now_ms(),
        "by": owner.uid,
        "kid": owner.kid,
        "kind": "group",
        "nonce": wire.b64(nonce),
        "policy": POLICY,
        "kcv": wire.b64(bytes(32)),
        **changes,
    }


def create_room(owner: Person, nonce: bytes = bytes(16), **changes: Any) -> RoomScript:
    event = creation(owner, nonce, **changes)
    answer = owner.client.post(
        "/api/v1/chatrooms", {**owner.signed(event), "wraps": [wrap(1, owner)]}
    )
    assert answer.status_code == 201, answer.content
    return RoomScript(event["room"], answer.json()["head"])
