"""Codes of a second factor: those that an authenticator app shows, and recovery codes.

A code counts once, in all processes.
"""

from __future__ import annotations

import logging
import re
from functools import partial

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.db import transaction
from django.utils.crypto import constant_time_compare

from accounts import mail
from accounts.audit.account_history import record_change
from accounts.factor import code_tries, secrets
from accounts.models import User
from chatsite.lib.errors import Forbidden

APP, RECOVERY = Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES
KEPT = {APP: "secret", RECOVERY: "seed"}  # where a row's data has what is encrypted
CODE = re.compile(r"[0-9]{6,8}")
BAD_CODE = "The code is not right. Use the newest one of your app, or a recovery code."
log = logging.getLogger(__name__)


def codes_left(user: User) -> int:
    """The number of recovery codes that were not used yet; 0 if they cannot be read."""
    found = _row_of(user, RECOVERY)
    if found is None:
        return 0
    try:
        with secrets.of(user.pk, RECOVERY):
            return len(RecoveryCodes(found).get_unused_codes())
    except secrets.Unreadable:
        _note_unreadable(found)
        return 0


def fresh_codes(user: User) -> list[str]:
    """Ten recovery codes in place of any earlier ones."""
    Authenticator.objects.filter(user=user, type=RECOVERY).delete()
    with secrets.of(user.pk, RECOVERY):
        return RecoveryCodes.activate(user).generate_codes()


def check_code(user: User, code: str) -> None:
    """Use up a code of the app, or a recovery code.

    Raises:
        Forbidden: `bad_code`.
        TooMany: too many were wrong (`accounts.code_tries`).
    """
    given = re.sub(r"[\s-]", "", code)
    if not CODE.fullmatch(given) or not code_tries.is_right(user, partial(_use, user, given)):
        raise Forbidden(BAD_CODE, code="bad_code")


def counter_of(secret: str, code: str) -> int | None:
    """The time step whose code `code` is: the present one, or one beside it."""
    for counter in totp.yield_hotp_counters_from_time():
        if constant_time_compare(totp.format_hotp_value(totp.hotp_value(secret, counter)), code):
            return counter
    return None


@transaction.atomic
def bind_old_secrets() -> None:
    """Bind what was encrypted without its account. Idempotent; what cannot be read stays."""
    for kind, kept in KEPT.items():
        old = Authenticator.objects.filter(type=kind).exclude(
            **{f"data__{kept}__startswith": secrets.BOUND}
        )
        for row in old.select_for_update():
            try:
                _bind(row)
            except secrets.Unreadable:
                _note_unreadable(row)


def _use(user: User, code: str) -> bool:
    return any(_use_kind(user, kind, code) for kind in (APP, RECOVERY))


@transaction.atomic
def _use_kind(user: User, kind: Authenticator.Type, code: str) -> bool:
    found = _row_of(user, kind, locked=True)
    if found is None:
        return False
    try:
        _bind(found)
        return (_use_app if kind == APP else _use_recovery)(user, found, code)
    except secrets.Unreadable:
        _note_unreadable(found)
        return False


def _use_app(user: User, found: Authenticator, code: str) -> bool:
    counter = counter_of(secrets.decrypt(found.data["secret"], user.pk, APP), code)
    if counter is None or counter <= found.data.get("counter", 0):
        return False
    found.data["counter"] = counter
    found.save(update_fields=["data"])
    found.record_usage()
    return True


def _use_recovery(user: User, found: Authenticator, code: str) -> bool:
    with secrets.of(user.pk, RECOVERY):
        if not RecoveryCodes(found).validate_code(code):
            return False
    what = "Signed in with a recovery code of the second factor."
    record_change("second_factor.recovery_code", user, user, what)
    mail.send_notice(user, "A recovery code was used in place of the second factor.")
    return True


def _bind(row: Authenticator) -> None:
    """Encrypt a secret anew that is not bound to its account."""
    kept = KEPT[Authenticator.Type(row.type)]
    if not secrets.is_bound(row.data[kept]):
        owner = (str(row.user_id), row.type)
        row.data[kept] = secrets.encrypt(secrets.decrypt(row.data[kept], *owner), *owner)
        row.save(update_fields=["data"])


def _row_of(user: User, kind: Authenticator.Type, *, locked: bool = False) -> Authenticator | None:
    rows = Authenticator.objects.filter(user=user, type=kind)
    return (rows.select_for_update() if locked else rows).first()


def _note_unreadable(row: Authenticator) -> None:
    """The code counts as wrong. `people second-factor` turns the factor off."""
    log.error("second_factor.unreadable", extra={"uid": row.user_id})
