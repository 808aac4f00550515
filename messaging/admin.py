"""Counts of messages and rows about files. Their content is encrypted, here as everywhere."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest

from chatsite.lib.read_only_admin import ReadOnlyAdmin
from messaging.admin_reports import ReportAdmin
from messaging.files.models import File
from messaging.models import RoomMessages
from messaging.store import get_store

__all__ = ["FileAdmin", "ReportAdmin", "RoomMessagesAdmin"]


class CountedRooms(ChangeList):
    """A page of rooms, with their counts from the message store and the table of files."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = rooms = list(self.result_list)
        ids = [room.id for room in rooms]
        heads = get_store().heads(ids)
        files = {
            row["room"]: row
            for row in File.objects.filter(room__in=ids)
            .values("room")
            .annotate(many=Count("pk"), bytes=Sum("size"))
            .order_by()
        }
        for room in rooms:
            room.newest = heads.get(room.id, 0)
            room.files = files.get(room.id, {"many": 0, "bytes": 0})


@admin.register(RoomMessages)
class RoomMessagesAdmin(ReadOnlyAdmin):
    """Works with every engine: the store returns the number of a room's newest message."""

    list_display = ("id", "messages", "file_count", "file_bytes", "created_at")
    search_fields = ("id",)
    ordering = ("-created_at",)
    list_per_page = 50
    list_display_links = None

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CountedRooms

    def get_queryset(self, request: HttpRequest) -> QuerySet[RoomMessages]:
        return super().get_queryset(request).only("id", "created_at")

    @admin.display(description="number of the newest message")
    def messages(self, room: RoomMessages) -> int:
        return room.newest

    @admin.display(description="files")
    def file_count(self, room: RoomMessages) -> int:
        return int(room.files["many"])

    @admin.display(description="bytes of files")
    def file_bytes(self, room: RoomMessages) -> int:
        return int(room.files["bytes"])


@admin.register(File)
class FileAdmin(ReadOnlyAdmin):
    list_display = ("room", "file_id", "uploader", "size", "reserved_ms", "message")
    search_fields = ("room", "file_id", "uploader")
    fields = ("room", "file_id", "uploader", "size", "sha256", "reserved_ms", "message")
