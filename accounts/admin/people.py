"""Users, their public identities, where they are signed in, what is on record. There is nothing
secret here to show.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, reverse
from django.utils.html import format_html_join

from accounts import lifecycle, links, selectors, storage
from accounts.admin.audit import AuditEntryAdmin
from accounts.admin.bots import BotTokenAdmin
from accounts.admin.intrusion import IntrusionSignalAdmin
from accounts.admin.links import link_urls, people_urls, who
from accounts.admin.search import PersonSearch, name_of
from accounts.admin.site_settings import MIB, SiteSettingsAdmin
from accounts.factor import policy
from accounts.models import AccountLink, Identity, SignIn, StorageUse, User
from accounts.roles import check_may_help, may_help
from accounts.sign_in import sign_ins
from accounts.site_settings import current
from accounts.site_settings.models import BYTES_MOST
from chatsite.lib import disk
from chatsite.lib.errors import Conflict, NotFound

__all__ = ["AuditEntryAdmin", "BotTokenAdmin", "IntrusionSignalAdmin", "SiteSettingsAdmin"]

# Nobody has an address or a group there: empty tables only hide the others. Secrets of second
# factors are shown to nobody.
for unused in (EmailAddress, Group, Authenticator):
    admin.site.unregister(unused)


class IdentityInline(admin.TabularInline):
    model = Identity
    template = "admin/read_only_inline.html"
    fields = ("kid", "number", "created_at")
    readonly_fields = fields
    can_delete = False
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class UserForm(forms.ModelForm):
    """Refuses, beside the form, to take the last administrator away."""

    own_storage = forms.IntegerField(
        label="Storage of their own, in MiB",
        required=False,
        validators=[MinValueValidator(0), MaxValueValidator(BYTES_MOST // MIB)],
    )

    class Meta:
        model = User
        fields = ("is_active", "role", "mail")
        labels = {"is_active": "active: may sign in"}
        help_texts = {
            "is_active": "Without it every sign-in ends at once. Their rooms stay as they are.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "own_storage" not in self.fields:
            return  # helpers only see it
        own = storage.usage_of(self.instance.pk).own_limit
        self.fields["own_storage"].initial = None if own is None else own // MIB
        everybody = filesizeformat(current.storage_per_person())
        self.fields["own_storage"].help_text = f"Empty: as everybody, {everybody}."

    def own_limit(self) -> int | None:
        """Bytes, as the page has them now."""
        given = self.cleaned_data["own_storage"]
        return None if given is None else given * MIB

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        active = given.get("is_active", self.instance.is_active)
        keeps = active and given.get("role", self.instance.role) == User.ADMINISTRATOR
        if self.instance.is_administrator and not keeps:
            try:
                with transaction.atomic():
                    lifecycle.check_administrator_stays(self.instance)
            except Conflict as error:
                raise forms.ValidationError(error.detail, code=error.code) from None
        return given


class Factor(admin.SimpleListFilter):
    title = "second factor"
    parameter_name = "factor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("lacking", "lacks one that the role needs")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        if self.value() != "lacking":
            return queryset
        return queryset.filter(pk__in=policy.lacking_for_role())


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """Accounts. To delete one here is to end it by the one way there is."""

    form = UserForm
    change_form_template = "admin/accounts/user/change_form.html"
    change_list_template = "admin/accounts/user/change_list.html"
    list_display = ("name", "is_active", "shown_role", "bot_of", "deleted_at", "last_login")
    list_filter = ("is_active", "role", Factor)
    ordering = ("name",)
    list_select_related = ("bot_of",)
    search_fields = ("name",)
    fields = (
        *("id", "name", "is_active", "role", "mail", "own_storage", "bot_of"),
        *("date_joined", "last_login", "deleted_at", "rooms_to_hand_over"),
    )
    readonly_fields = (
        *("id", "name", "bot_of", "date_joined", "last_login", "deleted_at"),
        "rooms_to_hand_over",
    )
    inlines = [IdentityInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """An account needs keys, which only its owner can make."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """An ended account cannot be changed, and helpers change nobody who has a role."""
        mine = obj is None or (obj.deleted_at is None and may_help(who(request), obj))
        return mine and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        ended = obj is not None and obj.deleted_at is not None
        return not ended and super().has_delete_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Only administrators give roles and storage."""
        theirs = () if who(request).is_superuser else ("role", "own_storage")
        return (*self.readonly_fields, *theirs)

    @admin.display(description="role", ordering="role", empty_value="-")
    def shown_role(self, user: User) -> str:
        return user.role

    @admin.display(description="storage of their own")
    def own_storage(self, user: User) -> str:
        own = storage.usage_of(user.pk).own_limit
        return "-" if own is None else filesizeformat(own)

    @admin.display(description="rooms that need another owner first")
    def rooms_to_hand_over(self, user: User) -> str:
        """Links to them; `manage.py rooms list` has them, too."""
        rooms = selectors.rooms_to_hand_over(user)
        pages = ((reverse("admin:rooms_room_change", args=[room]), room) for room in rooms)
        return format_html_join(", ", '<a href="{}">{}</a>', pages) or "none"

    def get_urls(self) -> list[URLPattern]:
        return [*people_urls(self), *super().get_urls()]

    def save_model(
        self, request: HttpRequest, obj: User, form: forms.ModelForm[User], change: bool
    ) -> None:
        """The actions write, check who may, and keep the record."""
        by = who(request)
        if "role" in form.changed_data:
            lifecycle.set_role(obj, obj.role, by=by)
            if obj.role and not User.objects.get(pk=obj.pk).has_usable_password():
                self.message_user(request, lifecycle.NEEDS_LINK, messages.WARNING)
        if "mail" in form.changed_data:
            lifecycle.set_mail(obj, obj.mail, by=by)
        if "own_storage" in form.changed_data:
            storage.set_limit(obj, form.own_limit(), by=by)  # type: ignore[attr-defined]
        if "is_active" in form.changed_data:
            lifecycle.set_active(obj, obj.is_active, by=by)

    def message_user(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Say also what went well, which the site's level of messages leaves out."""
        messages.set_level(request, messages.SUCCESS)
        super().message_user(request, *args, **kwargs)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, Any], set[str], list[Any]]:
        """For Django's confirmation page: what ends, and why it may not."""
        chosen = list(objs)
        try:
            with transaction.atomic():
                lifecycle.check_administrator_stays(*chosen)
        except Conflict as error:
            return [], {}, set(), [error.detail]
        return [f"{user.name}: {ENDS}" for user in chosen], {"accounts": len(chosen)}, set(), []

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        lifecycle.delete_account(obj, by=who(request))

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """All of them, or none."""
        for user in queryset:
            self.delete_model(request, user)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[User]) -> list[LogEntry]:
        """The action writes the record of every deletion."""
        return []


