"""REST: registration, tokens, identities, other people, the end of an account."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions, lifecycle, links, registration, selectors, serializers
from accounts.api.second_factor import factor_in
from accounts.authentication import (
    TokenAuthentication,
    failures_counted,
    here,
    is_confirmed,
    sign_in_of,
    signed_in,
)
from accounts.factor import second_factor
from accounts.models import User
from accounts.sign_in import sign_ins
from accounts.throttles import LoginThrottle, RegistrationThrottle, ResetThrottle
from chatsite.lib import wire
from chatsite.lib.rest.pagination import KeysetPagination, PageQuerySerializer
from chatsite.lib.rest.serializers import EmptySerializer
from chatsite.lib.rest.throttles import UserThrottle
from chatsite.lib.rest.views import ApiView, OpenView, operation


def signed_in_answer(request: Request, user: User, *, how: str = "password") -> dict[str, str]:
    """Sign a program in, and return what it is told."""
    tokens = sign_ins.issue_tokens(user, here(request), how=how)
    return {
        "uid": user.pk,
        "name": user.name,
        "access": tokens.access,
        "refresh": tokens.refresh,
    }


class RegisterView(OpenView):
    tag = "Signing in"
    throttle_classes = [RegistrationThrottle]
    limits = {"POST": "register"}

    @operation(
        body=serializers.RegistrationSerializer,
        answers={201: serializers.SignedInSerializer},
        errors=(403, 404, 409, 410),
    )
    def post(self, request: Request, body: dict[str, Any]) -> Response:
        given = body.get("invite")
        proof = None if given is None else registration.LinkProof(**given)
        user = registration.register(body["name"], body["password"], proof, body.get("link"))
        return Response(signed_in_answer(request, user), status=201)


class SignUpLinkView(OpenView):
    """A sign-up link's offer; changes nothing."""

    tag = "Signing in"
    limits = {"POST": "reset_link"}

    @operation(
        body=serializers.LinkSecretSerializer,
        answers={200: serializers.SignUpLinkSerializer},
        errors=(404, 410),
    )
    def post(self, request: Request, body: dict[str, str]) -> Response:
        link = links.account_link(body["secret"])
        expires = int(link.expires_at.timestamp() * 1000)
        return Response({"administrator": link.administrator, "expires": expires})


class LoginView(OpenView):
    tag = "Signing in"
    throttle_classes = [LoginThrottle]
    limits = {"POST": "login"}

    @operation(
        body=serializers.CredentialsSerializer,
        answers={200: serializers.SignedInSerializer},
        errors=(401, 410),
    )
    def post(self, request: Request, body: dict[str, Any]) -> Response:
        with failures_counted(request, body["name"]):
            user = actions.sign_in(body["name"], body["password"])
            second_factor.check_sign_in(user, factor_in(body, place=""))
        return Response(signed_in_answer(request, user))


class RefreshView(OpenView):
    tag = "Signing in"
    limits = {"POST": "refresh"}

    @operation(
        body=serializers.RefreshSerializer,
        answers={200: serializers.TokensSerializer},
        errors=(401,),
    )
    def post(self, request: Request, body: dict[str, str]) -> Response:
        tokens = sign_ins.refresh_tokens(body["refresh"], here(request))
        return Response({"access": tokens.access, "refresh": tokens.refresh})


class LogoutView(OpenView):
    """Ends the sign-in of the refresh token; without one, that of the bearer token."""

    tag = "Signing in"
    authentication_classes = [TokenAuthentication]
    before_second_factor = True

    def perform_authentication(self, request: Request) -> None:
        """Left to `post`: a stale bearer token is in nobody's way who has a refresh token."""

    @operation(body=serializers.LogoutSerializer, answers={204: None}, errors=(401,))
    def post(self, request: Request, body: dict[str, str]) -> Response:
        if "refresh" in body:
            sign_ins.revoke_tokens(body["refresh"])
        else:
            sign_ins.end(signed_in(request), sign_in_of(request))
        return Response(status=204)


