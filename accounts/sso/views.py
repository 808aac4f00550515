"""The way of a browser to the provider and back.

A callback counts in the browser that began it, within ten minutes (`accounts.sso.pending`); a
provider's code counts once.
"""

from __future__ import annotations

import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import resolve_url
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.actions import check_password
from accounts.authentication import SSO, failures_counted, log_in_browser, note_confirmed
from accounts.factor import policy, second_factor
from accounts.forms import factor_answer
from accounts.models import User
from accounts.sso import actions, pending, provider
from chatsite.lib.errors import ChatError, Forbidden, Gone, NotFound
from chatsite.lib.limits import address_of, take
from chatsite.lib.pages import go_to, next_of, page, refuse
from chatsite.lib.view_limits import limited

OVER = "That took too long. Log in again."
LOG_IN, LINK, CONFIRM = "log_in", "link", "confirm"
LONGEST = 2000  # characters of a code, a state or an address


def _refusing(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answers refusals in the one shape of errors."""

    def answer(request: HttpRequest) -> HttpResponse:
        try:
            return view(request)
        except ChatError as error:
            return refuse(error)

    return answer


@sensitive_post_parameters("password")
@never_cache
@limited(SSO, address_of)
@_refusing
def _begin(request: HttpRequest) -> JsonResponse:
    """Begin, to log in, to link the account that is signed in, which takes its password, or to
    confirm that its person is there (`accounts.authentication.is_confirmed`).

    `next` of the answer is the provider's address.
    """
    if not settings.OIDC_ISSUER:
        raise NotFound("There is no single sign-on here.", code="no_sso")
    given = request.POST.get("purpose")
    purpose = given if given in (LINK, CONFIRM) else LOG_IN
    uid = "" if purpose == LOG_IN else _own_uid(request, purpose)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    address = provider.authorization_url(
        state=state, nonce=nonce, challenge=challenge, anew=purpose == CONFIRM
    )
    begun = {
        "state": state,
        "nonce": nonce,
        "verifier": verifier,
        "purpose": purpose,
        "uid": uid,
        "at": int(time.time()),
        "next": next_of(request),
    }
    response = go_to(address)
    pending.keep(response, pending.BEGUN, begun)
    return response


def _own_uid(request: HttpRequest, purpose: str) -> str:
    """The uid of who is signed in, and may link: with the password."""
    user = request.user
    if not isinstance(user, User):
        raise Forbidden("Log in first.", code="not_signed_in")
    if purpose == LINK:
        take(user.pk, "password")
        with failures_counted(request, user.name):
            check_password(user, request.POST.get("password"))
    return user.pk


@never_cache
@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    """Come back from the provider. What is wrong is said by the page that this leads to."""
    try:
        take(address_of(request), SSO)
        with failures_counted(request, SSO):
            begun = _begun(request)
    except ChatError as error:
        return _with_problem(error.code)
    try:
        with failures_counted(request, SSO):
            response = _answered(request, begun)
    except ChatError as error:
        response = _with_problem(error.code)
    if pending.COOKIE not in response.cookies:
        pending.forget(response)
    return response


@never_cache
@require_POST
@limited(SSO, address_of)
@_refusing
def code(request: HttpRequest) -> JsonResponse:
    """Checks the second factor of a person whom the provider vouched for."""
    try:
        waiting = pending.kept(request, pending.WAITING)
    except Forbidden:
        raise Gone(OVER, code="sso_over") from None
    user = actions.still_opens(waiting["uid"], waiting["identity"])
    if user is None:
        raise Gone(OVER, code="sso_over")
    with failures_counted(request, user.name):
        second_factor.check_answer(user, factor_answer(request))
    pending.use_up(waiting["id"])
    response = go_to(log_in_browser(request, user, waiting["next"], how="sso"))
    pending.forget(response)
    return response


def _begun(request: HttpRequest) -> dict[str, Any]:
    """The sign-in that this browser began."""
    begun, state = pending.kept(request, pending.BEGUN), request.GET.get("state", "")[:LONGEST]
    if not settings.OIDC_ISSUER or not constant_time_compare(state, begun["state"]):
        raise Forbidden(pending.NOT_BEGUN, code="sso_state")
    return begun


def _answered(request: HttpRequest, begun: dict[str, Any]) -> HttpResponse:
    provider.check_issuer(request.GET.get("iss"))
    pending.use_up(begun["state"])
    if request.GET.get("error"):
        raise Forbidden("The sign-on service did not confirm who you are.", code="sso_refused")
    claims = provider.claims_of(
        request.GET.get("code", "")[:LONGEST],
        verifier=begun["verifier"],
        nonce=begun["nonce"],
    )
    if begun["purpose"] == LINK:
        actions.link(_same_user(request, begun), claims)
        return HttpResponseRedirect(resolve_url("settings"))
    if begun["purpose"] == CONFIRM:
        actions.confirm(_same_user(request, begun), claims, begun["at"])
        note_confirmed(request, begun["uid"])
        return HttpResponseRedirect(begun["next"] or resolve_url("settings"))
    return _signed_in(request, claims, begun["next"])


def _same_user(request: HttpRequest, begun: dict[str, Any]) -> User:
    user = request.user
    if not isinstance(user, User) or user.pk != begun["uid"]:
        raise Forbidden("Another account has signed in meanwhile.", code="sso_state")
    return user


def _signed_in(request: HttpRequest, claims: provider.Claims, next_: str) -> HttpResponse:
    """Lead on; to the page for a code, where the account has a second factor."""
    user = actions.account_of(claims)
    if not policy.is_on(user):
        return HttpResponseRedirect(log_in_browser(request, user, next_, how="sso"))
    waiting = {
        "id": secrets.token_hex(16),
        "uid": user.pk,
        "identity": [claims.issuer, claims.subject],
        "next": next_,
    }
    response = _with_problem("second_factor")
    pending.keep(response, pending.WAITING, waiting)
    return response


def _with_problem(code: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{resolve_url('sso')}?{urlencode({'problem': code})}")


begin = page("account/sso.html", post=_begin)
