"""One-time links: to a new password for an account, or to a new account.

The secret is in the link's fragment, which browsers do not send; the page's script posts it. Here
only its hash is kept. Opening a link changes nothing, so a mail program that looks at it uses
nothing up. A new password opens the account; it opens no old message: keys do.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts import mail
from accounts.audit.account_history import record_change, record_changes
from accounts.audit.recording import record
from accounts.lifecycle import check_no_bot, lock_all
from accounts.models import AccountLink, User
from accounts.roles import MAKES_LINKS, check_may_help
from accounts.sign_in.sign_ins import end_everywhere
from chatsite.lib.errors import Forbidden, Gone, NotFound, Refused

PASSWORD_LIFETIME = timedelta(hours=24)
MAILED_FOR = timedelta(minutes=10)
ADMINISTRATOR_LIFETIME = timedelta(hours=1)
ACCOUNT_LIFETIME = timedelta(days=7)
LONGEST_LIFETIME = timedelta(days=90)
MOST_USES = 1000
REMEMBERED = timedelta(days=30)  # so long a link says that it was used, or that it expired
PATHS = {AccountLink.PASSWORD: "/reset", AccountLink.ACCOUNT: "/accounts/signup/"}

UNKNOWN = "This link is not known here. Copy the whole link, or ask for a new one."
USED = "This link was used already. Ask for a new one."
EXPIRED = "This link has expired. Ask for a new one."
REVOKED = "This link was taken back. Ask for a new one."


# --- making them ---------------------------------------------------------------------------------


def make_password_link(
    user: User, *, by: User | None, lifetime: timedelta = PASSWORD_LIFETIME
) -> str:
    """Make a link for `user`; its secret is nowhere else.

    It replaces an earlier one of the same kind: the person's own, if they are `by`, else the one
    that somebody made for them. Asking for a mail voids no link that was handed over.

    Args:
        by: who made it, for the record; None for a command on the server.

    Raises:
        Forbidden: `by` may not do that to this account (`accounts.roles`).
        Refused: `ended`, if the account is disabled or was deleted.
    """
    return make_password_links([user], by=by, lifetime=lifetime)[0]


@transaction.atomic
def make_password_links(
    users: Sequence[User], *, by: User | None, lifetime: timedelta = PASSWORD_LIFETIME
) -> list[str]:
    """Links for several people, in their order. Arguments and errors as `make_password_link`."""
    users = lock_all(users)
    for user in users:
        check_may_help(by, user)
        check_no_bot(user)
    if any(not user.is_active for user in users):
        raise Refused("This account is disabled or was deleted.", code="ended")
    _replaced(users, by).delete()
    texts, rows = [], []
    for user in users:
        text, row = _new(AccountLink.PASSWORD, by, lifetime)
        row.user = user
        texts.append(text)
        rows.append(row)
    what = "Made a one-time link for a new password."
    record_changes("password.link", users, by, what)
    AccountLink.objects.bulk_create(rows)
    return texts


def _replaced(users: Sequence[User], by: User | None) -> QuerySet[AccountLink]:
    """The links of `users` that others by `by` replace."""
    rows = AccountLink.objects.filter(kind=AccountLink.PASSWORD, user__in=users)
    asked_for = Q(made_by=F("user"))
    if by is None:
        return rows.exclude(asked_for)
    return rows.filter(Q(asked_for, user=by) | (~asked_for & ~Q(user=by)))


def mail_password_link(user: User, *, by: User | None) -> None:
    """Make a link for `user` and mail it.

    Raises:
        Forbidden, Refused: as `make_password_link`.
        Refused: `no_mail`: this server sends no mail, or the account has no address.
    """
    if not mail.is_on() or not user.mail:
        raise Refused(
            "No mail can be sent to this account: it has no address, or this server has no mail "
            "server.",
            code="no_mail",
        )
    mail.send_link(user, make_password_link(user, by=by))


def ask_by_mail(name: str) -> None:
    """Mail a link to the person called `name`, if there is one who has an address.

    The asker does not learn if there is, not even by the time that this takes: all of the work is
    done in the background. For MAILED_FOR a link that was asked for stays, so that strangers who
    ask again take nobody's link away; later another one replaces it, as a mail may be lost.
    """
    mail.send_later(partial(_asked_for, name))


def _asked_for(name: str) -> EmailMessage | None:
    user = User.objects.filter(name=name, is_active=True).exclude(mail="").first()
    if user is None:
        return None
    with transaction.atomic():
        (user,) = lock_all([user])  # two may ask at the same moment
        asked = open_links().filter(user=user, made_by=user)
        if asked.filter(created_at__gt=timezone.now() - MAILED_FOR).exists():
            return None
        return mail.link_message(user, make_password_link(user, by=user))


def make_account_link(
    *,
    by: User | None,
    note: str = "",
    max_uses: int = 1,
    lifetime: timedelta | None = None,
    administrator: bool = False,
) -> tuple[AccountLink, str]:
    """Make a link by which people get a new account, whatever `REGISTRATION` says.

    Args:
        by: who made it; None for a command on the server.
        note: what it is for, as administrators see it.
        lifetime: 7 days unless given.
        administrator: the account becomes an administrator's. Such a link has one use and an hour.

    Raises:
        Forbidden: `by` is no administrator and the account would be an administrator's.
        Refused: `invalid`, for a number of uses or a lifetime out of bounds.
    """
    if administrator and by is not None and not by.is_administrator:
        raise Forbidden("Only administrators make administrators.", code="not_your_role")
    if administrator:
        lifetime = ADMINISTRATOR_LIFETIME
    elif lifetime is None:
        lifetime = ACCOUNT_LIFETIME
    if not 1 <= max_uses <= (1 if administrator else MOST_USES):
        raise Refused(f"A link has 1 to {MOST_USES} uses, an administrator's 1.", code="invalid")
    if not timedelta(0) < lifetime <= LONGEST_LIFETIME:
        raise Refused(f"A link is good for 1 to {LONGEST_LIFETIME.days} days.", code="invalid")
    text, row = _new(AccountLink.ACCOUNT, by, lifetime)
    row.note, row.max_uses, row.administrator = note[:200], max_uses, administrator
    with transaction.atomic():
        row.save(force_insert=True)
        privilege = int(administrator)
        record("sign_up_link.made", by=by, link=row.pk, uses=max_uses, administrator=privilege)
    return row, text


def _new(kind: str, by: User | None, lifetime: timedelta) -> tuple[str, AccountLink]:
    secret = secrets.token_urlsafe(32)
    row = AccountLink(
        kind=kind,
        made_by=by,
        secret_hash=_hash(secret),
        expires_at=timezone.now() + lifetime,
    )
    return f"{settings.PUBLIC_URL}{PATHS[kind]}#1.{secret}", row


# --- using them ----------------------------------------------------------------------------------


def account_name(secret: str) -> str:
    """The user name of a valid password link's account. Raises as `set_password`."""
    return _password_user(AccountLink.objects.all(), secret)[1].name


