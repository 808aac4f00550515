"""Counts of messages and rows about files. Their content is encrypted, here as everywhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html

from accounts.admin.search import PersonSearch, name_of
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

    list_display = ("page", "messages", "file_count", "file_bytes", "created_at")
    search_fields = ("id",)
    search_help_text = "A part of the id of a room."
    ordering = ("-created_at",)
    list_per_page = 50
    list_display_links = None

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CountedRooms

    def get_queryset(self, request: HttpRequest) -> QuerySet[RoomMessages]:
        return super().get_queryset(request).only("id", "created_at")

    @admin.display(description="room", ordering="id")
    def page(self, room: RoomMessages) -> str:
        address = reverse("admin:rooms_room_change", args=[room.id])
        return format_html('<a href="{}">{}</a>', address, room.id)

    @admin.display(description="number of the newest message")
    def messages(self, room: RoomMessages) -> int:
        return room.newest

    @admin.display(description="files")
    def file_count(self, room: RoomMessages) -> int:
        return int(room.files["many"])

    @admin.display(description="size of files")
    def file_bytes(self, room: RoomMessages) -> str:
        return filesizeformat(room.files["bytes"])


@admin.register(File)
class FileAdmin(PersonSearch, ReadOnlyAdmin):
    """Attachments: who sent how much to which room, and with which message."""

    list_display = ("room", "file_id", "uploader_name", "shown_size", "at", "message")
    search_fields = ("=uploader",)  # shows the field
    person_fields, other_search_fields = ("uploader",), ("room", "file_id")
    search_help_text = "A user name, or the id of an account, a room or a file."
    fields = (
        "room",
        "file_id",
        "uploader_name",
        "uploader",
        "shown_size",
        "sha256",
        "at",
        "message",
    )
    ordering = ("-reserved_ms", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[File]:
        return super().get_queryset(request).annotate(who=name_of("uploader"))

    @admin.display(description="by", ordering="who")
    def uploader_name(self, file: File) -> str:
        return getattr(file, "who", None) or file.uploader

    @admin.display(description="size", ordering="size")
    def shown_size(self, file: File) -> str:
        return filesizeformat(file.size)

    @admin.display(ordering="reserved_ms")
    def at(self, file: File) -> datetime:
        return datetime.fromtimestamp(file.reserved_ms / 1000, UTC)
