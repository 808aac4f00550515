"""Links in the hands of machines: guessed by programs, opened by those that show previews."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.sign_in.sign_ins import issue_tokens
from rooms.models import Invitation, InvitationItem, InvitationUse, LogEvent, Room
from tests.base import api, make_user

pytestmark = pytest.mark.django_db


def preview(iid: str, client=None) -> int:
    return (client or api()).get(f"/api/v1/chatrooms/join/{iid}").status_code


def kept() -> list[object]:
    """Everything that the server keeps of invitations and of the rooms' logs."""
    tables = (Invitation, InvitationItem, InvitationUse, LogEvent, Room)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def test_abuse_brute_force_of_invitations_is_limited_by_address_whoever_is_signed_in(settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "invite_preview": (3, 60)}
    people = [make_user(f"name{n}") for n in range(4)]
    guesses = [
        preview(f"{n:032x}", api(issue_tokens(user).access)) for n, user in enumerate(people)
    ]
    assert guesses == [404, 404, 404, 429]
    assert preview("f" * 32) == 429


def test_abuse_a_hundred_previews_of_a_link_use_up_nothing(people, room, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "invite_preview": (1000, 60)}
    ada, ben, _ = people
    link, answer = room.invite(ada)
    room.took(answer)
    before = kept()
    bot = Client(headers={"user-agent": "Slackbot-LinkExpanding 1.0"})
    for _ in range(100):
        assert bot.get("/i").status_code == 200
        assert preview(link.iid) == 200
    assert kept() == before
    room.took(room.join(ben, link))


def test_abuse_a_preview_writes_nothing(people, room):
    """It is for anybody: a write would hold up those of members."""
    link, answer = room.invite(people[0])
    room.took(answer)
    with CaptureQueriesContext(connection) as asked:
        assert preview(link.iid) == 200
    assert {query["sql"].split()[0] for query in asked} == {"SELECT"}
