"""REST: a room's files, sealed bytes in and out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.core.files.base import File as Content
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import signed_in
from chatsite.lib.errors import LengthRequired
from chatsite.lib.rest.bodies import limited
from messaging.files.actions import CHUNK, file_for_member, limits, store_file
from messaging.files.uploads import slots

SEALED = "application/octet-stream"


class FileSchema(serializers.Serializer):
    id = serializers.CharField()


class LimitsSchema(serializers.Serializer):
    most = serializers.IntegerField(help_text="bytes that a sealed file may have")
    left = serializers.IntegerField(help_text="bytes that one may still store")


class SealedParser(BaseParser):
    """The stream itself: nobody here can make anything of its bytes."""

    media_type = SEALED

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        return stream


class SealedResponse(StreamingHttpResponse):
    """A file as nothing but a download: a browser that is led to it shows and runs nothing."""

    def __init__(self, content: Content, size: int) -> None:
        super().__init__(_parts(content), content_type=SEALED)
        self._content = content
        self["Content-Length"] = str(size)
        self["Content-Disposition"] = "attachment"
        self["Content-Security-Policy"] = "default-src 'none'; sandbox"
        self["Cross-Origin-Resource-Policy"] = "same-origin"
        self["X-Content-Type-Options"] = "nosniff"
        self["Cache-Control"] = "private, max-age=31536000, immutable"

    def close(self) -> None:
        super().close()
        self._content.close()


async def _parts(content: Content) -> AsyncIterator[bytes]:
    """Asynchronous, or Django would read all of it into memory before the first byte leaves."""
    while part := await sync_to_async(content.read)(CHUNK):
        yield part


class FilesView(APIView):
    @extend_schema(responses=LimitsSchema)
    @limited("room_reads")
    def get(self, request: Request, room: str) -> Response:
        return Response(limits(signed_in(request), room))


class FileView(APIView):
    parser_classes = [SealedParser]

    @extend_schema(
        request={SEALED: OpenApiTypes.BINARY}, responses={201: FileSchema, 200: FileSchema}
    )
    @limited("files")
    def put(self, request: Request, room: str, file: str) -> Response:
        size = _declared(request)
        stream: Any = request.data
        user = signed_in(request)
        with slots.taken(user.pk):
            fresh = store_file(user, room, file, stream, size)
        return Response({"id": file}, status=201 if fresh else 200)

    @extend_schema(responses={(200, SEALED): OpenApiTypes.BINARY})
    @limited("downloads")
    def get(self, request: Request, room: str, file: str) -> SealedResponse:
        found = file_for_member(signed_in(request), room, file)
        return SealedResponse(found.content.open("rb"), found.size)


def _declared(request: Request) -> int:
    text = request.META.get("CONTENT_LENGTH") or ""
    if not (text.isascii() and text.isdigit() and 0 < int(text[:16]) == int(text)):
        raise LengthRequired("Say in Content-Length how long the file is.")
    return int(text)
