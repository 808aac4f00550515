"""Each signal, provoked through the door that an attacker uses: exactly at its threshold."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from django.test import Client

from accounts import lifecycle
from accounts.intrusion.kinds import KINDS, THRESHOLDS
from accounts.models import AuditEntry, IntrusionSignal, User
from accounts.sign_in.sign_ins import issue_tokens
from chatsite import variables
from chatsite.lib import metrics, windows, wire
from messaging.consumers import ChatConsumer
from messaging.live.hub import Hub
from tests.accounts.signed_in import browser
from tests.base import PASSWORD, api, create_room, make_user
from tests.messaging.filing import put_by
from tests.messaging.senders import WITHIN, Sender, Wire, number

pytestmark = pytest.mark.django_db(transaction=True)
THERE, NETWORK = "198.51.100.7", "198.51.100.0/24"


def raised(kind: str) -> list[tuple[str, str]]:
    """Network and person of each signal of a kind, oldest first."""
    found = IntrusionSignal.objects.filter(kind=kind).order_by("pk")
    return list(found.values_list("network", "person"))


def program_token(user: User) -> str:
    return issue_tokens(user).access


def counter(kind: str) -> float:
    return metrics.registry.get_sample_value("sotto_signals_total", {"kind": kind}) or 0.0


def at_threshold(kind: str, provoke: Any, expected: tuple[str, str]) -> None:
    """Provoke it until one short of the threshold, then once more, then twice more."""
    many = KINDS[kind].threshold
    before = counter(kind)
    for _ in range(many - 1):
        provoke()
    assert raised(kind) == []
    provoke()
    assert raised(kind) == [expected]
    provoke()
    provoke()
    assert raised(kind) == [expected], "once in a window"
    assert counter(kind) == before + 1


async def settled(hub: Hub, kind: str) -> list[tuple[str, str]]:
    """The signals of a kind, once the hub's threads have raised one."""
    async with asyncio.timeout(WITHIN):
        while not (found := await sync_to_async(raised)(kind)):
            await hub.threads.run(lambda: None)
    return found


@pytest.fixture(autouse=True)
def _unlimited(settings) -> None:
    """Sign-in limits would end most of these attacks before."""
    most = dict.fromkeys(("login", "login_address", "login_name", "form_posts"), (10_000, 60))
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, **most}


# --- what a network does ---


def by_program(name: str, address: str) -> int:
    sent = {"name": name, "password": "wrong"}
    return int(api().post("/api/v1/auth/login", sent, REMOTE_ADDR=address).status_code)


def by_form(name: str, address: str) -> int:
    sent = {"login": name, "password": "wrong"}
    return Client(REMOTE_ADDR=address).post("/accounts/login/", sent).status_code


@pytest.mark.parametrize("door", [by_program, by_form])
def test_passwords_tried_on_many_names_from_one_network(door):
    numbers = count(1)

    def tried() -> None:
        n = next(numbers)
        assert door(f"name{n}", f"198.51.100.{n}") in (400, 401, 429)

    at_threshold("password_spraying", tried, (NETWORK, ""))


def test_one_name_many_times_is_no_spraying(settings):
    settings.SIGNALS = {**settings.SIGNALS, "password_spraying": (2, 600)}
    for name in ("zoe", "ZOE", " zoe"):
        api().post("/api/v1/auth/login", {"name": name, "password": "wrong"}, REMOTE_ADDR=THERE)
    assert raised("password_spraying") == []


@pytest.mark.parametrize("path", ["/api/v1/nothing/{}", "/nothing/{}", "/chatrooms/join/{}"])
def test_addresses_that_do_not_exist(path):
    numbers = count()

    def asked() -> None:
        address = path.format(number(next(numbers)))
        answer = Client(REMOTE_ADDR=THERE).get(address)
        assert answer.status_code in (404, 429)

    at_threshold("enumeration", asked, (NETWORK, ""))


# --- what an account does ---


def test_addresses_that_a_person_looks_for_concern_that_person_and_slow_nobody(settings):
    settings.SIGNALS = {**settings.SIGNALS, "enumeration": (3, 300)}
    zoe = make_user("zoe")
    for client in (api(program_token(zoe)), browser(zoe)):
        for n in range(3):
            path = f"/api/v1/chatrooms/{number(n)}"
            assert client.get(path, REMOTE_ADDR=THERE).status_code == 404
    assert raised("enumeration") == [(NETWORK, zoe.pk)]
    assert IntrusionSignal.objects.get(kind="enumeration").slowed_until is None


def test_events_that_somebody_else_signed(people):
    ada, ben, _ = people
    room = create_room(ada)
    event = room.event(ada, "policy", policy={})
    at_threshold(
        "bad_signatures",
        lambda: ada.client.post(
            f"/api/v1/chatrooms/{room.id}/log",
            {**ada.signed(room.event(ada, "ban", uid=ben.uid, on=1)), "sig": bad_sig(ben, event)},
            REMOTE_ADDR=THERE,
        ),
        (NETWORK, ada.uid),
    )


