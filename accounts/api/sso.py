"""REST: whether your account is linked with single sign-on, and what the provider tells."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework.parsers import FormParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import serializers
from accounts.authentication import SSO, count_failure, is_confirmed, signed_in
from accounts.sso import actions, back_channel
from chatsite.lib.errors import NotFound, Refused
from chatsite.lib.rest.serializers import EmptySerializer
from chatsite.lib.rest.views import ApiView, OpenView, operation, validated


class SingleSignOnView(ApiView):
    """Linking begins on the site's own page: only a browser can go to the provider."""

    tag = "Account"
    limits = {"GET": "account_reads", "POST": "password"}

    @operation(answers=serializers.SingleSignOnSerializer)
    def get(self, request: Request) -> Response:
        user = signed_in(request)
        facts = {"linked": actions.is_linked(user), "password": user.has_usable_password()}
        return Response({**facts, "confirmed": is_confirmed(request)})

    @operation(body=serializers.PasswordSerializer, answers={204: None}, errors=(404,))
    def post(self, request: Request, body: dict[str, str]) -> Response:
        """Unlink."""
        actions.unlink(signed_in(request), body["password"])
        return Response(status=204)


class BackChannelLogoutView(OpenView):
    """The provider tells that a person has logged out of it: their sign-ins by it end here, too."""

    tag = "Signing in"
    parser_classes: Any = [FormParser]
    limits = {"POST": "sso"}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not settings.OIDC_ISSUER:
            raise NotFound("There is no single sign-on here.", code="no_sso")

    @operation(
        request={"application/x-www-form-urlencoded": serializers.LogoutTokenSerializer},
        answers={200: EmptySerializer},
        errors=(404,),
    )
    def post(self, request: Request) -> Response:
        form: Any = request.data
        sent = {"logout_token": form.get("logout_token")}  # other fields are ignored
        given = validated(serializers.LogoutTokenSerializer, sent)
        try:
            back_channel.log_out(given["logout_token"])
        except Refused:  # forged, or replayed
            count_failure(request, SSO)
            raise
        return Response({}, headers={"Cache-Control": "no-store"})
