"""REST: whether your account is linked with single sign-on."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import serializers
from accounts.authentication import signed_in
from accounts.sso import actions
from chatsite.lib.rest.views import ApiView, operation


class SingleSignOnView(ApiView):
    """Linking begins on the site's own page: only a browser can go to the provider."""

    tag = "Account"
    limits = {"GET": "account_reads", "POST": "password"}

    @operation(answers=serializers.SingleSignOnSerializer)
    def get(self, request: Request) -> Response:
        return Response({"linked": actions.is_linked(signed_in(request))})

    @operation(body=serializers.PasswordSerializer, answers={204: None}, errors=(404,))
    def post(self, request: Request, body: dict[str, str]) -> Response:
        """Unlink."""
        actions.unlink(signed_in(request), body["password"])
        return Response(status=204)
