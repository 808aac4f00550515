"""Asks the provider again whether the people whom it let in are still there.

Where the provider gave a refresh token at the last sign-in, it is exchanged every OIDC_RECHECK
minutes. A provider that answers `invalid_grant` knows the person no more, or has ended the session:
every sign-in here that came by it ends. A provider that cannot be reached ends nothing.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.factor import secrets
from accounts.sign_in.sign_ins import end_by_sso
from accounts.sso import provider
from accounts.sso.models import ExternalIdentity
from chatsite.lib.errors import Unavailable

AT_A_TIME = 100  # identities of one pass
OLD_PREFIX = "sso:"  # of a token that was encrypted before such texts were bound to an account
log = logging.getLogger(__name__)


def sealed(token: str, identity: ExternalIdentity) -> str:
    """A refresh token as `identity` keeps it; "" for none."""
    return secrets.encrypt(token, identity.user_id, _kind(identity)) if token else ""


def check_due() -> int:
    """Ask about everybody whose time it is; returns how many were asked about.

    Several processes may do this: each identity is claimed before the provider is asked.
    """
    if not settings.OIDC_ISSUER or not settings.OIDC_RECHECK:
        return 0
    before = timezone.now() - timedelta(minutes=settings.OIDC_RECHECK)
    due = ExternalIdentity.objects.filter(issuer=settings.OIDC_ISSUER, checked_at__lt=before)
    found = list(due.exclude(refresh_token="").order_by("checked_at")[:AT_A_TIME])
    asked = 0
    for identity in found:
        same = ExternalIdentity.objects.filter(pk=identity.pk, checked_at=identity.checked_at)
        if same.update(checked_at=timezone.now()):
            asked += 1
            if not _check(identity):
                break  # it does not answer: the others are asked about later, too
    return asked


def _check(identity: ExternalIdentity) -> bool:
    """Ask about one. False if the provider gave no answer."""
    kept = identity.refresh_token
    try:
        opened = secrets.decrypt(kept, identity.user_id, _kind(identity))
        token = provider.refreshed(opened.removeprefix(OLD_PREFIX))
    except (provider.Ended, secrets.Unreadable):  # the latter if the key is another one
        _end(identity, kept)
        return True
    except Unavailable:
        return False
    # A sign-in meanwhile has brought a newer one, which stays.
    same = ExternalIdentity.objects.filter(pk=identity.pk, refresh_token=kept)
    same.update(refresh_token=sealed(token, identity))
    return True


def _kind(identity: ExternalIdentity) -> str:
    return f"sso {identity.issuer}"


@transaction.atomic
def _end(identity: ExternalIdentity, kept: str) -> None:
    same = ExternalIdentity.objects.filter(pk=identity.pk, refresh_token=kept)
    if same.update(refresh_token="", ended_at=timezone.now()):
        end_by_sso(identity.user)
        log.info("sso.ended")
