"""Writes of people to their accounts: passwords, identities, kits, blocks."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import mail
from accounts.audit.account_history import record_change
from accounts.audit.recording import record
from accounts.identity import OpenedIdentity, open_identity
from accounts.models import Block, Identity, SealedKit, User, password_mark
from accounts.selectors import person_by_uid
from accounts.sign_in.sign_ins import NOWHERE, end_others
from accounts.sign_in.user_agents import Place
from accounts.signals import (
    blocked,
    unblocked,
)
from chatsite.lib import pubsub
from chatsite.lib.bus_events import IdentityPublished
from chatsite.lib.errors import Conflict, Forbidden, Refused, SignInNeeded

NOT_RIGHT = "The password is not right."
NOT_CONFIRMED = (
    "This account has no password. Confirm by single sign-on that it is you, then do this within "
    "ten minutes; or ask for a link to a password."
)


def sign_in(name: str, password: str) -> User:
    user = authenticate(None, name=name.lower(), password=password)
    if user is None:
        raise SignInNeeded("The user name or the password is not right.", code="bad_login")
    assert isinstance(user, User)
    return user


def publish_identity(
    user: User,
    body: str,
    sig: str,
    password: str | None = None,
    *,
    confirmed: bool = False,
    place: Place = NOWHERE,
) -> str:
    """Store the first identity of `user`, or with the password the next one (a reset).

    Returns its kid. The present one again is no error. `place` is kept, so that a browser whose
    keys were replaced can say where that was done.

    Args:
        confirmed: as `check_person` has it.
    """
    opened = open_identity(body, sig)
    checked = opened.n > 1 and (password is not None or confirmed)
    if checked:
        check_person(user, password, confirmed=confirmed)
    with transaction.atomic():
        locked = lock_account(user, checked=checked)
        return _publish(locked, opened, body, sig, checked=checked, place=place)


def lock_account(user: User, *, checked: bool) -> User:
    """Lock the row of `user`. The password is checked before, because hashing may wait.

    Raises:
        Forbidden: the password was `checked`, and has been changed since.
    """
    present = User.objects.select_for_update().get(pk=user.pk)
    if checked and present.password != user.password:
        raise Forbidden(NOT_RIGHT, code="bad_password")
    return present


def _publish(
    user: User, opened: OpenedIdentity, body: str, sig: str, *, checked: bool, place: Place
) -> str:
    if (opened.uid, opened.name) != (user.pk, user.name):
        raise Refused("This identity belongs to another account.", code="bad_identity")
    present = user.current_identity
    if present is not None and present.kid == opened.kid:
        return opened.kid
    if present is None:
        if opened.n != 1 or opened.prev:
            raise Refused("A first identity has n 1 and no prev.", code="bad_identity")
    else:
        _check_reset(present, opened)
        if not checked:
            check_person(user, None, confirmed=False)
        # It holds keys that are no longer the account's: restoring it would only mislead.
        SealedKit.objects.filter(user=user).delete()
    Identity.objects.create(
        kid=opened.kid,
        user=user,
        number=opened.n,
        body=body,
        signature=sig,
        ed25519_key=opened.ed,
        agent=place.agent,
        address=place.address,
    )
    kind = "keys.published" if present is None else "keys.reset"
    record(kind, by=user, account=user, kid=opened.kid, n=opened.n)
    pubsub.publish(IdentityPublished(user.pk))
    return opened.kid


def _check_reset(present: Identity, opened: OpenedIdentity) -> None:
    if opened.n == 1:
        raise Conflict("This account has keys already. Restore them here.", code="has_identity")
    if (opened.n, opened.prev) != (present.number + 1, present.kid):
        raise Refused("This identity does not follow the present one.", code="bad_identity")


def change_password(user: User, old: str, new: str, *, current: str) -> int:
    """Another password. Every sign-in but `current` ends; returns how many that were.

    Keys are not touched: they do not hang on the password. What this process holds of `user` is
    the new one afterwards.
    """
    check_password(user, old)
    try:
        validate_password(new, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), code="invalid") from None
    before = user.password
    user.set_password(new)  # hashing may wait: never inside a transaction
    with transaction.atomic():
        if not User.objects.filter(pk=user.pk, password=before).update(password=user.password):
            user.password = before
            raise Forbidden(NOT_RIGHT, code="bad_password")
        mark = password_mark(user.password)
        user.sign_ins.filter(pk=current).update(password_mark=mark)
        ended = end_others(user, current=current)
        what = f"Changed the password; {ended} other sign-ins ended."
        record_change("password.changed", user, user, what)
        mail.send_notice(user, "The password was changed.")
    return ended


def check_person(user: User, password: str | None, *, confirmed: bool) -> None:
    """Check that it is the person themselves, by the password; of who has none, by single sign-on.

    Args:
        confirmed: single sign-on has asked them anew who they are, a short while ago.

    Raises:
        Forbidden: `bad_password`; `not_confirmed`, of who has none.
    """
    if user.has_usable_password():
        check_password(user, password)
    elif not confirmed:
        raise Forbidden(NOT_CONFIRMED, code="not_confirmed")


def check_password(user: User, password: str | None) -> None:
    if password is None or not user.check_password(password):
        raise Forbidden(NOT_RIGHT, code="bad_password")


# --- the sealed kit ------------------------------------------------------------------------------


@transaction.atomic
def keep_kit(user: User, kit: dict[str, Any]) -> None:
    """Keep a recovery kit, without its code, in place of any before."""
    if (kit["uid"], kit["kid"]) != (user.pk, user.current_kid):
        raise Refused("This recovery kit is not for your present keys.", code="bad_kit")
    SealedKit.objects.update_or_create(user=user, defaults={"kit": kit})
    record("kit.kept", by=user, account=user, kid=kit["kid"])


@transaction.atomic
def drop_kit(user: User) -> None:
    """Delete the kit that is kept for `user`. Idempotent."""
    if SealedKit.objects.filter(user=user).delete()[0]:
        record("kit.dropped", by=user, account=user)


# --- blocks --------------------------------------------------------------------------------------


@transaction.atomic
def block(user: User, uid: str) -> None:
    """Want nothing from somebody: their unanswered requests end, too. Idempotent."""
    if uid == user.pk:
        raise Refused("You cannot block yourself.", code="oneself")
    Block.objects.get_or_create(user=user, blocked=person_by_uid(uid))
    blocked.send(User, user=user, uid=uid)


@transaction.atomic
def unblock(user: User, uid: str) -> None:
    """Hear from somebody again. Idempotent."""
    Block.objects.filter(user=user, blocked_id=uid).delete()
    unblocked.send(User, user=user, uid=uid)
