"""Sign-ins and failed sign-ins on the audit log."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.bots.actions import create_bot, make_token
from accounts.models import FailedSignIns, IntrusionSignal, User
from tests.accounts.audit.test_recording import NEW, last, with_factor
from tests.accounts.signed_in import browser, program
from tests.base import PASSWORD, api, make_user

pytestmark = pytest.mark.django_db
NETWORK = "192.0.2.0/24"


@pytest.fixture
def zoe() -> User:
    return make_user("zoe")


def test_a_sign_in_says_how_and_from_which_network_and_no_address(zoe):
    browser(zoe)
    Client(REMOTE_ADDR="203.0.113.77").post(
        "/accounts/login/", {"login": "zoe", "password": PASSWORD}
    )
    entry = last("sign_in")
    assert (entry.network, entry.facts["how"], entry.facts["kept_by"]) == (
        "203.0.113.0/24",
        "password",
        "session",
    )
    api().post("/api/v1/auth/login", {"name": "zoe", "password": PASSWORD})
    assert last("sign_in").facts["kept_by"] == "token"


def test_failed_sign_ins_are_counted_by_network_and_hour(zoe):
    with_factor(zoe)
    for name in ("zoe", "nobody"):
        api().post("/api/v1/auth/login", {"name": name, "password": "wrong"})
        Client().post("/accounts/login/", {"login": name, "password": "wrong"})
    sent = {"name": "zoe", "password": PASSWORD, "code": "000000"}
    api().post("/api/v1/auth/login", sent)
    far = Client(REMOTE_ADDR="2001:db8:1:2::3")
    far.post("/accounts/login/", {"login": "zoe", "password": "wrong"})
    counted = dict(FailedSignIns.objects.values_list("network", "many"))
    assert counted == {"127.0.0.0/24": 5, "2001:db8:1::/48": 1}


def test_failed_sign_ins_of_bots_are_counted(zoe):
    bot = create_bot(zoe, "zoe.bot")
    good = make_token(zoe, bot.pk, ["read"], 1).text
    for token in ("x", f"{good}x", good):
        api().post("/api/v1/auth/bot", {"token": token})
    assert FailedSignIns.objects.get().many == 2


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("me/password", {"old": "wrong", "new": NEW}),
        ("me/delete", {"password": "wrong"}),
        ("me/sso", {"password": "wrong"}),
    ],
)
def test_wrong_passwords_of_who_is_signed_in_are_counted(zoe, path, sent):
    answer = program(zoe).post(f"/api/v1/{path}", sent)
    assert answer.json()["error"]["code"] == "bad_password"
    assert FailedSignIns.objects.get().many == 1


def test_what_single_sign_on_refuses_is_counted(zoe, settings):
    settings.OIDC_ISSUER = "http://localhost:9"
    Client().get("/accounts/sso/callback/?state=x&code=y")
    sent = {"purpose": "link", "password": "wrong"}
    assert browser(zoe).post("/accounts/sso/", sent).status_code == 403
    assert FailedSignIns.objects.get().many == 2
    assert not IntrusionSignal.objects.exists()
