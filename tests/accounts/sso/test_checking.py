"""People who are removed at the provider are signed out here, where it gave a refresh token."""

from __future__ import annotations

import json
from datetime import timedelta

import httpx2
import pytest
from django.utils import timezone
from werkzeug import Request, Response

from accounts.audit.models import AuditEntry
from accounts.models import User
from accounts.sign_in import sign_ins
from accounts.sso import provider as site
from accounts.sso.checking import check_due, sealed
from accounts.sso.models import ExternalIdentity
from tests.accounts.signed_in import alive, program
from tests.accounts.sso.visits import GROUP, name_in, sign_in
from tests.base import make_user

pytestmark = pytest.mark.django_db


def signed_in(page, at, subject: str) -> ExternalIdentity:
    """Somebody whom the provider has let in just now."""
    at.person(subject, preferred_username=subject.replace("-", ""), groups=[GROUP])
    assert sign_in(page, at, subject) == "/keys/"
    return ExternalIdentity.objects.get(subject=subject)


def vouched_for(user: User, issuer: str, token: str) -> ExternalIdentity:
    """An identity of a person, with a refresh token."""
    found = ExternalIdentity.objects.create(user=user, issuer=issuer, subject=user.name)
    found.refresh_token = sealed(token, found)
    found.save()
    return found


def is_due() -> None:
    ExternalIdentity.objects.update(checked_at=timezone.now() - timedelta(minutes=16))


def removed(at, subject: str) -> None:
    httpx2.post(f"{at.url}/users/{subject}/revoke-tokens").raise_for_status()


def test_who_is_still_there_stays_and_who_was_removed_is_signed_out(page, at):
    identity = signed_in(page, at, "out-1")
    is_due()
    assert check_due() == 1
    assert name_in(page) == "out1"
    removed(at, "out-1")
    assert check_due() == 0, "not before it is time"
    assert name_in(page) == "out1"
    is_due()
    assert check_due() == 1
    assert name_in(page) is None
    assert AuditEntry.objects.filter(kind="sign_out.sso", account=identity.user_id).count() == 1
    is_due()
    assert check_due() == 0, "nothing is left to ask about"


def test_only_sign_ins_by_the_provider_end(page, at):
    identity = signed_in(page, at, "out-2")
    by_password = program(identity.user)
    removed(at, "out-2")
    is_due()
    check_due()
    assert name_in(page) is None
    assert alive(by_password)


def test_a_new_sign_in_begins_anew(page, at):
    signed_in(page, at, "out-3")
    removed(at, "out-3")
    is_due()
    check_due()
    assert sign_in(page, at, "out-3") == "/keys/"
    is_due()
    assert check_due() == 1
    assert name_in(page) == "out3"


def test_a_provider_that_cannot_be_reached_signs_nobody_out(page, at, settings):
    identity = signed_in(page, at, "out-4")
    settings.OIDC_ISSUER = "http://localhost:9"
    identity.issuer = settings.OIDC_ISSUER
    identity.refresh_token = sealed("a token", identity)
    identity.save()
    site.forget()
    is_due()
    assert check_due() == 1
    assert identity.user.sign_ins.count() == 1


@pytest.mark.parametrize(
    ("status", "answer", "ends"),
    [
        (400, {"error": "invalid_grant"}, True),
        (401, {"error": "invalid_grant"}, True),
        (400, {"error": "invalid_client"}, False),
        (401, {"error": "invalid_client"}, False),
        (403, {"error": "invalid_grant"}, False),
        (500, {"error": "invalid_grant"}, False),
        (400, {"error": ["invalid_grant"]}, False),
        (200, {}, False),
    ],
)
def test_hostile_answers_end_nothing_that_they_do_not_name(liar, status, answer, ends):
    user = make_user("zoe")
    vouched_for(user, liar.url, "a token")
    sign_ins.begin_in_browser(user, sign_ins.NOWHERE, how="sso")
    where = liar.server.expect_request
    where("/.well-known/openid-configuration").respond_with_json(liar.document)
    where("/token").respond_with_json(answer, status=status)
    is_due()
    assert check_due() == 1
    assert user.sign_ins.exists() != ends


def test_a_rotated_token_is_the_next_one_and_none_is_kept_in_the_clear(liar):
    user = make_user("zoe")
    identity = vouched_for(user, liar.url, "first-token")
    where = liar.server.expect_request
    where("/.well-known/openid-configuration").respond_with_json(liar.document)
    sent = []

    def answer(request: Request) -> Response:
        sent.append(request.form["refresh_token"])
        return Response(json.dumps({"refresh_token": "second-token"} if len(sent) == 1 else {}))

    where("/token").respond_with_handler(answer)
    for _ in range(2):
        is_due()
        assert check_due() == 1
        identity.refresh_from_db()
        assert "token" not in identity.refresh_token
    assert sent == ["first-token", "second-token"]


def test_abuse_a_token_of_a_sign_in_meanwhile_is_not_lost(liar, monkeypatch):
    user = make_user("zoe")
    identity = vouched_for(user, liar.url, "old")
    sign_ins.begin_in_browser(user, sign_ins.NOWHERE, how="sso")
    newer = sealed("newer", identity)

    def meanwhile(token: str) -> str:
        ExternalIdentity.objects.filter(pk=identity.pk).update(refresh_token=newer)
        raise site.Ended

    monkeypatch.setattr(site, "refreshed", meanwhile)
    is_due()
    check_due()
    identity.refresh_from_db()
    assert identity.refresh_token == newer
    assert user.sign_ins.exists()


def test_a_token_of_another_key_counts_as_none(liar, settings):
    user = make_user("zoe")
    vouched_for(user, liar.url, "a token")
    sign_ins.begin_in_browser(user, sign_ins.NOWHERE, how="sso")
    settings.SECOND_FACTOR_KEY = "another key"
    is_due()
    assert check_due() == 1
    assert not user.sign_ins.exists(), "nobody can ask about them: they sign in anew"


def test_hostile_a_token_of_another_person_counts_as_none(liar, monkeypatch):
    ada, zoe = (vouched_for(make_user(name), liar.url, f"{name}'s") for name in ("ada", "zoe"))
    zoe.refresh_token = ada.refresh_token
    zoe.save()
    asked: list[str] = []

    def refreshed(token: str) -> str:
        asked.append(token)
        return token

    monkeypatch.setattr(site, "refreshed", refreshed)
    is_due()
    assert check_due() == 2
    assert asked == ["ada's"]
    zoe.refresh_from_db()
    assert (zoe.refresh_token, zoe.ended_at is None) == ("", False)


def test_a_provider_without_refresh_tokens_is_asked_nothing(liar):
    ExternalIdentity.objects.create(user=make_user("zoe"), issuer=liar.url, subject="1")
    is_due()
    assert check_due() == 0


def test_the_operator_can_switch_it_off(page, at, settings):
    signed_in(page, at, "out-5")
    settings.OIDC_RECHECK = 0
    is_due()
    assert check_due() == 0
    assert User.objects.filter(name="out5").exists()
