"""REST: search by blind tokens, and tokens for messages that have none."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from chatsite.lib import wire
from chatsite.lib.rest.bodies import body_of, limited, only
from messaging.api.history import MessageSchema, number_in
from messaging.live.frames import tokens_of
from messaging.search import actions
from messaging.search.actions import Question, read_cursor
from messaging.search.query import Filters

MOST_GENERATIONS, MOST_TERMS, MOST_UIDS = 512, 16, 100
DEFAULT, MOST, MOST_FILLED = 50, 100, 200
ORDERS = ("newest", "relevance")
KEYS = ("tokens", "order", "uids", "since", "until", "files", "limit", "cursor")


class TokensSchema(serializers.Serializer):
    g = serializers.IntegerField(help_text="generation of the search key")
    t = serializers.ListField(child=serializers.IntegerField(), help_text="24-bit tokens")


class QuestionSchema(serializers.Serializer):
    tokens = TokensSchema(many=True, help_text="for each generation, one token for each term")
    order = serializers.ChoiceField(ORDERS, default="newest")
    uids = serializers.ListField(child=serializers.CharField(), required=False)
    since = serializers.IntegerField(required=False, help_text="ms")
    until = serializers.IntegerField(required=False, help_text="ms")
    files: Any = serializers.BooleanField(required=False, help_text="only with attachments")
    limit = serializers.IntegerField(default=DEFAULT)
    cursor = serializers.CharField(required=False)


class HitSchema(MessageSchema):
    g = serializers.IntegerField()
    matched = serializers.ListField(child=serializers.IntegerField(), help_text="which terms")


class PageSchema(serializers.Serializer):
    hits = HitSchema(many=True)
    refs = MessageSchema(many=True, help_text="what hits correct, and what changes either")
    whole: Any = serializers.BooleanField(
        help_text="false: there is too much of that, and `refs` is empty"
    )
    df = serializers.ListField(
        child=serializers.IntegerField(), help_text="messages with each term, for relevance"
    )
    total = serializers.IntegerField(help_text="messages in the room")
    indexed = serializers.IntegerField(help_text="of these, how many carry tokens")
    cursor = serializers.CharField(allow_null=True)


class BareSchema(serializers.Serializer):
    rows = MessageSchema(many=True)
    missing = serializers.IntegerField()
    cursor = serializers.IntegerField(allow_null=True)


class FilledSchema(TokensSchema):
    seq = serializers.IntegerField()


class FillSchema(serializers.Serializer):
    messages = FilledSchema(many=True)


class TakenSchema(serializers.Serializer):
    taken = serializers.IntegerField()


class SearchView(APIView):
    @extend_schema(request=QuestionSchema, responses=PageSchema)
    @limited("search")
    def post(self, request: Request, room: str) -> Response:
        assert isinstance(request.user, User)
        return Response(actions.search(request.user, room, _question(body_of(request))))


class TokensView(APIView):
    @extend_schema(
        parameters=[
            OpenApiParameter("after", int, description="messages above this number"),
            OpenApiParameter("limit", int, description=f"1 to {MOST_FILLED}"),
        ],
        responses=BareSchema,
    )
    @limited("history")
    def get(self, request: Request, room: str) -> Response:
        assert isinstance(request.user, User)
        limit = number_in(request, "limit")
        many = min(max(MOST_FILLED if limit is None else limit, 1), MOST_FILLED)
        after = number_in(request, "after") or 0
        return Response(actions.bare(request.user, room, after=after, limit=many))

    @extend_schema(request=FillSchema, responses=TakenSchema)
    @limited("search_fill")
    def post(self, request: Request, room: str) -> Response:
        assert isinstance(request.user, User)
        return Response({"taken": actions.fill(request.user, room, _filled(body_of(request)))})


def _question(body: dict[str, Any]) -> Question:
    only(body, *KEYS)
    order, limit = body.get("order", "newest"), body.get("limit", DEFAULT)
    if order not in ORDERS or type(order) is not str:
        raise wire.BadWire("order is newest or relevance")
    wire.integer(1, MOST)(limit)
    cursor = body.get("cursor")
    return Question(
        tokens=_terms(body.get("tokens")),
        order=order,
        filters=_filters(body),
        limit=limit,
        cursor=None if cursor is None else read_cursor(cursor),
    )


def _terms(value: Any) -> dict[int, tuple[int, ...]]:
    """Distinct generations, each with the same number of terms; their order says which is which."""
    if type(value) is not list or not 1 <= len(value) <= MOST_GENERATIONS:
        raise wire.BadWire("tokens are a list of generations")
    found: dict[int, tuple[int, ...]] = {}
    for one in value:
        if type(one) is not dict or set(one) != {"g", "t"} or type(one["t"]) is not list:
            raise wire.BadWire("a generation has g and t")
        wire.integer(1)(one["g"])
        for token in one["t"]:
            wire.integer(0, 2**24 - 1)(token)
        found[one["g"]] = tuple(one["t"])
    terms = {len(tokens) for tokens in found.values()}
    if len(found) < len(value) or len(terms) > 1 or not 1 <= max(terms) <= MOST_TERMS:
        raise wire.BadWire("generations are distinct, and have the same 1 to 16 terms")
    return found


def _filters(body: dict[str, Any]) -> Filters:
    uids = body.get("uids", [])
    if type(uids) is not list or len(uids) > MOST_UIDS:
        raise wire.BadWire("uids is a list of ids")
    for uid in uids:
        wire.ident(uid)
    for name in ("since", "until"):
        if name in body:
            wire.integer()(body[name])
    if type(body.get("files", False)) is not bool:
        raise wire.BadWire("files is true or false")
    return Filters(
        frozenset(uids), body.get("since"), body.get("until"), files=body.get("files", False)
    )


def _filled(body: dict[str, Any]) -> dict[int, tuple[int, tuple[int, ...]]]:
    only(body, "messages")
    given = body.get("messages")
    if type(given) is not list or len(given) > MOST_FILLED:
        raise wire.BadWire(f"messages is a list of at most {MOST_FILLED}")
    found: dict[int, tuple[int, tuple[int, ...]]] = {}
    for one in given:
        if type(one) is not dict or set(one) != {"seq", "g", "t"}:
            raise wire.BadWire("a message has seq, g and t")
        wire.integer(1)(one["seq"])
        found[one["seq"]] = tokens_of({"g": one["g"], "t": one["t"]})
    return found
