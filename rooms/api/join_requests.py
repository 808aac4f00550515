"""REST: asking to be let in, and answering."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import signed_in
from chatsite.lib.rest import body_of, field, limited, only
from rooms import join_requests, serializers

WAITING = {"state": "waiting"}


class KnockByLinkView(APIView):
    @extend_schema(responses=serializers.KnockStateSchema)
    @limited("room_reads")
    def get(self, request: Request, iid: str) -> Response:
        return Response({"state": join_requests.knock_state(signed_in(request), iid)})

    @extend_schema(request=serializers.KnockSchema, responses={201: serializers.KnockStateSchema})
    @limited("knock")
    def post(self, request: Request, iid: str) -> Response:
        sent = body_of(request)
        only(sent, "body", "sig", "isig")
        body, sig, isig = (field(sent, key, str) for key in ("body", "sig", "isig"))
        join_requests.knock_by_link(signed_in(request), iid, body, sig, isig)
        return Response(WAITING, status=201)


class KnockAfterResetView(APIView):
    @extend_schema(
        request=serializers.SignedBodySchema, responses={201: serializers.KnockStateSchema}
    )
    @limited("knock")
    def post(self, request: Request, room: str) -> Response:
        sent = body_of(request)
        only(sent, "body", "sig")
        body, sig = (field(sent, key, str) for key in ("body", "sig"))
        join_requests.knock_after_reset(signed_in(request), room, body, sig)
        return Response(WAITING, status=201)


class KnocksView(APIView):
    @extend_schema(responses=serializers.KnocksSchema)
    @limited("room_reads")
    def get(self, request: Request, room: str) -> Response:
        return Response({"knocks": join_requests.knocks_at(signed_in(request), room)})


class KnockView(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, room: str, uid: str) -> Response:
        join_requests.refuse_knock(signed_in(request), room, uid)
        return Response(status=204)
