"""Every type of event in a room's log, signed and sent by everybody."""

from __future__ import annotations

import pytest

from chatsite.lib import ratelimit
from rooms.actions import set_stopped
from rooms.models import Room
from rooms.rules import RULES
from rooms.rules.epochs import EPOCH_PAUSE
from tests.matrix.cast import Cast, succession, undone
from tests.matrix.outcome import fits, outcome
from tests.matrix.table import CLASSES, EVENTS, EVENTS_WHILE_STOPPED, read, with_columns
from tests.matrix.writing import API
from tests.matrix.writing import EVENTS as WRITE

pytestmark = pytest.mark.django_db

TABLE = {name: cells[0] for name, cells in read(EVENTS).items()}
EXPECTED = with_columns(CLASSES)
ELSEWHERE = ("create", "profile", "invite", "join")  # have a route of their own


def sent(cast: Cast, name: str, role: str, to: str = "") -> str:
    """What comes of an event, sent where it belongs or `to` another address."""
    ratelimit.get_limiter().forget()
    with undone():
        waited = Room.objects.get(pk=cast.room.id).epoch_ms - EPOCH_PAUSE
        Room.objects.filter(pk=cast.room.id).update(epoch_ms=waited)
        if name == "succeed":
            succession(cast)
        request = WRITE[name](cast, cast.writer(role), role)
        send = getattr(cast.program(role), "post" if to else request.method.lower())
        return outcome(send(to or request.path, request.body))


def test_matrix_has_a_row_for_every_type_of_event():
    assert {name.split("/")[0] for name in TABLE} == set(RULES)


@pytest.mark.parametrize("name", TABLE)
def test_matrix_every_role_may_write_what_the_table_says(cast, name):
    wrong = []
    for role, expected in EXPECTED[TABLE[name]].items():
        found = sent(cast, name, role)
        if not fits(expected, found, strict=True):
            wrong.append(f"{name} {role}: {found}, not {expected}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", [name for name in TABLE if name != "create"])
def test_matrix_a_stopped_room_takes_no_event_but_its_ends(cast, name):
    role = {"join": "invited", "leave": "member", "succeed": "member"}.get(name, "owner")
    with undone():
        set_stopped(cast.room.id, True, by=None)
        found = sent(cast, name, role)
    assert found == ("201" if name in EVENTS_WHILE_STOPPED else "403")


@pytest.mark.parametrize("name", ELSEWHERE)
def test_matrix_no_event_gets_in_by_another_route(cast, name):
    log = f"{API}/{cast.room.id}/log"
    for role in ("owner", "stranger", "invited"):
        assert sent(cast, name, role, to=log) in ("400", "404")
