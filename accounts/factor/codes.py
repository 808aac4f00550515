"""Codes of a second factor: those that an authenticator app shows, and recovery codes.

A code counts once, in all processes.
"""

from __future__ import annotations

import re
from functools import partial

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt
from django.db import transaction
from django.utils.crypto import constant_time_compare

from accounts import mail
from accounts.audit.account_history import record_change
from accounts.factor import code_tries
from accounts.models import User
from chatsite.lib.errors import Forbidden

CODE = re.compile(r"[0-9]{6,8}")
BAD_CODE = "The code is not right. Use the newest one of your app, or a recovery code."


def codes_left(user: User) -> int:
    """The number of recovery codes that were not used yet."""
    found = _recovery_codes_of(user)
    return 0 if found is None else len(RecoveryCodes(found).get_unused_codes())


def fresh_codes(user: User) -> list[str]:
    """Ten recovery codes in place of any earlier ones."""
    kind = Authenticator.Type.RECOVERY_CODES
    Authenticator.objects.filter(user=user, type=kind).delete()
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


def _use(user: User, code: str) -> bool:
    return _use_app(user, code) or _use_recovery(user, code)


@transaction.atomic
def _use_app(user: User, code: str) -> bool:
    kind = Authenticator.Type.TOTP
    found = Authenticator.objects.select_for_update().filter(user=user, type=kind).first()
    if found is None:
        return False
    counter = counter_of(decrypt(found.data["secret"]), code)
    if counter is None or counter <= found.data.get("counter", 0):
        return False
    found.data["counter"] = counter
    found.save(update_fields=["data"])
    found.record_usage()
    return True


def _use_recovery(user: User, code: str) -> bool:
    found = _recovery_codes_of(user)
    if found is None or not RecoveryCodes(found).validate_code(code):
        return False
    what = "Signed in with a recovery code of the second factor."
    record_change("second_factor.recovery_code", user, user, what)
    mail.send_notice(user, "A recovery code was used in place of the second factor.")
    return True


def _recovery_codes_of(user: User) -> Authenticator | None:
    kind = Authenticator.Type.RECOVERY_CODES
    return Authenticator.objects.filter(user=user, type=kind).first()
