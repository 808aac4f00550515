"""Passkeys are added and renamed, and open an account without its password."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from accounts.factor.policy import is_on
from accounts.factor.second_factor import PASSKEY, Answer, confirm, note_added
from accounts.models import User
from accounts.passkeys import checking, webauthn
from accounts.sign_in import signed_steps
from chatsite.lib import wire
from chatsite.lib.errors import Conflict, NotFound, Refused, SignInNeeded

MOST = 20  # of one account
ADD, SIGN_IN = "passkey/add", "passkey/sign_in"
UNKNOWN = "No account here opens by that passkey. Log in with your password."
UNUSABLE = "The passkey could not be checked. Nothing was added. Start again."


def begin_adding(user: User, password: str, answer: Answer, *, current: str) -> dict[str, Any]:
    """Ask the browser of `user` to make a passkey.

    Returns:
        `options` for the browser, and `state` for `add`.

    Raises:
        Forbidden: as `second_factor.confirm`.
        Conflict: `too_many_passkeys`.
    """
    confirm(user, password, answer)
    kept = [checking.credential_of(row) for row in checking.passkeys_of(user)]
    _check_fewer(len(kept))
    options, challenge = webauthn.creation_options(user, kept)
    return {"options": options, "state": signed_steps.seal(ADD, current, {"challenge": challenge})}


def add(
    user: User, name: str, state: str, credential: dict[str, Any], *, current: str
) -> tuple[int, list[str]]:
    """Add the passkey that a browser has made.

    Args:
        name: by which its person knows it.
        current: the sign-in, which has to be the one that asked.

    Returns:
        Its id, and what `second_factor.note_added` returns.

    Raises:
        Gone: `step_over`.
        Refused: `bad_passkey`.
        Conflict: `too_many_passkeys`, `passkey_known`.
    """
    challenge = checking.challenge_of(state, ADD, current)
    try:
        made, counter = webauthn.new_passkey(challenge, credential)
    except webauthn.BadPasskey:
        raise Refused(UNUSABLE, code="bad_passkey") from None
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        kept = [checking.credential_of(row) for row in checking.passkeys_of(user)]
        _check_fewer(len(kept))
        if any(one.credential_id == made.credential_id for one in kept):
            raise Conflict("This passkey is on your list already.", code="passkey_known")
        first = not is_on(user)
        data = {"name": name, "credential": wire.b64(made), "counter": counter}
        row = Authenticator.objects.create(user=user, type=PASSKEY, data=data)
        return row.pk, note_added(user, PASSKEY, first=first, current=current)


@transaction.atomic
def rename(user: User, passkey: int, name: str) -> None:
    """Raises NotFound: `no_such_factor`."""
    row = checking.passkeys_of(user).select_for_update().filter(pk=passkey).first()
    if row is None:
        raise NotFound("That passkey is not there any more.", code="no_such_factor")
    row.data["name"] = name
    row.save(update_fields=["data"])


def begin_sign_in(place: str) -> dict[str, Any]:
    """Ask a browser for any passkey of this site, by `options` that name nobody's."""
    return checking.request(SIGN_IN, place, None)


def owner_of(credential: dict[str, Any]) -> User | None:
    """Whom a passkey says it belongs to, which proves nothing yet. None if that person may not
    sign in by one: bots, disabled accounts, and people who have no password here.
    """
    handle = wire.unb64(credential["response"].get("userHandle") or "")
    user = User.objects.filter(pk=handle.hex(), is_active=True, bot_of=None).first()
    return user if user is not None and user.has_usable_password() else None


def sign_in(user: User | None, signed: checking.Signed, place: str) -> User:
    """Open the account of `user` by a passkey that verified its person: no code is asked for.

    Args:
        user: as `owner_of` found.

    Raises:
        Gone: `step_over`.
        SignInNeeded: `bad_login`, whatever is wrong.
    """
    challenge = checking.challenge_of(signed.state, SIGN_IN, place)
    if user is None or not checking.is_right(user, challenge, signed.credential):
        raise SignInNeeded(UNKNOWN, code="bad_login")
    return user


def _check_fewer(many: int) -> None:
    if many >= MOST:
        raise Conflict(f"You have {MOST} passkeys. Remove one first.", code="too_many_passkeys")
