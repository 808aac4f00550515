"""Users, their public identities, where they are signed in, what is on record. There is nothing
secret here to show."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from accounts import sign_ins
from accounts.models import Identity, SignIn, User

# One door, with its limits.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "Sotto"
# Nobody has an address or a group here: empty tables only hide the others.
for unused in (EmailAddress, Group):
    admin.site.unregister(unused)


class IdentityInline(admin.TabularInline):
    model = Identity
    fields = ("kid", "n", "created_at")
    readonly_fields = fields
    can_delete = False
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    list_display = ("name", "is_active", "is_staff", "date_joined", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("name",)
    fields = ("id", "name", "is_active", "is_staff", "date_joined", "last_login")
    readonly_fields = ("id", "name", "date_joined", "last_login")
    inlines = [IdentityInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """An account needs keys, which only its owner can make."""
        return False

    def save_model(
        self, request: HttpRequest, obj: User, form: ModelForm[User], change: bool
    ) -> None:
        """Who is disabled is signed out everywhere at once."""
        super().save_model(request, obj, form, change)
        if not obj.is_active:
            sign_ins.end_everywhere(obj)


class Kept(admin.ModelAdmin):
    """Looked at, not written."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(SignIn)
class SignInAdmin(Kept):
    """To delete one is to sign somebody out there."""

    list_display = ("user", "agent", "address", "program", "created_at", "seen_at", "expires_at")
    list_select_related = ("user",)
    search_fields = ("user__name",)
    fields = ("id", *list_display)

    @admin.display(boolean=True)
    def program(self, obj: SignIn) -> bool:
        return obj.program

    def delete_model(self, request: HttpRequest, obj: SignIn) -> None:
        sign_ins.end(obj.user, obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[SignIn]) -> None:
        for one in queryset.select_related("user"):
            sign_ins.end(one.user, one.pk)


@admin.register(LogEntry)
class RecordAdmin(Kept):
    """What administrators did here, and who changed a password when."""

    list_display = ("action_time", "user", "content_type", "object_repr", "summary")
    list_select_related = ("user", "content_type")
    list_filter = ("action_flag", "content_type")
    search_fields = ("user__name", "object_repr")
    fields = list_display

    @admin.display(description="what")
    def summary(self, obj: LogEntry) -> Any:
        return obj.get_change_message()

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
