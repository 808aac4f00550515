"""What changes accounts: registering, identities, tokens."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework_simplejwt.tokens import AccessToken

from accounts.identity import open_identity
from accounts.models import Identity, TokenFamily, User
from chatsite.lib import live, wire
from chatsite.lib.errors import Conflict, Refused, SignInNeeded


@dataclass(frozen=True, slots=True)
class Tokens:
    access: str
    refresh: str


def register(name: str, password: str) -> User:
    """A new account, or Refused with a sentence that says what to change."""
    user = User(name=name.lower())
    try:
        user.full_clean(exclude=["password"], validate_unique=False)
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), code="invalid") from None
    try:
        with transaction.atomic():
            return User.objects.create_user(user.name, password)
    except IntegrityError:
        raise Conflict("That user name is taken. Choose another.", code="name_taken") from None


def sign_in(name: str, password: str) -> User:
    user = authenticate(None, name=name.lower(), password=password)
    if user is None:
        raise SignInNeeded("The user name or the password is not right.", code="bad_login")
    assert isinstance(user, User)
    return user


@transaction.atomic
def publish_identity(user: User, body: str, sig: str) -> str:
    """Store the first identity of `user`; returns its kid. The same one again is no error."""
    opened = open_identity(body, sig)
    User.objects.select_for_update().get(pk=user.pk)
    if (opened.uid, opened.name) != (user.pk, user.name):
        raise Refused("This identity belongs to another account.", code="bad_identity")
    if user.current_kid == opened.kid:
        return opened.kid
    if user.current_kid is not None:
        raise Conflict("This account has keys already. Restore them here.", code="has_identity")
    if opened.n != 1 or opened.prev:
        raise Refused("A first identity has n 1 and no prev.", code="bad_identity")
    Identity.objects.create(kid=opened.kid, user=user, n=opened.n, body=body, sig=sig, ed=opened.ed)
    return opened.kid


# --- tokens for programs -----------------------------------------------------------------------


def issue_tokens(user: User) -> Tokens:
    """Start a token family: a program has signed in."""
    secret = secrets.token_urlsafe(32)
    family = TokenFamily.objects.create(
        user=user,
        secret_hash=_hash(secret),
        expires_at=timezone.now() + settings.REFRESH_TOKEN_LIFETIME,
    )
    return _tokens(family, secret)


def refresh_tokens(token: str) -> Tokens:
    """Exchange a refresh token for new ones. A used one ends its family, then is refused."""
    family_id, _, secret = token.partition(".")
    with transaction.atomic():
        family = TokenFamily.objects.select_for_update().filter(pk=family_id).first()
        reused = family is not None and not hmac.compare_digest(family.secret_hash, _hash(secret))
        if family is not None and not reused and _usable(family):
            fresh = secrets.token_urlsafe(32)
            family.secret_hash = _hash(fresh)
            family.save(update_fields=["secret_hash"])
            return _tokens(family, fresh)
        if family is not None:
            _end(family)
    raise SignInNeeded("Sign in again.", code="bad_token")


def revoke_tokens(token: str) -> None:
    """Sign a program out. Unknown tokens are passed over: the outcome is the same."""
    family_id, _, secret = token.partition(".")
    family = TokenFamily.objects.filter(pk=family_id).first()
    if family is not None and hmac.compare_digest(family.secret_hash, _hash(secret)):
        _end(family)


def _end(family: TokenFamily) -> None:
    live.publish("revoked", uid=family.user_id, family=family.pk)
    family.delete()


def _usable(family: TokenFamily) -> bool:
    return family.expires_at > timezone.now() and family.user.is_active


def _tokens(family: TokenFamily, secret: str) -> Tokens:
    access = AccessToken.for_user(family.user)
    access["fam"] = family.pk
    return Tokens(access=str(access), refresh=f"{family.pk}.{secret}")


def _hash(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def identities_by_kid(kids: list[str]) -> list[dict[str, Any]]:
    """Public identities, for whoever is signed in: `[{body, sig}]`."""
    for kid in kids:
        wire.unb64(kid, 32)
    found = Identity.objects.filter(kid__in=kids).values_list("body", "sig")
    return [{"body": body, "sig": sig} for body, sig in found]
