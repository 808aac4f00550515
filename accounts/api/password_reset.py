"""REST: a new password by a one-time link."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import password_reset
from accounts.api.account import OpenView
from accounts.serializers import ResetLinkSchema, ResetNameSchema, ResetPasswordSchema
from chatsite.lib.rest.bodies import body_of, field, limited, only


class ResetLinkView(OpenView):
    """Whose password a link sets; nothing changes."""

    @extend_schema(request=ResetLinkSchema, responses=ResetNameSchema)
    @limited("reset_link")
    def post(self, request: Request) -> Response:
        only(body_of(request), "secret")
        secret = field(body_of(request), "secret", str)
        return Response({"name": password_reset.name_of(secret)})


class ResetPasswordView(OpenView):
    @extend_schema(request=ResetPasswordSchema, responses=ResetNameSchema)
    @limited("reset_link")
    def post(self, request: Request) -> Response:
        only(body_of(request), "secret", "new")
        secret, new = (field(body_of(request), key, str) for key in ("secret", "new"))
        return Response({"name": password_reset.use_link(secret, new)})
