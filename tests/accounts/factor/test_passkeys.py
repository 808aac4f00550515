"""Passkeys: as a second factor, and alone."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator as Row
from django.test import Client

from accounts.factor import second_factor
from accounts.factor.codes import codes_left
from accounts.factor.policy import is_on
from accounts.models import AuditEntry
from accounts.passkeys import actions
from accounts.passkeys.checking import Signed
from chatsite.lib.errors import Forbidden
from tests.accounts.codes import by_api, by_page, shown, turned_on
from tests.accounts.factor.authenticator import PRESENT, Authenticator
from tests.accounts.factor.passkeys import (
    FACTOR,
    LOGIN,
    NAMED,
    PASSKEYS,
    added,
    alone,
    asked_for,
    posted,
)
from tests.accounts.signed_in import alive, program
from tests.base import PASSWORD, api, code, make_user

pytestmark = pytest.mark.django_db


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
