"""Metadata only. The log and the wraps are shown, never changed and never decrypted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern

from accounts.admin.links import who
from accounts.admin.search import PersonSearch, name_of
from accounts.models import User
from chatsite.lib.read_only_admin import ReadOnlyAdmin
from rooms.actions import now_ms
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
    search_help_text = "A part of the id of a room. The page of a person leads to their rooms."
    fields = (
        *("id", "kind", "state", "owner", "follows", "files_limit", "created_at"),
        *("stopped_at", "closed_at", "head_seq", "epoch", "rules", "banned"),
    )
    inlines = [MemberInline]
    change_form_template = "admin/rooms/room/change_form.html"

    @admin.display
    def state(self, room: Room) -> str:
        return room.state

    @admin.display
    def owner(self, room: Room) -> str:
        return getattr(room, "owner_name", None) or "-"

    @admin.display(description="successor")
    def follows(self, room: Room) -> str:
        """The member who may follow the owner, as the log says."""
        return ", ".join(_names([room.successor])) if room.successor else "-"

    @admin.display(description="storage for files")
    def files_limit(self, room: Room) -> str:
        most = room.files_most
        return "no limit of its own" if most is None else filesizeformat(most)

    @admin.display
    def rules(self, room: Room) -> str:
        """The policy that the room's log holds."""
        return ", ".join(f"{name}: {value}" for name, value in sorted(room.policy.items()))

    @admin.display
    def banned(self, room: Room) -> str:
        return ", ".join(_names(room.bans)) or "nobody"

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
    """Links to rooms, which members made. Their secret is in the link alone."""

    list_display = ("id", "room", "maker", "used", "state", "created_at", "expires")
    list_filter = ("ended",)
    search_fields = ("id", "room__id", "maker__name")
    search_help_text = "A part of the id of an invitation or of a room, or of a user name."
    list_select_related = ("room", "maker")
    fields = ("id", "room", "maker", "seq", "used", "state", "created_at", "expires", "closed_at")
    ordering = ("-created_at", "id")

    @admin.display(ordering="uses")
    def used(self, link: Invitation) -> str:
        return f"{link.uses} of {link.max_uses}"

    @admin.display
    def state(self, link: Invitation) -> str:
        return link.state_at(now_ms())

    @admin.display(ordering="expires_ms")
    def expires(self, link: Invitation) -> datetime:
        return datetime.fromtimestamp(link.expires_ms / 1000, UTC)


@admin.register(LogEvent)
class LogEventAdmin(PersonSearch, ReadOnlyAdmin):
    list_display = ("room", "seq", "type", "author_name", "stored_at")
    list_filter = ("type",)
    search_fields = ("=author",)  # shows the field
    person_fields, other_search_fields = ("author",), ("room",)
    search_help_text = "A user name, or the id of an account or a room."
    list_select_related = ("room",)
    fields = (
        *("room", "seq", "type", "author_name", "author", "kid", "to_kid", "stored_at"),
        *("event", "signature", "hash"),
    )
    ordering = ("-stored_at", "-seq")

    def get_queryset(self, request: HttpRequest) -> QuerySet[LogEvent]:
        return super().get_queryset(request).annotate(who=name_of("author"))

    @admin.display(description="by", ordering="who")
    def author_name(self, event: LogEvent) -> str:
        return getattr(event, "who", None) or event.author


@admin.register(Wrap)
class WrapAdmin(PersonSearch, ReadOnlyAdmin):
    """Keys of rooms, each sealed to one identity: opaque to the server."""

    list_display = ("room", "epoch", "to_kid", "giver_name")
    search_fields = ("=giver",)  # shows the field
    person_fields, other_search_fields = ("giver",), ("room", "to_kid")
    search_help_text = "A user name, or the id of an account, a room or an identity."
    list_select_related = ("room",)
    fields = ("room", "epoch", "to_kid", "giver_name", "giver", "ciphertext")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Wrap]:
        return super().get_queryset(request).annotate(who=name_of("giver"))

    @admin.display(description="from", ordering="who")
    def giver_name(self, wrap: Wrap) -> str:
        return getattr(wrap, "who", None) or wrap.giver


def _names(uids: list[str]) -> list[str]:
    """The present user names of accounts; the id of one that was never here."""
    known = dict(User.objects.filter(pk__in=uids).values_list("pk", "name"))
    return [known.get(uid, uid) for uid in uids]
