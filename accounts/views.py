"""Pages of a person's own account, and what their forms post: signing up, logging in and out.

Keys never leave the browser, and pages carry nothing but the scripts. All else is the API's.
"""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, JsonResponse
from django.shortcuts import resolve_url
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts import registration
from accounts.authentication import count_failure, failures_counted
from accounts.factor import second_factor
from accounts.forms import SignUpForm, factor_answer
from accounts.limits import login_form, signup_form
from accounts.models import User
from chatsite.lib.errors import ChatError, Unavailable
from chatsite.lib.pages import go_to, next_of, page, refuse, refuse_form
from chatsite.lib.view_limits import limited


@sensitive_post_parameters("password1")
@never_cache
@signup_form
def _sign_up(request: HttpRequest) -> JsonResponse:
    """A new account, signed in at once; who is signed in already goes on."""
    if request.user.is_authenticated:
        return go_to(resolve_url(settings.LOGIN_REDIRECT_URL))
    form = SignUpForm(request.POST)
    try:
        user = _registered(form) if form.is_valid() else None
    except ChatError as error:
        return refuse(error)
    if user is None:
        return refuse_form(form)
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return go_to(next_of(request) or resolve_url(settings.ACCOUNT_SIGNUP_REDIRECT_URL))


def _registered(form: SignUpForm) -> User | None:
    """The new account; None if one field of the form now says why there is none.

    Raises:
        ChatError: the site or the invitation link lets nobody in, or it is busy.
    """
    given = form.cleaned_data
    try:
        return registration.register(
            given["username"], given["password1"], form.link_proof, given["link"] or None
        )
    except ChatError as error:
        field = {"name_taken": "username", "invalid": "password1"}.get(error.code)
        if field is None or isinstance(error, Unavailable):
            raise
        form.add_error(field, error.detail)
        return None


@sensitive_post_parameters("password")
@never_cache
@login_form
def _log_in(request: HttpRequest) -> JsonResponse:
    form = LoginForm(request.POST, request=request)
    if not form.is_valid():
        if {"login", "password"} <= form.cleaned_data.keys():  # they do not fit each other
            count_failure(request, form.cleaned_data["login"])
        return refuse_form(form)
    try:
        with failures_counted(request, form.user.name):
            second_factor.check_sign_in(form.user, factor_answer(request))
    except ChatError as error:
        return refuse(error)
    return go_to(form.login(request, redirect_url=next_of(request) or None)["Location"])


@never_cache
@limited()
def _log_out(request: HttpRequest) -> JsonResponse:
    get_adapter().logout(request)
    return go_to(resolve_url(settings.LOGOUT_REDIRECT_URL))


log_in = page("account/login.html", post=_log_in)
sign_up = page("account/signup.html", post=_sign_up)
log_out = page("account/logout.html", post=_log_out)
inactive = page("account/account_inactive.html")
reset = page("accounts/reset.html")
keys = page("accounts/keys.html")
account_settings = page("accounts/settings.html")
sessions = page("accounts/sessions.html")
second_factor_settings = page("accounts/second_factor.html")
password = page("accounts/password.html")
bots = page("accounts/bots.html")
