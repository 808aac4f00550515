"""Limits on attempts to sign in, register, or replace keys."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from accounts.limits import count_login
from accounts.registration import limit_name
from chatsite.lib.limits import address_of, policy_of
from chatsite.lib.rest.throttles import AddressThrottle, UserThrottle


class LoginThrottle(AddressThrottle):
    """By name and address together, by address, and by name (accounts/limits.py)."""

    def allow_request(self, request: Request, view: Any) -> bool:
        name = _given(request, "name")
        view.policy = policy_of("login")
        count_login(name if type(name) is str else "", address_of(request))
        return True


class RegistrationThrottle(AddressThrottle):
    """Tries with an invitation link are counted apart."""

    def limit_of(self, request: Request, view: Any) -> str | None:
        return limit_name() if request.method == "POST" else None


class ResetThrottle(UserThrottle):
    """New keys in place of lost ones take the password, which might be guessed."""

    def limit_of(self, request: Request, view: Any) -> str | None:
        resets = request.method == "POST" and _given(request, "password") is not None
        return "reset" if resets else None


def _given(request: Request, key: str) -> Any:
    """The value under `key` in a body that is not validated yet."""
    return request.data.get(key) if type(request.data) is dict else None
