"""REST: second factors of your own account."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import serializers
from accounts.authentication import sign_in_of, signed_in
from accounts.factor import authenticator_app, second_factor
from accounts.passkeys import actions as passkeys
from accounts.passkeys.checking import Signed
from accounts.passkeys.serializers import (
    AskedSerializer,
    NewPasskeySerializer,
    PasskeyNameSerializer,
)
from chatsite.lib.rest.views import ApiView, operation


def factor_in(body: dict[str, Any], place: str) -> second_factor.Answer:
    """The second factor in a body of `FactorSerializer`, asked for at `place`."""
    given = body.get("passkey")
    signed = None if given is None else Signed(**given)
    return second_factor.Answer(body.get("code", ""), signed, place)


def _confirmed(request: Request, body: dict[str, Any]) -> tuple[str, second_factor.Answer]:
    return body["password"], factor_in(body, sign_in_of(request))


class SecondFactorView(ApiView):
    """The state of it; and adding an app with a code of the new secret. The first factor ends
    other sign-ins.
    """

    tag = "Account"
    before_second_factor = True
    limits = {"GET": "account_reads", "POST": "password"}

    @operation(answers=serializers.SecondFactorSerializer)
    def get(self, request: Request) -> Response:
        return Response(second_factor.state_of(signed_in(request)))

    @operation(
        body=serializers.AddAppSerializer,
        answers={200: serializers.RecoveryCodesSerializer},
        errors=(409, 410),
    )
    def post(self, request: Request, body: dict[str, str]) -> Response:
        user, current = signed_in(request), sign_in_of(request)
        return Response({"codes": authenticator_app.add(user, **body, current=current)})


class SecondFactorSecretView(ApiView):
    """A secret for an authenticator app. Nothing changes before a code of it comes back."""

    tag = "Account"
    before_second_factor = True
    limits = {"POST": "password"}

    @operation(
        body=serializers.ConfirmSerializer,
        answers={200: serializers.AppSecretSerializer},
        errors=(409, 410),
    )
    def post(self, request: Request, body: dict[str, Any]) -> Response:
        user, current = signed_in(request), sign_in_of(request)
        confirmed = _confirmed(request, body)
        return Response(authenticator_app.new_secret(user, *confirmed, current=current))


class PasskeyOptionsView(ApiView):
    """Options for a browser to make a passkey. Nothing changes before it comes back."""

    tag = "Account"
    before_second_factor = True
    limits = {"POST": "password"}

    @operation(
        body=serializers.ConfirmSerializer, answers={200: AskedSerializer}, errors=(409, 410)
    )
    def post(self, request: Request, body: dict[str, Any]) -> Response:
        user, current = signed_in(request), sign_in_of(request)
        confirmed = _confirmed(request, body)
        return Response(passkeys.begin_adding(user, *confirmed, current=current))


class PasskeysView(ApiView):
    """Adds a passkey. If it is the first factor, other sign-ins end."""

    tag = "Account"
    before_second_factor = True
    limits = {"POST": "people"}  # the password was counted with the options

    @operation(
        body=NewPasskeySerializer,
        answers={201: serializers.AddedPasskeySerializer},
        errors=(409, 410),
    )
    def post(self, request: Request, body: dict[str, Any]) -> Response:
        user, current = signed_in(request), sign_in_of(request)
        added, codes = passkeys.add(user, **body, current=current)
        return Response({"id": added, "codes": codes}, status=201)


class FactorView(ApiView):
    """Renames a passkey."""

    tag = "Account"
    limits = {"PUT": "people"}

    @operation(body=PasskeyNameSerializer, answers={204: None}, errors=(404,))
    def put(self, request: Request, factor: int, body: dict[str, str]) -> Response:
        passkeys.rename(signed_in(request), factor, body["name"])
        return Response(status=204)


class FactorRemovalView(ApiView):
    """Removes the app or a passkey. The last one is removed only where none is needed."""

    tag = "Account"
    limits = {"POST": "password"}

    @operation(body=serializers.ConfirmSerializer, answers={204: None}, errors=(404, 410))
    def post(self, request: Request, factor: int, body: dict[str, Any]) -> Response:
        second_factor.remove_factor(signed_in(request), factor, *_confirmed(request, body))
        return Response(status=204)


class SecondFactorCodesView(ApiView):
    """Other recovery codes in place of the earlier ones."""

    tag = "Account"
    limits = {"POST": "password"}

    @operation(
        body=serializers.ConfirmSerializer,
        answers={200: serializers.RecoveryCodesSerializer},
        errors=(410,),
    )
    def post(self, request: Request, body: dict[str, Any]) -> Response:
        codes = second_factor.replace_codes(signed_in(request), *_confirmed(request, body))
        return Response({"codes": codes})


class SecondFactorOffView(ApiView):
    """Removes every factor and the recovery codes."""

    tag = "Account"
    limits = {"POST": "password"}

    @operation(body=serializers.ConfirmSerializer, answers={204: None}, errors=(410,))
    def post(self, request: Request, body: dict[str, Any]) -> Response:
        second_factor.turn_off(signed_in(request), *_confirmed(request, body))
        return Response(status=204)
