"""Posts of the log-in page, to sign in by a passkey."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from rest_framework.request import Request

from accounts.authentication import failures_counted, log_in_browser
from accounts.forms import signed_passkey
from accounts.limits import count_login
from accounts.models import User
from accounts.passkeys import actions
from accounts.passkeys.checking import Signed
from accounts.sign_in.signed_steps import browser_of
from chatsite.lib.errors import ChatError
from chatsite.lib.limits import address_of
from chatsite.lib.pages import go_to, next_of, refuse
from chatsite.lib.view_limits import limited


def counted_sign_in(request: Request | HttpRequest, signed: Signed, place: str) -> User:
    """Return whose passkey signed. Tries are counted with those of the person's password.

    Raises:
        TooMany, Unavailable: as `accounts.limits.count_login`.
        Gone, SignInNeeded: as `actions.sign_in`.
    """
    owner = actions.owner_of(signed.credential)
    name = owner.name if owner is not None else ""
    count_login(name, address_of(request))
    with failures_counted(request, name):
        return actions.sign_in(owner, signed, place)


@never_cache
@require_POST
@limited("passkey", address_of)
def options(request: HttpRequest) -> JsonResponse:
    """Ask this browser for a passkey. The answer names no account and no passkey."""
    return JsonResponse(actions.begin_sign_in(browser_of(request)))


@never_cache
@require_POST
@limited("passkey", address_of)
def sign_in(request: HttpRequest) -> JsonResponse:
    """Sign in by a passkey that verified its person."""
    try:
        user = counted_sign_in(request, signed_passkey(request), browser_of(request))
    except ChatError as error:
        return refuse(error)
    return go_to(log_in_browser(request, user, next_of(request), how="passkey"))