def set_password(secret: str, password: str) -> str:
    """Set a new password, which ends every sign-in and takes the account's other link back; returns
    the user name.

    Raises:
        NotFound: `reset_unknown`.
        Gone: `reset_used`, `reset_expired` or `reset_revoked`.
        Refused: `invalid`, with a sentence that says what to change; the link stays good.
    """
    _, user = _password_user(AccountLink.objects.all(), secret)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), code="invalid") from None
    user.set_password(password)  # slow: before the lock
    with transaction.atomic():
        lock_all([user])
        link, before = _password_user(AccountLink.objects.select_for_update(), secret)
        _count_use(link)
        open_links().filter(user=user).update(revoked_at=timezone.now())
        user.password_by_link = True  # who had the link, or the mailbox, may know it
        user.save(update_fields=["password", "password_by_link"])
        end_everywhere(user, by=user)
        # Somebody else may have had an earlier password, and linked an identity of theirs by it.
        if link.made_by != user and before.has_usable_password():
            user.external_identities.all().delete()
        what = "Set a new password by a one-time link; every sign-in ended."
        record_change("password.set_by_link", user, user, what)
        mail.send_notice(user, "A new password was set by a one-time link.")
    return user.name


def account_link(secret: str) -> AccountLink:
    """A valid link to a new account; changes nothing.

    Raises:
        NotFound: `link_unknown`.
        Gone: `link_used`, `link_expired` or `link_revoked`.
    """
    return _good(AccountLink.objects.all(), AccountLink.ACCOUNT, secret, "link")