def of_an_identity(people: list[Any], room: Any) -> Any:
    ada = people[0]
    sent = {**ada.signed_identity(ada.key, n=2, prev=ada.kid), "sig": ada.sign("identity", "x")}
    return ada.client.post("/api/v1/identities", {**sent, "password": PASSWORD})


def of_a_link(people: list[Any], room: Any) -> Any:
    return room.invite(people[0], pop=people[0].sign("invite", "x"))[1]


def of_a_guest(people: list[Any], room: Any) -> Any:
    ada, _, cleo = people
    link, answer = room.invite(ada)
    room.took(answer)
    event = {**room.joining(cleo, link), "isig": cleo.sign("joiner", "x")}
    return cleo.client.post(f"/api/v1/chatrooms/join/{link.iid}", cleo.signed(event))


def of_a_request(people: list[Any], room: Any) -> Any:
    ada, _, cleo = people
    room.took(room.policy(ada, join="approve"))
    link, answer = room.invite(ada, keys=False)
    room.took(answer)
    link.sign = lambda type_, text: cleo.sign(type_, "x")  # by somebody without the link
    return room.knock(cleo, link)


@pytest.mark.parametrize("forged", [of_an_identity, of_a_link, of_a_guest, of_a_request])
def test_every_signature_that_is_not_good_counts(people, settings, forged):
    settings.SIGNALS = {**settings.SIGNALS, "bad_signatures": (1, 600)}
    ada, _, cleo = people
    answer = forged(people, create_room(ada))
    assert answer.status_code in (400, 403), answer.content
    expected = cleo.uid if forged in (of_a_guest, of_a_request) else ada.uid
    assert [person for _, person in raised("bad_signatures")] == [expected]


def bad_sig(who: Any, event: dict[str, Any]) -> str:
    return str(who.signed(event)["sig"])


async def test_messages_that_somebody_else_signed_over_the_socket(hub, room, ada, ben):
    async def mine():
        return hub

    token = await sync_to_async(ada.token)()
    many = KINDS["bad_signatures"].threshold
    async with Wire(ChatConsumer.as_asgi(hub=mine)) as hers:
        hers.send({"type": "auth", "token": token})
        await hers.event("ready")
        for n in range(many + 2):
            frame = Sender(ada, room, dev=number(n)).seal()
            frame["sig"] = wire.b64(ben.key.sign(b"other bytes"))
            assert (await hers.ask(frame))["code"] == "bad_message"
            if n == many - 2:
                await hub.threads.run(lambda: None)
                assert await sync_to_async(raised)("bad_signatures") == []
    assert await settled(hub, "bad_signatures") == [("", ada.uid)]


def test_log_events_that_go_on_after_refusals(people, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "log": (1, 3600)}
    ada = people[0]
    room = create_room(ada)
    at_threshold(
        "log_flood",
        lambda: ada.client.post(f"/api/v1/chatrooms/{room.id}/log", {}, REMOTE_ADDR=THERE),
        (NETWORK, ada.uid),
    )


def test_uploads_that_go_on_after_refusals(people, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "files": (1, 3600)}
    ada = people[0]
    room, sent = create_room(ada), b"sealed bytes of some file"
    put_by(ada.client, room, sent, "e" * 32)
    at_threshold(
        "upload_flood",
        lambda: put_by(ada.client, room, sent, "f" * 32, REMOTE_ADDR=THERE),
        (NETWORK, ada.uid),
    )


def test_one_account_in_more_than_five_networks_within_an_hour():
    zoe = make_user("zoe")
    token, networks = program_token(zoe), count(1)

    def used() -> None:
        address = f"203.0.{next(networks)}.9"
        assert api(token).get("/api/v1/me", REMOTE_ADDR=address).status_code == 200

    at_threshold("many_networks", used, ("203.0.6.0/24", zoe.pk))


def test_five_networks_and_many_addresses_in_them_are_fine():
    zoe = make_user("zoe")
    client = browser(zoe)
    for n in range(60):
        client.get("/api/v1/me", REMOTE_ADDR=f"203.0.{n % 5}.{n}")
    assert raised("many_networks") == []


async def test_a_socket_counts_as_a_use_of_its_account(hub, room, ada, settings):
    settings.SIGNALS = {**settings.SIGNALS, "many_networks": (2, 3600)}

    async def mine():
        return hub

    token = await sync_to_async(ada.token)()
    windows.get_windows().forget()  # of the requests that made the room
    for host in ("203.0.113.9", "203.0.113.77", "198.51.100.7"):
        socket = Wire(ChatConsumer.as_asgi(hub=mine))
        socket.scope["client"] = (host, 1234)
        async with socket as hers:
            hers.send({"type": "auth", "token": token})
            await hers.event("ready")
    assert await settled(hub, "many_networks") == [(NETWORK, ada.uid)]


