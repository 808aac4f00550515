"""REST: a second factor for your own account."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import second_factor, serializers
from accounts.authentication import sign_in_of, signed_in
from accounts.factor_policy import is_on, is_required
from chatsite.lib.rest.views import ApiView, operation


class SecondFactorView(ApiView):
    """The state of it; turning it on with a code of the new secret, which ends other sign-ins."""

    tag = "Account"
    before_second_factor = True
    limits = {"GET": "account_reads", "POST": "password"}

    @operation(answers=serializers.SecondFactorSerializer)
    def get(self, request: Request) -> Response:
        user = signed_in(request)
        found = {
            "on": is_on(user),
            "needed": is_required(user),
            "codes": second_factor.codes_left(user),
        }
        return Response(found)

    @operation(
        body=serializers.TurnOnSerializer,
        answers={200: serializers.RecoveryCodesSerializer},
        errors=(409,),
    )
    def post(self, request: Request, body: dict[str, str]) -> Response:
        user, current = signed_in(request), sign_in_of(request)
        codes = second_factor.turn_on(user, **body, current=current)
        return Response({"codes": codes})


class SecondFactorSecretView(ApiView):
    """A secret for an authenticator app. Nothing changes before a code of it comes back."""

    tag = "Account"
    before_second_factor = True
    limits = {"POST": "password"}

    @operation(
        body=serializers.PasswordSerializer,
        answers={200: serializers.AppSecretSerializer},
        errors=(409,),
    )
    def post(self, request: Request, body: dict[str, str]) -> Response:
        return Response(second_factor.new_secret(signed_in(request), body["password"]))


class SecondFactorCodesView(ApiView):
    """Other recovery codes in place of the earlier ones."""

    tag = "Account"
    limits = {"POST": "password"}

    @operation(
        body=serializers.ConfirmSerializer, answers={200: serializers.RecoveryCodesSerializer}
    )
    def post(self, request: Request, body: dict[str, str]) -> Response:
        return Response({"codes": second_factor.replace_codes(signed_in(request), **body)})


class SecondFactorOffView(ApiView):
    """Turns it off."""

    tag = "Account"
    limits = {"POST": "password"}

    @operation(body=serializers.ConfirmSerializer, answers={204: None})
    def post(self, request: Request, body: dict[str, str]) -> Response:
        second_factor.turn_off(signed_in(request), **body)
        return Response(status=204)
