"""The page of the audit log in the admin: read-only, with filters."""

from __future__ import annotations

import json

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest

from accounts.admin.search import PersonSearch
from accounts.models import AuditEntry, User
from chatsite.lib.read_only_admin import ReadOnlyAdmin

SHORT = 8  # characters of an id, in the list


@admin.register(AuditEntry)
class AuditEntryAdmin(PersonSearch, ReadOnlyAdmin):
    """Entries, newest first, with the names that accounts have now: the log itself has ids alone,
    which the page of an entry shows. A search takes a user name, a uid, the
    id of a room, or a network.
    """

    list_display = ("at", "kind", "acted", "concerned", "where", "about")
    list_filter = ("kind", "at")
    search_fields = ("=account",)  # shows the field
    person_fields, other_search_fields = ("account", "actor"), ("room", "network")
    search_help_text = (
        "A user name, the id of an account or a room, or a network as it stands here."
    )
    fields = (
        *("at", "kind", "acted", "actor_id", "concerned", "account_id", "room", "seq", "network"),
        *("facts_shown", "number", "hash"),
    )
    ordering = ("-id",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        people = User.objects.values("name")
        found: QuerySet[AuditEntry] = super().get_queryset(request)
        return found.annotate(
            who_acted=Subquery(people.filter(pk=OuterRef("actor"))),
            who_it_concerns=Subquery(people.filter(pk=OuterRef("account"))),
        )

    @admin.display(description="by")
    def acted(self, entry: AuditEntry) -> str:
        return getattr(entry, "who_acted", None) or _short(entry.actor) or "-"

    @admin.display(description="account")
    def concerned(self, entry: AuditEntry) -> str:
        return getattr(entry, "who_it_concerns", None) or _short(entry.account) or "-"

    @admin.display(description="by, id")
    def actor_id(self, entry: AuditEntry) -> str:
        return entry.actor or "a command on the server, or nobody"

    @admin.display(description="account, id")
    def account_id(self, entry: AuditEntry) -> str:
        return entry.account or "-"

    @admin.display(description="room")
    def where(self, entry: AuditEntry) -> str:
        return _short(entry.room) + ("" if entry.seq is None else f" #{entry.seq}") or "-"

    @admin.display(description="more")
    def about(self, entry: AuditEntry) -> str:
        facts = (f"{name}={_short(str(value))}" for name, value in sorted(entry.facts.items()))
        return " ".join(filter(None, [entry.network, *facts]))

    @admin.display(description="facts")
    def facts_shown(self, entry: AuditEntry) -> str:
        return json.dumps(entry.facts, sort_keys=True) if entry.facts else ""


def _short(text: str) -> str:
    """The beginning of an id; other words as they are."""
    return f"{text[:SHORT]}…" if len(text) >= 32 else text
