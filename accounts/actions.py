"""Writes to accounts: passwords, identities, kits, blocks, roles, the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import mail
from accounts.access import person_by_uid
from accounts.identity import OpenedIdentity, open_identity
from accounts.models import AccountLink, Block, Identity, SealedKit, User, password_mark
from accounts.roles import check_may_help
from accounts.sign_ins import end_everywhere, end_others
from accounts.signals import (
    blocked,
    departing,
    held_by_rooms,
    named_in_logs,
    owned_rooms,
    unblocked,
)
from chatsite.lib import pubsub, wire
from chatsite.lib.bus_events import IdentityPublished
from chatsite.lib.errors import Conflict, Forbidden, Refused, SignInNeeded

NOT_RIGHT = "The password is not right."


def sign_in(name: str, password: str) -> User:
    user = authenticate(None, name=name.lower(), password=password)
    if user is None:
        raise SignInNeeded("The user name or the password is not right.", code="bad_login")
    assert isinstance(user, User)
    return user


def publish_identity(user: User, body: str, sig: str, password: str | None = None) -> str:
    """Store the first identity of `user`, or with the password the next one (a reset).

    Returns its kid. The present one again is no error.
    """
    opened = open_identity(body, sig)
    checked = password is not None and opened.n > 1
    if checked:
        check_password(user, password)
    with transaction.atomic():
        locked = _locked(user, checked=checked)
        return _publish(locked, opened, body, sig, checked=checked)


def _locked(user: User, *, checked: bool) -> User:
    """Lock the row of `user`. The password is checked before, because hashing may wait.

    Raises:
        Forbidden: the password was `checked`, and has been changed since.
    """
    present = User.objects.select_for_update().get(pk=user.pk)
    if checked and present.password != user.password:
        raise Forbidden(NOT_RIGHT, code="bad_password")
    return present


def _publish(user: User, opened: OpenedIdentity, body: str, sig: str, *, checked: bool) -> str:
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
            raise Forbidden(NOT_RIGHT, code="bad_password")
        # It holds keys that are no longer the account's: restoring it would only mislead.
        SealedKit.objects.filter(user=user).delete()
    Identity.objects.create(
        kid=opened.kid,
        user=user,
        number=opened.n,
        body=body,
        signature=sig,
        ed25519_key=opened.ed,
    )
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
        record(user, user, f"Changed the password; {ended} other sign-ins ended.")
        mail.send_notice(user, "The password was changed.")
    return ended


def check_password(user: User, password: str | None) -> None:
    if password is None or not user.check_password(password):
        raise Forbidden(NOT_RIGHT, code="bad_password")


def identities_by_kid(kids: list[str]) -> list[dict[str, Any]]:
    """Public identities, for any signed-in person: `[{body, sig}]`."""
    for kid in kids:
        wire.unb64(kid, 32)
    found = Identity.objects.filter(kid__in=kids).values_list("body", "signature")
    return [{"body": body, "sig": sig} for body, sig in found]


# --- the sealed kit ------------------------------------------------------------------------------


def keep_kit(user: User, kit: dict[str, Any]) -> None:
    """Keep a recovery kit, without its code, in place of any before."""
    if (kit["uid"], kit["kid"]) != (user.pk, user.current_kid):
        raise Refused("This kit is not of your present keys.", code="bad_kit")
    SealedKit.objects.update_or_create(user=user, defaults={"kit": kit})


def drop_kit(user: User) -> None:
    SealedKit.objects.filter(user=user).delete()


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


# --- the end of an account -----------------------------------------------------------------------

DELETED = "This account was deleted. Nothing brings it back."
LAST_ADMINISTRATOR = (
    "This is the only administrator. Make somebody else an administrator first "
    "(`manage.py people role NAME administrator`)."
)


def delete_own_account(user: User, password: str) -> None:
    """Delete an account on its person's own word.

    Raises:
        Forbidden: `bad_password`.
        Conflict: `still_member` with the ids of rooms to leave first; `last_administrator`.
    """
    check_password(user, password)
    with transaction.atomic():
        user = _locked(user, checked=True)
        rooms = rooms_to_leave(user)
        if rooms:
            raise Conflict(
                "Leave your rooms first. Hand a room that you own to another member, or close it.",
                code="still_member",
                rooms=rooms,
            )
        delete_account(user, by=user)


def rooms_to_leave(user: User) -> list[str]:
    """The ids of rooms that `user` has to leave before deleting the account."""
    answers: list[tuple[Any, Any]] = held_by_rooms.send(User, user=user)
    return sorted({room for _, held in answers for room in held})


def rooms_to_hand_over(user: User) -> list[str]:
    """The ids of rooms with others in them that only `user` owns: name a successor there first."""
    answers: list[tuple[Any, Any]] = owned_rooms.send(User, user=user)
    return sorted({room for _, owned in answers for room in owned})


@transaction.atomic
def delete_account(user: User, *, by: User | None) -> None:
    """End an account forever: its person, an administrator or a command does.

    The name, the uid and the identities that logs name stay, so that logs go on to verify and
    nobody else gets the name. Everything else goes, and every sign-in and socket ends. Rooms that
    the person is still in keep them as a member until a leader removes them: only members sign.

    Args:
        by: who did it, for the record; None for a command on the server.

    Raises:
        Conflict: `last_administrator`.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.deleted_at is not None:
        return
    check_administrator_stays(user)
    end_everywhere(user)
    departing.send(User, user=user)
    answers: list[tuple[Any, Any]] = named_in_logs.send(User, user=user)
    named = {kid for _, kids in answers for kid in kids}
    user.identities.exclude(kid__in=named).delete()
    drop_kit(user)
    Block.objects.filter(Q(user=user) | Q(blocked=user)).delete()
    EmailAddress.objects.filter(user=user).delete()
    AccountLink.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    user.external_identities.all().delete()
    user.groups.clear()
    user.user_permissions.clear()
    user.is_active, user.role, user.mail = False, User.NO_ROLE, ""
    user.last_login, user.deleted_at = None, timezone.now()
    user.set_unusable_password()  # ends every session, too: they hang on the password's hash
    user.save()
    record(user, by, "Deleted the account.", DELETION)


