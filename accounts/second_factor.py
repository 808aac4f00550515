"""A second factor beside the password: an authenticator app (TOTP), and ten recovery codes.

It protects the account on this server. It opens no message, and losing it loses no key.
"""

from __future__ import annotations

import re
from functools import partial

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt
from django.db import transaction
from django.utils.crypto import constant_time_compare

from accounts import code_tries, mail
from accounts.actions import check_password
from accounts.audit.account_history import record_change
from accounts.factor_policy import is_on, is_required
from accounts.lifecycle import lock_all
from accounts.models import User
from accounts.roles import check_may_help
from accounts.sign_ins import end_others
from chatsite.lib.errors import Conflict, Forbidden, Refused, SignInNeeded

SECRET = re.compile(r"[A-Z2-7]{32}")  # 20 bytes in base32
CODE = re.compile(r"[0-9]{6,8}")
BAD_CODE = "The code is not right. Use the newest one of your app, or a recovery code."
NEEDED = "Type the code of your authenticator app, or a recovery code."
REQUIRED = "This site asks you for a second factor."


def codes_left(user: User) -> int:
    """The number of recovery codes that were not used yet."""
    found = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    return 0 if found is None else len(RecoveryCodes(found).get_unused_codes())


def new_secret(user: User, password: str) -> dict[str, str]:
    """A secret for the app of `user`, which counts once `turn_on` gets a code of it.

    Returns:
        `secret`, the `uri` that apps read, and `svg`: that as a QR code.

    Raises:
        Forbidden: `bad_password`.
        Conflict: `second_factor_on`.
    """
    check_password(user, password)
    _check_off(user)
    secret = totp.generate_totp_secret()
    uri = totp_uri(user, secret)
    return {"secret": secret, "uri": uri, "svg": get_adapter().build_totp_svg(uri)}


def totp_uri(user: User, secret: str) -> str:
    return str(get_adapter().build_totp_url(user, secret))


def turn_on(user: User, password: str, secret: str, code: str, *, current: str) -> list[str]:
    """Ask for a code from the next sign-in on. Every sign-in but `current` ends.

    Returns:
        Ten recovery codes, which are shown once.

    Raises:
        Forbidden: `bad_password` or `bad_code`.
        Conflict: `second_factor_on`.
        Refused: `invalid`, if `secret` is none that `new_secret` made.
    """
    check_password(user, password)
    if not SECRET.fullmatch(secret):
        raise Refused("That is no secret of an authenticator app.", code="invalid")
    counter = _counter_of(secret, code)
    if counter is None:
        raise Forbidden(BAD_CODE, code="bad_code")
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        _check_off(user)
        app = totp.TOTP.activate(user, secret).instance
        app.data["counter"] = counter  # this code has counted
        app.save(update_fields=["data"])
        codes = _fresh_codes(user)
        ended = end_others(user, current=current)
        what = f"Turned the second factor on; {ended} other sign-ins ended."
        record_change("second_factor.on", user, user, what)
        mail.send_notice(user, "A second factor was turned on.")
    return codes


def turn_off(user: User, password: str, code: str) -> None:
    """Ask for the password alone again.

    Raises:
        Forbidden: `bad_password`, `bad_code` or `second_factor_required`.
    """
    if is_required(user):
        raise Forbidden(REQUIRED, code="second_factor_required")
    check_password(user, password)
    check_code(user, code)
    _remove(user, by=user)


def replace_codes(user: User, password: str, code: str) -> list[str]:
    """Ten other recovery codes in place of the earlier ones. Errors as `turn_off`."""
    check_password(user, password)
    check_code(user, code)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        codes = _fresh_codes(user)
        what = "Made other recovery codes for the second factor."
        record_change("second_factor.codes", user, user, what)
    return codes


@transaction.atomic
def remove(user: User, *, by: User | None) -> None:
    """Turn off the second factor of a person who lost the app and the codes. Idempotent.

    Args:
        by: who did it, for the record; None for a command on the server.

    Raises:
        Forbidden: `by` may not do that to this account (`accounts.roles`).
    """
    (user,) = lock_all([user])
    check_may_help(by, user)
    if is_on(user):
        _remove(user, by=by)


def check_sign_in(user: User, code: str) -> None:
    """Check the second factor of a person whose password was right.

    Raises:
        SignInNeeded: `second_factor`, if a code is needed; `bad_code`.
    """
    if not is_on(user):
        return
    if not code:
        raise SignInNeeded(NEEDED, code="second_factor")
    try:
        check_code(user, code)
    except Forbidden as error:
        raise SignInNeeded(error.detail, code=error.code) from None


def check_code(user: User, code: str) -> None:
    """Use up a code of the app, or a recovery code. A code counts once, in all processes.

    Raises:
        Forbidden: `bad_code`.
        TooMany: too many were wrong (`accounts.code_tries`).
    """
    given = re.sub(r"[\s-]", "", code)
    if not CODE.fullmatch(given) or not code_tries.is_right(user, partial(_use, user, given)):
        raise Forbidden(BAD_CODE, code="bad_code")


def _use(user: User, code: str) -> bool:
    return _use_app(user, code) or _use_recovery(user, code)


@transaction.atomic
def _use_app(user: User, code: str) -> bool:
    kind = Authenticator.Type.TOTP
    found = Authenticator.objects.select_for_update().filter(user=user, type=kind).first()
    if found is None:
        return False
    counter = _counter_of(decrypt(found.data["secret"]), code)
    if counter is None or counter <= found.data.get("counter", 0):
        return False
    found.data["counter"] = counter
    found.save(update_fields=["data"])
    found.record_usage()
    return True


def _use_recovery(user: User, code: str) -> bool:
    kind = Authenticator.Type.RECOVERY_CODES
    found = Authenticator.objects.filter(user=user, type=kind).first()
    if found is None or not RecoveryCodes(found).validate_code(code):
        return False
    what = "Signed in with a recovery code of the second factor."
    record_change("second_factor.recovery_code", user, user, what)
    mail.send_notice(user, "A recovery code was used in place of the authenticator app.")
    return True


def _counter_of(secret: str, code: str) -> int | None:
    """The time step whose code `code` is: the present one, or one beside it."""
    for counter in totp.yield_hotp_counters_from_time():
        if constant_time_compare(totp.format_hotp_value(totp.hotp_value(secret, counter)), code):
            return counter
    return None


def _fresh_codes(user: User) -> list[str]:
    kind = Authenticator.Type.RECOVERY_CODES
    Authenticator.objects.filter(user=user, type=kind).delete()
    return RecoveryCodes.activate(user).generate_codes()


@transaction.atomic
def _remove(user: User, *, by: User | None) -> None:
    Authenticator.objects.filter(user=user).delete()
    code_tries.forget(user)
    record_change("second_factor.off", user, by, "Turned the second factor off.")
    mail.send_notice(user, "The second factor was turned off.")


def _check_off(user: User) -> None:
    if is_on(user):
        raise Conflict("A second factor is on already. Turn it off first.", code="second_factor_on")
