"""An authenticator app (TOTP) as a second factor."""

from __future__ import annotations

from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal import auth as totp
from django.db import transaction

from accounts.factor import secrets
from accounts.factor.codes import APP, BAD_CODE, counter_of
from accounts.factor.policy import factors_of, is_on
from accounts.factor.second_factor import Answer, confirm, note_added
from accounts.models import User
from accounts.sign_in import signed_steps
from chatsite.lib.errors import Conflict, Forbidden

SET_UP = "app/set_up"
WITHIN = 3600  # seconds: the person may have to find an app first


def new_secret(user: User, password: str, answer: Answer, *, current: str) -> dict[str, str]:
    """A secret for the app of `user`, which counts once `add` gets a code of it.

    Returns:
        `secret`, the `uri` that apps read, `svg`: that as a QR code, and `state` for `add`.

    Raises:
        Forbidden: as `second_factor.confirm`.
        Conflict: `second_factor_on`.
    """
    confirm(user, password, answer)
    _check_none(user)
    secret = totp.generate_totp_secret()
    uri = str(get_adapter().build_totp_url(user, secret))
    svg = get_adapter().build_totp_svg(uri)
    state = signed_steps.seal(SET_UP, current, {"secret": secret})
    return {"secret": secret, "uri": uri, "svg": svg, "state": state}


def add(user: User, state: str, code: str, *, current: str) -> list[str]:
    """Take codes of the app from now on; the outcome as of `second_factor.note_added`.

    Args:
        code: of the app that got the secret of `state`.
        current: the sign-in, which has to be the one that asked for the secret.

    Raises:
        Gone: `step_over`.
        Forbidden: `bad_code`.
        Conflict: `second_factor_on`.
    """
    secret = signed_steps.opened(state, SET_UP, current, within=WITHIN)["secret"]
    counter = counter_of(secret, code)
    if counter is None:
        raise Forbidden(BAD_CODE, code="bad_code")
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        _check_none(user)
        first = not is_on(user)
        with secrets.of(user.pk, APP):
            app = totp.TOTP.activate(user, secret).instance
        app.data["counter"] = counter  # this code has counted
        app.save(update_fields=["data"])
        return note_added(user, APP, first=first, current=current)


def _check_none(user: User) -> None:
    if factors_of(user).filter(type=APP).exists():
        raise Conflict("An authenticator app is there already.", code="second_factor_on")
