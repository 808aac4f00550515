"""How often somebody may try to sign in.

By name and address together, so that a stranger who guesses locks nobody out but themselves; by
address, so that they do not go through names; and, far above, by name over all addresses, so that
many of them together cannot guess for ever.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.registration import limit_name
from chatsite.lib.forms import View, limited_form
from chatsite.lib.rest import address_of, take

SIGN_UPS = ("register", "register_invited")
LONGEST = 64  # characters that are looked at; names are shorter


def count_login(name: str, address: str) -> None:
    """One try by a program; TooMany if there were too many, Unavailable if nobody can count."""
    name = _name(name)
    take(address, "login_address")
    take(f"{name}@{address}", "login")
    take(name, "login_name")


def _name(text: str) -> str:
    """The same for all spellings that sign in as the same account."""
    return text.strip().lower()[:LONGEST]


def _form_name(request: HttpRequest) -> str:
    return _name(request.POST.get("login", ""))


def signup_form(view: View) -> View:
    """Decorator: counts as `registration.limit_name` says at the time."""
    counted = {name: limited_form(**{name: address_of})(view) for name in SIGN_UPS}

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return counted[limit_name()](request, *args, **kwargs)

    return inner


login_form = limited_form(
    login_address=address_of,
    login=lambda request: f"{_form_name(request)}@{address_of(request)}",
    login_name=_form_name,
)
password_form = limited_form(password=lambda request: str(request.user.pk))
