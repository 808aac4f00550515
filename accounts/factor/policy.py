"""The rule of second factors: by SECOND_FACTOR nobody needs one, people with a role in the admin
need it to use that, or everybody to do anything at all.

Bots have no password. People who have none sign in by the provider of single sign-on alone, which
asks them for what it wants.
"""

from __future__ import annotations

from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import QuerySet

from accounts.models import User
from chatsite.lib.errors import Forbidden

ROLES, EVERYBODY = "roles", "everybody"
SET_UP = "/settings/second-factor/"
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class FactorNeeded(Forbidden):
    """The person has to set a second factor up before anything else."""

    code = "second_factor_needed"

    def __init__(self) -> None:
        super().__init__(
            "This site asks everybody for a second factor. Set one up first, at "
            f"{settings.PUBLIC_URL}{SET_UP}"
        )


def is_on(user: User) -> bool:
    """True if signing in as `user` takes a second factor."""
    return factors_of(user).exists()


def factors_of(user: User) -> QuerySet[Authenticator]:
    """The authenticator app and the passkeys of `user`. Recovery codes are no factor alone."""
    return Authenticator.objects.filter(user=user, type__in=FACTORS)


def protected() -> QuerySet[Authenticator, str]:
    """The uids of everybody who has a second factor, as a subquery."""
    return Authenticator.objects.filter(type__in=FACTORS).values_list("user", flat=True)


def is_required(user: User) -> bool:
    """True if `user` may not be without a second factor, here or in the admin."""
    return _is_required_here(user) or (settings.SECOND_FACTOR == ROLES and user.is_staff)


def lacks_factor(user: User) -> bool:
    """True if `user` may do nothing here before a second factor is set up."""
    return _is_required_here(user) and not is_on(user)


def check_factor(user: User) -> None:
    """Raise FactorNeeded if `user` lacks a second factor that everybody needs."""
    if lacks_factor(user):
        raise FactorNeeded


def lacking_for_role() -> QuerySet[User]:
    """People with a role who lack the second factor that it needs."""
    if settings.SECOND_FACTOR == "optional":
        return User.objects.none()
    return (
        User.objects.filter(is_active=True).exclude(role=User.NO_ROLE).exclude(pk__in=protected())
    )


def lacking(uids: Iterable[str]) -> set[str]:
    """Those of `uids` who lack a second factor that everybody needs."""
    if settings.SECOND_FACTOR != EVERYBODY:
        return set()
    people = User.objects.filter(pk__in=set(uids))
    people = people.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return set(people.exclude(pk__in=protected()).values_list("pk", flat=True))


def _is_required_here(user: User) -> bool:
    return settings.SECOND_FACTOR == EVERYBODY and user.has_usable_password()
