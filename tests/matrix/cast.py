"""One room with somebody of every role, and what the routes of the site name in it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from django.db import transaction
from django.test import Client

from accounts.actions import block
from accounts.bots.actions import create_bot, make_token
from accounts.links import make_account_link
from accounts.models import SealedKit, User
from chatsite.lib import wire
from messaging.store import get_store
from rooms.models import Knock, Member
from summaries.models import SummaryRequest
from tests.base import Link, Person, RoomScript, api, canonical, create_room, person
from tests.matrix.table import ROLES, read
from tests.messaging.filing import put
from tests.messaging.senders import new_message, number

NAMES = list(read(ROLES))
SIGNED_OUT = ("anonymous", "visitor")


@dataclass
class Sent:
    """A request that was written down and not sent."""

    method: str
    path: str
    body: Any


class Recorder:
    """Stands in for a client of the API: what a `RoomScript` would post is the answer."""

    def post(self, path: str, body: Any) -> Sent:
        return Sent("POST", path, body)


class Writer(Person):
    """The same person with the same keys, whose requests are written down."""

    @property
    def client(self) -> Any:
        return Recorder()


@dataclass
class Cast:
    """`persons` by role. `room` is theirs, `foreign` is a room that none of them is in."""

    persons: dict[str, Person]
    room: RoomScript
    link: Link
    former_link: Link
    target: Person
    reborn: Person
    reborn_before: Person
    newcomer: Person
    foreign: RoomScript
    far: Person
    tokens: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, SimpleCookie] = field(default_factory=dict)

    @property
    def owner(self) -> Person:
        return self.persons["owner"]

    def of(self, role: str) -> Person:
        """Who acts; signed-out people send what the owner has signed."""
        return self.owner if role in SIGNED_OUT else self.persons[role]

    def writer(self, role: str) -> Writer:
        return Writer(self.of(role).name, self.of(role).user)

    def link_of(self, role: str) -> Link:
        """The invitation that somebody of this role has: theirs, or one that nobody made."""
        if role == "removed":
            return self.former_link
        holds = role in ("visitor", "invited", "member", "moderator", "owner")
        return self.link if holds else Link(f"made up by {role}".encode())

    def members(self, *without: Person) -> list[Person]:
        """Everybody in the log, with the keys that it knows."""
        roles = ("owner", "moderator", "member", "asked", "blocked")
        there = [*(self.persons[role] for role in roles), self.target, self.reborn_before]
        return [one for one in there if one.uid not in {other.uid for other in without}]

    # --- clients -----------------------------------------------------------------------------

    def sign_in(self) -> None:
        """A program and a browser for each role, and another place that they are signed in at."""
        for role, who in self.persons.items():
            self.tokens[role] = who.token()
            browser = Client()
            browser.force_login(who.user)
            self.cookies[role] = browser.cookies

    def program(self, role: str) -> Any:
        return _sharing("program", api(self.tokens.get(role)))

    def browser(self, role: str, *, csrf: bool = False) -> Client:
        """A browser; with `csrf` one that sends what another site's page would."""
        client = _sharing(f"browser, {csrf}", Client(enforce_csrf_checks=csrf))
        client.cookies = SimpleCookie()
        for morsel in self.cookies.get(role, SimpleCookie()).values():
            client.cookies[morsel.key] = morsel.value
        return client

    def session_of(self, role: str) -> str:
        """Another place than the one by which `browser` and `program` are signed in."""
        if role in SIGNED_OUT:
            return "0" * 32
        who = self.persons[role]
        who.token()
        return str(who.user.sign_ins.latest("created_at").pk)

    def bot_of(self, role: str) -> dict[str, str]:
        """A bot of somebody and a token of it, as `{bot, token}`."""
        if role in SIGNED_OUT:
            return {"bot": "0" * 32, "token": "0" * 32}
        who = self.persons[role].user
        bot = create_bot(who, f"bot.{role}")
        return {"bot": bot.pk, "token": make_token(who, bot.pk, ["read"], 1).row.pk}