ENDS = (
    "signed out everywhere, forever. The name stays taken. Rooms keep what was written, and the "
    "person as a member until somebody there removes them."
)


class Kept(admin.ModelAdmin):
    """Looked at, not written."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(SignIn)
class SignInAdmin(Kept):
    """To delete one is to sign somebody out there."""

    list_display = ("user", "kind", "agent", "address", "created_at", "seen_at", "expires_at")
    ordering = ("-seen_at",)
    list_select_related = ("user",)
    search_fields = ("user__name",)
    fields = ("id", *list_display)

    @admin.display
    def kind(self, obj: SignIn) -> str:
        return "program" if obj.program else "browser"

    def has_delete_permission(self, request: HttpRequest, obj: SignIn | None = None) -> bool:
        mine = obj is None or may_help(who(request), obj.user)
        return mine and super().has_delete_permission(request, obj)

    def delete_model(self, request: HttpRequest, obj: SignIn) -> None:
        sign_ins.end(obj.user, obj.pk, by=who(request))

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[SignIn]) -> None:
        """All that are still there, or none."""
        for one in queryset.select_related("user__bot_of"):
            check_may_help(who(request), one.user)
            with suppress(NotFound):
                sign_ins.end(one.user, one.pk, by=who(request))


@admin.register(AccountLink)
class AccountLinkAdmin(Kept):
    """Links to new accounts. Each is shown once, where it is made; deleting it takes it back."""

    list_display = ("number", "note", "used", "state", "gives", "made_by",
                    "created_at", "expires_at")  # fmt: skip
    list_select_related = ("made_by",)
    search_fields = ("note", "made_by__name")
    fields = (*list_display[1:], "revoked_at")
    ordering = ("-created_at",)
    change_list_template = "admin/accounts/accountlink/change_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccountLink]:
        """Links to passwords are shown to nobody: they are an account's, and have no note."""
        return super().get_queryset(request).filter(kind=AccountLink.ACCOUNT)

    def get_urls(self) -> list[URLPattern]:
        return [*link_urls(self), *super().get_urls()]

    @admin.display(description="link", ordering="pk")
    def number(self, link: AccountLink) -> str:
        return f"No. {link.pk}"

    @admin.display(ordering="uses")
    def used(self, link: AccountLink) -> str:
        return f"{link.uses} of {link.max_uses}"

    @admin.display(description="role", ordering="administrator")
    def gives(self, link: AccountLink) -> str:
        return User.ADMINISTRATOR if link.administrator else "-"

    @admin.display
    def state(self, link: AccountLink) -> str:
        return links.state_of(link)

    def delete_model(self, request: HttpRequest, obj: AccountLink) -> None:
        links.revoke(obj, by=who(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[AccountLink]) -> None:
        for link in queryset:
            links.revoke(link, by=who(request))


@admin.register(StorageUse)
class StorageUseAdmin(PersonSearch, Kept):
    """Storage per person, and the settings that limit it. Read-only."""

    list_display = (
        "person",
        "all",
        "share",
        "own_limit",
        "message_bytes",
        "file_bytes",
        "log_bytes",
    )
    search_fields = ("=uid",)  # shows the field
    person_fields = ("uid",)
    search_help_text = "A user name, or the id of an account."
    fields = ("uid", "person", *list_display[1:])
    ordering = ("uid",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[StorageUse]:
        total = F("messages") + F("files") + F("log")
        return super().get_queryset(request).annotate(who=name_of("uid"), sum=total)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        limits = {
            "person": current.storage_per_person(),
            "floor": settings.DISK_FLOOR,
            "free": disk.free_bytes(),
        }
        return super().changelist_view(request, {**(extra_context or {}), "limits": limits})

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    @admin.display(ordering="who")
    def person(self, use: StorageUse) -> str:
        return getattr(use, "who", None) or "(account deleted)"

    @admin.display(description="in all", ordering="sum")
    def all(self, use: StorageUse) -> str:
        return filesizeformat(use.total)

    @admin.display(description="own limit", ordering="most")
    def own_limit(self, use: StorageUse) -> str:
        return "" if use.most is None else filesizeformat(use.most)

    @admin.display(description="of the limit", ordering="sum")
    def share(self, use: StorageUse) -> str:
        most = current.storage_per_person() if use.most is None else use.most
        return f"{use.total / max(1, most):.0%}"

    @admin.display(description="messages", ordering="messages")
    def message_bytes(self, use: StorageUse) -> str:
        return filesizeformat(use.messages)

    @admin.display(description="files", ordering="files")
    def file_bytes(self, use: StorageUse) -> str:
        return filesizeformat(use.files)

    @admin.display(description="room logs", ordering="log")
    def log_bytes(self, use: StorageUse) -> str:
        return filesizeformat(use.log)


@admin.register(LogEntry)
class RecordAdmin(Kept):
    """Actions of administrators, and changes of passwords."""

    list_display = ("action_time", "user", "content_type", "object_repr", "summary")
    list_select_related = ("user", "content_type")
    list_filter = ("action_flag", ("content_type", admin.RelatedOnlyFieldListFilter))
    search_fields = ("user__name", "object_repr")
    fields = list_display

    @admin.display(description="what")
    def summary(self, obj: LogEntry) -> Any:
        return obj.get_change_message()

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
