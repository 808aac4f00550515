"""The page of the audit log in the admin: read-only, with filters."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from accounts.models import AuditEntry, User
from chatsite.lib.read_only_admin import ReadOnlyAdmin


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Entries, newest first. A search takes a user name, a uid or the id of a room."""

    list_display = ("at", "kind", "actor", "account", "room", "seq", "network", "more", "number")
    list_filter = ("kind", "at")
    search_fields = ("=account",)
    search_help_text = "A user name, or the id of an account or a room."
    fields = (*list_display, "hash")
    ordering = ("-id",)
    show_full_result_count = False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip().lower()
        if not term:
            return queryset, False
        uid = User.objects.filter(name=term).values_list("pk", flat=True).first() or term
        return queryset.filter(Q(account=uid) | Q(actor=uid) | Q(room=term)), False

    @admin.display(description="facts")
    def more(self, entry: AuditEntry) -> str:
        return json.dumps(entry.facts, sort_keys=True) if entry.facts else ""
