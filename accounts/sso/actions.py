"""Accounts and the identities that a provider vouches for.

An account is matched by issuer and subject, never by a name or an address: those can be given to
somebody else. An account that is there already is linked only by its person, who is signed in.
"""

from __future__ import annotations

import re

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import mail
from accounts.actions import check_password
from accounts.audit.account_history import record_change
from accounts.models import User
from accounts.sso.checking import sealed
from accounts.sso.models import ExternalIdentity
from accounts.sso.provider import LEEWAY, Claims
from chatsite.lib.errors import Conflict, Forbidden, NotFound

MOST_TRIES = 99  # names with a number
SHORTEST, LONGEST = 3, 32


def account_of(claims: Claims) -> User:
    """The account that is linked, or a new one where the person's group may have one.

    Raises:
        Forbidden: `sso_disabled`, `sso_unknown`.
        Conflict: `sso_name`.
    """
    found = ExternalIdentity.objects.filter(issuer=claims.issuer, subject=claims.subject)
    identity = found.select_related("user").first()
    if identity is None:
        return _sign_up(claims)
    if not identity.user.is_active:
        raise Forbidden("This account is disabled.", code="sso_disabled")
    _keep_token(identity, claims)
    return identity.user


def link(user: User, claims: Claims) -> None:
    """Let `user` sign in by the identity. Idempotent.

    Raises:
        Conflict: `sso_taken`: it is another account's, or the account has another one.
    """
    try:
        with transaction.atomic():
            _, fresh = ExternalIdentity.objects.get_or_create(
                user=user, issuer=claims.issuer, defaults={"subject": claims.subject}
            )
            if fresh:
                what = "Linked the account with single sign-on."
                record_change("sso.linked", user, user, what)
                mail.send_notice(user, "Single sign-on was linked with the account.")
    except IntegrityError:
        raise Conflict(
            "Another account here is linked with that identity already.", code="sso_taken"
        ) from None
    if user.external_identities.get(issuer=claims.issuer).subject != claims.subject:
        raise Conflict(
            "This account is linked with another identity. Unlink that first.", code="sso_taken"
        )


def unlink(user: User, password: str) -> None:
    """Let `user` sign in with the password alone again.

    Raises:
        Forbidden: `bad_password`.
        NotFound: `sso_not_linked`.
    """
    check_password(user, password)
    with transaction.atomic():
        if not user.external_identities.all().delete()[0]:
            raise NotFound("Single sign-on is not linked with this account.", code="sso_not_linked")
        what = "Unlinked the account from single sign-on."
        record_change("sso.unlinked", user, user, what)
        mail.send_notice(user, "Single sign-on was unlinked from the account.")


def confirm(user: User, claims: Claims, begun_at: int) -> None:
    """Check that the provider asked `user` anew who they are.

    Args:
        begun_at: seconds since 1970, when that was begun.

    Raises:
        Forbidden: `sso_other`: it was somebody else; `sso_not_asked`: it did not ask, or does not
            say so.
    """
    same = {"issuer": claims.issuer, "subject": claims.subject}
    if not user.external_identities.filter(**same).exists():
        raise Forbidden("That is another person's identity.", code="sso_other")
    if claims.asked_at < begun_at - LEEWAY:
        raise Forbidden("The sign-on service did not ask who you are.", code="sso_not_asked")
    _keep_token(user.external_identities.get(**same), claims)


def is_linked(user: User) -> bool:
    return user.external_identities.exists()


def still_opens(uid: str, identity: list[str]) -> User | None:
    """The account, if an identity that was there (issuer, subject) still opens it."""
    issuer, subject = identity
    linked = {"external_identities__issuer": issuer, "external_identities__subject": subject}
    return User.objects.filter(pk=uid, is_active=True, **linked).first()


def _sign_up(claims: Claims) -> User:
    group = settings.OIDC_SIGN_UP_GROUP
    if not group or group not in claims.groups:
        raise Forbidden(
            "No account here is linked with that identity. If you have one, log in with your "
            "password, and link it in the settings.",
            code="sso_unknown",
        )
    user = User(name=_free_name(claims.name))
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            identity = ExternalIdentity.objects.create(
                user=user, issuer=claims.issuer, subject=claims.subject
            )
            _keep_token(identity, claims)
            what = "Made the account by single sign-on."
            record_change("account.registered", user, user, what, how="sso")
    except IntegrityError:  # the name, or the person, came twice at the same moment
        raise Conflict(
            "Your account was changed at the same moment. Log in again.", code="sso_again"
        ) from None
    return user


def _keep_token(identity: ExternalIdentity, claims: Claims) -> None:
    """Note that an identity was used, and by what the provider is asked about it again."""
    now = timezone.now()
    token = sealed(claims.refresh_token, identity)
    same = ExternalIdentity.objects.filter(pk=identity.pk)
    same.update(used_at=now, checked_at=now, refresh_token=token, ended_at=None)


def _free_name(wanted: str) -> str:
    """A name as near to the wanted one as rules and taken names allow. It grants nothing."""
    base = re.sub(r"[^a-z0-9_.-]", "", wanted.lower().partition("@")[0])[: LONGEST - 3]
    tries = [base, *(f"{base}-{n}" for n in range(2, MOST_TRIES + 1))] if base else []
    fitting = [name for name in tries if len(name) >= SHORTEST]
    taken = set(User.objects.filter(name__in=fitting).values_list("name", flat=True))
    for name in fitting:
        if name not in taken:
            return name
    raise Conflict(
        "The sign-on service gave a name that cannot be used here. Ask for a link to an account.",
        code="sso_name",
    )
