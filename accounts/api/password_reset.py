"""REST: a new password by a one-time link."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import password_reset, serializers
from chatsite.lib.rest.views import OpenView, operation


class ResetLinkView(OpenView):
    """The user name of a reset link's account; changes nothing."""

    tag = "Signing in"
    limits = {"POST": "reset_link"}

    @operation(
        body=serializers.ResetLinkSerializer,
        answers={200: serializers.ResetNameSerializer},
        errors=(404, 410),
    )
    def post(self, request: Request, body: dict[str, str]) -> Response:
        return Response({"name": password_reset.name_of(body["secret"])})


class ResetPasswordView(OpenView):
    """Sets a new password by a link; every sign-in ends."""

    tag = "Signing in"
    limits = {"POST": "reset_link"}

    @operation(
        body=serializers.ResetPasswordSerializer,
        answers={200: serializers.ResetNameSerializer},
        errors=(404, 410),
    )
    def post(self, request: Request, body: dict[str, str]) -> Response:
        return Response({"name": password_reset.use_link(body["secret"], body["new"])})