@transaction.atomic
def set_active(user: User, active: bool, *, by: User | None) -> None:
    """Disable an account, which ends every sign-in and socket, or enable it again.

    Args:
        by: who did it, for the record; None for a command on the server.

    Raises:
        Forbidden: `by` may not do that to this account (`accounts.roles`).
        Conflict: `last_administrator`, or `deleted`: such an account never comes back.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    check_may_help(by, user)
    if user.deleted_at is not None:
        raise Conflict(DELETED, code="deleted")
    if not active:
        check_administrator_stays(user)
        end_everywhere(user)
    if user.is_active == active:
        return
    user.is_active = active
    user.save(update_fields=["is_active"])
    record(user, by, "Enabled the account." if active else "Disabled the account.")


def lock_all(users: Sequence[User]) -> list[User]:
    """The accounts as they are now, locked until the transaction ends, in the order given."""
    locked = User.objects.select_for_update().order_by("pk").in_bulk([user.pk for user in users])
    return [locked[user.pk] for user in users]


@transaction.atomic
def set_role(user: User, role: str, *, by: User | None) -> None:
    """Give `user` a role in the admin in place of any before; `User.NO_ROLE` takes it away.

    Where there was no role before, links to a new password, the mail address and the identity at a
    provider are forgotten and every sign-in ends: a helper may have made them, and would get in by
    them.

    Args:
        by: who did it, for the record; None for a command on the server.

    Raises:
        Forbidden: `by` is no administrator.
        Conflict: `last_administrator`, or `deleted`.
    """
    if by is not None and not by.is_administrator:
        raise Forbidden("Only administrators give roles.", code="not_your_role")
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.deleted_at is not None:
        raise Conflict(DELETED, code="deleted")
    if role == user.role:
        return
    if role != User.ADMINISTRATOR:
        check_administrator_stays(user)
    before, user.role = user.role, role
    if not before:
        AccountLink.objects.filter(user=user).delete()
        user.external_identities.all().delete()
        end_everywhere(user)
        user.mail = ""
    user.save(update_fields=["role", "mail"])
    record(user, by, f"Changed the role from {before or 'none'} to {role or 'none'}.")
    mail.send_notice(user, f"The role in the admin is now: {role or 'none'}.")


@transaction.atomic
def set_mail(user: User, address: str, *, by: User | None) -> None:
    """Note the mail address of `user`, or forget it if `address` is empty. The one before is told.

    Args:
        by: who did it, for the record; None for a command on the server.

    Raises:
        Forbidden: `by` may not do that to this account (`accounts.roles`).
        Conflict: `deleted`.
        Refused: `invalid`: that is no address.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    check_may_help(by, user)
    if user.deleted_at is not None:
        raise Conflict(DELETED, code="deleted")
    if address == user.mail:
        return
    try:
        User._meta.get_field("mail").clean(address, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), code="invalid") from None
    mail.send_notice(user, "The mail address was changed. No more mail comes to this one.")
    user.mail = address
    user.save(update_fields=["mail"])
    record(user, by, "Changed the mail address.")


def check_administrator_stays(*leaving: User) -> None:
    """Refuse to take the last administrator away: nobody could undo it.

    Locks the administrators, so that two who demote each other wait for one another.

    Raises:
        Conflict: `last_administrator`.
    """
    present = list(User.objects.administrators().select_for_update().order_by("pk"))
    staying = set(present) - set(leaving)
    if present and not staying:
        raise Conflict(LAST_ADMINISTRATOR, code="last_administrator")


def record(user: User, by: User | None, what: str, flag: int = CHANGE) -> None:
    """Write on the audit record what was done to `user`; a command's entries bear its own name."""
    LogEntry.objects.create(
        user_id=(by or user).pk,
        content_type=ContentType.objects.get_for_model(User),
        object_id=user.pk,
        object_repr=user.name,
        action_flag=flag,
        change_message=what if by is not None else f"{what} By a command on the server.",
    )
