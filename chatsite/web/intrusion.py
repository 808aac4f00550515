"""Middleware of intrusion signals: counts addresses that do not exist and networks of accounts, and
holds back who is not signed in where a network is slowed down.
"""

from __future__ import annotations

from contextlib import suppress

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import get_template
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import SimpleLazyObject, empty
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from accounts.authentication import TokenAuthentication, here
from accounts.intrusion import places, slow_down
from accounts.intrusion.kinds import ENUMERATION
from accounts.intrusion.raising import signal
from accounts.models import User
from chatsite.lib.errors import ChatError
from chatsite.lib.limits import address_of
from chatsite.lib.pages import refuse
from chatsite.web.api_paths import is_api, versioned

SIGN_IN_DOORS = ("/accounts/", "/api/v1/auth/")
"""Below these nobody is taken as signed in: passwords are tried there."""
GOES_ON = {"/api/v1/auth/refresh", "/api/v1/auth/logout", "/accounts/logout/"}
"""Apart from these, by which people who are signed in stay so, or leave."""
LINKS_SSO = {"/accounts/sso/", "/accounts/sso/callback/"}
"""And from these, by which they link their account: no password but their own is tried there."""


class IntrusionDetection(MiddlewareMixin):
    """After the one that knows the user of a session."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        network = here(request).address
        if not slow_down.is_slowed(network) or _goes_on(request):
            return None
        try:
            slow_down.take_turn(network, address_of(request))
        except ChatError as error:
            return _refused(request, error)
        return None

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        network = here(request).address
        known = _known_user(request)
        if known is not None:
            places.note_use(known, network)
        if response.status_code == 404 and network:
            user = known or _signed_in(request)
            signal(ENUMERATION, network=network, person="" if user is None else user.pk)
        return response


def _goes_on(request: HttpRequest) -> bool:
    """True for requests of people who are signed in: others do not slow them down."""
    path = versioned(request.path)
    if path in GOES_ON:
        return True
    closed = path.startswith(SIGN_IN_DOORS) and path not in LINKS_SSO
    return not closed and _signed_in(request) is not None


def _known_user(request: HttpRequest) -> User | None:
    """The user of a request, if something has asked for it: nothing is looked up here."""
    user = request.__dict__.get("user")
    if isinstance(user, SimpleLazyObject) and user._wrapped is empty:
        return None
    return user if isinstance(user, User) else None


def _signed_in(request: HttpRequest) -> User | None:
    """The person whose session or token a request shows, if it stands. The answer itself is the
    same with any cookie, and does not say that it varies.
    """
    accessed = request.session.accessed
    user = request.user if isinstance(request.user, User) else None
    request.session.accessed = accessed
    if user is not None:
        return user
    with suppress(APIException):
        found = TokenAuthentication().authenticate(Request(request))
        return found[0] if found else None
    return None


def _refused(request: HttpRequest, error: ChatError) -> HttpResponse:
    if is_api(request.path) or request.method != "GET":
        return refuse(error)
    answer = HttpResponse(get_template("429.html").render(), status=error.status)
    answer["Retry-After"] = str(error.retry_after)
    return answer
