"""The user of a session, as long as the sign-in that it names has not been ended elsewhere."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.access import session_stands
from accounts.models import User


class SignedIn(AuthenticationMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)  # says what is missing before it
        request.user = SimpleLazyObject(lambda: _user_of(request))  # type: ignore[assignment]

        async def auser() -> User | AnonymousUser:
            return await sync_to_async(_user_of)(request)

        request.auser = auser


def _user_of(request: HttpRequest) -> User | AnonymousUser:
    user = get_user(request)
    if not isinstance(user, User) or session_stands(user, request.session):
        return user
    request.session.flush()
    return AnonymousUser()
