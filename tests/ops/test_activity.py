"""Figures by day, the charts that are made of them, and what waits for a decision."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.utils import timezone

import chatsite
from accounts import links
from accounts.activity import days
from accounts.activity.models import DayFigures
from accounts.lifecycle import set_active
from accounts.models import IntrusionSignal, SignIn, StorageUse, User
from chatsite.lib import metrics
from chatsite.ops import activity, charts
from chatsite.ops.decisions import decisions
from messaging.reports.models import Report
from rooms.models import Room
from tests.accounts.signed_in import browser
from tests.base import PASSWORD, create_room

pytestmark = pytest.mark.django_db

NOON = datetime(2031, 5, 5, 12, tzinfo=UTC)


def test_a_sample_counts_who_was_here_today_and_what_is_stored(ada, ben, monkeypatch):
    SignIn.objects.all().delete()
    browser(ada.user)
    browser(ada.user)
    StorageUse.objects.create(uid="e" * 32, messages=5, files=7, log=11)
    monkeypatch.setattr(metrics.registry, "get_sample_value", {"sotto_sockets": 3.0}.get)
    activity.sample()
    [row] = DayFigures.objects.all()
    assert (row.people, row.sockets) == (1, 3)
    assert row.storage >= 23
    days.note(people=0, sockets=1, storage=4)
    row.refresh_from_db()
    assert (row.people, row.sockets, row.storage) == (1, 3, 4), "the most, and the newest"


def test_messages_of_a_day_are_the_difference_of_two_counts():
    for at, total in ((2, 100), (1, 130), (0, 131)):
        with time_machine.travel(NOON - timedelta(days=at), tick=False):
            days.note_messages(total)
    with time_machine.travel(NOON, tick=False):
        found = days.last_days(4)
    assert [one.day for one in found] == [date(2031, 5, day) for day in (2, 3, 4, 5)]
    assert [one.messages for one in found] == [None, None, 30, 1]


def test_tidying_counts_messages_of_all_rooms_and_forgets_old_days(ada, monkeypatch):
    ada.publish()
    create_room(ada)
    create_room(ada, nonce=bytes([1] * 16))
    monkeypatch.setattr(activity, "ROOMS_AT_ONCE", 1)
    heads = [7, 5]

    class Store:
        def heads(self, rooms: list[str]) -> dict[str, int]:
            assert len(rooms) == 1
            return {rooms[0]: heads.pop()}

    monkeypatch.setattr(activity, "get_store", Store)
    old = timezone.now().date() - timedelta(days=401)
    DayFigures.objects.create(day=old)
    call_command("tidy", stdout=StringIO())
    [row] = DayFigures.objects.all()
    assert (row.day, row.messages) == (timezone.now().date(), 12)


def test_a_chart_is_as_high_as_its_most_and_shows_everything_that_is_more_than_nothing():
    values = [0, 1, 1000, None]
    shown = [days.Day(date(2031, 5, 1 + at), people=value) for at, value in enumerate(values)]
    chart = charts.charts(shown)[0]
    assert [bar.height for bar in chart.bars] == [0, 2, charts.HEIGHT, 0]
    assert all(bar.y + bar.height == charts.HEIGHT for bar in chart.bars)
    assert [bar.shown for bar in chart.known] == ["1000", "1", "0"]
    assert (chart.newest, chart.most) == (charts.NOTHING, "1000")
    assert charts.charts([days.Day(date(2031, 5, 1))])[0].known == []


def test_what_waits_for_a_decision_leads_to_its_page(ada, settings):
    settings.SECOND_FACTOR = "roles"
    ada.publish()
    room = create_room(ada)
    set_active(ada.user, False, by=None)
    root = User.objects.create_superuser("root", PASSWORD)
    links.make_account_link(by=root, lifetime=timedelta(days=2))
    links.make_account_link(by=root, lifetime=timedelta(days=20))
    StorageUse.objects.create(uid="e" * 32, files=settings.STORAGE_PER_PERSON)
    IntrusionSignal.objects.create(
        kind="enumeration",
        severity="notice",
        network="192.0.2.0/24",
        slowed_until=timezone.now() + timedelta(minutes=5),
    )
    for at, (receiver, state) in enumerate((("k", "open"), ("k", "dismissed"), ("room", "open"))):
        about = {"id": f"{at:032}", "room": room.id, "message_id": f"{at:043}", "row": {}}
        Report.objects.create(receiver=receiver, state=state, seq=1, **about)
    found = decisions(1)
    assert [one.text for one in found] == [
        "1 report of abuse to the site",
        "1 slowed network",
        "1 signal of intrusion in the last week",
        "1 room without an owner who can sign in",
        "1 open sign-up link ends within three days",
        "1 person has nearly used up their storage",
        "1 person with a role lacks the second factor that they need",
    ]
    Authenticator.objects.create(user=root, type=Authenticator.Type.TOTP, data={})
    client = browser(root)
    for one in found:
        assert client.get(one.address).status_code == 200, one.address
    User.objects.create_user("lacking", role=User.HELPER)
    User.objects.create_user("nobody")
    page = client.get(found[-1].address)
    assert [user.name for user in page.context["cl"].result_list] == ["lacking"]
    assert room.id in client.get("/admin/rooms/room/?owner=none").content.decode()
    User.objects.filter(pk=ada.uid).update(is_active=True)
    assert room.id not in client.get("/admin/rooms/room/?owner=none").content.decode()


def test_the_front_page_has_health_charts_and_decisions_under_the_strict_policy(settings):
    settings.SECOND_FACTOR = "optional"
    days.note(people=4, sockets=2, storage=1024)
    answer = browser(User.objects.create_superuser("root", PASSWORD)).get("/admin/")
    page = answer.content.decode()
    for shown in (
        f"{chatsite.__version__}, build",
        "Tasks that wait",
        "People who were here",
        "today 4, most 4",
        "<rect",
    ):
        assert shown in page
    assert "'unsafe-inline'" not in answer["Content-Security-Policy"]
    assert "style=" not in page.partition('id="activity"')[2].partition("</section>")[0]


@pytest.mark.parametrize("role", [User.AUDITOR, User.HELPER])
def test_who_only_looks_sees_the_front_page(role, settings):
    settings.SECOND_FACTOR = "optional"
    user = User.objects.create_user("looker", PASSWORD)
    User.objects.filter(pk=user.pk).update(role=role)
    user.refresh_from_db()
    assert browser(user).get("/admin/").status_code == 200


def test_nothing_is_asked_once_for_each_room(ada, django_assert_max_num_queries):
    ada.publish()
    create_room(ada)
    with django_assert_max_num_queries(12):
        decisions(Room.objects.count())
        days.last_days(30)
