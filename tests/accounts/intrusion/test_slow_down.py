"""A network that is slowed down: who waits, who does not, when it ends, and who ends it."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.test import Client
from django.utils import timezone

from accounts.intrusion import slow_down
from accounts.intrusion.kinds import ENUMERATION
from accounts.models import AuditEntry, IntrusionSignal, User
from tests.accounts.signed_in import browser
from tests.base import PASSWORD, api, code, make_user

pytestmark = pytest.mark.django_db
THERE, NETWORK = "198.51.100.7", "198.51.100.0/24"
NEIGHBOUR, ELSEWHERE = "198.51.100.8", "203.0.113.1"
MANY = 10  # requests of an address in a minute, where it is slowed down


@pytest.fixture
def root() -> Client:
    return browser(User.objects.create_superuser("root"))


def look(address: str, path: str = "/nothing/") -> int:
    return Client(REMOTE_ADDR=address).get(path).status_code


def attack(address: str = THERE) -> IntrusionSignal:
    for _ in range(ENUMERATION.threshold):
        assert look(address) == 404
    return IntrusionSignal.objects.get(kind="enumeration")


def slowed(address: str, path: str = "/nothing/") -> bool:
    """True if an address soon waits; uses its turns up."""
    return [look(address, path) for _ in range(MANY + 1)][-1] == 429


# --- who waits ---


def test_who_is_not_signed_in_waits_and_is_told_how_long():
    attack()
    assert [look(THERE) for _ in range(MANY)] == [404] * MANY
    answer = Client(REMOTE_ADDR=THERE).get("/accounts/login/")
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 60
    assert b"Somebody in your network" in answer.content
    refused = api().post("/api/v1/auth/login", {"name": "a", "password": "b"}, REMOTE_ADDR=THERE)
    assert refused.status_code == 429
    assert refused.json()["error"]["code"] == "rate"


def test_other_networks_notice_nothing():
    attack()
    assert not slowed(ELSEWHERE)


def test_a_neighbour_has_turns_of_their_own_up_to_those_of_the_network(settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "slowed_network": (15, 60)}
    attack()
    assert slowed(THERE)
    assert [look(NEIGHBOUR) for _ in range(6)] == [404] * 5 + [429]


def test_who_is_signed_in_there_is_never_slowed_down():
    zoe = make_user("zoe")
    inside, program = browser(zoe), api()
    tokens = api().post("/api/v1/auth/login", {"name": "zoe", "password": PASSWORD}).json()
    program.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens['access']}")
    attack()
    assert slowed(THERE)
    for client in (inside, program):
        for _ in range(MANY * 2):
            assert client.get("/api/v1/me", REMOTE_ADDR=THERE).status_code == 200
    assert inside.get("/settings/", REMOTE_ADDR=THERE).status_code == 200
    sent = {"refresh": tokens["refresh"]}
    assert api().post("/api/v1/auth/refresh", sent, REMOTE_ADDR=THERE).status_code == 200


def test_who_is_signed_in_there_links_single_sign_on():
    inside = browser(make_user("zoe"))
    attack()
    assert slowed(THERE)
    sent = {"purpose": "link", "password": PASSWORD}
    for _ in range(2):
        answer = inside.post("/accounts/sso/", sent, REMOTE_ADDR=THERE)
        assert code(answer) == "no_sso", "there is none here: it was not held back"
        came = inside.get("/accounts/sso/callback/?state=x&code=y", REMOTE_ADDR=THERE)
        assert came.status_code == 302
    assert look(THERE, "/accounts/sso/") == 429, "others"


def test_abuse_made_up_credentials_do_not_help():
    attack()
    assert slowed(THERE)
    wrong = Client(REMOTE_ADDR=THERE, HTTP_AUTHORIZATION="Bearer made.up.token")
    assert wrong.get("/api/v1/me").status_code == 429
    wrong.cookies["sessionid"] = "x" * 32
    assert wrong.get("/").status_code == 429


def test_abuse_an_account_of_ones_own_opens_no_way_to_try_passwords():
    mine = browser(make_user("mallory"))
    token = api().post("/api/v1/auth/login", {"name": "mallory", "password": PASSWORD}).json()
    attack()
    sent = {"name": "zoe", "password": "guess"}
    bearer = f"Bearer {token['access']}"
    found = [
        api().post(
            "/api/v1/auth/login", sent, REMOTE_ADDR=THERE, HTTP_AUTHORIZATION=bearer
        ).status_code
        for _ in range(MANY + 1)
    ]  # fmt: skip
    assert found[-1] == 429
    login = {"login": "zoe", "password": "guess"}
    assert mine.post("/accounts/login/", login, REMOTE_ADDR=THERE).status_code == 429
    assert mine.post("/auth/login", sent, REMOTE_ADDR=THERE).status_code == 429, "the short one"


def test_a_person_who_waits_can_sign_in_in_their_turn():
    make_user("zoe")
    attack()
    for address in (NEIGHBOUR, THERE):
        client = Client(REMOTE_ADDR=address)
        login = {"login": "zoe", "password": PASSWORD}
        assert client.post("/accounts/login/", login).status_code == 200
        assert client.get("/api/v1/me").status_code == 200


# --- networks that stand for everybody ---


@pytest.mark.parametrize(
    ("network", "may"),
    [
        ("198.51.100.0/24", True),
        ("2001:db8:1::/48", True),
        ("127.0.0.0/24", False),
        ("10.1.2.0/24", False),
        ("10.9.9.0/24", True),
        ("", False),
    ],
)
def test_networks_of_proxies_and_of_this_machine_are_told_of_and_not_slowed(settings, network, may):
    settings.TRUSTED_PROXIES = "127.0.0.1,::1,10.1.2.3"
    assert slow_down.may_be_slowed(network) is may


def test_this_machine_is_told_of_and_not_slowed():
    found = attack("127.0.0.1")
    assert (found.network, found.slowed_until) == ("127.0.0.0/24", None)
    assert not slowed("127.0.0.1")


# --- its end ---


def test_it_ends_by_itself(monkeypatch):
    found = attack()
    assert slowed(NEIGHBOUR)
    assert found.slowed_until is not None
    end = found.slowed_until.timestamp()
    assert abs(end - time.time() - ENUMERATION.slows) < 60
    monkeypatch.setattr("accounts.intrusion.slow_down.time.time", lambda: end + 0.01)
    assert look(NEIGHBOUR) == 404
    monkeypatch.setattr("accounts.intrusion.slow_down.time.time", lambda: end - 0.01)
    assert look(NEIGHBOUR) == 429


def test_another_process_learns_of_it_and_a_new_one_reads_it_from_the_table():
    attack()
    other = slow_down.SlowedNetworks()
    assert other.holds(NETWORK)
    caches["limits"].clear()
    slow_down.slowed.forget()
    assert not slow_down.is_slowed(NETWORK)
    slow_down.publish()  # at the start of a server
    assert slow_down.is_slowed(NETWORK)


def test_an_administrator_lifts_it_by_a_button_and_that_is_recorded(root):
    found = attack()
    page = root.get(f"/admin/accounts/intrusionsignal/{found.pk}/change/").content.decode()
    [action] = re.findall(r'action="([^"]*lift/)"', page)
    assert slowed(NEIGHBOUR)
    answer = root.post(action, follow=True)
    assert answer.status_code == 200
    assert "lift/" not in answer.content.decode()
    assert "lifted" in answer.content.decode()
    assert look(NEIGHBOUR) == 404
    entry = AuditEntry.objects.get(kind="network.lifted")
    assert (entry.actor, entry.network, entry.facts) == (
        User.objects.get(name="root").pk,
        NETWORK,
        {"signal": found.pk},
    )
    root.post(action)
    assert AuditEntry.objects.filter(kind="network.lifted").count() == 1, "idempotent"


def test_the_record_has_the_beginning_too():
    found = attack()
    entry = AuditEntry.objects.get(kind="network.slowed")
    assert (entry.actor, entry.network) == ("", NETWORK)
    assert entry.facts == {"signal": found.pk, "seconds": ENUMERATION.slows}


def test_a_helper_lifts_it_and_an_auditor_does_not():
    found = attack()
    address = f"/admin/accounts/intrusionsignal/{found.pk}/lift/"
    auditor, helper = (
        browser(User.objects.create_user(role, role=role)) for role in (User.AUDITOR, User.HELPER)
    )
    page = f"/admin/accounts/intrusionsignal/{found.pk}/change/"
    assert b"lift/" not in auditor.get(page).content
    assert auditor.post(address).status_code == 403
    assert slow_down.is_slowed(NETWORK)
    assert helper.get(address).status_code == 405
    assert helper.post(address).status_code == 302
    assert not slow_down.is_slowed(NETWORK)


def test_the_list_is_filtered_by_what_is_slowed_now(root):
    found = attack()
    old = IntrusionSignal.objects.create(
        kind="password_spraying",
        network="192.0.2.0/24",
        slowed_until=timezone.now() - timedelta(hours=1),
    )
    page = root.get("/admin/accounts/intrusionsignal/?slowed=now").content.decode()
    assert f"/{found.pk}/change/" in page
    assert f"/{old.pk}/change/" not in page
    everything = root.get("/admin/accounts/intrusionsignal/").content.decode()
    assert f"/{old.pk}/change/" in everything
    searched = root.get(f"/admin/accounts/intrusionsignal/?q={NETWORK}").content.decode()
    assert f"/{old.pk}/change/" not in searched


def test_nothing_of_it_is_changed_or_deleted_by_hand(root):
    found = attack()
    page = f"/admin/accounts/intrusionsignal/{found.pk}"
    assert root.post(f"{page}/change/", {"network": "x"}).status_code == 403
    assert root.post(f"{page}/delete/", {"post": "yes"}).status_code == 403


def test_old_signals_are_forgotten_with_the_audit_log(settings):
    found = attack()
    IntrusionSignal.objects.filter(pk=found.pk).update(at=timezone.now() - timedelta(days=400))
    settings.AUDIT_DAYS = 0
    assert slow_down.forget_old() == 0
    settings.AUDIT_DAYS = 365
    assert slow_down.forget_old() == 1
