"""A sign-in that is under way, kept by its browser in a signed cookie for ten minutes.

The server keeps nothing of it, so that anonymous callers fill no table of sessions. There is one
cookie: a step of a sign-in replaces the one before it.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from accounts.sign_in.signed_steps import is_first_use
from chatsite.lib.errors import Forbidden, Gone

COOKIE = "sotto_sso"
PATH = "/accounts/sso/"
WITHIN = 600  # seconds
KEPT = 3600  # seconds: a browser that comes too late is told so
NOT_BEGUN = "This was not started in this browser. Start again."
BEGUN, WAITING = "begun", "waiting"  # for the provider, and for a code of the second factor


def keep(response: HttpResponse, step: str, found: dict[str, Any]) -> None:
    """Let the browser keep `found`. It is signed, and not hidden from the browser."""
    response.set_cookie(
        COOKIE,
        signing.dumps(found, salt=_salt(step)),
        max_age=KEPT,
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",  # the provider leads back here
    )


def kept(request: HttpRequest, step: str) -> dict[str, Any]:
    """The last step of this browser's sign-in.

    Raises:
        Forbidden: `sso_state`: it is at no such step.
        Gone: `sso_over`.
    """
    try:
        found: dict[str, Any] = signing.loads(
            request.COOKIES.get(COOKIE, ""), salt=_salt(step), max_age=WITHIN
        )
    except signing.SignatureExpired:
        raise Gone("That took too long. Log in again.", code="sso_over") from None
    except signing.BadSignature:
        raise Forbidden(NOT_BEGUN, code="sso_state") from None
    return found


def forget(response: HttpResponse) -> None:
    """Let the browser forget it: each step counts once."""
    response.delete_cookie(COOKIE, path=PATH, samesite="Lax")


def use_up(id_: str) -> None:
    """Let the step of this id count once: the cookie may have been copied.

    Raises:
        Gone: `sso_over`: it has counted.
        Unavailable: nobody can tell.
    """
    if not is_first_use(f"sso_used:{id_}", WITHIN):
        raise Gone("That took too long. Log in again.", code="sso_over")


def _salt(step: str) -> str:
    return f"sotto/sso/{step}"