class MeView(ApiView):
    tag = "Account"
    scopes = {"GET": "read"}

    @operation(answers=serializers.MeSerializer)
    def get(self, request: Request) -> Response:
        user = signed_in(request)
        keys = selectors.present_keys(user)
        found = {"uid": user.pk, "name": user.name, "kid": keys and keys["kid"], "keys": keys}
        return Response({**found, "kit": selectors.has_kit(user), "bot": user.is_bot})


class DeleteMeView(ApiView):
    tag = "Account"
    limits = {"POST": "password"}

    @operation(body=serializers.ConfirmationSerializer, answers={204: None}, errors=(409,))
    def post(self, request: Request, body: dict[str, Any]) -> Response:
        user, confirmed = signed_in(request), is_confirmed(request)
        lifecycle.delete_own_account(user, body.get("password"), confirmed=confirmed)
        return Response(status=204)


class PersonView(ApiView):
    tag = "People"
    scopes = {"GET": "read"}
    limits = {"GET": "people"}

    @operation(answers=serializers.PersonSerializer)
    def get(self, request: Request, name: str) -> Response:
        person = selectors.person_by_name(name)
        found = person.current_identity
        identity = None if found is None else {"body": found.body, "sig": found.signature}
        named = {"uid": person.pk, "name": person.name, "bot": person.is_bot}
        return Response({**named, "identity": identity})


class IdentitiesView(ApiView):
    tag = "People"
    throttle_classes = [UserThrottle, ResetThrottle]
    limits = {"GET": "account_reads", "POST": "identity"}
    scopes = {"GET": "read", "POST": "read"}

    @operation(query=serializers.KidsSerializer, answers=serializers.IdentitiesSerializer)
    def get(self, request: Request, query: dict[str, list[str]]) -> Response:
        return Response({"identities": selectors.identities_by_kid(query["kid"])})

    @operation(
        body=serializers.NewIdentitySerializer,
        answers={201: serializers.KidSerializer},
        errors=(409,),
    )
    def post(self, request: Request, body: dict[str, str]) -> Response:
        kid = actions.publish_identity(
            signed_in(request), **body, confirmed=is_confirmed(request), place=here(request)
        )
        return Response({"kid": kid}, status=201)


class KitView(ApiView):
    """The recovery kit, kept here without its code where its person asked for that."""

    tag = "Account"
    limits = {"GET": "account_reads", "PUT": "identity"}

    @operation(answers=serializers.KitSerializer, errors=(404,))
    def get(self, request: Request) -> Response:
        return Response({"kit": selectors.kit_of(signed_in(request))})

    @operation(body=serializers.KitSerializer, answers={204: None})
    def put(self, request: Request, body: dict[str, Any]) -> Response:
        actions.keep_kit(signed_in(request), body["kit"])
        return Response(status=204)

    @operation(answers={204: None})
    def delete(self, request: Request) -> Response:
        actions.drop_kit(signed_in(request))
        return Response(status=204)


class BlocksByName(KeysetPagination):
    keys = {"blocked__name": str}


class BlocksView(ApiView):
    """Bots block nobody; their programs ask as everybody's do, before they send."""

    tag = "People"
    limits = {"GET": "account_reads"}
    scopes = {"GET": "read"}

    @operation(query=PageQuerySerializer, answers=serializers.BlocksSerializer)
    def get(self, request: Request, query: dict[str, Any]) -> Response:
        pages = BlocksByName()
        found = pages.paginate_queryset(selectors.blocks_of(signed_in(request)), request)
        blocks = [{"uid": one.blocked.pk, "name": one.blocked.name} for one in found]
        return pages.get_paginated_response({"blocks": blocks})


class BlockView(ApiView):
    tag = "People"
    limits = {"PUT": "people"}

    @operation(body=EmptySerializer, answers={204: None})
    def put(self, request: Request, uid: str, body: dict[str, Any]) -> Response:
        actions.block(signed_in(request), uid)
        return Response(status=204)

    @operation(answers={204: None})
    def delete(self, request: Request, uid: str) -> Response:
        wire.ident(uid)
        actions.unblock(signed_in(request), uid)
        return Response(status=204)
