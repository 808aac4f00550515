"""REST: registration, tokens, identities."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import actions
from accounts.authentication import signed_in
from accounts.models import User
from accounts.schemas import (
    CredentialsSchema,
    IdentitiesSchema,
    KidSchema,
    MeSchema,
    RefreshSchema,
    SignedBodySchema,
    SignedInSchema,
    TokensSchema,
)
from chatsite.lib.rest import address_of, body_of, field, limited, only, take


class OpenView(APIView):
    """For who is not signed in. No authenticators: a stale token must not stop a sign-in."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]


def _credentials(request: Request) -> tuple[str, str]:
    only(body_of(request), "name", "password")
    return field(body_of(request), "name", str), field(body_of(request), "password", str)


def _signed_in(user: User) -> dict[str, str]:
    tokens = actions.issue_tokens(user)
    return {
        "uid": user.pk,
        "name": user.name,
        "access": tokens.access,
        "refresh": tokens.refresh,
    }


class RegisterView(OpenView):
    @extend_schema(request=CredentialsSchema, responses={201: SignedInSchema})
    @limited("register")
    def post(self, request: Request) -> Response:
        return Response(_signed_in(actions.register(*_credentials(request))), status=201)


class LoginView(OpenView):
    @extend_schema(request=CredentialsSchema, responses=SignedInSchema)
    def post(self, request: Request) -> Response:
        name, password = _credentials(request)
        take(address_of(request), "login")
        take(name.lower()[:64], "login")
        return Response(_signed_in(actions.sign_in(name, password)))


class RefreshView(OpenView):
    @extend_schema(request=RefreshSchema, responses=TokensSchema)
    @limited("refresh")
    def post(self, request: Request) -> Response:
        only(body_of(request), "refresh")
        tokens = actions.refresh_tokens(field(body_of(request), "refresh", str))
        return Response({"access": tokens.access, "refresh": tokens.refresh})


class LogoutView(OpenView):
    @extend_schema(request=RefreshSchema, responses={204: None})
    def post(self, request: Request) -> Response:
        only(body_of(request), "refresh")
        actions.revoke_tokens(field(body_of(request), "refresh", str))
        return Response(status=204)


class MeView(APIView):
    @extend_schema(responses=MeSchema)
    def get(self, request: Request) -> Response:
        user = signed_in(request)
        return Response({"uid": user.pk, "name": user.name, "kid": user.current_kid})


class IdentitiesView(APIView):
    @extend_schema(
        parameters=[OpenApiParameter("kid", str, many=True, required=True)],
        responses=IdentitiesSchema,
    )
    def get(self, request: Request) -> Response:
        kids = request.query_params.getlist("kid")[:100]
        return Response({"identities": actions.identities_by_kid(kids)})

    @extend_schema(request=SignedBodySchema, responses={201: KidSchema})
    @limited("identity")
    def post(self, request: Request) -> Response:
        sent = body_of(request)
        only(sent, "body", "sig")
        body, sig = field(sent, "body", str), field(sent, "sig", str)
        kid = actions.publish_identity(signed_in(request), body, sig)
        return Response({"kid": kid}, status=201)
