"""REST: asking for a summary, following it, and the summaries that members share."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from chatsite.lib import wire
from chatsite.lib.rest.bodies import body_of, field, limited, only
from summaries import access, actions
from summaries.actions import Ask

EK_BYTES = 384


class WorkerSchema(serializers.Serializer):
    spki = serializers.CharField(help_text="b64 of the public key, to be pinned and shown")
    engine = serializers.ChoiceField(["openai", "extractive"])
    models = serializers.ListField(child=serializers.CharField())
    embedded = serializers.BooleanField(help_text="in the same process as the web server")
    most_messages = serializers.IntegerField()
    most_bytes = serializers.IntegerField()


class SealedSchema(serializers.Serializer):
    body = serializers.CharField(help_text="as signed")
    sig = serializers.CharField()
    box = serializers.CharField(help_text="under the keys of the epochs that it covers")
    at = serializers.IntegerField(help_text="ms")


class RequestSchema(serializers.Serializer):
    rid = serializers.CharField()
    state = serializers.ChoiceField(["queued", "working", "done", "failed", "cancelled"])
    to = serializers.IntegerField()
    done = serializers.IntegerField(help_text="parts")
    total = serializers.IntegerField(help_text="parts, 0 while nobody knows")
    answer = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    detail = serializers.CharField()

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**super().get_fields(), "from": serializers.IntegerField()}


class OverviewSchema(serializers.Serializer):
    worker = WorkerSchema(allow_null=True)
    summaries = SealedSchema(many=True)
    requests = RequestSchema(many=True)


class AskSchema(serializers.Serializer):
    rid = serializers.CharField()
    wk = serializers.CharField(help_text="b64 SHA-256 of the worker's SPKI")
    ek = serializers.CharField()
    box = serializers.CharField()
    dis = serializers.IntegerField(help_text="seq of your own disclose event")


class SummaryView(APIView):
    @extend_schema(responses=OverviewSchema)
    @limited("room_reads")
    def get(self, request: Request, room: str) -> Response:
        assert isinstance(request.user, User)
        return Response(access.overview(request.user, room))

    @extend_schema(request=AskSchema, responses={202: RequestSchema})
    @limited("summary")
    def post(self, request: Request, room: str) -> Response:
        assert isinstance(request.user, User)
        data = body_of(request)
        only(data, "rid", "wk", "ek", "box", "dis")
        wire.ident(data.get("rid"))
        wire.hash64(data.get("wk"))
        wire.unb64(data.get("ek"), EK_BYTES)
        wire.unb64(data.get("box"))
        wire.integer()(data.get("dis"))
        return Response(actions.ask(request.user, room, Ask(**data)), status=202)


class SummaryRequestView(APIView):
    @extend_schema(responses=RequestSchema)
    @limited("room_reads")
    def get(self, request: Request, room: str, rid: str) -> Response:
        assert isinstance(request.user, User)
        return Response(access.described(access.own_request(request.user, room, rid)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, room: str, rid: str) -> Response:
        assert isinstance(request.user, User)
        actions.cancel(request.user, room, rid)
        return Response(status=204)


class SummaryCacheView(APIView):
    @extend_schema(request=SealedSchema, responses={201: None})
    @limited("summary_share")
    def post(self, request: Request, room: str) -> Response:
        assert isinstance(request.user, User)
        data = body_of(request)
        only(data, "body", "sig", "box")
        texts = [field(data, name, str) for name in ("body", "sig", "box")]
        actions.share(request.user, room, *texts)
        return Response({}, status=201)
