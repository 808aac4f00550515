"""REST: where one is signed in, signing out there, another password."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access, actions, sign_ins
from accounts.authentication import keep_signed_in, sign_in_of, signed_in
from accounts.serializers import NewPasswordSchema, SessionsSchema
from chatsite.lib.limits import take
from chatsite.lib.rest.bodies import body_of, field, only


class SessionsView(APIView):
    @extend_schema(responses=SessionsSchema)
    def get(self, request: Request) -> Response:
        found = access.sign_ins_of(signed_in(request), sign_in_of(request))
        return Response({"sessions": [_in_ms(one) for one in found]})

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        sign_ins.end_others(signed_in(request), current=sign_in_of(request))
        return Response(status=204)


class SessionView(APIView):
    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, session: str) -> Response:
        sign_ins.end(signed_in(request), session)
        return Response(status=204)


class PasswordView(APIView):
    @extend_schema(request=NewPasswordSchema, responses={204: None})
    def post(self, request: Request) -> Response:
        user, sent = signed_in(request), body_of(request)
        take(user.pk, "password")
        only(sent, "old", "new")
        old, new = field(sent, "old", str), field(sent, "new", str)
        actions.change_password(user, old, new, current=sign_in_of(request))
        keep_signed_in(request, user)
        return Response(status=204)


def _in_ms(found: dict[str, Any]) -> dict[str, Any]:
    times = {key: int(found[key].timestamp() * 1000) for key in ("made", "seen")}
    return {**found, **times}
