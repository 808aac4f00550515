"""What is encrypted of a second factor opens for its account and kind alone."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

import pytest
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from accounts.factor import secrets
from accounts.factor.codes import APP, KEPT, RECOVERY, bind_old_secrets, codes_left
from accounts.models import User
from tests.accounts.codes import by_api, set_up_app, shown, turned_on
from tests.base import make_user

pytestmark = pytest.mark.django_db
NONCE = b"twelve bytes"


def unbound(text: str) -> str:
    """A text as the version before encrypted it: for any account."""
    about = b"sotto/second-factor"
    key = sha256(about + b"|" + settings.SECOND_FACTOR_KEY.encode()).digest()
    return "1." + b64encode(NONCE + AESGCM(key).encrypt(NONCE, text.encode(), about)).decode()


def row_of(user: User, kind: str) -> Authenticator:
    return Authenticator.objects.get(user=user, type=kind)


def make_old(user: User) -> None:
    """Write the secrets of `user` as the version before did."""
    for kind, kept in KEPT.items():
        row = row_of(user, kind)
        row.data[kept] = unbound(secrets.decrypt(row.data[kept], user.pk, kind))
        row.save()


def are_bound(user: User) -> list[bool]:
    return [row_of(user, kind).data[kept].startswith("2.") for kind, kept in KEPT.items()]


def test_the_same_text_is_never_encrypted_to_the_same_bytes():
    first, second = (secrets.encrypt("text", "uid", "kind") for _ in range(2))
    assert first != second
    assert [secrets.decrypt(one, "uid", "kind") for one in (first, second)] == ["text"] * 2


@pytest.mark.parametrize(("account", "kind"), [("uid2", "kind"), ("uid", "kind2"), ("", "uidkind")])
def test_hostile_another_account_or_kind_opens_nothing(account, kind):
    with pytest.raises(secrets.Unreadable):
        secrets.decrypt(secrets.encrypt("text", "uid", "kind"), account, kind)


@pytest.mark.parametrize("text", ["", "2.", "1.", "2.AAAA", "2.½", "3.AAAA", "plain"])
def test_hostile_texts_are_unreadable(text):
    with pytest.raises(secrets.Unreadable):
        secrets.decrypt(text, "uid", "kind")


def test_hostile_what_is_bound_opens_as_nothing_older():
    bound = secrets.encrypt("text", "uid", "kind")
    with pytest.raises(secrets.Unreadable):
        secrets.decrypt(bound.replace("2.", "1.", 1), "uid", "kind")


def test_hostile_nothing_is_encrypted_for_no_account():
    with pytest.raises(LookupError):
        secrets.Adapter().encrypt("text")


def test_hostile_a_secret_moved_to_another_account_answers_nothing(zoe, clock):
    """A writer of the database gives somebody the app and the codes of their own account."""
    own, codes = set_up_app(make_user("mallory"))
    turned_on(zoe, clock)
    mallory = User.objects.get(name="mallory")
    for kind, kept in KEPT.items():
        row, theirs = row_of(zoe, kind), row_of(mallory, kind)
        row.data[kept] = theirs.data[kept]
        row.save()
    assert by_api(shown(own)) == "bad_code"
    assert by_api(codes[0]) == "bad_code"
    assert codes_left(zoe) == 0


def test_hostile_the_seed_of_codes_is_no_secret_of_an_app(zoe, clock):
    turned_on(zoe, clock)
    app = row_of(zoe, APP)
    app.data["secret"] = row_of(zoe, RECOVERY).data["seed"]
    app.save()
    assert by_api("000000") == "bad_code"


def test_secrets_of_the_version_before_are_read_and_bound_when_they_are_used(zoe, clock):
    secret, codes = turned_on(zoe, clock)
    make_old(zoe)
    assert codes_left(zoe) == 10
    assert by_api(shown(secret)) == ""
    assert are_bound(zoe) == [True, False]
    assert by_api(codes[0]) == ""
    assert are_bound(zoe) == [True, True]
    assert codes_left(zoe) == 9


def test_tidying_binds_what_nobody_used_and_leaves_what_it_cannot_read(zoe, clock):
    secret, _ = turned_on(zoe, clock)
    broken = make_user("yan")
    set_up_app(broken)
    make_old(zoe)
    row = row_of(broken, APP)
    row.data["secret"] = "1.AAAA"
    row.save()
    bind_old_secrets()
    bind_old_secrets()
    assert are_bound(zoe) == [True, True]
    assert are_bound(broken) == [False, True]
    assert by_api(shown(secret)) == ""
