"""The role, the mail address and the end of an account: what administrators and commands change."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.admin.models import DELETION
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import mail
from accounts.actions import check_person, lock_account
from accounts.audit.account_history import record_change
from accounts.factor.policy import is_on
from accounts.models import AccountLink, Block, CodeTries, ExternalIdentity, SealedKit, User
from accounts.roles import check_may_help
from accounts.selectors import rooms_to_leave
from accounts.sign_in.sign_ins import end_everywhere
from accounts.signals import departing, named_in_logs
from chatsite.lib.errors import Conflict, Forbidden, Refused

DELETED = "This account was deleted. Nothing brings it back."

NEEDS_LINK = (
    "They have no password: one that was ever set by a link may be known to who made the link. "
    "Make a link to a new one now, and give it to them yourself."
)
LAST_ADMINISTRATOR = (
    "This is the only administrator. Make somebody else an administrator first "
    "(`manage.py people role NAME administrator`)."
)
NO_OTHER_SIGNS_IN = (
    "No other administrator can sign in: they have no password. Make a link to one first, and let "
    "it be used (`manage.py people reset NAME`)."
)


def delete_own_account(user: User, password: str | None, *, confirmed: bool = False) -> None:
    """Delete an account on its person's own word.

    Args:
        confirmed: as `accounts.actions.check_person` has it.

    Raises:
        Forbidden: `bad_password`, `not_confirmed`.
        Conflict: `still_member` with the ids of rooms to leave first; `last_administrator`.
    """
    check_person(user, password, confirmed=confirmed)
    with transaction.atomic():
        user = lock_account(user, checked=True)
        rooms = rooms_to_leave(user)
        if rooms:
            raise Conflict(
                "Leave your rooms first. Hand a room that you own to another member, or close it.",
                code="still_member",
                rooms=rooms,
            )
        delete_account(user, by=user)


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
    for bot in user.bots.filter(deleted_at=None):
        delete_account(bot, by=by)
    end_everywhere(user, by=by)
    user.bot_tokens.all().delete()
    departing.send(User, user=user)
    answers: list[tuple[Any, Any]] = named_in_logs.send(User, user=user)
    named = {kid for _, kids in answers for kid in kids}
    user.identities.exclude(kid__in=named).delete()
    user.identities.update(agent="", address="")
    SealedKit.objects.filter(user=user).delete()
    Block.objects.filter(Q(user=user) | Q(blocked=user)).delete()
    EmailAddress.objects.filter(user=user).delete()
    AccountLink.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    CodeTries.objects.filter(user=user).delete()
    user.external_identities.all().delete()
    user.groups.clear()
    user.user_permissions.clear()
    user.is_active, user.role, user.mail = False, User.NO_ROLE, ""
    user.last_login, user.deleted_at = None, timezone.now()
    user.set_unusable_password()  # ends every session, too: they hang on the password's hash
    user.save()
    record_change("account.deleted", user, by, "Deleted the account.", DELETION)


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
        end_everywhere(user, by=by)
        for bot in user.bots.filter(deleted_at=None):
            end_everywhere(bot, by=by)  # none signs in while its owner is disabled
    if user.is_active == active:
        return
    user.is_active = active
    user.save(update_fields=["is_active"])
    kind, what = ("account.enabled", "Enabled") if active else ("account.disabled", "Disabled")
    record_change(kind, user, by, f"{what} the account.")


def lock_all(users: Sequence[User]) -> list[User]:
    """The accounts as they are now, locked until the transaction ends, in the order given."""
    locked = User.objects.select_for_update().order_by("pk").in_bulk([user.pk for user in users])
    return [locked[user.pk] for user in users]


@transaction.atomic
def set_role(user: User, role: str, *, by: User | None) -> None:
    """Give `user` a role in the admin in place of any before; `User.NO_ROLE` takes it away.

    Where there was no role before, links to a new password, the mail address, the identity at a
    provider and passkeys are forgotten and every sign-in ends: a helper may have made them, and
    would get in by them. So does a password, with all second factors, if one was ever set by a
    link: an administrator hands a link to another one over.

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
    check_no_bot(user)
    if role != User.ADMINISTRATOR:
        check_administrator_stays(user)
    before, user.role = user.role, role
    if not before:
        _forget_ways_in(user)
        end_everywhere(user, by=by)
    user.save(update_fields=["role", "mail", "password", "password_by_link"])
    old, new = before or "none", role or "none"
    what = f"Changed the role from {old} to {new}."
    record_change("account.role", user, by, what, before=old, after=new)
    mail.send_notice(user, f"The role in the admin is now: {role or 'none'}.")


def _forget_ways_in(user: User) -> None:
    """All that somebody else may have made. The recovery codes go with the last second factor."""
    AccountLink.objects.filter(user=user).delete()
    user.external_identities.all().delete()
    user.mail = ""
    own = Authenticator.objects.filter(user=user)
    own.filter(type=Authenticator.Type.WEBAUTHN).delete()
    if user.password_by_link:
        user.set_unusable_password()
        user.password_by_link = False
        own.delete()
    if not is_on(user):
        own.delete()


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
    check_no_bot(user)
    try:
        User._meta.get_field("mail").clean(address, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), code="invalid") from None
    mail.send_notice(user, "The mail address was changed. No more mail comes to this one.")
    user.mail = address
    user.save(update_fields=["mail"])
    record_change("account.mail", user, by, "Changed the mail address.")


def check_no_bot(user: User) -> None:
    """Refuse to give a bot what only people have: a password, a role, a mail address.

    Raises:
        Conflict: `bot`.
    """
    if user.is_bot:
        raise Conflict("This is a bot. It signs in by tokens, which its owner makes.", code="bot")


def check_administrator_stays(*leaving: User) -> None:
    """Refuse to take the last administrator away, or the last who can sign in: nobody could undo
    it.

    Locks the administrators, so that two who demote each other wait for one another.

    Raises:
        Conflict: `last_administrator`.
    """
    present = set(User.objects.administrators().select_for_update().order_by("pk"))
    if present and not present - set(leaving):
        raise Conflict(LAST_ADMINISTRATOR, code="last_administrator")
    able = able_to_sign_in(present)
    if able and not able - set(leaving):
        raise Conflict(NO_OTHER_SIGNS_IN, code="last_administrator")


def able_to_sign_in(users: Collection[User]) -> set[User]:
    """Those of `users` who have a password, or come by the provider of single sign-on."""
    linked = {"issuer": settings.OIDC_ISSUER, "user__in": users}
    by_sso = set(ExternalIdentity.objects.filter(**linked).values_list("user", flat=True))
    return {user for user in users if user.has_usable_password() or user.pk in by_sso}