def test_a_refresh_token_that_was_exchanged_before():
    zoe = make_user("zoe")
    tokens = api().post("/api/v1/auth/login", {"name": "zoe", "password": PASSWORD}).json()
    first = {"refresh": tokens["refresh"]}
    second = {"refresh": api().post("/api/v1/auth/refresh", first).json()["refresh"]}
    assert api().post("/api/v1/auth/refresh", second).status_code == 200
    assert raised("refresh_reuse") == []
    assert api().post("/api/v1/auth/refresh", first, REMOTE_ADDR=THERE).status_code == 401
    assert raised("refresh_reuse") == [(NETWORK, zoe.pk)]
    api().post("/api/v1/auth/refresh", first, REMOTE_ADDR=THERE)
    assert len(raised("refresh_reuse")) == 1, "that sign-in has ended"


def test_made_up_refresh_tokens_are_no_reuse():
    zoe = make_user("zoe")
    program_token(zoe)
    for token in ("x", f"{zoe.sign_ins.get().pk}.1.forged", "a.b.c"):
        api().post("/api/v1/auth/refresh", {"refresh": token})
    assert raised("refresh_reuse") == []


# --- administrators in new places ---


def log_in(name: str, address: str) -> Client:
    client = Client(REMOTE_ADDR=address)
    answer = client.post("/accounts/login/", {"login": name, "password": PASSWORD})
    assert answer.status_code == 200, answer.content
    return client


def test_an_administrator_who_signs_in_from_a_new_network():
    root = User.objects.create_superuser("root", PASSWORD)
    log_in("root", "192.0.2.1")
    log_in("root", "192.0.2.99")
    assert raised("administrator_new_place") == [], "nothing to compare with, then a known one"
    log_in("root", THERE)
    assert raised("administrator_new_place") == [(NETWORK, root.pk)]
    log_in("root", THERE)
    assert len(raised("administrator_new_place")) == 1, "it is known now"


def test_a_stolen_session_of_an_administrator_in_another_network():
    root = User.objects.create_superuser("root", PASSWORD)
    client = log_in("root", "192.0.2.1")
    for _ in range(2):
        assert client.get("/admin/", REMOTE_ADDR=THERE).status_code == 200
    assert raised("administrator_new_place") == [(NETWORK, root.pk)]


def test_people_without_a_role_may_be_anywhere():
    zoe = make_user("zoe")
    log_in("zoe", "192.0.2.1")
    log_in("zoe", THERE)
    assert raised("administrator_new_place") == []
    lifecycle.set_role(zoe, User.HELPER, by=None)
    log_in("zoe", "203.0.113.1")
    assert raised("administrator_new_place") == [("203.0.113.0/24", zoe.pk)]


# --- what stays of it ---


def test_log_lines_and_entries_hold_kinds_and_ids_and_no_address(caplog, settings):
    settings.SIGNALS = {**settings.SIGNALS, "password_spraying": (2, 600)}
    for name in ("canary-one", "canary-two"):
        sent = {"name": name, "password": "canary-password"}
        api().post("/api/v1/auth/login", sent, REMOTE_ADDR=THERE)
    entry = IntrusionSignal.objects.get()
    assert f"signal.raised kind=password_spraying severity=warning id={entry.pk}" in caplog.text
    said = caplog.text + str(vars(entry)) + str(list(AuditEntry.objects.values()))
    assert THERE not in said
    assert "canary" not in said
    assert "198.51.100" not in caplog.text


def test_keys_of_counters_hold_no_name(monkeypatch):
    seen: list[str] = []

    class Noted:
        def reached(self, key: str, member: str, many: int, seconds: float) -> bool:
            seen.append(f"{key} {member}")
            return False

        def forget(self) -> None: ...

    monkeypatch.setattr("accounts.intrusion.raising.get_windows", Noted)
    api().post("/api/v1/auth/login", {"name": "canary", "password": "x"}, REMOTE_ADDR=THERE)
    assert seen
    assert "canary" not in str(seen)


def test_fault_a_signal_that_cannot_be_kept_stops_no_request(settings, monkeypatch):
    settings.SIGNALS = {**settings.SIGNALS, "enumeration": (1, 300)}

    def away(**_: Any) -> None:
        raise OperationalError("canary")

    monkeypatch.setattr(IntrusionSignal.objects, "create", away)
    assert Client(REMOTE_ADDR=THERE).get("/nothing/").status_code == 404


def test_thresholds_are_changed_by_a_variable(monkeypatch):
    monkeypatch.setenv("SIGNALS", "enumeration=5/10")
    found = variables.signals(THRESHOLDS)
    assert found["enumeration"] == (5, 10)
    assert found["many_networks"] == (6, 3600)
    monkeypatch.setenv("SIGNALS", "enumerations=5/10")
    with pytest.raises(ImproperlyConfigured, match="SIGNALS names enumerations"):
        variables.signals(THRESHOLDS)


def test_signals_of_kinds_that_another_version_had_stay_on_the_page(admin_client):
    entry = IntrusionSignal.objects.create(kind="gone_since", severity="notice")
    page = admin_client.get(f"/admin/accounts/intrusionsignal/{entry.pk}/change/")
    assert page.status_code == 200
    assert "another version of Sotto" in page.content.decode()
