"""Permissions of the role "may use the admin": viewing metadata, and no more."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend

from accounts.models import User


class StaffBackend(BaseBackend):
    """Gives every active staff account Django's view permissions; it signs nobody in.

    Rights to add, change and delete are administrators' alone.
    """

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        _, _, codename = perm.partition(".")
        return _is_staff(user_obj) and codename.startswith("view_")

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return _is_staff(user_obj)


def _is_staff(user: Any) -> bool:
    return isinstance(user, User) and user.is_active and user.is_staff
