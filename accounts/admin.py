"""Users and their public identities. There is nothing secret here to show."""

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from accounts.models import Identity, User

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
