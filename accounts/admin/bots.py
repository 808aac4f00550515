"""Tokens of bots in the admin: whose they are, what they may do, and the end of one. A token's
secret is kept as a hash, and no page shows that either.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from accounts.admin.links import who
from accounts.bots.actions import end_token
from accounts.models import BotToken, User
from accounts.roles import may_help


@admin.register(BotToken)
class BotTokenAdmin(admin.ModelAdmin):
    """A search takes a bot's or an owner's user name, or the id of a token."""

    list_display = ("bot", "owner", "may", "created_at", "expires_at", "used_at")
    list_filter = ("expires_at", "used_at")
    list_select_related = ("bot__bot_of",)
    search_fields = ("=id",)  # shows the field
    search_help_text = "The user name of a bot or of its owner, or the id of a token."
    fields = ("id", "bot", "owner", "may", "created_at", "expires_at", "used_at")
    readonly_fields = fields
    ordering = ("-created_at",)
    actions = None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip().lower()
        if not term:
            return queryset, False
        return queryset.filter(Q(pk=term) | Q(bot__name=term) | Q(bot__bot_of__name=term)), False

    @admin.display(description="owner", ordering="bot__bot_of__name")
    def owner(self, token: BotToken) -> User | None:
        return token.bot.bot_of

    @admin.display(description="scopes")
    def may(self, token: BotToken) -> str:
        return ", ".join(token.scopes)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only a bot's owner makes tokens, which are shown once."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: BotToken | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: BotToken | None = None) -> bool:
        """Let helpers revoke tokens only of people without a role."""
        mine = obj is None or may_help(who(request), obj.bot)
        return mine and super().has_delete_permission(request, obj)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, Any], set[str], list[Any]]:
        """For Django's confirmation page: the sign-ins by a token end with it."""
        chosen = list(objs)
        told = [f"{token.bot.name}: the token, and every sign-in by it, ends" for token in chosen]
        return told, {"tokens": len(chosen)}, set(), []

    def delete_model(self, request: HttpRequest, obj: BotToken) -> None:
        end_token(obj, by=who(request))

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[BotToken]) -> list[LogEntry]:
        """The action writes the record of every revocation."""
        return []
