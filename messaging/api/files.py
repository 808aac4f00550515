"""REST: a room's files, sealed bytes in and out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.core.files.base import File as Content
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from chatsite.lib.errors import LengthRequired
from chatsite.lib.rest.conditional import ETAG, etag_of, unchanged
from chatsite.lib.rest.views import operation
from messaging.api import serializers
from messaging.files.actions import CHUNK, TAG, file_of, limits, store_file
from messaging.files.uploads import slots
from rooms.api.base import RoomView
from rooms.permissions import IsActiveRoomMember

SEALED = "application/octet-stream"


class SealedParser(BaseParser):
    """Passes the stream on: the server cannot interpret its bytes."""

    media_type = SEALED

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        return stream


class SealedResponse(StreamingHttpResponse):
    """Serves a file as a download only: a browser neither shows nor runs it."""

    def __init__(self, content: Content, size: int, etag: str) -> None:
        super().__init__(_parts(content), content_type=SEALED)
        self._content = content
        self["Content-Length"] = str(size)
        self["ETag"] = etag
        self["Content-Disposition"] = "attachment"
        self["Content-Security-Policy"] = "default-src 'none'; sandbox"
        self["Cross-Origin-Resource-Policy"] = "same-origin"
        self["X-Content-Type-Options"] = "nosniff"
        self["Cache-Control"] = "private, max-age=31536000, immutable"

    def close(self) -> None:
        super().close()
        self._content.close()


async def _parts(content: Content) -> AsyncIterator[bytes]:
    """Asynchronous: a synchronous iterator would be read into memory before the first byte."""
    while part := await sync_to_async(content.read)(CHUNK):
        yield part


class FilesView(RoomView):
    tag = "Files"
    limits = {"GET": "room_reads"}

    @operation(answers=serializers.LimitsSerializer)
    def get(self, request: Request, room: str) -> Response:
        return Response(limits(self.member))


class FileView(RoomView):
    tag = "Files"
    parser_classes = [SealedParser]
    limits = {"GET": "downloads", "PUT": "files"}
    scopes = {"GET": "read", "PUT": "send"}
    room_permissions = {"PUT": IsActiveRoomMember}

    @operation(
        request={SEALED: {"type": "string", "format": "binary", "minLength": TAG}},
        answers={201: serializers.FileSerializer, 200: serializers.FileSerializer},
        errors=(409, 410),
    )
    def put(self, request: Request, room: str, file: str) -> Response:
        size = _declared(request)
        stream: Any = request.data
        with slots.taken(self.member.user_id):
            fresh = store_file(self.member, file, stream, size)
        return Response({"id": file}, status=201 if fresh else 200)

    @operation(answers={(200, SEALED): OpenApiTypes.BINARY, 304: None}, parameters=[*ETAG])
    def get(self, request: Request, room: str, file: str) -> Response | SealedResponse:
        found = file_of(self.member.room, file)
        etag = etag_of(found.sha256)
        known = unchanged(request, etag)
        return known or SealedResponse(found.content.open("rb"), found.size, etag)


def _declared(request: Request) -> int:
    text = request.META.get("CONTENT_LENGTH") or ""
    if not (text.isascii() and text.isdigit() and 0 < int(text[:16]) == int(text)):
        raise LengthRequired("Say in Content-Length how long the file is.")
    return int(text)
