"""What changes accounts: registering, passwords, identities, kits, blocks, the end."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.access import person_by_uid
from accounts.identity import OpenedIdentity, open_identity, open_kit
from accounts.models import Block, Identity, SealedKit, User, password_mark
from accounts.sign_ins import end_everywhere, end_others
from accounts.signals import departing, held_by_rooms, named_in_logs
from chatsite.lib import live, wire
from chatsite.lib.errors import Conflict, Forbidden, Refused, SignInNeeded


def register(name: str, password: str) -> User:
    """A new account, or Refused with a sentence that says what to change."""
    user = User(name=name.lower())
    try:
        user.full_clean(exclude=["password"], validate_unique=False)
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), code="invalid") from None
    try:
        with transaction.atomic():
            return User.objects.create_user(user.name, password)
    except IntegrityError:
        raise Conflict("That user name is taken. Choose another.", code="name_taken") from None


def sign_in(name: str, password: str) -> User:
    user = authenticate(None, name=name.lower(), password=password)
    if user is None:
        raise SignInNeeded("The user name or the password is not right.", code="bad_login")
    assert isinstance(user, User)
    return user


@transaction.atomic
def publish_identity(user: User, body: str, sig: str, password: str | None = None) -> str:
    """Store the first identity of `user`, or with the password the next one (a reset).

    Returns its kid. The present one again is no error.
    """
    opened = open_identity(body, sig)
    User.objects.select_for_update().get(pk=user.pk)
    if (opened.uid, opened.name) != (user.pk, user.name):
        raise Refused("This identity belongs to another account.", code="bad_identity")
    present = user.current_identity
    if present is not None and present.kid == opened.kid:
        return opened.kid
    if present is None:
        if opened.n != 1 or opened.prev:
            raise Refused("A first identity has n 1 and no prev.", code="bad_identity")
    else:
        _check_reset(user, present, opened, password)
        # It holds keys that are no longer the account's: restoring it would only mislead.
        SealedKit.objects.filter(user=user).delete()
    Identity.objects.create(kid=opened.kid, user=user, n=opened.n, body=body, sig=sig, ed=opened.ed)
    live.publish("identity", uid=user.pk)
    return opened.kid


def _check_reset(
    user: User, present: Identity, opened: OpenedIdentity, password: str | None
) -> None:
    if opened.n == 1:
        raise Conflict("This account has keys already. Restore them here.", code="has_identity")
    if (opened.n, opened.prev) != (present.n + 1, present.kid):
        raise Refused("This identity does not follow the present one.", code="bad_identity")
    check_password(user, password)


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
    with transaction.atomic():
        user.set_password(new)
        user.save(update_fields=["password"])
        mark = password_mark(user.password)
        user.sign_ins.filter(pk=current).update(password_mark=mark)
        ended = end_others(user, current=current)
        LogEntry.objects.create(
            user_id=user.pk,
            content_type=ContentType.objects.get_for_model(User),
            object_id=user.pk,
            object_repr=user.name,
            action_flag=CHANGE,
            change_message=f"Changed the password; {ended} other sign-ins ended.",
        )
    return ended


def check_password(user: User, password: str | None) -> None:
    if password is None or not user.check_password(password):
        raise Forbidden("The password is not right.", code="bad_password")


def identities_by_kid(kids: list[str]) -> list[dict[str, Any]]:
    """Public identities, for whoever is signed in: `[{body, sig}]`."""
    for kid in kids:
        wire.unb64(kid, 32)
    found = Identity.objects.filter(kid__in=kids).values_list("body", "sig")
    return [{"body": body, "sig": sig} for body, sig in found]


# --- the sealed kit ------------------------------------------------------------------------------


def keep_kit(user: User, given: Any) -> None:
    """Keep a recovery kit, without its code, in place of any before."""
    kit = open_kit(given)
    if (kit["uid"], kit["kid"]) != (user.pk, user.current_kid):
        raise Refused("This kit is not of your present keys.", code="bad_kit")
    SealedKit.objects.update_or_create(user=user, defaults={"kit": kit})


def drop_kit(user: User) -> None:
    SealedKit.objects.filter(user=user).delete()


# --- blocks --------------------------------------------------------------------------------------


def block(user: User, uid: str) -> None:
    """Want nothing from somebody. Blocking them again changes nothing."""
    if uid == user.pk:
        raise Refused("You cannot block yourself.", code="oneself")
    Block.objects.get_or_create(user=user, blocked=person_by_uid(uid))


def unblock(user: User, uid: str) -> None:
    Block.objects.filter(user=user, blocked_id=uid).delete()


# --- the end of an account -----------------------------------------------------------------------


@transaction.atomic
def delete_account(user: User, password: str) -> None:
    """End an account that has left its rooms.

    Where a log names one of its keys, readers of that log need the identity and nobody else may
    get the name: then the row stays, disabled. Otherwise nothing does.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    check_password(user, password)
    answers: list[tuple[Any, Any]] = held_by_rooms.send(User, user=user)
    rooms = sorted({room for _, held in answers for room in held})
    if rooms:
        raise Conflict("Leave your rooms first, or close them.", code="still_member", rooms=rooms)
    end_everywhere(user)
    departing.send(User, user=user)
    if not any(named for _, named in named_in_logs.send(User, user=user)):
        user.delete()
        return
    drop_kit(user)
    Block.objects.filter(Q(user=user) | Q(blocked=user)).delete()
    user.is_active, user.last_login = False, None
    user.set_unusable_password()  # ends every session, too: they hang on the password's hash
    user.save()
