"""Metadata only. The log and the wraps are shown, never changed and never decrypted."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from chatsite.lib.read_only_admin import ReadOnlyAdmin
from rooms.models import Invitation, LogEvent, Member, Room, Wrap
from rooms.selectors import without_owner


class Owned(admin.SimpleListFilter):
    title = "owner"
    parameter_name = "owner"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("none", "nobody who can sign in")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Room]) -> QuerySet[Room]:
        if self.value() != "none":
            return queryset
        return without_owner(queryset)


@admin.register(Room)
class RoomAdmin(ReadOnlyAdmin):
    list_display = ("id", "kind", "member_count", "head_seq", "epoch", "is_open", "created_at")
    list_filter = (Owned, "kind", "is_open")
    search_fields = ("id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Room]:
        return super().get_queryset(request).annotate(how_many=Count("members"))

    @admin.display(description="members", ordering="how_many")
    def member_count(self, room: Room) -> int:
        return room.how_many  # type: ignore[attr-defined]


@admin.register(Member)
class MemberAdmin(ReadOnlyAdmin):
    list_display = ("room", "user", "role", "since", "joined_at")
    list_filter = ("role",)
    search_fields = ("room__id", "user__name")
    list_select_related = ("room", "user")


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ("id", "room", "maker", "uses", "max_uses", "ended", "created_at")
    list_filter = ("ended",)
    search_fields = ("id", "room__id", "maker__name")
    list_select_related = ("room", "maker")


@admin.register(LogEvent)
class LogEventAdmin(ReadOnlyAdmin):
    list_display = ("room", "seq", "type", "author", "stored_at")
    list_filter = ("type",)
    search_fields = ("room__id", "author")
    list_select_related = ("room",)


@admin.register(Wrap)
class WrapAdmin(ReadOnlyAdmin):
    list_display = ("room", "epoch", "to_kid", "giver")
    search_fields = ("room__id", "to_kid", "giver")
    list_select_related = ("room",)
