"""REST: signing in by a passkey alone."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import serializers
from accounts.api.account import signed_in_answer
from accounts.passkeys import actions
from accounts.passkeys.checking import Signed
from accounts.passkeys.serializers import AskedSerializer, SignedSerializer
from accounts.passkeys.views import counted_sign_in
from chatsite.lib.rest.serializers import EmptySerializer
from chatsite.lib.rest.views import OpenView, operation

PROGRAM = ""  # programs have no place but the state that they hold


class PasskeySignInOptionsView(OpenView):
    """Options for an authenticator to sign in. They name no account and no passkey."""

    tag = "Signing in"
    limits = {"POST": "passkey"}

    @operation(body=EmptySerializer, answers={200: AskedSerializer})
    def post(self, request: Request, body: dict[str, Any]) -> Response:
        return Response(actions.begin_sign_in(PROGRAM))


class PasskeySignInView(OpenView):
    """Signs in by a passkey that verified its person. Tries are counted with those of passwords."""

    tag = "Signing in"
    limits = {"POST": "passkey"}

    @operation(
        body=SignedSerializer, answers={200: serializers.SignedInSerializer}, errors=(401, 410)
    )
    def post(self, request: Request, body: dict[str, Any]) -> Response:
        user = counted_sign_in(request, Signed(**body), PROGRAM)
        return Response(signed_in_answer(request, user, how="passkey"))
