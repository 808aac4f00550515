"""Queries and managers of accounts and sign-ins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.models import BaseUserManager
from django.db import OperationalError, connection, models, transaction
from django.utils import timezone

from accounts.audit.recording import record

if TYPE_CHECKING:
    from accounts.models import SignIn, User  # noqa: F401  (named in a base class)


def kept_for_ever(users: set[models.Model]) -> models.ProtectedError:
    """Return the error of an attempt to delete accounts."""
    return models.ProtectedError(
        "Accounts are ended by accounts.lifecycle.delete_account: a name is never given twice.",
        users,
    )


class UserQuerySet(models.QuerySet["User"]):
    def administrators(self) -> Self:
        """Accounts that may change everything in the admin."""
        return self.filter(is_active=True, role=self.model.ADMINISTRATOR)

    def delete(self) -> Any:
        """Refused: see `User.delete`."""
        raise kept_for_ever(set(self))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, name: str, password: str | None = None, **extra: object) -> User:
        """Make an account as `createsuperuser` and other commands do."""
        user = self.model(name=name.lower(), **extra)
        user.set_password(password)
        with transaction.atomic():
            user.save(using=self._db)
            record("account.registered", account=user, how="command")
        return user

    def create_superuser(self, name: str, password: str | None = None, **extra: object) -> User:
        return self.create_user(name, password, role=self.model.ADMINISTRATOR, **extra)


class SignInQuerySet(models.QuerySet["SignIn"]):
    def programs(self) -> Self:
        return self.exclude(refresh_salt="")

    def in_time(self) -> Self:
        """Without those that are over, or whose account is disabled."""
        return self.filter(expires_at__gt=timezone.now(), user__is_active=True)

    def seen(self) -> None:
        """Note that they were used just now. A database that is too busy for that note fails no
        read: the next request tries again.
        """
        try:
            self.update(seen_at=timezone.now())
        except OperationalError:
            if connection.in_atomic_block:  # its transaction is broken
                raise
