"""The admin's search for rows about a person."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest

from accounts.models import User


def name_of(field: str) -> Subquery:
    """The present user name of the account whose uid is in `field`, for a list that shows it."""
    return Subquery(User.objects.filter(pk=OuterRef(field)).values("name")[:1])


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
        values = {term, search_term.strip()}  # some ids have capital letters
        fields = (f"{field}__in" for field in self.other_search_fields)
        others = Q(*((field, values) for field in fields), _connector=Q.OR)
        return queryset.filter(wanted | others), False
