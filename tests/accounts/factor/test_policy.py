"""A site that asks everybody for a second factor: without one nobody does anything else."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.access import SessionRef, alive_among, ref_of_session, ref_of_token, signed_token
from accounts.factor import second_factor
from accounts.factor.policy import FactorNeeded, lacking
from accounts.models import SignIn
from accounts.sign_in.sign_ins import issue_tokens
from tests.accounts.codes import by_api, shown, turned_on
from tests.accounts.signed_in import browser
from tests.base import PASSWORD, api, code, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def everybody(settings):
    settings.SECOND_FACTOR = "everybody"


def set_up(client) -> str:
    """Set a second factor up over the API; the secret."""
    made = client.post("/api/v1/me/second_factor/secret", {"password": PASSWORD}).json()
    sent = {"state": made["state"], "code": shown(made["secret"])}
    answer = client.post("/api/v1/me/second_factor", sent)
    assert answer.status_code == 200
    return made["secret"]


def test_who_has_none_sets_one_up_and_goes_on(zoe):
    client = api(issue_tokens(zoe).access)
    answer = client.get("/api/v1/me")
    assert (answer.status_code, code(answer)) == (403, "second_factor_needed")
    assert "/settings/second-factor/" in answer.json()["error"]["detail"]
    assert client.get("/api/v1/me/second_factor").json()["needed"] is True
    set_up(client)
    assert client.get("/api/v1/me").status_code == 200


def test_a_page_is_told_and_refused_alike(zoe):
    page = browser(zoe)
    assert page.get("/site.json").json()["me"]["lacks_factor"] is True
    assert code(page.get("/api/v1/me")) == "second_factor_needed"
    assert page.get("/api/v1/me/second_factor").status_code == 200


def test_who_has_one_is_asked_for_nothing_more(zoe, clock):
    secret, _ = turned_on(zoe, clock)
    page = browser(zoe)
    assert page.get("/site.json").json()["me"]["lacks_factor"] is False
    assert page.get("/api/v1/me").status_code == 200
    assert by_api(shown(secret)) == ""


def test_it_cannot_be_turned_off(zoe, clock):
    secret, _ = turned_on(zoe, clock)
    sent = {"password": PASSWORD, "code": shown(secret)}
    answer = browser(zoe).post("/api/v1/me/second_factor/off", sent, "application/json")
    assert code(answer) == "second_factor_required"


def test_no_socket_opens_and_open_ones_end(zoe, clock):
    tokens = issue_tokens(zoe)
    page = browser(zoe)
    with pytest.raises(FactorNeeded):
        ref_of_token(signed_token(tokens.access))
    with pytest.raises(FactorNeeded):
        ref_of_session(page.session.session_key or "")
    sign_in = SignIn.objects.filter(user=zoe).first()
    assert sign_in is not None
    ref = SessionRef(zoe.pk, zoe.name, sign_in.pk)
    assert alive_among([ref]) == {ref: False}
    turned_on(zoe, clock)
    issue_tokens(zoe)
    ref = SessionRef(zoe.pk, zoe.name, SignIn.objects.latest("created_at").pk)
    assert alive_among([ref]) == {ref: True}


def test_who_lost_it_sets_another_one_up(zoe, clock):
    turned_on(zoe, clock)
    page = browser(zoe)
    second_factor.remove(zoe, by=None)
    assert code(page.get("/api/v1/me")) == "second_factor_needed"


def test_a_program_signs_out_without_one(zoe):
    client = api(issue_tokens(zoe).access)
    assert client.post("/api/v1/auth/logout").status_code == 204


def test_people_without_a_password_show_theirs_to_the_provider(zoe):
    zoe.set_unusable_password()
    zoe.save()
    assert api(issue_tokens(zoe).access).get("/api/v1/me").status_code == 200
    ada = make_user("ada")
    assert lacking([zoe.pk, ada.pk]) == {ada.pk}


def test_the_admin_is_closed_too(zoe):
    zoe.role = zoe.ADMINISTRATOR
    zoe.save()
    answer = browser(zoe).get("/admin/", follow=False)
    assert answer.status_code == 302
    page = Client()
    page.force_login(zoe)
    assert page.get("/admin/login/")["Location"] == "/settings/second-factor/"


@pytest.mark.parametrize("policy", ["optional", "roles"])
def test_other_policies_keep_nobody_from_the_site(zoe, settings, policy):
    settings.SECOND_FACTOR = policy
    assert api(issue_tokens(zoe).access).get("/api/v1/me").status_code == 200
    assert browser(zoe).get("/site.json").json()["me"]["lacks_factor"] is False