_handlers: dict[str, Any] = {}


def _sharing(kind: str, client: Any) -> Any:
    """Loading the middleware takes longer than most requests: clients of a kind do it once."""
    client.handler = _handlers.setdefault(kind, client.handler)
    client.raise_request_exception = False
    return client


def assemble() -> Cast:
    """Build everything by the API, event by event; identities are published."""
    persons = {role: person(role).publish() for role in NAMES if role not in SIGNED_OUT}
    target, reborn, newcomer, far = (
        person(name).publish() for name in ("target", "reborn", "newcomer", "faraway")
    )
    owner = persons["owner"]
    room = create_room(owner)
    room.took(room.policy(owner, ai="ask"))
    former_link, answer = room.invite(owner)
    room.took(answer)
    room.took(room.join(persons["removed"], former_link))
    room.took(room.remove(owner, persons["removed"], [owner]))
    room.e += 1
    link, answer = room.invite(owner, max=50)
    room.took(answer)
    for who in (persons["member"], persons["moderator"], target, reborn):
        room.took(room.join(who, link))
    room.took(room.role(owner, persons["moderator"], "moderator"))
    for who in (persons["asked"], persons["blocked"]):
        room.took(room.add(owner, who))
    block(persons["blocked"].user, owner.uid)
    before = copy.copy(reborn)
    _give_rights(persons)
    cast = Cast(
        persons, room, link, former_link, target, reborn, before, newcomer, create_room(far), far
    )
    _furnish(cast)
    cast.sign_in()
    return cast


def _give_rights(persons: dict[str, Person]) -> None:
    persons["helper"] = person("helper")  # in the admin alone: elsewhere as any stranger
    for name, role in (
        ("staff", User.AUDITOR),
        ("helper", User.HELPER),
        ("superuser", User.ADMINISTRATOR),
    ):
        persons[name].user.role = role
        persons[name].user.save()


def _furnish(cast: Cast) -> None:
    """A message, a file, a knock and everybody's summary request, here and in the other room."""
    cast.reborn.renew()
    make_account_link(by=None)
    assert cast.room.knock(cast.reborn, None).status_code == 201
    store = get_store()
    store.prepare()
    for room, who in ((cast.room, cast.owner), (cast.foreign, cast.far)):
        store.append([new_message(room=room.id, uid=who.uid)])
        assert put(who, room, fid=number(("file", room.id))).status_code == 201
    Knock.objects.create(room_id=cast.foreign.id, user=cast.newcomer.user, body="{}")
    SummaryRequest.objects.bulk_create(
        summary_request(room, who)
        for room in (cast.room, cast.foreign)
        for who in (*cast.persons.values(), cast.far)
    )

    SealedKit.objects.bulk_create(SealedKit(user=who.user, kit={}) for who in cast.persons.values())


def summary_request(room: RoomScript, who: Person) -> SummaryRequest:
    about = {"worker_key_hash": wire.b64(bytes(32)), "disclose_seq": 1, "first": 1, "last": 1}
    return SummaryRequest(id=rid_of(room, who), room=room.id, user=who.user, **about)


def rid_of(room: RoomScript, who: Person) -> str:
    return number(("summary", room.id, who.uid))


@contextmanager
def undone() -> Iterator[None]:
    """Leave no trace in the database of what happens inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def succession(cast: Cast) -> None:
    """The member is named as successor, and the owner's account has ended."""
    room = Member.objects.get(room_id=cast.room.id, user=cast.owner.user).room
    room.successor = cast.persons["member"].uid
    room.save(update_fields=["successor"])
    type(cast.owner.user).objects.filter(pk=cast.owner.uid).update(is_active=False)


__all__ = ["NAMES", "Cast", "Sent", "assemble", "canonical", "rid_of", "succession", "undone"]
