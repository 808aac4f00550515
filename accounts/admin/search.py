"""The admin's search for rows about a person."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from accounts.models import User


class PersonSearch(admin.ModelAdmin):
    """A search takes a whole user name or uid, or a whole value of `other_search_fields`."""

    person_fields: tuple[str, ...] = ()
    """Fields that hold a uid."""
    other_search_fields: tuple[str, ...] = ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip().lower()
        if not term:
            return queryset, False
        uid = User.objects.filter(name=term).values_list("pk", flat=True).first() or term
        wanted = Q(*((field, uid) for field in self.person_fields), _connector=Q.OR)
        others = Q(*((field, term) for field in self.other_search_fields), _connector=Q.OR)
        return queryset.filter(wanted | others), False
