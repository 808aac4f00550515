"""REST: registration, tokens, identities, other people, the end of an account."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access, actions, registration, sign_ins
from accounts.authentication import here, signed_in
from accounts.limits import count_login
from accounts.models import User
from accounts.serializers import (
    BlocksSchema,
    CredentialsSchema,
    IdentitiesSchema,
    KidSchema,
    KitSchema,
    MeSchema,
    NewIdentitySchema,
    PasswordSchema,
    PersonSchema,
    RefreshSchema,
    RegistrationSchema,
    SignedInSchema,
    TokensSchema,
)
from chatsite.lib.limits import address_of, take
from chatsite.lib.rest.bodies import body_of, field, limited, only


class OpenView(APIView):
    """For who is not signed in. No authenticators: a stale token must not stop a sign-in."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]


def _credentials(request: Request) -> tuple[str, str]:
    only(body_of(request), "name", "password")
    return field(body_of(request), "name", str), field(body_of(request), "password", str)


def _signed_in(request: Request, user: User) -> dict[str, str]:
    tokens = sign_ins.issue_tokens(user, here(request))
    return {
        "uid": user.pk,
        "name": user.name,
        "access": tokens.access,
        "refresh": tokens.refresh,
    }


class RegisterView(OpenView):
    @extend_schema(request=RegistrationSchema, responses={201: SignedInSchema})
    def post(self, request: Request) -> Response:
        take(address_of(request), registration.limit_name())
        sent = body_of(request)
        only(sent, "name", "password", "invite")
        name, password = field(sent, "name", str), field(sent, "password", str)
        user = registration.register(name, password, _link_proof(sent))
        return Response(_signed_in(request, user), status=201)


def _link_proof(sent: dict[str, Any]) -> registration.LinkProof | None:
    given = field(sent, "invite", dict, default=None)
    if given is None:
        return None
    only(given, "iid", "sig")
    iid, sig = field(given, "iid", str), field(given, "sig", str)
    return registration.LinkProof(iid, sig)


class LoginView(OpenView):
    @extend_schema(request=CredentialsSchema, responses=SignedInSchema)
    def post(self, request: Request) -> Response:
        name, password = _credentials(request)
        count_login(name, address_of(request))
        return Response(_signed_in(request, actions.sign_in(name, password)))


class RefreshView(OpenView):
    @extend_schema(request=RefreshSchema, responses=TokensSchema)
    @limited("refresh")
    def post(self, request: Request) -> Response:
        only(body_of(request), "refresh")
        tokens = sign_ins.refresh_tokens(field(body_of(request), "refresh", str))
        return Response({"access": tokens.access, "refresh": tokens.refresh})


class LogoutView(OpenView):
    @extend_schema(request=RefreshSchema, responses={204: None})
    def post(self, request: Request) -> Response:
        only(body_of(request), "refresh")
        sign_ins.revoke_tokens(field(body_of(request), "refresh", str))
        return Response(status=204)


class MeView(APIView):
    @extend_schema(responses=MeSchema)
    def get(self, request: Request) -> Response:
        user = signed_in(request)
        return Response({"uid": user.pk, "name": user.name, "kid": user.current_kid})


class DeleteMeView(APIView):
    @extend_schema(request=PasswordSchema, responses={204: None})
    def post(self, request: Request) -> Response:
        user = signed_in(request)
        take(user.pk, "password")
        only(body_of(request), "password")
        actions.delete_own_account(user, field(body_of(request), "password", str))
        return Response(status=204)


class PersonView(APIView):
    @extend_schema(responses=PersonSchema)
    @limited("people")
    def get(self, request: Request, name: str) -> Response:
        person = access.person_by_name(name)
        found = person.current_identity
        identity = None if found is None else {"body": found.body, "sig": found.sig}
        return Response({"uid": person.pk, "name": person.name, "identity": identity})


class IdentitiesView(APIView):
    @extend_schema(
        parameters=[OpenApiParameter("kid", str, many=True, required=True)],
        responses=IdentitiesSchema,
    )
    @limited("account_reads")
    def get(self, request: Request) -> Response:
        kids = request.query_params.getlist("kid")[:100]
        return Response({"identities": actions.identities_by_kid(kids)})

    @extend_schema(request=NewIdentitySchema, responses={201: KidSchema})
    @limited("identity")
    def post(self, request: Request) -> Response:
        sent = body_of(request)
        only(sent, "body", "sig", "password")
        body, sig = field(sent, "body", str), field(sent, "sig", str)
        password = field(sent, "password", str, default=None)
        if password is not None:
            take(signed_in(request).pk, "reset")
        kid = actions.publish_identity(signed_in(request), body, sig, password)
        return Response({"kid": kid}, status=201)


class KitView(APIView):
    @extend_schema(responses=KitSchema)
    @limited("account_reads")
    def get(self, request: Request) -> Response:
        return Response({"kit": access.kit_of(signed_in(request))})

    @extend_schema(request=KitSchema, responses={204: None})
    @limited("identity")
    def put(self, request: Request) -> Response:
        only(body_of(request), "kit")
        actions.keep_kit(signed_in(request), field(body_of(request), "kit", dict))
        return Response(status=204)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        actions.drop_kit(signed_in(request))
        return Response(status=204)


class BlocksView(APIView):
    @extend_schema(responses=BlocksSchema)
    @limited("account_reads")
    def get(self, request: Request) -> Response:
        return Response({"blocks": access.blocks_of(signed_in(request))})


class BlockView(APIView):
    @extend_schema(request=None, responses={204: None})
    @limited("people")
    def put(self, request: Request, uid: str) -> Response:
        actions.block(signed_in(request), uid)
        return Response(status=204)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, uid: str) -> Response:
        actions.unblock(signed_in(request), uid)
        return Response(status=204)
