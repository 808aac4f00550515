"""Every route of the site, asked by everybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, get_resolver

from accounts.models import User
from chatsite.lib import ratelimit
from rooms.actions import set_stopped
from tests.matrix.cast import NAMES, SIGNED_OUT, Cast, rid_of, undone
from tests.matrix.outcome import fits, outcome
from tests.matrix.table import (
    ABSENT,
    BEFORE_SECOND_FACTOR,
    CLASSES,
    METHODS,
    ROUTES,
    WHILE_STOPPED,
    methods,
    read,
    with_columns,
)
from tests.matrix.writing import API, BODIES, path
from tests.messaging.senders import number

pytestmark = pytest.mark.django_db

TABLE = {route: methods(cells) for route, cells in read(ROUTES + ABSENT).items()}
EXPECTED = with_columns(CLASSES)
IN_ROOMS = [route for route in TABLE if "<str:room>" in route and route.startswith("/api/")]
WRITES = [
    (route, method)
    for route, row in TABLE.items()
    for method in row
    if method != "GET" and route.startswith("/api/") and "/auth/" not in route
]

IN_ROOM_WRITES = [(route, method) for route, method in WRITES if "/chatrooms/" in route]
TAKEN_WHILE_STOPPED = [line.split() for line in WHILE_STOPPED.strip().splitlines()]


def routes(resolver: Any, prefix: str = "/") -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield f"{prefix}{entry.pattern}"
        elif getattr(entry, "namespace", "") == "short":
            continue  # the same views: tests/api/test_short_addresses.py
        elif str(entry.pattern) != "admin/":  # has a table of its own
            yield from routes(entry, f"{prefix}{entry.pattern}")


def ask(cast: Cast, role: str, method: str, route: str, **where: Any) -> Any:
    """The answer to one request, as a program or as a browser, whichever the route is for."""
    ratelimit.get_limiter().forget()
    address = path(route, cast, role, method, **where)
    if not route.startswith("/api/"):
        return getattr(cast.browser(role), method.lower())(address)
    write = BODIES.get(f"{method} {route}")
    body = {} if write is None else write(cast, cast.writer(role), role)
    if isinstance(body, bytes):
        client = cast.program(role)
        return client.generic(method, address, body, content_type="application/octet-stream")
    data = None if method == "GET" else body
    return getattr(cast.program(role), method.lower())(address, data)


def probed(cast: Cast, role: str, method: str, route: str, **where: Any) -> str:
    with undone():
        return outcome(ask(cast, role, method, route, **where))


def test_matrix_has_a_row_for_every_route():
    there = set(routes(get_resolver()))
    named = set(read(ROUTES))
    assert there - named == set(), "routes without a row in tests/matrix/table.py"
    assert named - there == set(), "rows without a route"
    assert not there & set(read(ABSENT)), "addresses of the demo where DEBUG is off"


def test_matrix_has_every_role_in_every_class():
    assert {tuple(row) for row in EXPECTED.values()} == {tuple(NAMES)}


@pytest.mark.parametrize("route", TABLE)
def test_matrix_every_role_gets_what_the_table_says(cast, route):
    wrong = []
    for method, named in TABLE[route].items():
        for role, expected in EXPECTED[named].items():
            found = probed(cast, role, method, route)
            strict = method == "GET" and route != "/readyz"
            if not fits(expected, found, strict=strict):
                wrong.append(f"{method} {route} {role}: {found}, not {expected}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("route", TABLE)
def test_matrix_a_method_without_an_entry_is_refused(cast, route):
    """To who may least and to who may most."""
    found = {
        (method, role): probed(cast, role, method, route)
        for method in METHODS
        if method not in TABLE[route]
        for role in ("anonymous", "superuser")
    }
    refused = ("in", "403", "404", "405")
    assert {key: one for key, one in found.items() if one not in refused} == {}


@pytest.mark.parametrize("route", IN_ROOMS)
def test_matrix_ids_of_a_foreign_room_are_not_found(cast, route):
    """By nobody who is not in it, whatever they are elsewhere, and with ids that are there."""
    found = {
        (method, role): probed(cast, role, method, route, room=cast.foreign)
        for method in TABLE[route]
        for role in NAMES
    }
    expected = {key: "in" if key[1] in SIGNED_OUT else "404" for key in found}
    assert found == expected


@pytest.mark.parametrize(("route", "method"), IN_ROOM_WRITES)
def test_matrix_a_stopped_room_takes_no_write_but_those_of_the_table(cast, route, method):
    """The request comes from a person who may make it in a room that goes on."""
    role = "asked" if route.endswith("/accept") else "invited" if "<str:iid>" in route else "owner"
    with undone():
        set_stopped(cast.room.id, True, by=None)
        answer = ask(cast, role, method, route)
        there = answer.headers.get("Content-Type") == "application/json" and answer.content
        code = answer.json().get("error", {}).get("code") if there else ""
        assert (code == "room_stopped") == ([method, route] not in TAKEN_WHILE_STOPPED), code


def test_matrix_things_of_a_foreign_room_are_not_found_in_one_s_own(cast):
    fid, rid = number(("file", cast.foreign.id)), rid_of(cast.foreign, cast.owner)
    own = f"{API}/{cast.room.id}"
    tried = [
        ("GET", f"{own}/files/{fid}"),
        ("GET", f"{own}/summary/{rid}"),
        ("DELETE", f"{own}/summary/{rid}"),
        ("GET", f"{own}/summary/{rid_of(cast.room, cast.persons['member'])}"),
        ("DELETE", f"{own}/summary/{rid_of(cast.room, cast.persons['member'])}"),
        ("DELETE", f"{own}/knocks/{cast.newcomer.uid}"),
        ("DELETE", f"/api/v1/me/sessions/{cast.session_of('member')}"),
    ]
    client = cast.program("owner")
    found = {}
    for method, address in tried:
        with undone():
            found[method, address] = outcome(client.generic(method, address))
    assert found == dict.fromkeys(tried, "404")


@pytest.mark.parametrize(("route", "method"), WRITES)
def test_matrix_nothing_is_written_by_another_site_s_page(cast, route, method):
    """The cookie goes with the request, and the token that only the site's own pages have not."""
    with undone():
        address = path(route, cast, "owner", method)
        answer = cast.browser("owner", csrf=True).generic(method, address, "{}")
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "csrf"
    assert probed(cast, "owner", method, route) != "in"


@pytest.mark.parametrize("route", [route for route in TABLE if route.startswith("/api/")])
def test_matrix_who_lacks_the_second_factor_that_all_need_sets_it_up_first(
    cast, route, settings, monkeypatch
):
    settings.SECOND_FACTOR = "everybody"
    monkeypatch.setattr(User, "has_usable_password", lambda _: True)  # the cast has none
    for method, named in TABLE[route].items():
        with undone():
            found = ask(cast, "owner", method, route)
            is_json = found.headers.get("Content-Type") == "application/json" and found.content
            refused = is_json and found.json().get("error", {}).get("code")
        open_to_all = named == "public" or f"{method} {route}" in BEFORE_SECOND_FACTOR
        assert (refused == "second_factor_needed") != open_to_all, f"{method} {route}: {refused}"


def test_matrix_metrics_are_for_who_has_the_token(cast, settings):
    settings.METRICS_TOKEN = "a token of the operator's"
    address, given = "/metrics", f"Bearer {settings.METRICS_TOKEN}"
    client = cast.browser("anonymous")
    assert client.get(address, headers={"Authorization": given}).status_code == 200
    for role in NAMES:
        assert cast.browser(role).get(address).status_code == 404
        assert cast.program(role).get(address).status_code == 404
