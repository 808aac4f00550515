"""People with roles, and how they change an account in the admin."""

from __future__ import annotations

from accounts.models import User
from tests.accounts.signed_in import browser
from tests.accounts.test_abuse_accounts import INLINE


def with_role(name: str, role: str) -> User:
    return User.objects.create_user(name, role=role)


def change(by: User, user: User, **sent: str):
    address = f"/admin/accounts/user/{user.pk}/change/"
    return browser(by).post(address, {**INLINE, **sent})
