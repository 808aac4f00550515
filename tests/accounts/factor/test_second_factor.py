"""A second factor: an authenticator app and recovery codes, for pages and programs alike."""

from __future__ import annotations

from io import StringIO
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.core.management import call_command

from accounts import lifecycle
from accounts.factor import second_factor
from accounts.factor.codes import codes_left
from accounts.factor.policy import is_on
from accounts.factor.second_factor import Answer
from accounts.models import User
from accounts.sign_in import signed_steps
from chatsite.lib.errors import Forbidden
from tests.accounts.codes import WAYS, by_api, by_page, set_up_app, shown, turned_on
from tests.accounts.signed_in import alive, browser, program
from tests.base import PASSWORD, code

pytestmark = pytest.mark.django_db


def test_it_is_set_up_over_the_api_and_ends_other_sign_ins(zoe):
    other, here = program(zoe), program(zoe)
    assert here.get("/api/v1/me/second_factor").json() == {
        "on": False,
        "needed": False,
        "codes": 0,
        "app": None,
        "passkeys": [],
    }
    made = here.post("/api/v1/me/second_factor/secret", {"password": PASSWORD}).json()
    parts = urlsplit(made["uri"])
    assert (parts.scheme, parts.netloc, parts.path) == ("otpauth", "totp", "/zoe")
    assert parse_qs(parts.query)["secret"] == [made["secret"]]
    assert made["svg"].startswith("<?xml")
    assert not is_on(zoe), "nothing is on before a code came back"
    sent = {"state": made["state"], "code": shown(made["secret"])}
    answer = here.post("/api/v1/me/second_factor", sent)
    assert len(set(answer.json()["codes"])) == 10
    assert "no-store" in answer["Cache-Control"]
    assert [alive(one) for one in (other, here)] == [False, True]
    assert here.get("/api/v1/me/second_factor").json()["codes"] == 10
    assert code(here.post("/api/v1/me/second_factor", sent)) == "second_factor_on"


@pytest.mark.parametrize("way", WAYS)
def test_signing_in_takes_a_code_beside_the_password(zoe, clock, way):
    secret, _ = turned_on(zoe, clock)
    assert WAYS[way]() == "second_factor"
    assert WAYS[way]("000000") == "bad_code"
    assert WAYS[way](shown(secret)) == ""


@pytest.mark.parametrize("way", WAYS)
def test_abuse_a_wrong_password_learns_nothing_of_it(zoe, clock, way):
    secret, _ = turned_on(zoe, clock)
    before = WAYS[way](password="not this one")
    assert before in ("bad_login", "invalid")
    assert WAYS[way](shown(secret), "not this one") == before


def test_abuse_a_code_counts_once_on_every_way(zoe, clock):
    secret, codes = turned_on(zoe, clock)
    assert by_api(shown(secret)) == ""
    assert by_page(shown(secret)) == "bad_code"
    assert by_api(shown(secret, -1)) == "bad_code", "an earlier one is over, too"
    clock.shift(30)
    assert by_page(shown(secret)) == ""
    assert by_api(codes[0]) == ""
    assert by_page(codes[0]) == "bad_code"
    assert codes_left(zoe) == 9


def test_abuse_the_code_of_the_set_up_has_counted(zoe):
    secret, _ = set_up_app(zoe)
    assert by_api(shown(secret)) == "bad_code"
    assert by_api(shown(secret, 1)) == ""


def test_clocks_may_differ_by_a_step_and_no_more(zoe, clock):
    secret, _ = turned_on(zoe, clock)
    assert by_api(shown(secret, -2)) == "bad_code"
    assert by_api(shown(secret, 2)) == "bad_code"
    assert by_api(shown(secret, -1)) == ""
    assert by_api(shown(secret, 1)) == ""


@pytest.mark.parametrize("given", ["", " ", "12345", "123456789", "½23456", "٠١٢٣٤٥", "a" * 5000])
def test_hostile_codes_are_refused(zoe, clock, given):
    turned_on(zoe, clock)
    assert by_api(given) in ("second_factor", "bad_code")


def test_hostile_set_ups_turn_nothing_on(zoe, clock):
    here, password, path = browser(zoe), {"password": PASSWORD}, "/api/v1/me/second_factor"

    def refused(sent: dict, path: str = path, by=here) -> str:
        return code(by.post(path, sent, "application/json"))

    made = here.post(f"{path}/secret", password, "application/json").json()
    right = {"state": made["state"], "code": shown(made["secret"])}
    chosen = signed_steps.seal("another step", "", {"secret": "A" * 32})
    assert refused({"password": "not this one"}, f"{path}/secret") == "bad_password"
    assert refused({**right, "code": "000000"}) == "bad_code"
    assert refused({**right, "state": right["state"][:-1]}) == "step_over"
    assert refused({"state": chosen, "code": shown("A" * 32)}) == "step_over"
    assert refused({**right, "secret": "A" * 32}) == "bad_wire"
    assert refused(right, by=browser(zoe)) == "step_over", "another sign-in has asked"
    clock.shift(3601)
    assert refused({**right, "code": shown(made["secret"])}) == "step_over"
    assert not is_on(zoe)


