"""Passkeys of accounts, and the check of their answers to a challenge.

A challenge counts once within five minutes, whether the answer is right or not. Nobody guesses a
signature, so wrong ones bring no pause as wrong codes do: who has only the password keeps no
passkey away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from fido2.webauthn import AttestedCredentialData

from accounts import mail
from accounts.audit.account_history import record_change
from accounts.models import User
from accounts.passkeys import webauthn
from accounts.sign_in import signed_steps
from chatsite.lib import wire
from chatsite.lib.errors import Gone

WITHIN = 300  # seconds that a challenge counts


@dataclass(frozen=True, slots=True)
class Signed:
    """The signed step of a challenge that a browser brings, and the passkey's answer to it."""

    state: str
    credential: dict[str, Any]


def passkeys_of(user: User) -> QuerySet[Authenticator]:
    """The passkeys of `user`, the first made first."""
    kind = Authenticator.Type.WEBAUTHN
    return Authenticator.objects.filter(user=user, type=kind).order_by("pk")


def credential_of(row: Authenticator) -> AttestedCredentialData:
    return AttestedCredentialData(wire.unb64(row.data["credential"]))


def request(purpose: str, place: str, rows: Sequence[Authenticator] | None) -> dict[str, Any]:
    """Ask for a passkey: `options` for the browser, and `state`, which comes back with the answer.

    Args:
        rows: passkeys that may answer; None for any of this site, which names nobody's.
    """
    kept = None if rows is None else [credential_of(row) for row in rows]
    options, challenge = webauthn.request_options(kept)
    state = signed_steps.seal(purpose, place, {"challenge": challenge})
    return {"options": options, "state": state}


def challenge_of(state: str, purpose: str, place: str) -> str:
    """Use up the challenge of a signed step.

    Raises:
        Gone: `step_over`.
    """
    challenge = signed_steps.opened(state, purpose, place, within=WITHIN)["challenge"]
    if not signed_steps.is_first_use(f"passkey_used:{challenge}", WITHIN):
        raise Gone(signed_steps.OVER, code="step_over")
    return challenge


@transaction.atomic
def is_right(user: User, challenge: str, credential: dict[str, Any]) -> bool:
    """True if a passkey of `user` has signed `challenge`, which is noted as its last use."""
    kept = [(row, credential_of(row)) for row in passkeys_of(user).select_for_update()]
    try:
        used, counter = webauthn.used_passkey(challenge, [one for _, one in kept], credential)
    except webauthn.BadPasskey:
        return False
    row = next(row for row, one in kept if one is used)
    if not _goes_on(row.data["counter"], counter):
        _tell_of_copy(user)
        return False
    row.data["counter"], row.last_used_at = counter, timezone.now()
    row.save(update_fields=["data", "last_used_at"])
    return True


def _goes_on(before: int, counter: int) -> bool:
    """True unless a counter stands still or goes back: then there are two of the authenticator.
    Passkeys that people have on several devices count nothing.
    """
    return counter > before or counter == before == 0


def _tell_of_copy(user: User) -> None:
    what = "Refused a passkey whose counter went back: there may be a copy of it."
    record_change("passkey.copied", user, user, what)
    mail.send_notice(user, "A passkey was refused, because a copy of it may have been used.")
