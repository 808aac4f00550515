"""A second factor beside the password: an authenticator app, passkeys, and ten recovery codes.

It protects the account on this server. It opens no message, and losing it loses no key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from accounts import mail
from accounts.actions import check_password
from accounts.audit.account_history import record_change
from accounts.factor import code_tries
from accounts.factor.codes import APP, check_code, codes_left, fresh_codes
from accounts.factor.policy import factors_of, is_on, is_required
from accounts.lifecycle import lock_all
from accounts.models import User
from accounts.passkeys import checking
from accounts.roles import check_may_help
from accounts.sign_in.sign_ins import end_others
from chatsite.lib.errors import Forbidden, NotFound, SignInNeeded

PASSKEY = Authenticator.Type.WEBAUTHN
CONFIRM = "passkey/confirm"
NEEDED = "One more step: your passkey, the code of your authenticator app, or a recovery code."
REQUIRED = "This site asks you for a second factor."
BAD_PASSKEY = "That is no passkey of this account. Try again, or use a code."
NAMED = {APP: "authenticator app", PASSKEY: "passkey"}
KINDS = {APP: "authenticator_app", PASSKEY: "passkey"}


@dataclass(frozen=True, slots=True)
class Answer:
    """The second factor that a person gives. `place` is where they were asked for it."""

    code: str = ""
    passkey: checking.Signed | None = None
    place: str = ""


def state_of(user: User) -> dict[str, Any]:
    """The state of the account: `on`, `needed`, `codes` that are left, and its factors."""
    rows = list(factors_of(user).order_by("pk"))
    return {
        "on": bool(rows),
        "needed": is_required(user),
        "codes": codes_left(user),
        "app": next((_described(row) for row in rows if row.type == APP), None),
        "passkeys": [
            {**_described(row), "name": row.data["name"]} for row in rows if row.type == PASSKEY
        ],
    }


def _described(row: Authenticator) -> dict[str, Any]:
    used = row.last_used_at
    return {
        "id": row.pk,
        "made": int(row.created_at.timestamp() * 1000),
        "used": None if used is None else int(used.timestamp() * 1000),
    }


def confirm(user: User, password: str, answer: Answer) -> None:
    """Check the password, and the second factor where one is on.

    Raises:
        Forbidden: `bad_password`, or as `check_answer`.
    """
    check_password(user, password)
    if is_on(user):
        check_answer(user, answer)


def check_sign_in(user: User, answer: Answer) -> None:
    """Check the second factor of a person whose password was right.

    Raises:
        SignInNeeded: `second_factor`, if one is needed, with what may answer; `bad_code`,
            `bad_passkey`.
    """
    if not is_on(user):
        return
    try:
        check_answer(user, answer)
    except Forbidden as error:
        raise SignInNeeded(error.detail, code=error.code, **error.extra) from None


def check_answer(user: User, answer: Answer) -> None:
    """Check a passkey or a code, which is used up.

    Raises:
        Forbidden: `second_factor`, if there is no answer: `app` says if the account has an
            authenticator app, and `passkey` asks for one of its passkeys, or is None. `bad_code`,
            `bad_passkey`.
        Gone: `step_over`: the passkey was asked for too long ago, or elsewhere.
        TooMany: too many codes were wrong.
    """
    place = f"{user.pk}@{answer.place}"
    if answer.passkey is not None:
        challenge = checking.challenge_of(answer.passkey.state, CONFIRM, place)
        if not checking.is_right(user, challenge, answer.passkey.credential):
            raise Forbidden(BAD_PASSKEY, code="bad_passkey")
    elif answer.code:
        check_code(user, answer.code)
    else:
        rows = list(checking.passkeys_of(user))
        asked = checking.request(CONFIRM, place, rows) if rows else None
        app = factors_of(user).filter(type=APP).exists()
        raise Forbidden(NEEDED, code="second_factor", app=app, passkey=asked)


def note_added(user: User, kind: str, *, first: bool, current: str) -> list[str]:
    """Record a factor that was added, inside its transaction. The first one is asked for from the
    next sign-in on, and ends every sign-in but `current`.

    Returns:
        Ten recovery codes, which are shown once; none if there was a factor before.
    """
    named = NAMED[kind]
    record_change(f"{KINDS[kind]}.added", user, user, f"Added: {named}.")
    if not first:
        mail.send_notice(user, f"As a second factor was added: {named}.")
        return []
    codes = fresh_codes(user)
    ended = end_others(user, current=current)
    what = f"Turned the second factor on; {ended} other sign-ins ended."
    record_change("second_factor.on", user, user, what)
    mail.send_notice(user, f"A second factor was turned on: {named}.")
    return codes


def remove_factor(user: User, factor: int, password: str, answer: Answer) -> None:
    """Take the app or one passkey away. Without the last one the password alone is enough.

    Raises:
        Forbidden: `bad_password`, as `check_answer`, or `second_factor_required`: it is the last.
        NotFound: `no_such_factor`.
    """
    check_password(user, password)
    _factor(user, factor)
    check_answer(user, answer)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        row = _factor(user, factor)
        is_last = not factors_of(user).exclude(pk=row.pk).exists()
        if is_last and is_required(user):
            raise Forbidden(REQUIRED, code="second_factor_required")
        row.delete()
        named = NAMED[row.type]
        record_change(f"{KINDS[row.type]}.removed", user, user, f"Removed: {named}.")
        if is_last:
            _remove(user, by=user)
        else:
            mail.send_notice(user, f"Of the second factors was removed: {named}.")


def _factor(user: User, factor: int) -> Authenticator:
    row = factors_of(user).filter(pk=factor).first()
    if row is None:
        raise NotFound("That second factor is not there any more.", code="no_such_factor")
    return row


def turn_off(user: User, password: str, answer: Answer) -> None:
    """Ask for the password alone again.

    Raises:
        Forbidden: `bad_password`, `second_factor_required`, or as `check_answer`.
    """
    if is_required(user):
        raise Forbidden(REQUIRED, code="second_factor_required")
    check_password(user, password)
    check_answer(user, answer)
    _remove(user, by=user)


def replace_codes(user: User, password: str, answer: Answer) -> list[str]:
    """Ten other recovery codes in place of the earlier ones. Errors as `check_answer`."""
    check_password(user, password)
    check_answer(user, answer)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        codes = fresh_codes(user)
        what = "Made other recovery codes for the second factor."
        record_change("second_factor.codes", user, user, what)
    return codes


@transaction.atomic
def remove(user: User, *, by: User | None) -> None:
    """Turn off the second factor of a person who lost all that could answer. Idempotent.

    Args:
        by: who did it, for the record; None for a command on the server.

    Raises:
        Forbidden: `by` may not do that to this account (`accounts.roles`).
    """
    (user,) = lock_all([user])
    check_may_help(by, user)
    if is_on(user):
        _remove(user, by=by)


@transaction.atomic
def _remove(user: User, *, by: User | None) -> None:
    Authenticator.objects.filter(user=user).delete()
    code_tries.forget(user)
    record_change("second_factor.off", user, by, "Turned the second factor off.")
    mail.send_notice(user, "The second factor was turned off.")
