"""REST: what the operator says of the site."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from chatsite.lib.rest.fields import Base64Field, SignatureField, SignedTextField
from chatsite.lib.rest.views import ApiView, operation
from chatsite.ops.backup import notice


class NoticeSerializer(serializers.Serializer):
    body = SignedTextField("notice", help_text='{"v":1,"backup":ms,"at":ms}')
    sig = SignatureField()
    key = Base64Field(32, help_text="the site's own, Ed25519")


class SiteSerializer(serializers.Serializer):
    restored = NoticeSerializer(many=True)


class SiteView(ApiView):
    """The operator's notices about the site: when it was restored, newest first."""

    tag = "Site"
    scopes = {"GET": "read"}

    @operation(answers=SiteSerializer)
    def get(self, request: Request) -> Response:
        return Response({"restored": notice.read()})
