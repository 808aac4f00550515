"""The page of the audit log in the admin: read-only, with filters."""

from __future__ import annotations

import json

from django.contrib import admin

from accounts.admin_search import PersonSearch
from accounts.models import AuditEntry
from chatsite.lib.read_only_admin import ReadOnlyAdmin


@admin.register(AuditEntry)
class AuditEntryAdmin(PersonSearch, ReadOnlyAdmin):
    """Entries, newest first. A search takes a user name, a uid or the id of a room."""

    list_display = ("at", "kind", "actor", "account", "room", "seq", "network", "more", "number")
    list_filter = ("kind", "at")
    search_fields = ("=account",)  # shows the field
    person_fields, other_search_fields = ("account", "actor"), ("room",)
    search_help_text = "A user name, or the id of an account or a room."
    fields = (*list_display, "hash")
    ordering = ("-id",)
    show_full_result_count = False

    @admin.display(description="facts")
    def more(self, entry: AuditEntry) -> str:
        return json.dumps(entry.facts, sort_keys=True) if entry.facts else ""
