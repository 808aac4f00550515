"""Logging out at the provider ends sign-ins here (OpenID Connect Back-Channel Logout 1.0)."""

from __future__ import annotations

import logging
from hashlib import sha256

from django.db import transaction
from django.utils import timezone

from accounts.sign_in.sign_ins import end_by_sso
from accounts.sign_in.signed_steps import forget_use, is_first_use
from accounts.sso import provider
from accounts.sso.models import ExternalIdentity
from chatsite.lib.errors import Refused

log = logging.getLogger(__name__)


def log_out(token: str) -> None:
    """End every sign-in by single sign-on of the person whom the provider names, if there is one.

    A person may come by several browsers: a token ends the sign-ins in all of them.

    Raises:
        Refused: `invalid_request`: the provider made no such token, it is not recent, or it was
            used before.
        Unavailable: the provider does not answer as it should, or nobody can tell.
    """
    try:
        found = provider.logout_claims(token)
    except provider.Rejected:
        raise _refused() from None
    once = f"sso_logout:{sha256(found['jti'].encode()).hexdigest()}"
    if not is_first_use(once, provider.LOGOUT_WITHIN + 2 * provider.LEEWAY):
        raise _refused()
    try:
        _end(found["iss"], found["sub"])
    except Exception:
        forget_use(once)  # the provider tells it again
        raise


@transaction.atomic
def _end(issuer: str, subject: str) -> None:
    found = ExternalIdentity.objects.filter(issuer=issuer, subject=subject)
    identity = found.select_related("user").first()
    if identity is None:
        return
    found.update(refresh_token="", ended_at=timezone.now())  # else it would be asked about again
    end_by_sso(identity.user)
    log.info("sso.logged_out")


def _refused() -> Refused:
    return Refused("This logout token is not good.", code="invalid_request")
