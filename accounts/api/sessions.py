"""REST: your sign-ins, ending them, changing the password."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions, selectors, serializers, sign_ins
from accounts.authentication import keep_signed_in, sign_in_of, signed_in
from chatsite.lib.rest.pagination import KeysetPagination, PageQuerySerializer
from chatsite.lib.rest.views import ApiView, operation


class LastUsedSignIns(KeysetPagination):
    keys = {"-seen_at": datetime, "pk": str}


class SessionsView(ApiView):
    tag = "Account"
    limits = {"GET": "account_reads"}

    @operation(query=PageQuerySerializer, answers=serializers.SessionsSerializer)
    def get(self, request: Request, query: dict[str, Any]) -> Response:
        pages = LastUsedSignIns()
        rows = pages.paginate_queryset(selectors.sign_ins_of(signed_in(request)), request)
        found = selectors.described_sign_ins(rows, sign_in_of(request))
        return pages.get_paginated_response({"sessions": [_in_ms(one) for one in found]})

    @operation(answers={204: None})
    def delete(self, request: Request) -> Response:
        sign_ins.end_others(signed_in(request), current=sign_in_of(request))
        return Response(status=204)


class SessionView(ApiView):
    tag = "Account"

    @operation(answers={204: None})
    def delete(self, request: Request, session: str) -> Response:
        sign_ins.end(signed_in(request), session)
        return Response(status=204)


class PasswordView(ApiView):
    tag = "Account"
    limits = {"POST": "password"}

    @operation(body=serializers.NewPasswordSerializer, answers={204: None})
    def post(self, request: Request, body: dict[str, str]) -> Response:
        user = signed_in(request)
        actions.change_password(user, body["old"], body["new"], current=sign_in_of(request))
        keep_signed_in(request, user)
        return Response(status=204)


def _in_ms(found: dict[str, Any]) -> dict[str, Any]:
    times = {key: int(found[key].timestamp() * 1000) for key in ("made", "seen")}
    return {**found, **times}
