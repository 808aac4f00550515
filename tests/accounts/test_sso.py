"""Single sign-on: a real provider, and providers that lie."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import Client
from django.utils import timezone
from werkzeug import Response

from accounts import lifecycle, second_factor
from accounts.models import ExternalIdentity, User
from accounts.sso import fetch, pending
from accounts.sso import provider as site
from accounts.sso.pending import COOKIE
from chatsite.lib.errors import Unavailable
from chatsite.variables import OIDC_ISSUER
from tests.accounts.provider import Liar, Provider, parameters, provider
from tests.accounts.test_second_factor import shown
from tests.accounts.test_sessions import browser
from tests.base import PASSWORD, code, make_user

pytestmark = pytest.mark.django_db
CLIENT = "sotto-test"
GROUP = "staff-of-sotto"


@pytest.fixture(scope="module")
def real() -> Iterator[Provider]:
    with provider() as running:
        yield running


@pytest.fixture(autouse=True)
def site_settings(settings):
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT, "a secret"
    settings.OIDC_NAME, settings.OIDC_SIGN_UP_GROUP = "Orchard ID", GROUP
    yield
    site.forget()


@pytest.fixture
def at(real, settings) -> Provider:
    settings.OIDC_ISSUER = real.url
    return real


@pytest.fixture
def liar(httpserver, settings) -> Liar:
    liar = Liar(httpserver, CLIENT)
    settings.OIDC_ISSUER = liar.url
    return liar


@pytest.fixture
def page(client) -> Client:
    return client


def begin(page: Client, **sent: str) -> str:
    answer = page.post("/accounts/sso/", {"purpose": "log_in", **sent})
    assert answer.status_code == 200, answer.content
    return str(answer.json()["next"])


def come_back(page: Client, address: str) -> str:
    """Where the callback leads."""
    parts = urlsplit(address)
    assert parts.path == "/accounts/sso/callback/"
    return str(page.get(f"{parts.path}?{parts.query}")["Location"])


def problem(leads_to: str) -> str:
    parts = urlsplit(leads_to)
    return parameters(leads_to)["problem"] if parts.path == "/accounts/sso/" else leads_to


def name_in(page: Client) -> str | None:
    me = page.get("/site.json").json()["me"]
    return me and me["name"]


def sign_in(page: Client, at: Provider, subject: str, **sent: str) -> str:
    return problem(come_back(page, at.sign_in(begin(page, **sent), subject)))


# --- the way there and back ---


def test_people_of_the_group_get_an_account_and_come_back_to_it(page, at):
    at.person("u-1", preferred_username="Zoë.Miller@example.org", groups=["x", GROUP])
    assert sign_in(page, at, "u-1") == "/keys/"
    assert name_in(page) == "zo.miller"
    again = Client()
    sign_in(again, at, "u-1")
    assert name_in(again) == "zo.miller"
    user = User.objects.get()
    assert not user.has_usable_password()
    assert not user.is_staff
    assert [one.subject for one in user.external_identities.all()] == ["u-1"]
    assert "Made the account by single sign-on." in LogEntry.objects.values_list(
        "change_message", flat=True
    )


@pytest.mark.parametrize("groups", [[], ["others"], None, GROUP, {"x": GROUP}])
def test_abuse_people_of_other_groups_get_none(page, at, groups):
    claims = {} if groups is None else {"groups": groups}
    at.person("u-2", preferred_username="yan", **claims)
    assert sign_in(page, at, "u-2") == "sso_unknown"
    assert not User.objects.exists()


def test_without_a_group_in_the_settings_nobody_gets_one(page, at, settings):
    settings.OIDC_SIGN_UP_GROUP = ""
    at.person("u-3", preferred_username="yan", groups=["", GROUP])
    assert sign_in(page, at, "u-3") == "sso_unknown"


def test_abuse_an_account_is_never_matched_by_its_name(page, at):
    root = User.objects.create_superuser("root", PASSWORD)
    lifecycle.set_mail(root, "root@example.org", by=None)
    at.person("u-4", preferred_username="root", email="root@example.org", groups=[GROUP])
    sign_in(page, at, "u-4")
    assert name_in(page) == "root-2"
    assert not User.objects.get(name="root-2").is_staff


@pytest.mark.parametrize("name", ["", "é", "a", "../..", "x" * 300])
def test_hostile_names_make_a_legal_name_or_none(page, at, name):
    at.person("u-5", preferred_username=name, groups=[GROUP])
    sign_in(page, at, "u-5")
    for user in User.objects.all():
        user.full_clean(exclude=["password"])


def test_it_leads_where_the_page_was_left_and_nowhere_else(page, at, ada):
    ada.publish()
    ExternalIdentity.objects.create(user=ada.user, issuer=at.url, subject="u-6")
    assert sign_in(page, at, "u-6", next="/rooms/new/") == "/rooms/new/"
    for hostile in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        assert sign_in(Client(), at, "u-6", next=hostile) == "/rooms/"


def test_disabled_accounts_stay_out_and_deleted_ones_are_forgotten(page, at):
    user = make_user("zoe")
    ExternalIdentity.objects.create(user=user, issuer=at.url, subject="u-7")
    lifecycle.set_active(user, False, by=None)
    assert sign_in(page, at, "u-7") == "sso_disabled"
    lifecycle.delete_account(user, by=None)
    assert not ExternalIdentity.objects.exists()


def test_a_second_factor_is_asked_for_here_too(page, at):
    user = make_user("zoe")
    secret = second_factor.new_secret(user, PASSWORD)["secret"]
    second_factor.turn_on(user, PASSWORD, secret, shown(secret), current="")
    ExternalIdentity.objects.create(user=user, issuer=at.url, subject="u-8")
    assert code(page.post("/accounts/sso/code/", {"code": "1"})) == "sso_over"
    assert sign_in(page, at, "u-8") == "second_factor"
    assert name_in(page) is None
    assert code(page.post("/accounts/sso/code/", {"code": "000000"})) == "bad_code"
    answer = page.post("/accounts/sso/code/", {"code": shown(secret, 1)})
    assert answer.json() == {"next": "/keys/"}
    assert name_in(page) == "zoe"
    assert code(page.post("/accounts/sso/code/", {"code": shown(secret, 1)})) == "sso_over"


def test_abuse_an_identity_that_is_unlinked_meanwhile_opens_nothing(page, at):
    user = make_user("zoe")
    secret = second_factor.new_secret(user, PASSWORD)["secret"]
    second_factor.turn_on(user, PASSWORD, secret, shown(secret), current="")
    ExternalIdentity.objects.create(user=user, issuer=at.url, subject="u-14")
    assert sign_in(page, at, "u-14") == "second_factor"
    user.external_identities.all().delete()
    answer = page.post("/accounts/sso/code/", {"code": shown(secret, 1)})
    assert code(answer) == "sso_over"
    assert name_in(page) is None


# --- linking ---


def test_an_account_is_linked_by_its_person_and_unlinked(at):
    zoe = make_user("zoe")
    page = browser(zoe)
    at.person("u-9", preferred_username="somebody-else")
    assert code(page.post("/accounts/sso/", {"purpose": "link"})) == "bad_password"
    link = {"purpose": "link", "password": PASSWORD}
    assert sign_in(page, at, "u-9", **link) == "/settings/"
    assert page.get("/api/v1/me/sso").json() == {"linked": True}
    other = Client()
    assert sign_in(other, at, "u-9") == "/keys/"
    assert name_in(other) == "zoe"
    assert sign_in(page, at, "u-10", **link) == "sso_taken"
    thief = browser(make_user("thief"))
    assert sign_in(thief, at, "u-9", **link) == "sso_taken"

    def unlink(password: str):
        return page.post("/api/v1/me/sso", {"password": password}, "application/json")

    assert code(unlink("not this one")) == "bad_password"
    assert unlink(PASSWORD).status_code == 204
    assert code(unlink(PASSWORD)) == "sso_not_linked"


def test_abuse_linking_takes_the_session_that_began_it(at):
    zoe, yan = make_user("zoe"), make_user("yan")
    page = browser(zoe)
    back = at.sign_in(begin(page, purpose="link", password=PASSWORD), "u-11")
    page.force_login(yan)
    assert problem(come_back(page, back)) == "sso_state"
    assert not ExternalIdentity.objects.exists()
    assert code(Client().post("/accounts/sso/", {"purpose": "link"})) == "not_signed_in"


# --- hostile answers ---


def test_abuse_a_callback_counts_once_in_the_browser_that_began_it(page, at):
    at.person("u-12", preferred_username="zoe", groups=[GROUP])
    back = at.sign_in(begin(page), "u-12")
    assert problem(come_back(Client(), back)) == "sso_state", "somebody else's browser"
    assert problem(come_back(page, back.replace("state=", "state=x"))) == "sso_state"
    assert problem(come_back(page, back)) == "/keys/"
    page.logout()
    assert problem(come_back(page, back)) == "sso_state", "a second time"


def test_a_sign_in_that_takes_too_long_is_over(page, at):
    at.person("u-13", preferred_username="zoe", groups=[GROUP])
    back = at.sign_in(begin(page), "u-13")
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert problem(come_back(page, back)) == "sso_over"


def test_abuse_callers_who_do_not_come_back_leave_nothing_here(at):
    for _ in range(5):
        page = Client()
        begin(page, next="/" + "x" * 1000)
        [name] = page.cookies
        kept = page.cookies[name]
        assert (name, kept["path"], kept["httponly"]) == (COOKIE, "/accounts/sso/", True)
        assert len(kept.value) < 4096, "a browser would not keep it"
    assert not Session.objects.exists()


def test_abuse_waiting_for_a_code_leaves_nothing_here_either(page, at):
    user = make_user("zoe")
    secret = second_factor.new_secret(user, PASSWORD)["secret"]
    second_factor.turn_on(user, PASSWORD, secret, shown(secret), current="")
    ExternalIdentity.objects.create(user=user, issuer=at.url, subject="u-15")
    assert sign_in(page, at, "u-15") == "second_factor"
    assert not Session.objects.exists()
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        answer = page.post("/accounts/sso/code/", {"code": shown(secret)})
        assert code(answer) == "sso_over"


@pytest.mark.parametrize("step", [pending.BEGUN, pending.WAITING])
def test_abuse_a_step_is_signed_and_is_no_other_step(page, at, step):
    at.person("u-16", preferred_username="zoe", groups=[GROUP])
    back = at.sign_in(begin(page), "u-16")
    begun = page.cookies[COOKIE].value
    forged = {"uid": make_user("yan").pk, "identity": [at.url, "u-16"], "next": ""}
    made_up = signing.dumps(forged, key="a guess", salt=f"sotto/sso/{step}")
    for value in (begun[:-1], f"{begun}x", made_up, "", "x"):
        page.cookies[COOKIE] = value
        assert problem(come_back(page, back)) == "sso_state"
    page.cookies[COOKIE] = begun
    assert code(page.post("/accounts/sso/code/", {"code": "000000"})) == "sso_over"
    assert problem(come_back(page, back)) == "/keys/"


@pytest.mark.parametrize("query", ["", "?state=x", "?code=x", "?error=access_denied", "?state=%00"])
def test_hostile_callbacks_without_a_beginning_are_refused(page, at, query):
    answer = page.get(f"/accounts/sso/callback/{query}")
    assert problem(answer["Location"]) == "sso_state"


FORGED: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "another site": {"aud": "another"},
    "two sites without azp": {"aud": [CLIENT, "another"]},
    "for another party": {"azp": "another"},
    "over": {"exp": 1_000_000_000, "iat": 999_999_000},
    "of the future": {"iat": 9_000_000_000, "exp": 9_000_000_300},
    "another nonce": {"nonce": "replayed"},
    "no nonce": {"nonce": None},
    "nobody": {"sub": None},
    "no end": {"exp": None},
    "a name without end": {"sub": "x" * 256},
    "a name with NUL": {"sub": "u\0-1"},
}


def tried(page: Client, liar: Liar, how: dict, **changes) -> str:
    """What a token of changed claims comes to."""
    liar.serve({}, token="none")
    asked = parameters(begin(page))
    liar.server.clear()
    liar.serve(liar.claims(asked["nonce"], groups=[GROUP], **changes), **how)
    query = f"?code=x&state={asked['state']}"
    return problem(page.get(f"/accounts/sso/callback/{query}")["Location"])


@pytest.mark.parametrize("forged", FORGED)
def test_hostile_claims_are_rejected(page, liar, forged):
    assert tried(page, liar, {}, **FORGED[forged]) == "sso_rejected"
    assert not User.objects.exists()


def test_a_token_that_fits_lets_in(page, liar):
    assert tried(page, liar, {}) == "/keys/"


@pytest.mark.parametrize(
    "how", ["other key", "none", "HS256 with the public key", "no token", "another kind of key"]
)
def test_hostile_signatures_are_rejected(page, liar, how):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    ways: dict[str, dict[str, Any]] = {
        "other key": {"key": other},
        "none": {"key": None, "algorithm": "none"},
        "HS256 with the public key": {"key": "s" * 64, "algorithm": "HS256"},
        "no token": {"token": "a.b.c"},
        "another kind of key": {
            "key": ec.generate_private_key(ec.SECP256R1()),
            "algorithm": "ES256",
        },
    }
    assert tried(page, liar, ways[how]) == "sso_rejected"
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://169.254.169.254/latest/meta-data"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "gopher://localhost:70/"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": ""},
    ],
)
def test_hostile_discovery_leads_to_no_other_address(page, liar, changes):
    liar.document |= changes
    liar.serve({}, token="none")
    answer = page.post("/accounts/sso/", {"purpose": "log_in"})
    assert (answer.status_code, code(answer)) == (503, "unavailable")


def test_hostile_answers_are_bounded(liar):
    where = liar.server.expect_request
    for number, answer in enumerate(
        ("x" * (fetch.MOST_BYTES + 1), "[" * 100_000, "not json", "[]")
    ):
        where(f"/{number}").respond_with_data(answer)
        with pytest.raises(Unavailable):
            fetch.fetch_json("GET", f"{liar.url}/{number}")
    where("/moved").respond_with_data("", status=302, headers={"Location": f"{liar.url}/0"})
    assert fetch.fetch_json("GET", f"{liar.url}/moved")[0] == 302, "it is not followed"


def test_abuse_a_slow_provider_holds_a_few_requests_only(liar, monkeypatch):
    monkeypatch.setattr(fetch, "places", BoundedSemaphore(1))
    asked = []

    def busy(request):
        with pytest.raises(Unavailable):
            fetch.fetch_json("GET", f"{liar.url}/another")
        asked.append(request)
        return Response("{}")

    liar.server.expect_request("/slow").respond_with_handler(busy)
    assert fetch.fetch_json("GET", f"{liar.url}/slow") == (200, {})
    assert fetch.fetch_json("GET", f"{liar.url}/slow") == (200, {}), "its place is free again"
    assert len(asked) == 2


def test_a_provider_that_is_away_says_so(page, settings):
    settings.OIDC_ISSUER = "http://localhost:9"
    answer = page.post("/accounts/sso/", {"purpose": "log_in"})
    assert (answer.status_code, code(answer)) == (503, "unavailable")


def test_the_secret_and_the_tokens_reach_no_session_and_no_page(page, liar, settings):
    assert tried(page, liar, {}) == "/keys/"
    assert "a secret" not in str(dict(page.session))
    assert page.cookies[COOKIE].value == "", "nothing of it is left in the browser"
    assert settings.OIDC_CLIENT_SECRET not in page.get("/site.json").text


def test_a_site_without_a_provider_offers_none(page, settings):
    settings.OIDC_ISSUER = ""
    assert page.get("/site.json").json()["sso"] == ""
    answer = page.post("/accounts/sso/", {"purpose": "log_in"})
    assert (answer.status_code, code(answer)) == (404, "no_sso")
    assert problem(page.get("/accounts/sso/callback/?state=x&code=y")["Location"]) == "sso_state"


def test_the_issuer_needs_tls_unless_it_is_here(monkeypatch):
    for good in ("https://id.example.org/realms/x", "http://localhost:9400"):
        monkeypatch.setenv("OIDC_ISSUER", good)
        assert OIDC_ISSUER.read() == good
