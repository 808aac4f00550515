"""A room of many members in the database of the site at hand, made by the protocol's rules.

Every event is signed by the Python client's code and appended by `rooms.actions`, so that the
server has checked all of it; only passwords, HTTP and RSA keys for everybody are left out.
Members have identities and signing keys of their own and share a few RSA keys. Django must be
set up before this is imported.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accounts.actions import publish_identity
from accounts.models import User
from accounts.sign_in.sign_ins import issue_tokens
from chatsite.lib.rest.views import validated
from rooms import actions, serializers
from rooms.access import room_for_member
from rooms.models import Room, Wrap
from sotto.protocol.event_builder import (
    Author,
    make_create,
    make_epoch,
    make_event,
    make_invite,
    make_join,
)
from sotto.protocol.events import SignedEvent
from sotto.protocol.identity import Identity, Keys, make_identity, open_identity
from sotto.protocol.invite_link import Link, seal_card, seal_escrow, seal_item
from sotto.protocol.log import extend_log
from sotto.protocol.profile import Profile, profile_hash, seal_profile, write_profile
from sotto.protocol.room_keys import wrap_key
from sotto.protocol.room_state import RoomState
from sotto.protocol.signing import hash64

POLICY = {"join": "link", "history": "all", "ai": "off", "ain": 200, "search": "server"}
POLICY |= {"n": 1000, "days": 30, "ttl": 0}
HOUR = 3_600_000


@dataclass
class Citizen:
    user: User
    keys: Keys
    identity: Identity

    @property
    def author(self) -> Author:
        return Author(self.user.pk, self.identity.kid, self.keys.ed, actions.now_ms())


@dataclass
class Town:
    """A room's verified state, and what its owner keeps."""

    people: list[Citizen]
    state: RoomState
    key: bytes
    plain: bytes
    link: Link

    @property
    def owner(self) -> Citizen:
        return self.people[0]

    def identities(self) -> dict[str, Identity]:
        return {someone.identity.kid: someone.identity for someone in self.people}

    @property
    def token(self) -> str:
        return issue_tokens(self.owner.user).access

    def renewal(self, key: bytes) -> dict[str, Any]:
        """The request that makes `key` the room's next one, as a client composes it."""
        state, link, identities = self.state, self.link, self.identities()
        room, e = state.room, state.e + 1
        given = {
            "iid": link.iid,
            "escrow": seal_escrow(key, room, link.iid, e, link.key),
            "item": seal_item(link.key, room, link.iid, e, key),
        }
        return {
            **make_epoch(state, self.owner.author, key),
            "wraps": [
                {"e": e, "to": kid, "ct": wrap_key(key, room, e, kid, identities[kid].rsa)}
                for _, kid in state.recipients()
            ],
            "profile": {"e": e, "box": seal_profile(key, room, e, self.plain)},
            "invites": [given],
        }

    def follow(self, event: SignedEvent) -> None:
        """Verify what the server took."""
        self.state = extend_log(self.state, [event], self.identities())

    def wraps_kept(self) -> int:
        """The number of wraps of the present epoch on the server."""
        return Wrap.objects.filter(room=self.state.room, epoch=self.state.e).count()

    def wait_no_minute(self) -> None:
        """An open room may renew its key once a minute: put the last time back."""
        Room.objects.filter(pk=self.state.room).update(epoch_ms=0)


class _Head(RoomState):
    """As much of a state as the next event is made from: its end, moved without checks. The
    whole log is verified once, when it is complete.
    """

    def move(self, event: SignedEvent) -> SignedEvent:
        self.seq += 1
        self.hash = hash64("event", event["event"])
        return event


def citizens(members: int, distinct: int, name: str = "citizen") -> list[Citizen]:
    rsa = [Keys.generate().rsa for _ in range(distinct)]
    users = [User.objects.create_user(f"{name}.{at}") for at in range(members)]
    return [
        _citizen(user, Keys(Ed25519PrivateKey.generate(), rsa[at % distinct]))
        for at, user in enumerate(users)
    ]


def _citizen(user: User, keys: Keys) -> Citizen:
    signed = make_identity(keys, user.pk, user.name)
    publish_identity(user, signed["body"], signed["sig"])
    return Citizen(user, keys, open_identity(signed))


def found_town(members: int, distinct: int) -> Town:
    return settle(citizens(members, distinct))


def settle(people: list[Citizen]) -> Town:
    """A room whose first citizen is the owner; the others came by its one link."""
    owner, key, link = people[0], os.urandom(32), Link.new()
    plain = write_profile(Profile("Town"))
    begun = make_create(owner.author, POLICY, key)
    state = extend_log(None, [begun], {owner.identity.kid: owner.identity})
    head = _Head(state.room, state.kind, state.policy, state.seq, state.hash, state.ts)
    room, events = head.room, [begun]
    kid = owner.identity.kid
    wrap = {"e": 1, "to": kid, "ct": wrap_key(key, room, 1, kid, owner.identity.rsa)}
    created = validated(serializers.NewRoomSerializer, {**begun, "wraps": [wrap]})
    actions.create_room(owner.user, created)
    member = room_for_member(owner.user, room)

    named = head.move(make_event(head, owner.author, "profile", h=profile_hash(plain)))
    box = {"e": 1, "box": seal_profile(key, room, 1, plain)}
    sent = validated(serializers.ProfileSerializer, {**named, "profile": box})
    actions.append_event(member, sent, allowed={"profile"})
    until = actions.now_ms() + HOUR
    offered = head.move(make_invite(head, owner.author, link, exp=until, max=1000))
    beside = {
        "card": seal_card(link, room, plain),
        "escrow": {"e": 1, "box": seal_escrow(key, room, link.iid, 1, link.key)},
        "items": [{"e": 1, "box": seal_item(link.key, room, link.iid, 1, key)}],
    }
    sent = validated(serializers.InviteSerializer, {**offered, **beside})
    actions.append_event(member, sent, allowed={"invite"})
    events += [named, offered]
    for someone in people[1:]:
        joined = head.move(make_join(head, someone.author, link))
        sent = validated(serializers.EventSubmissionSerializer, dict(joined))
        actions.join_room(someone.user, link.iid, sent)
        events.append(joined)
    town = Town(people, state, key, plain, link)
    town.state = extend_log(None, events, town.identities())
    return town
