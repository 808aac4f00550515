"""Pages about oneself. Keys never leave the browser: these pages only carry the scripts."""

from __future__ import annotations

from django.conf import settings as config
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access, actions, registration, sign_ins
from accounts.access import SIGN_IN
from accounts.forms import PasswordForm, SignUpForm
from accounts.limits import password_form, signup_form
from accounts.models import NOTE_EVERY, User
from chatsite.lib.errors import ChatError, Forbidden, Refused, Unavailable

SIGN_INS_SHOWN = 500


@sensitive_post_parameters("password1")
@never_cache
@signup_form
def sign_up(request: HttpRequest) -> HttpResponse:
    """A new account, signed in at once; who is signed in already goes on."""
    if request.user.is_authenticated:
        return redirect(config.LOGIN_REDIRECT_URL)
    if config.REGISTRATION == registration.CLOSED:
        return render(
            request, "account/signup_closed.html", {"contact": config.CONTACT}, status=403
        )
    form = SignUpForm(request.POST or None)
    user = _registered(form) if request.method == "POST" and form.is_valid() else None
    if user is None:
        return render(request, "account/signup.html", {"form": form, "next": _next(request)})
    login(request, user, backend=config.AUTHENTICATION_BACKENDS[0])
    return redirect(_next(request) or config.ACCOUNT_SIGNUP_REDIRECT_URL)


def _registered(form: SignUpForm) -> User | None:
    """The new account; None if the form now says why there is none."""
    given = form.cleaned_data
    try:
        return registration.register(given["username"], given["password1"], form.link_proof)
    except Unavailable:
        raise  # nothing in the form is wrong
    except ChatError as error:
        form.add_error(
            {"name_taken": "username", "invalid": "password1"}.get(error.code), error.detail
        )
        return None


def _next(request: HttpRequest) -> str:
    """The address after a sign-up, if it is on this site."""
    url = request.POST.get("next", request.GET.get("next", ""))
    hosts = {request.get_host()}
    safe = url_has_allowed_host_and_scheme(url, hosts, require_https=request.is_secure())
    return url if safe else ""


@login_required
def keys(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/keys.html")


@login_required
def settings(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/settings.html")


# --- where one is signed in ----------------------------------------------------------------------


@login_required
@never_cache
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    rows = access.sign_ins_of(_user(request))[:SIGN_INS_SHOWN]
    found = access.described_sign_ins(rows, _here(request))
    found.sort(key=lambda one: not one["current"])
    lately = timezone.now() - 2 * NOTE_EVERY
    return render(request, "accounts/sessions.html", {"sessions": found, "lately": lately})


@login_required
@require_POST
def end_session(request: HttpRequest, session: str) -> HttpResponse:
    sign_ins.end(_user(request), session)
    return redirect("sessions")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Asks first, without a script."""
    if request.method != "POST":
        return render(request, "accounts/sessions_end.html")
    sign_ins.end_others(_user(request), current=_here(request))
    return redirect("sessions")


# --- another password ----------------------------------------------------------------------------


@sensitive_post_parameters("old", "new")
@login_required
@never_cache
@password_form
def password(request: HttpRequest) -> HttpResponse:
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _changed(request, form):
        return redirect("password_changed")
    return render(request, "accounts/password.html", {"form": form})


def _changed(request: HttpRequest, form: PasswordForm) -> bool:
    """True if the password was changed; else the form says why not."""
    user, given = _user(request), form.cleaned_data
    try:
        actions.change_password(user, given["old"], given["new"], current=_here(request))
    except Forbidden as error:
        form.add_error("old", error.detail)
        return False
    except Refused as error:
        form.add_error("new", error.detail)
        return False
    update_session_auth_hash(request, user)
    return True


@never_cache
@require_safe
def reset(request: HttpRequest) -> HttpResponse:
    """A new password by a one-time link, which the page's script reads from the fragment."""
    return render(request, "accounts/reset.html", {"contact": config.CONTACT})


@login_required
@require_safe
def password_changed(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/password_changed.html")


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _here(request: HttpRequest) -> str:
    return str(request.session[SIGN_IN])
