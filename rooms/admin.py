"""Metadata only. The log and the wraps are shown, never changed and never decrypted."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern

from accounts.admin.links import who
from chatsite.lib.read_only_admin import ReadOnlyAdmin
from rooms.admin_acts import FilesForm, room_urls
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


class Running(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "open"), ("stopped", "stopped"), ("closed", "closed for good")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Room]) -> QuerySet[Room]:
        closed, stopped = Q(closed_at__isnull=False), Q(stopped_at__isnull=False)
        chosen = {"open": ~closed & ~stopped, "stopped": ~closed & stopped, "closed": closed}
        return queryset.filter(chosen.get(self.value() or "", Q()))


class MemberInline(admin.TabularInline):
    model = Member
    template = "admin/read_only_inline.html"
    fields = ("user", "role", "joined_at", "declined_at")
    readonly_fields = fields
    ordering = ("joined_at", "pk")
    can_delete = False
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Room)
class RoomAdmin(ReadOnlyAdmin):
    """Looked at by every role. Administrators stop a room, let it go on, and limit its files."""

    list_display = ("id", "kind", "state", "owner", "member_count", "head_seq", "created_at")
    list_filter = (Owned, Running, "kind")
    search_fields = ("id",)
    fields = (
        *("id", "kind", "state", "owner", "successor", "files_most", "created_at"),
        *("stopped_at", "closed_at", "head_seq", "epoch", "policy", "bans"),
    )
    inlines = [MemberInline]
    change_form_template = "admin/rooms/room/change_form.html"

    @admin.display
    def state(self, room: Room) -> str:
        return room.state

    @admin.display
    def owner(self, room: Room) -> str:
        return getattr(room, "owner_name", None) or "-"

    def get_urls(self) -> list[URLPattern]:
        return [*room_urls(self), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        room: Room | None = kwargs.get("obj")
        may = who(request).is_administrator and room is not None and room.closed_at is None
        context |= {"room": room, "may_act": may}
        if room is not None and may:
            context.setdefault("quota", FilesForm(initial=FilesForm.initial_of(room)))
        return super().render_change_form(request, context, *args, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Room]:
        led = Member.objects.filter(room=OuterRef("pk"), role=Member.OWNER)
        named = Subquery(led.values("user__name")[:1])
        many = Count("members", filter=Q(members__declined_at=None))
        return super().get_queryset(request).annotate(how_many=many, owner_name=named)

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
