"""Adapts allauth's forms to our users."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from accounts.models import User


class Adapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by `accounts.registration` alone."""
        return False

    def get_login_stages(self) -> list[str]:
        """None: `accounts.second_factor` has checked the code, together with the password."""
        return []

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """People without keys make them first."""
        user = request.user
        if isinstance(user, User) and user.current_kid is None:
            return self.get_signup_redirect_url(request)
        return super().get_login_redirect_url(request)
