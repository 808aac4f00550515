"""Every route of the API, asked by a bot with each set of scopes."""

from __future__ import annotations

import pytest

from accounts.bots.actions import create_bot, make_token, sign_in_by_token
from accounts.sign_in.sign_ins import NOWHERE
from chatsite.lib import ratelimit
from tests.base import Person, api, code
from tests.matrix.cast import undone
from tests.matrix.table import BOTS, METHODS, ROUTES, methods, read
from tests.matrix.writing import BODIES, path

pytestmark = pytest.mark.django_db
OPEN = ("/api/v1/auth/", "/api/v1/schema", "/api/v1/docs")
EVENTS = ("POST", "/api/v1/chatrooms/<str:room>/log")  # it depends on the event: see below
SETS = (("read",), ("read", "send"), ("read", "rooms"))
TABLE = {route: methods(cells) for route, cells in read(BOTS).items()}
ASKED = {
    route: list(methods(cells))
    for route, cells in read(ROUTES).items()
    if route.startswith("/api/") and not route.startswith(OPEN)
}


def test_matrix_every_route_of_a_bot_is_one():
    assert set(TABLE) <= set(ASKED)
    assert {route for route in TABLE if not set(TABLE[route]) <= set(ASKED[route])} == set()


@pytest.mark.parametrize("scopes", SETS, ids="+".join)
def test_matrix_a_bot_does_what_its_scopes_allow(cast, scopes):
    owner = cast.persons["stranger"]
    wrong = []
    with undone():
        bot = create_bot(owner.user, "matrix.bot")
        text = make_token(owner.user, bot.pk, scopes, 1).text
        client = api(sign_in_by_token(text, NOWHERE)[1].access)
        writer = cast.writer("stranger")
        for route, there in ASKED.items():
            for method in there:
                ratelimit.get_limiter().forget()
                body = BODIES.get(f"{method} {route}", lambda *_: {})(cast, writer, "stranger")
                if isinstance(body, bytes):
                    body = {}
                with undone():
                    address = path(route, cast, "stranger", method)
                    answer = getattr(client, method.lower())(
                        address, None if method == "GET" else body
                    )
                refused = answer.status_code == 403 and code(answer) == "scope"
                needed = TABLE.get(route, {}).get(method)
                if (method, route) == EVENTS:
                    continue
                if refused != (needed not in scopes):
                    wrong.append(f"{method} {route}: {answer.status_code}, needs {needed}")
    assert not wrong, "\n".join(wrong)
    assert set(METHODS) >= {method for there in ASKED.values() for method in there}


@pytest.mark.parametrize(
    ("scope", "may"), [("read", set()), ("send", {"epoch"}), ("rooms", {"leave"})]
)
def test_matrix_an_epoch_is_of_who_sends_and_other_events_are_rooms(cast, scope, may):
    """An epoch has to come before a message."""
    owner = cast.persons["stranger"]
    with undone():
        bot = create_bot(owner.user, "matrix.sender")
        text = make_token(owner.user, bot.pk, ["read", scope], 1).text
        client = api(sign_in_by_token(text, NOWHERE)[1].access)
        here = Person("matrix.sender", bot)
        found = {}
        for event in (
            {"t": "epoch", "e": 2, "kcv": "A" * 43, "members": "A" * 43},
            {"t": "leave"},
        ):
            signed = cast.room.event(here, event.pop("t"), **event)
            answer = client.post(f"/api/v1/chatrooms/{cast.room.id}/log", here.signed(signed))
            found[signed["t"]] = code(answer)
        assert {t for t, refusal in found.items() if refusal != "scope"} == may