def use_for(user: User, secret: str) -> None:
    """Count a use by a new account, and give it the link's role, inside the transaction that makes
    the account. Raises as `account_link`.
    """
    link = _good(AccountLink.objects.select_for_update(), AccountLink.ACCOUNT, secret, "link")
    _count_use(link)
    if link.administrator:
        user.role = User.ADMINISTRATOR
        user.save(update_fields=["role"])
    role = " as an administrator" if link.administrator else ""
    what = f"Made the account{role} by the link {link}."
    record_change("account.registered", user, user, what, how="link", link=link.pk)


@transaction.atomic
def revoke(link: AccountLink, *, by: User | None) -> None:
    """Make a link useless from now on. Idempotent.

    Args:
        by: who did it, for the record; None for a command on the server.
    """
    open_ones = AccountLink.objects.filter(pk=link.pk, revoked_at=None)
    if open_ones.update(revoked_at=timezone.now()):
        record("sign_up_link.revoked", by=by, link=link.pk)


def forget_old() -> int:
    """Delete links that ended long ago; how many."""
    return AccountLink.objects.filter(expires_at__lt=timezone.now() - REMEMBERED).delete()[0]


def state_of(link: AccountLink, now: datetime | None = None) -> str:
    """`open`, `used`, `revoked` or `expired`."""
    if link.revoked_at is not None or not _maker_may(link):
        return "revoked"
    if link.uses >= link.max_uses:
        return "used"
    return "expired" if link.expires_at < (now or timezone.now()) else "open"


def _maker_may(link: AccountLink) -> bool:
    """True if who made a link to a new account could make it now: else it ended with their role."""
    by = link.made_by
    if link.kind == AccountLink.PASSWORD or by is None:
        return True
    return by.is_administrator or (not link.administrator and by.has_perm(MAKES_LINKS))


def open_links() -> QuerySet[AccountLink]:
    """Links that somebody could still use."""
    return AccountLink.objects.filter(
        Q(uses__lt=F("max_uses")), revoked_at=None, expires_at__gt=timezone.now()
    )


def _password_user(links: QuerySet[AccountLink], secret: str) -> tuple[AccountLink, User]:
    link = _good(links, AccountLink.PASSWORD, secret, "reset")
    if link.user is None or not link.user.is_active:
        raise NotFound(UNKNOWN, code="reset_unknown")
    try:
        check_may_help(link.made_by, link.user)  # who made it may have lost the right meanwhile
    except Forbidden:
        raise NotFound(UNKNOWN, code="reset_unknown") from None
    return link, link.user


def _good(links: QuerySet[AccountLink], kind: str, secret: str, prefix: str) -> AccountLink:
    found = links.filter(kind=kind, secret_hash=_hash(secret)).first()
    state = "unknown" if found is None else state_of(found)
    if found is None:
        raise NotFound(UNKNOWN, code=f"{prefix}_unknown")
    if state != "open":
        detail = {"used": USED, "expired": EXPIRED, "revoked": REVOKED}[state]
        raise Gone(detail, code=f"{prefix}_{state}")
    return found


def _count_use(link: AccountLink) -> None:
    link.uses += 1
    link.save(update_fields=["uses"])


def _hash(secret: str) -> str:
    return sha256(b"sotto/link|" + secret.encode("utf-8", "surrogatepass")).hexdigest()
