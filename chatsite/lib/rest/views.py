"""The API's view, and the decorator that binds a method to its payloads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from chatsite.lib.errors import Forbidden
from chatsite.lib.limits import POLICY
from chatsite.lib.rest.serializers import QuerySerializer, StrictSerializer
from chatsite.lib.rest.throttles import AddressThrottle, UserThrottle

Answers = Mapping[Any, Any] | type[BaseSerializer]


class ApiView(APIView):
    """A view whose limits are counted before its permissions are looked up: so refusals cost
    their sender, too, and a flood of them costs no queries.
    """

    throttle_classes: Any = [UserThrottle]
    limits: ClassVar[Mapping[str, str]] = {}
    scopes: ClassVar[Mapping[str, str]] = {}
    """The scope that a bot's token needs, by method. A bot may use no other method."""
    tag = ""
    policy = ""
    """Of the limit that the request was counted against, as RateLimit-Policy says it."""
    before_second_factor = False
    """True where people are let in who have yet to set up the second factor that the site asks for.
    The classes that authenticate look at it.
    """

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.format_kwarg = self.get_format_suffix(**kwargs)
        negotiated = self.perform_content_negotiation(request)
        request.accepted_renderer, request.accepted_media_type = negotiated
        self.perform_authentication(request)
        self.check_throttles(request)
        self.check_scope(request)
        self.check_permissions(request)

    def check_scope(self, request: Request) -> None:
        """Refuse a bot whose token does not allow this.

        Raises:
            Forbidden: `scope`.
        """
        token: Any = request.auth
        allowed = None if token is None else token.get("scopes")
        if allowed is not None and self.scope_of(request) not in allowed:
            raise Forbidden("This bot's token does not allow that.", code="scope")

    def scope_of(self, request: Request) -> str | None:
        """The scope that a bot needs for a request; None if bots may not make it."""
        return self.scopes.get("GET" if request.method == "HEAD" else request.method or "")

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if self.policy:
            response[POLICY] = self.policy
        if isinstance(response, Response):
            response.add_post_render_callback(_unlink_view)
        return response


def _unlink_view(response: Response) -> None:
    """Cut the cycle between a rendered response and its view. The garbage collector runs seldom:
    until then each page of messages would stay in memory.
    """
    view = vars(response).pop("renderer_context")["view"]
    del view.response


class OpenView(ApiView):
    """For who is not signed in. No authenticators: a stale token must not stop a sign-in."""

    authentication_classes: Any = []
    permission_classes: Any = [AllowAny]
    throttle_classes: Any = [AddressThrottle]

    def check_scope(self, request: Request) -> None:
        """Bots may do what everybody may who is not signed in."""


def operation(
    *,
    answers: Answers,
    body: type[StrictSerializer] | None = None,
    query: type[QuerySerializer] | None = None,
    errors: tuple[int, ...] = (),
    **described: Any,
) -> Callable:
    """Decorator for a view's method: what it takes is validated by what describes it.

    Args:
        answers: the serializer of the answer, or serializers by status.
        body: validates the body; the method gets the result as `body`.
        query: validates the address's query; the method gets the result as `query`.
        errors: statuses of refusals beside those that every operation of its kind has.
        described: passed on to `extend_schema`.
    """

    def decorate(method: Callable) -> Callable:
        @wraps(method)
        def inner(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
            if query is not None:
                kwargs["query"] = validated(query, request.query_params)
            if body is not None:
                kwargs["body"] = validated(body, request.data)
            answer: Response = method(self, request, *args, **kwargs)
            return answer

        if query is not None:
            described.setdefault("parameters", []).append(query)
        described.setdefault("request", body)
        described_method: Callable = extend_schema(responses=answers, **described)(inner)
        described_method.refusals = errors  # type: ignore[attr-defined]
        return described_method

    return decorate


def validated(serializer: type[BaseSerializer], data: Any) -> Any:
    """Validate `data` and return the result. Raises ValidationError if it is invalid."""
    checked = serializer(data=data)
    checked.is_valid(raise_exception=True)
    return checked.validated_data
