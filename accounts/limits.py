"""Limits on attempts to sign in.

By name and address together, so that a stranger who guesses locks nobody out but themselves; by
address, so that they do not go through names; and, far above, by name over all addresses, so that
many of them together cannot guess forever.
"""

from __future__ import annotations

from django.http import HttpRequest

from accounts.registration import limit_name
from chatsite.lib.forms import limited_form
from chatsite.lib.limits import address_of, take

LONGEST = 64  # characters that are looked at; names are shorter


def count_login(name: str, address: str) -> None:
    """One try, by a form or by a program; TooMany if there were too many, Unavailable if nobody
    can count. Who is refused by one limit uses up nothing of the next.
    """
    name = _name(name)
    take(address, "login_address")
    take(f"{name}@{address}", "login")
    take(name, "login_name")


def _name(text: str) -> str:
    """The same for all spellings that sign in as the same account."""
    return text.strip().lower()[:LONGEST]


def _count_form_login(request: HttpRequest) -> None:
    count_login(request.POST.get("login", ""), address_of(request))


login_form = limited_form(_count_form_login)
signup_form = limited_form(lambda request: take(address_of(request), limit_name()))
