"""The page of the site's settings in the admin: one form for the one row."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from accounts.admin.links import who
from accounts.models import SiteSettings
from accounts.site_settings import actions
from accounts.site_settings.icon import BadIcon, rewritten
from accounts.site_settings.models import BYTES_MOST

MIB = 1024**2
PLAIN = (
    *("name", "announcement", "registration", "terms_url", "privacy_url"),
    *("rooms_per_person", "rate_limits"),
)
"""Fields of the form that are the model's own."""
SIZES = {"storage": "storage_per_person", "largest": "file_most"}
"""Fields in MiB, and the model's in bytes."""


class SiteSettingsForm(forms.ModelForm):
    """Shows sizes in MiB, and takes the icon as a file."""

    picture = forms.FileField(
        label="Icon",
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png"}),
        help_text="A square PNG of 192 to 512 pixels, at most 60 KiB. It is written anew.",
    )
    no_picture = forms.BooleanField(label="Remove the icon", required=False)
    storage = forms.IntegerField(
        label="Storage per person, in MiB",
        required=False,
        validators=[MinValueValidator(0), MaxValueValidator(BYTES_MOST // MIB)],
    )

    largest = forms.IntegerField(
        label="Largest file, in MiB",
        required=False,
        validators=[MinValueValidator(1), MaxValueValidator(BYTES_MOST // MIB)],
    )

    class Meta:
        model = SiteSettings
        fields = PLAIN
        widgets = {
            "announcement": forms.Textarea(attrs={"rows": 3}),
            "rate_limits": forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, column in SIZES.items():
            bytes_set = getattr(self.instance, column)
            self.fields[name].initial = None if bytes_set is None else bytes_set // MIB
        for name, text in _helps().items():
            if name in self.fields:  # all but the last one are missing where somebody only reads
                self.fields[name].help_text = text

    def clean_rate_limits(self) -> str:
        """The list in one line, however it was typed."""
        lines = self.cleaned_data["rate_limits"].splitlines()
        return ", ".join(one.strip(" ,") for one in lines if one.strip(" ,"))

    def clean_picture(self) -> bytes | None:
        given = self.cleaned_data["picture"]
        if given is None:
            return None
        try:
            return rewritten(given.read())
        except BadIcon as error:
            raise forms.ValidationError(str(error)) from None

    def changes(self) -> dict[str, Any]:
        """Values that were changed on the page, by the names of the model's fields."""
        given = self.cleaned_data
        found = {one: given[one] for one in PLAIN if one in self.changed_data}
        for name, column in SIZES.items():
            if name in self.changed_data:
                found[column] = None if given[name] is None else given[name] * MIB
        if given["picture"]:
            found["icon"] = given["picture"]
        elif given["no_picture"]:
            found["icon"] = b""
        return found


def _helps() -> dict[str, str]:
    """Texts that say what counts where a field is empty."""
    storage = filesizeformat(settings.STORAGE_PER_PERSON)
    return {
        "name": "As pages, browser tabs and the installed app call the site. Empty: Sotto.",
        "announcement": "Shown above everybody’s rooms until they dismiss it, and again when it "
        "changes. One line of plain text.",
        "registration": f"Empty: as REGISTRATION has it ({settings.REGISTRATION}).",
        "terms_url": "People accept them who make an account. Empty: as TERMS_URL has it "
        f"({settings.TERMS_URL or 'none'}).",
        "privacy_url": "The sign-up page and the log-in page link to it.",
        "rooms_per_person": "Open rooms that a person may own. Empty: as ROOMS_PER_PERSON has it "
        f"({settings.ROOMS_PER_PERSON}).",
        "storage": f"Empty: as STORAGE_PER_PERSON has it ({storage}).",
        "largest": f"Empty: as FILE_MOST has it ({filesizeformat(settings.FILE_MOST)}).",
        "rate_limits": _help_of_limits(),
    }


def _help_of_limits() -> str:
    """Says how to write limits, and folds away which there are."""
    rows = ((name, f"{many}/{seconds}") for name, (many, seconds) in settings.RATE_LIMITS.items())
    return format_html(
        "Limits to change, as login=20/600: how many, per seconds; separated by commas or lines. "
        "The others are as RATE_LIMITS has them. "
        '<details class="limits"><summary>All limits</summary><dl>{}</dl></details>',
        format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", rows),
    )


@admin.register(SiteSettings)
class SiteSettingsAdmin(admin.ModelAdmin):
    """Goes straight to the form: there is one row, which the first change makes."""

    form = SiteSettingsForm
    fieldsets = (
        (
            "How the site presents itself",
            {"fields": ("name", "picture", "no_picture", "announcement")},
        ),
        ("Who may come in", {"fields": ("registration", "terms_url", "privacy_url")}),
        ("Limits", {"fields": ("storage", "rooms_per_person", "largest", "rate_limits")}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def get_fieldsets(self, request: HttpRequest, obj: SiteSettings | None = None) -> Any:
        """Show the values as they are stored to people who only read: the form's own fields are
        for changing them.
        """
        if self.has_change_permission(request, obj):
            return super().get_fieldsets(request, obj)
        names = ("name", "has_icon", "announcement", "registration", "terms_url", "privacy_url")
        limits = ("storage_per_person", "rooms_per_person", "file_most", "rate_limits")
        return ((None, {"fields": (*names, *limits)}),)

    def get_readonly_fields(
        self, request: HttpRequest, obj: SiteSettings | None = None
    ) -> tuple[str, ...]:
        if self.has_change_permission(request, obj):
            return ()
        return ("has_icon", "storage_per_person", "file_most")

    @admin.display(description="icon", boolean=True)
    def has_icon(self, row: SiteSettings) -> bool:
        return bool(row.icon)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            return super().changelist_view(request, extra_context)
        return redirect(reverse("admin:accounts_sitesettings_change", args=[SiteSettings.ONLY]))

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> SiteSettings | None:
        if object_id != str(SiteSettings.ONLY):
            return None
        return SiteSettings.objects.first() or SiteSettings()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With one button: saving leads back to this page."""
        context["show_save_and_continue"] = False
        return super().render_change_form(request, context, *args, **kwargs)

    def response_change(self, request: HttpRequest, obj: SiteSettings) -> HttpResponse:
        """Say that it was saved: the page that follows looks the same."""
        messages.set_level(request, messages.SUCCESS)
        return super().response_change(request, obj)

    def save_model(
        self, request: HttpRequest, obj: SiteSettings, form: SiteSettingsForm, change: bool
    ) -> None:
        """The action writes, checks who may, and keeps the record."""
        actions.change(form.changes(), by=who(request))
