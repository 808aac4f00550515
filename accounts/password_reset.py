"""One-time links with which somebody sets a new password. An administrator makes them.

The secret is in the link's fragment, which browsers do not send; the page's script posts it. Here
only its hash is kept. A new password opens the account; it opens no old message: keys do.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.actions import record
from accounts.models import PasswordReset, User
from accounts.sign_ins import end_everywhere
from chatsite.lib.errors import Gone, NotFound, Refused

LIFETIME = timedelta(hours=24)
REMEMBERED = timedelta(days=30)  # so long a link says that it was used, or that it expired


@transaction.atomic
def make_link(user: User, *, by: User | None) -> str:
    """Make a link for `user`, in place of any before; its secret is nowhere else.

    Args:
        by: who made it, for the record; None for a command on the server.

    Raises:
        Refused: `ended`, if the account is disabled or was deleted.
    """
    if not user.is_active:
        raise Refused("This account is disabled or was deleted.", code="ended")
    secret = secrets.token_urlsafe(32)
    fresh = {"secret_hash": _hash(secret), "expires_at": timezone.now() + LIFETIME, "used_at": None}
    PasswordReset.objects.update_or_create(user=user, defaults=fresh)
    record(user, by, "Made a one-time link for a new password.")
    return f"{settings.PUBLIC_URL}/reset#1.{secret}"


def name_of(secret: str) -> str:
    """The user name of a valid link's account. Raises the same errors as `use_link`."""
    return _good(PasswordReset.objects.select_related("user"), secret).user.name


def use_link(secret: str, password: str) -> str:
    """Set a new password, which ends every sign-in; returns the user name.

    Raises:
        NotFound: `reset_unknown`.
        Gone: `reset_used` or `reset_expired`.
        Refused: `invalid`, with a sentence that says what to change; the link stays good.
    """
    user = _good(PasswordReset.objects.select_related("user"), secret).user
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), code="invalid") from None
    user.set_password(password)  # slow: before the lock
    with transaction.atomic():
        link = _good(PasswordReset.objects.select_for_update(), secret)
        link.used_at = timezone.now()
        link.save(update_fields=["used_at"])
        user.save(update_fields=["password"])
        end_everywhere(user)
        record(user, user, "Set a new password by a one-time link; every sign-in ended.")
    return user.name


def forget_old() -> int:
    """Delete links that ended long ago; how many."""
    edge = timezone.now() - REMEMBERED
    return PasswordReset.objects.filter(expires_at__lt=edge).delete()[0]


def _good(links: QuerySet[PasswordReset], secret: str) -> PasswordReset:
    found = links.filter(secret_hash=_hash(secret)).first()
    if found is None or not found.user.is_active:
        raise NotFound(
            "This link is not known here. Copy the whole link, or ask for a new one.",
            code="reset_unknown",
        )
    if found.used_at is not None:
        raise Gone("This link was used already. Ask for a new one.", code="reset_used")
    if found.expires_at < timezone.now():
        raise Gone("This link has expired. Ask for a new one.", code="reset_expired")
    return found


def _hash(secret: str) -> str:
    return sha256(b"sotto/reset|" + secret.encode("utf-8", "surrogatepass")).hexdigest()
