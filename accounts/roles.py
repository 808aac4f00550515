"""Roles in the admin: administrators do everything, helpers help people, auditors read.

Being staff grants nothing by itself: it only means that an account has one of these roles.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend

from accounts.models import User
from chatsite.lib.errors import Forbidden

MAKES_LINKS = "accounts.add_accountlink"
HELPS = frozenset(
    {
        "accounts.change_user",  # disable and enable; the form has nothing else for helpers
        "accounts.delete_bottoken",
        "accounts.delete_signin",
        MAKES_LINKS,
        "accounts.delete_accountlink",
        "accounts.change_intrusionsignal",  # to lift a slow-down: the page has nothing else
    }
)
"""Rights of helpers, beside reading. They end no account and give no role."""


class RoleBackend(BaseBackend):
    """Django's permissions by role; it signs nobody in. Administrators need none of them."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        if not has_role(user_obj):
            return False
        _, _, codename = perm.partition(".")
        return codename.startswith("view_") or (user_obj.role == User.HELPER and perm in HELPS)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return has_role(user_obj)


def has_role(user: Any) -> bool:
    return isinstance(user, User) and user.is_active and user.is_staff


def may_help(by: User, user: User) -> bool:
    """True if `by` may disable `user`, sign them out, or make a link to a new password for them.

    Helpers may not touch people who have a role: such a link would make them administrators. A bot
    is its owner's: it has no role itself.
    """
    if by.is_administrator:
        return True
    person = user.bot_of or user
    return has_role(by) and by.role == User.HELPER and not person.role


def check_may_help(by: User | None, user: User) -> None:
    """Refuse what `by` may not do for `user`. A command on the server (None) may do everything, and
    people may do what they like with their own account.

    Raises:
        Forbidden: see `may_help`.
    """
    if by is not None and by != user and not may_help(by, user):
        raise Forbidden("Only administrators may do that to this account.", code="not_your_role")
