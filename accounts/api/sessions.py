"""REST: your sign-ins, ending them, changing the password."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions, selectors, serializers
from accounts.authentication import keep_signed_in, sign_in_of, signed_in
from accounts.models import User
from accounts.selectors import described_sign_ins
from accounts.sign_in import sign_ins
from accounts.sign_in.cache import sign_ins_kept
from chatsite.lib.rest.pagination import KeysetPagination, PageQuerySerializer
from chatsite.lib.rest.views import ApiView, operation


class LastUsedSignIns(KeysetPagination):
    keys = {"-seen_at": datetime, "pk": str}


class SessionsView(ApiView):
    tag = "Account"
    limits = {"GET": "account_reads"}

    @operation(query=PageQuerySerializer, answers=serializers.SessionsSerializer)
    def get(self, request: Request, query: dict[str, Any]) -> Response:
        user = signed_in(request)
        read = partial(_page, user, request)
        page = read() if query.get("after") else sign_ins_kept(user.pk, read)
        current = sign_in_of(request)
        rows = [{**one, "current": one["id"] == current} for one in page["sessions"]]
        return Response({**page, "sessions": rows})

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


def _page(user: User, request: Request) -> dict[str, Any]:
    pages = LastUsedSignIns()
    rows = pages.paginate_queryset(selectors.sign_ins_of(user), request)
    return {"sessions": [_in_ms(one) for one in described_sign_ins(rows)], "more": pages.more}


def _in_ms(found: dict[str, Any]) -> dict[str, Any]:
    times = {key: int(found[key].timestamp() * 1000) for key in ("made", "seen")}
    return {**found, **times}