def test_it_is_turned_off_with_password_and_code(zoe, clock):
    secret, codes = turned_on(zoe, clock)
    here = program(zoe)
    path = "/api/v1/me/second_factor/off"
    for sent in ({"password": "x", "code": shown(secret)}, {"password": PASSWORD, "code": "1"}):
        assert here.post(path, sent).status_code == 403
    assert here.post(path, {"password": PASSWORD, "code": codes[3]}).status_code == 204
    assert by_api() == ""
    assert not Authenticator.objects.exists()


def test_other_recovery_codes_replace_the_earlier_ones(zoe, clock):
    secret, codes = turned_on(zoe, clock)
    sent = {"password": PASSWORD, "code": shown(secret)}
    fresh = program(zoe).post("/api/v1/me/second_factor/codes", sent).json()["codes"]
    assert not set(fresh) & set(codes)
    assert by_api(codes[0]) == "bad_code"
    assert by_api(fresh[0]) == ""


def test_secrets_are_encrypted_at_rest_under_a_key_of_their_own(zoe, clock, settings):
    secret, codes = turned_on(zoe, clock)
    kept = " ".join(str(row.data) for row in Authenticator.objects.all())
    assert secret not in kept
    assert not any(one in kept for one in codes)
    settings.SECRET_KEY = "another key of the site"
    assert by_api(shown(secret)) == ""
    settings.SECOND_FACTOR_KEY = "another key"
    clock.shift(30)
    assert by_api(shown(secret)) == "bad_code"
    assert by_api(codes[0]) == "bad_code"
    assert codes_left(zoe) == 0


def test_no_secret_is_on_the_record_or_in_the_admin(zoe, clock):
    secret, codes = turned_on(zoe, clock)
    by_api(codes[0])
    texts = " ".join(LogEntry.objects.values_list("change_message", flat=True))
    assert "Turned the second factor on" in texts
    assert "recovery code" in texts
    assert not any(one in texts for one in (secret, *codes))
    root = browser(User.objects.create_user("root", role=User.ADMINISTRATOR))
    assert root.get("/admin/mfa/authenticator/").status_code == 404


def test_an_operator_turns_it_off_for_somebody_who_lost_everything(zoe, clock):
    turned_on(zoe, clock)
    call_command("people", "second-factor", "zoe", stdout=StringIO())
    assert by_api() == ""
    turned_on(zoe, clock)
    helper = User.objects.create_user("helen", role=User.HELPER)
    lifecycle.set_role(zoe, User.AUDITOR, by=None)
    with pytest.raises(Forbidden):
        second_factor.remove(User.objects.get(pk=zoe.pk), by=helper)


def test_a_helper_turns_it_off_in_the_admin(zoe, clock):
    turned_on(zoe, clock)
    page = browser(User.objects.create_user("helen", role=User.HELPER))
    address = f"/admin/accounts/user/{zoe.pk}/second_factor_off/"
    assert b"Turn it off" in page.get(address).content
    assert is_on(zoe), "looking changes nothing"
    assert b"is off" in page.post(address).content
    assert by_api() == ""
    assert "Turned the second factor off." in LogEntry.objects.filter(
        user__name="helen"
    ).values_list("change_message", flat=True)


def test_deleting_an_account_forgets_it(zoe, clock):
    turned_on(zoe, clock)
    lifecycle.delete_account(zoe, by=None)
    assert not Authenticator.objects.exists()


# --- the admin's rule ---


@pytest.mark.parametrize("role", [User.AUDITOR, User.HELPER, User.ADMINISTRATOR])
def test_a_role_needs_a_second_factor_where_the_site_says_so(zoe, clock, settings, role):
    settings.SECOND_FACTOR = "roles"
    lifecycle.set_role(zoe, role, by=None)
    zoe.refresh_from_db()
    page = browser(zoe)
    for path in ("/admin/", "/admin/accounts/user/", "/admin/accounts/accountlink/make/"):
        answer = page.get(path, follow=True)
        assert answer.redirect_chain[-1][0] == "/settings/second-factor/", path
    secret, _ = turned_on(zoe, clock)
    page = browser(zoe)
    assert page.get("/admin/").status_code == 200
    with pytest.raises(Forbidden) as error:
        second_factor.turn_off(zoe, PASSWORD, Answer(shown(secret)))
    assert error.value.code == "second_factor_required"


def test_people_without_a_role_need_none(zoe, settings):
    settings.SECOND_FACTOR = "roles"
    assert by_page() == ""
    assert program(zoe).get("/api/v1/me/second_factor").json()["needed"] is False
