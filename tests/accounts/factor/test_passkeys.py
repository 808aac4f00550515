"""Passkeys: as a second factor, and alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator as Row
from django.conf import settings
from django.test import Client

from accounts import lifecycle
from accounts.factor import second_factor
from accounts.factor.codes import codes_left
from accounts.factor.policy import is_on
from accounts.models import AuditEntry, SignIn, User
from accounts.passkeys import actions
from accounts.passkeys.checking import Signed
from chatsite.lib.errors import Forbidden
from tests.accounts.codes import by_api, by_page, shown, turned_on
from tests.accounts.factor.authenticator import PRESENT, Authenticator
from tests.accounts.signed_in import alive, browser, program
from tests.base import PASSWORD, api, code, make_user

pytestmark = pytest.mark.django_db

FACTOR = "/api/v1/me/second_factor"
PASSKEYS = f"{FACTOR}/passkeys"
LOGIN = "/api/v1/auth/login"
ALONE = "/api/v1/auth/passkey"
NAMED = {"name": "zoe", "password": PASSWORD}


def added(user: User, authenticator: Authenticator | None = None, **confirmed: Any) -> Any:
    """A passkey of `user`, which no request has made."""
    authenticator = authenticator or Authenticator()
    answer = second_factor.Answer(**confirmed)
    asked = actions.begin_adding(user, PASSWORD, answer, current="")
    made = authenticator.create(asked["options"])
    actions.add(user, "Laptop", asked["state"], made, current="")
    return authenticator


def alone(authenticator: Authenticator, client=None) -> str:
    """The outcome of signing in by a passkey alone."""
    client = client or api()
    asked = client.post(f"{ALONE}/options", {}).json()
    answer = client.post(ALONE, authenticator.answer(asked))
    return "" if answer.status_code == 200 else code(answer)


def asked_for() -> dict[str, Any]:
    """What the API asks for after the right password."""
    error = api().post(LOGIN, NAMED).json()["error"]
    assert error["code"] == "second_factor"
    return error


def posted(path: str, page: Client | None = None, **fields: Any) -> Any:
    """The answer to a form."""
    packed = {key: json.dumps(one) if key == "passkey" else one for key, one in fields.items()}
    return (page or Client()).post(path, packed)


# --- setting up ---


def test_the_first_one_brings_recovery_codes_and_ends_other_sign_ins(zoe):
    other, here, authenticator = program(zoe), program(zoe), Authenticator()
    asked = here.post(f"{PASSKEYS}/options", {"password": PASSWORD}).json()
    options = asked["options"]
    assert options["rp"]["id"] == "localhost"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert not is_on(zoe), "nothing is on before it came back"
    sent = {"name": "Laptop", "state": asked["state"], "credential": authenticator.create(options)}
    answer = here.post(PASSKEYS, sent)
    assert answer.status_code == 201, answer.content
    assert len(set(answer.json()["codes"])) == 10
    assert [alive(one) for one in (other, here)] == [False, True]
    found = here.get(FACTOR).json()
    assert (found["on"], found["codes"], found["app"]) == (True, 10, None)
    [row] = found["passkeys"]
    assert (row["id"], row["name"], row["used"]) == (answer.json()["id"], "Laptop", None)
    kinds = set(AuditEntry.objects.values_list("kind", flat=True))
    assert {"passkey.added", "second_factor.on"} <= kinds


def test_another_one_takes_a_factor_and_leaves_the_codes_and_sign_ins(zoe):
    first, second = added(zoe), Authenticator()
    here, other = program(zoe), program(zoe)
    refused = here.post(f"{PASSKEYS}/options", {"password": PASSWORD})
    assert (refused.status_code, code(refused)) == (403, "second_factor")
    signed = first.answer(refused.json()["error"]["passkey"])
    asked = here.post(f"{PASSKEYS}/options", {"password": PASSWORD, "passkey": signed}).json()
    assert [one["id"] for one in asked["options"]["excludeCredentials"]], "its device makes none"
    made = second.create(asked["options"])
    answer = here.post(PASSKEYS, {"name": "Phone", "state": asked["state"], "credential": made})
    assert answer.json()["codes"] == []
    assert alive(other)
    assert codes_left(zoe) == 10
    assert alone(second) == ""


def test_an_app_joins_passkeys_and_goes_alone(zoe):
    key, here = added(zoe), program(zoe)
    refused = here.post(f"{FACTOR}/secret", {"password": PASSWORD})
    signed = key.answer(refused.json()["error"]["passkey"])
    made = here.post(f"{FACTOR}/secret", {"password": PASSWORD, "passkey": signed}).json()
    sent = {"state": made["state"], "code": shown(made["secret"])}
    assert here.post(FACTOR, sent).json() == {"codes": []}
    app = here.get(FACTOR).json()["app"]["id"]
    refused = here.post(f"{FACTOR}/{app}/remove", {"password": PASSWORD})
    signed = key.answer(refused.json()["error"]["passkey"])
    answer = here.post(f"{FACTOR}/{app}/remove", {"password": PASSWORD, "passkey": signed})
    assert answer.status_code == 204
    assert here.get(FACTOR).json()["app"] is None
    assert is_on(zoe)


def test_one_is_renamed_and_removed_and_the_last_turns_the_factor_off(zoe):
    key, here = added(zoe), program(zoe)
    [row] = here.get(FACTOR).json()["passkeys"]
    assert here.put(f"{FACTOR}/{row['id']}", {"name": "Old laptop"}).status_code == 204
    assert here.get(FACTOR).json()["passkeys"][0]["name"] == "Old laptop"
    path = f"{FACTOR}/{row['id']}/remove"
    assert code(here.post(path, {"password": "not this one"})) == "bad_password"
    signed = key.answer(here.post(path, {"password": PASSWORD}).json()["error"]["passkey"])
    assert here.post(path, {"password": PASSWORD, "passkey": signed}).status_code == 204
    assert not Row.objects.exists(), "recovery codes are nothing alone"
    assert by_api() == ""


def test_the_last_factor_stays_where_the_site_needs_one(zoe, settings):
    settings.SECOND_FACTOR = "everybody"
    here = program(zoe)
    assert code(here.get("/api/v1/me")) == "second_factor_needed"
    asked = here.post(f"{PASSKEYS}/options", {"password": PASSWORD}).json()
    key = Authenticator()
    made = {"state": asked["state"], "credential": key.create(asked["options"])}
    added_ = here.post(PASSKEYS, {"name": "Laptop", **made}).json()
    assert here.get("/api/v1/me").status_code == 200, "a passkey is enough"
    removal = {"password": PASSWORD, "code": added_["codes"][0]}
    answer = here.post(f"{FACTOR}/{added_['id']}/remove", removal)
    assert code(answer) == "second_factor_required"
    assert is_on(zoe)


def test_hostile_set_ups_add_nothing(zoe):
    here, key = program(zoe), Authenticator()

    def tried(authenticator: Authenticator, by=here, **changes: Any) -> str:
        asked = here.post(f"{PASSKEYS}/options", {"password": PASSWORD}).json()
        made = authenticator.create(asked["options"], **changes.pop("made", {}))
        sent = {"name": "x", "state": asked["state"], "credential": made, **changes}
        return code(by.post(PASSKEYS, sent))

    assert code(here.post(f"{PASSKEYS}/options", {"password": "x"})) == "bad_password"
    assert tried(Authenticator(origin="https://sotto.example.org")) == "bad_passkey"
    assert tried(Authenticator(rp="example.org")) == "bad_passkey"
    assert tried(Authenticator(flags=PRESENT)) == "bad_passkey"
    assert tried(Authenticator(cross_origin=True)) == "bad_passkey"
    no_algorithm = {1: 2, 3: -65535, -1: 1, -2: bytes(32), -3: bytes(32)}
    assert tried(key, made={"cose": no_algorithm}) == "bad_passkey"
    assert tried(key, name="") == "bad_wire"
    assert tried(key, user="0" * 32) == "bad_wire"
    assert tried(key, by=program(zoe)) == "step_over", "another sign-in has asked"
    response = {"clientDataJSON": "e30", "attestationObject": "gYGBgYGBgYGBgQ"}
    assert tried(key, credential={"id": "aaaa", "response": response}) == "bad_passkey"
    assert not is_on(zoe)


def test_abuse_a_challenge_makes_one_passkey(zoe):
    here = program(zoe)
    asked = here.post(f"{PASSKEYS}/options", {"password": PASSWORD}).json()

    def add() -> Any:
        made = Authenticator().create(asked["options"])
        return here.post(PASSKEYS, {"name": "x", "state": asked["state"], "credential": made})

    assert [add().status_code, add().status_code] == [201, 410]


def test_an_account_has_a_bounded_number(zoe, monkeypatch):
    monkeypatch.setattr(actions, "MOST", 1)
    key = added(zoe)
    here = program(zoe)
    path = f"{PASSKEYS}/options"
    signed = key.answer(here.post(path, {"password": PASSWORD}).json()["error"]["passkey"])
    answer = here.post(path, {"password": PASSWORD, "passkey": signed})
    assert code(answer) == "too_many_passkeys"


# --- beside the password ---


def test_signing_in_takes_a_passkey_beside_the_password(zoe):
    key = added(zoe)
    error = asked_for()
    assert error["app"] is False
    assert len(error["passkey"]["options"]["allowCredentials"]) == 1
    sent = {**NAMED, "passkey": key.answer(error["passkey"])}
    assert api().post(LOGIN, sent).status_code == 200
    page = Client()
    asked = posted("/accounts/login/", page, login="zoe", password=PASSWORD).json()["error"]
    signed = key.answer(asked["passkey"])
    answer = posted("/accounts/login/", page, login="zoe", password=PASSWORD, passkey=signed)
    assert answer.json() == {"next": "/keys/"}
    assert page.get("/api/v1/me").status_code == 200
    assert Row.objects.get(type="webauthn").last_used_at is not None


def test_each_factor_answers_for_the_others(zoe, clock):
    secret, codes = turned_on(zoe, clock)
    key = added(zoe, code=codes[0])
    assert asked_for()["app"] is True
    assert by_api(shown(secret)) == ""
    assert by_page(codes[1]) == ""
    sent = {**NAMED, "passkey": key.answer(asked_for()["passkey"])}
    assert api().post(LOGIN, sent).status_code == 200


def test_abuse_a_wrong_password_learns_of_no_passkey(zoe):
    added(zoe)
    wrong = api().post(LOGIN, {**NAMED, "password": "not this one"}).json()
    nobody = api().post(LOGIN, {"name": "nobody", "password": "not this one"}).json()
    assert wrong == nobody


def test_abuse_a_passkey_answers_for_its_account_alone(zoe):
    added(zoe)
    mallory = make_user("mallory")
    theirs = added(mallory)
    asked = asked_for()["passkey"]
    sent = {**NAMED, "passkey": theirs.answer(asked)}
    assert code(api().post(LOGIN, sent)) == "bad_passkey"
    error = api().post(LOGIN, {"name": "mallory", "password": PASSWORD}).json()["error"]
    sent = {**NAMED, "passkey": theirs.answer(error["passkey"])}
    assert code(api().post(LOGIN, sent)) == "step_over", "the challenge was mallory's"


def test_who_has_the_password_keeps_no_passkey_away(zoe):
    key = added(zoe)
    assert [by_page("00000000") for _ in range(6)][-1] == "rate", "codes are paused"
    with pytest.raises(Forbidden) as error:
        second_factor.check_answer(zoe, second_factor.Answer())
    signed = Signed(**key.answer(error.value.extra["passkey"]))
    second_factor.check_answer(zoe, second_factor.Answer(passkey=signed))


# --- alone ---


def test_a_passkey_alone_signs_a_program_in(zoe):
    key = added(zoe)
    asked = api().post(f"{ALONE}/options", {}).json()
    assert "allowCredentials" not in asked["options"], "it names nobody's"
    assert asked["options"]["userVerification"] == "required"
    answer = api().post(ALONE, key.answer(asked)).json()
    assert (answer["uid"], answer["name"]) == (zoe.pk, "zoe")
    assert api(answer["access"]).get("/api/v1/me").status_code == 200
    entry = AuditEntry.objects.filter(kind="sign_in").latest("pk")
    assert entry.facts["how"] == "passkey"


def test_a_passkey_alone_signs_a_browser_in_and_leads_on(zoe):
    key, page = added(zoe), Client()
    asked = posted("/accounts/passkey/options/", page).json()
    answer = posted("/accounts/passkey/", page, passkey=key.answer(asked), next="/settings/")
    assert answer.json() == {"next": "/keys/"}, "who has no keys makes them first"
    assert page.get("/api/v1/me").json()["name"] == "zoe"
    asked = posted("/accounts/passkey/options/").json()
    page = Client()
    outside = posted("/accounts/passkey/", page, passkey=key.answer(asked), next="//evil.example")
    assert outside.json() == {"next": "/keys/"}


HOSTILE: dict[str, dict[str, Any]] = {
    "wrong origin": {"origin": "https://sotto.example.org"},
    "subdomain": {"origin": "http://a.localhost"},
    "another port": {"origin": "http://localhost:1"},
    "wrong rpId": {"rp": "example.org"},
    "missing user verification": {"flags": PRESENT},
    "nobody there": {"flags": 0},
    "inside another page": {"cross_origin": True},
    "another key": {"key": Authenticator().key},
    "another id": {"id": bytes(32)},
    "nobody's handle": {"handle": "AAAAAAAAAAAAAAAAAAAAAA"},
    "no handle": {"handle": None},
}


@pytest.mark.parametrize("lie", HOSTILE)
def test_hostile_answers_open_nothing_and_look_alike(zoe, lie):
    key = added(zoe)
    for name, value in HOSTILE[lie].items():
        setattr(key, name, value)
    asked = api().post(f"{ALONE}/options", {}).json()
    answer = api().post(ALONE, key.answer(asked))
    assert (answer.status_code, code(answer)) == (401, "bad_login")
    assert answer.json()["error"] == {"code": "bad_login", "detail": actions.UNKNOWN}
    assert not SignIn.objects.exists()


def test_abuse_a_handle_of_somebody_else_opens_nobodys_account(zoe):
    mallory = added(make_user("mallory"))
    mallory.handle = added(zoe).handle
    assert alone(mallory) == "bad_login"


def test_abuse_a_challenge_counts_once(zoe):
    key = added(zoe)
    asked = api().post(f"{ALONE}/options", {}).json()
    sent = key.answer(asked)
    assert api().post(ALONE, sent).status_code == 200
    assert code(api().post(ALONE, sent)) == "step_over", "replayed"
    asked = api().post(f"{ALONE}/options", {}).json()
    key.flags = PRESENT
    assert code(api().post(ALONE, key.answer(asked))) == "bad_login"
    key.flags = Authenticator().flags
    assert code(api().post(ALONE, key.answer(asked))) == "step_over", "a wrong answer used it up"


def test_abuse_a_challenge_is_over_after_five_minutes(zoe, clock):
    key = added(zoe)
    asked = api().post(f"{ALONE}/options", {}).json()
    clock.shift(301)
    assert code(api().post(ALONE, key.answer(asked))) == "step_over"


def test_abuse_a_challenge_of_another_session_or_purpose_is_refused(zoe):
    key = added(zoe)
    here, there = Client(), Client()
    for page in (here, there):
        page.get("/site.json")  # which sets the cookie
    asked = posted("/accounts/passkey/options/", here).json()
    sent = posted("/accounts/passkey/", there, passkey=key.answer(asked))
    assert code(sent) == "step_over", "asked for by another browser"
    asked = api().post(f"{ALONE}/options", {}).json()
    sent = posted("/accounts/passkey/", here, passkey=key.answer(asked))
    assert code(sent) == "step_over", "asked for by a program"
    sent = api().post(ALONE, key.answer(asked_for()["passkey"]))
    assert code(sent) == "step_over", "asked for beside the password"
    asked = api().post(f"{ALONE}/options", {}).json()
    forged = {**asked, "state": asked["state"][:-1] + "x"}
    assert code(api().post(ALONE, key.answer(forged))) == "step_over"


def test_abuse_a_counter_that_stands_still_or_goes_back_is_a_copy(zoe):
    key = added(zoe, Authenticator(counter=5))
    for counter in (5, 4, 0):
        key.counter = counter
        assert alone(key) == "bad_login", counter
    assert AuditEntry.objects.filter(kind="passkey.copied").count() == 3
    key.counter = 6
    assert alone(key) == ""
    assert alone(key) == "bad_login"


@pytest.mark.parametrize("ended", ["disabled", "deleted", "without a password"])
def test_accounts_that_are_closed_to_passwords_are_closed_to_passkeys(zoe, ended):
    key = added(zoe)
    if ended == "disabled":
        lifecycle.set_active(zoe, False, by=None)
    elif ended == "deleted":
        lifecycle.delete_account(zoe, by=None)
        assert not Row.objects.exists()
    else:
        zoe.set_unusable_password()
        zoe.save()
    assert alone(key) == "bad_login"


def test_hostile_bodies_are_refused(zoe):
    key = added(zoe)
    sent = key.answer(api().post(f"{ALONE}/options", {}).json())
    wrong: list[dict[str, Any]] = [
        {"name": "ada"},
        {"uid": zoe.pk},
        {"credential": {}},
        {"state": 5},
    ]
    for changes in wrong:
        assert code(api().post(ALONE, {**sent, **changes})) == "bad_wire", changes
    long = {**sent, "state": "x" * 2000}
    assert code(api().post(ALONE, long)) == "bad_wire"
    for text in ("", "[]", "{}", "x" * 5000, '{"state":"x","state":"y"}'):
        answer = Client().post("/accounts/passkey/", {"passkey": text})
        assert code(answer) == "bad_wire", text
    assert code(api().post(f"{ALONE}/options", {"name": "zoe"})) == "bad_wire"


def test_tries_count_with_those_of_the_password(zoe):
    key = added(zoe)
    many, _ = settings.RATE_LIMITS["login"]
    key.flags = PRESENT
    assert [alone(key) for _ in range(many)] == ["bad_login"] * many
    assert alone(key) == "rate"
    assert by_api() == "rate", "as if the password had been tried"


def test_a_role_forgets_passkeys_that_a_helper_may_have_made(zoe, clock):
    key = added(zoe)
    lifecycle.set_role(zoe, User.HELPER, by=None)
    assert alone(key) == "bad_login"
    assert not Row.objects.exists()


def test_an_operator_removes_passkeys_with_the_second_factor(zoe):
    key = added(zoe)
    second_factor.remove(zoe, by=None)
    assert alone(key) == "bad_login"
    assert by_api() == ""


def test_what_is_kept_is_no_secret_and_names_nobody(zoe):
    key = added(zoe)
    row = Row.objects.get(type="webauthn")
    assert set(row.data) == {"name", "credential", "counter"}
    private = key.key.private_numbers().private_value
    assert str(private) not in str(row.data)


def test_pages_let_their_own_origin_alone_use_passkeys(zoe):
    policy = browser(zoe).get("/accounts/login/")["Permissions-Policy"]
    assert "publickey-credentials-get=(self)" in policy
    assert "publickey-credentials-create=(self)" in policy
