"""REST: your bots and their tokens, and how a bot signs in."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import failures_counted, here, signed_in
from accounts.bots import actions, serializers
from accounts.bots.models import BotToken
from accounts.models import User
from accounts.serializers import SignedInSerializer
from chatsite.lib.rest.pagination import KeysetPagination, PageQuerySerializer
from chatsite.lib.rest.views import ApiView, OpenView, operation


class BotSignInView(OpenView):
    """Signs a bot in by its token."""

    tag = "Signing in"
    limits = {"POST": "bot_sign_in"}

    @operation(
        body=serializers.BotTokenTextSerializer,
        answers={200: SignedInSerializer},
        errors=(401,),
    )
    def post(self, request: Request, body: dict[str, str]) -> Response:
        with failures_counted(request, body["token"]):
            bot, tokens = actions.sign_in_by_token(body["token"], here(request))
        given = {"access": tokens.access, "refresh": tokens.refresh}
        return Response({"uid": bot.pk, "name": bot.name, **given})


class BotsByName(KeysetPagination):
    keys = {"name": str}


class BotsView(ApiView):
    tag = "Bots"
    limits = {"GET": "account_reads", "POST": "bots_made"}

    @operation(query=PageQuerySerializer, answers=serializers.BotsSerializer)
    def get(self, request: Request, query: dict[str, Any]) -> Response:
        pages = BotsByName()
        tokens = Prefetch("bot_tokens", BotToken.objects.order_by("-created_at", "pk"))
        bots = signed_in(request).bots.filter(deleted_at=None).prefetch_related(tokens)
        found = pages.paginate_queryset(bots, request)
        return pages.get_paginated_response({"bots": [_described(bot) for bot in found]})

    @operation(
        body=serializers.NewBotSerializer,
        answers={201: serializers.BotSerializer},
        errors=(403, 409),
    )
    def post(self, request: Request, body: dict[str, str]) -> Response:
        bot = actions.create_bot(signed_in(request), body["name"])
        return Response(_described(bot), status=201)


class BotView(ApiView):
    tag = "Bots"
    limits = {"DELETE": "bots"}

    @operation(answers={204: None})
    def delete(self, request: Request, bot: str) -> Response:
        actions.delete_bot(signed_in(request), bot)
        return Response(status=204)


class BotTokensView(ApiView):
    tag = "Bots"
    limits = {"POST": "bots"}

    @operation(
        body=serializers.NewBotTokenSerializer,
        answers={201: serializers.MadeBotTokenSerializer},
        errors=(404, 409),
    )
    def post(self, request: Request, bot: str, body: dict[str, Any]) -> Response:
        made = actions.make_token(signed_in(request), bot, body["scopes"], body["days"])
        return Response({"token": made.text, **_token(made.row)}, status=201)


class BotTokenView(ApiView):
    tag = "Bots"
    limits = {"DELETE": "bots"}

    @operation(answers={204: None})
    def delete(self, request: Request, bot: str, token: str) -> Response:
        actions.revoke_token(signed_in(request), bot, token)
        return Response(status=204)


def _described(bot: User) -> dict[str, Any]:
    tokens = [_token(row) for row in bot.bot_tokens.all()]
    return {"uid": bot.pk, "name": bot.name, "active": bot.is_active, "tokens": tokens}


def _token(row: BotToken) -> dict[str, Any]:
    return {
        "id": row.pk,
        "scopes": row.scopes,
        "made": _ms(row.created_at),
        "expires": _ms(row.expires_at),
        "used": _ms(row.used_at),
    }


def _ms(at: Any) -> int | None:
    return None if at is None else int(at.timestamp() * 1000)
