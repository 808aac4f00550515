"""REST: a new password by a one-time link."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import links, mail, serializers
from accounts.limits import LONGEST
from chatsite.lib.errors import NotFound
from chatsite.lib.limits import take
from chatsite.lib.rest.views import OpenView, operation


class ResetLinkView(OpenView):
    """The user name of a reset link's account; changes nothing."""

    tag = "Signing in"
    limits = {"POST": "reset_link"}

    @operation(
        body=serializers.LinkSecretSerializer,
        answers={200: serializers.ResetNameSerializer},
        errors=(404, 410),
    )
    def post(self, request: Request, body: dict[str, str]) -> Response:
        return Response({"name": links.account_name(body["secret"])})


class AskForLinkView(OpenView):
    """Mails a link to a new password to people who have an address here. The answer is the same for
    every name.
    """

    tag = "Signing in"
    limits = {"POST": "reset_ask"}

    @operation(body=serializers.AskForLinkSerializer, answers={202: None}, errors=(404,))
    def post(self, request: Request, body: dict[str, str]) -> Response:
        name = body["name"].strip().lower()[:LONGEST]
        if not mail.is_on():
            raise NotFound("This server sends no mail.", code="no_mail")
        take(name, "reset_name")
        links.ask_by_mail(name)
        return Response(status=202)


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
        return Response({"name": links.set_password(body["secret"], body["new"])})
