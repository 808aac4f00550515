"""Pages of the admin that help people: one-time links, each shown once after its form was sent, the
end of a second factor that somebody lost, and of sign-ins.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from accounts import bulk, links, mail
from accounts.factor import policy, second_factor
from accounts.models import AccountLink, User
from accounts.roles import MAKES_LINKS, may_help
from accounts.sign_in.sign_ins import end_everywhere
from chatsite.lib.errors import ChatError

CSV_MOST = 60 * 1024  # bytes of a file of names: forms have at most 64 KiB


class SignUpLinkForm(forms.Form):
    note = forms.CharField(max_length=200, required=False, help_text="what it is for")
    uses = forms.IntegerField(
        initial=1, validators=[MinValueValidator(1), MaxValueValidator(links.MOST_USES)]
    )
    days = forms.IntegerField(
        initial=links.ACCOUNT_LIFETIME.days,
        validators=[MinValueValidator(1), MaxValueValidator(links.LONGEST_LIFETIME.days)],
        help_text="days for which it is good",
    )


class PeopleForm(forms.Form):
    names = forms.CharField(
        required=False, max_length=CSV_MOST, widget=forms.Textarea, help_text="one in each line"
    )
    file = forms.FileField(
        required=False, help_text="or a CSV file with a name in each line's first cell"
    )
    days = SignUpLinkForm.base_fields["days"]

    def clean_file(self) -> str:
        given = self.cleaned_data["file"]
        if given is None:
            return ""
        try:
            text = str(given.read().decode("utf-8"))
        except UnicodeDecodeError:
            raise forms.ValidationError("The file is not UTF-8 text.") from None
        if given.size > CSV_MOST:
            raise forms.ValidationError(f"The file has more than {CSV_MOST} bytes: make two of it.")
        return text


def who(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def people_urls(admin: ModelAdmin[User]) -> list[URLPattern]:
    """Addresses below that of accounts: making many, and what helps one."""
    view = admin.admin_site.admin_view
    link, off = "<path:object_id>/password_link/", "<path:object_id>/second_factor_off/"
    out = "<path:object_id>/sign_out/"
    return [
        path("create/", view(partial(_create, admin)), name="accounts_user_create"),
        path(link, view(partial(_password_link, admin)), name="accounts_user_password_link"),
        path(off, view(partial(_factor_off, admin)), name="accounts_user_second_factor_off"),
        path(out, view(partial(_sign_out, admin)), name="accounts_user_sign_out"),
    ]


def link_urls(admin: ModelAdmin[AccountLink]) -> list[URLPattern]:
    """The address below that of sign-up links where one is made."""
    view = admin.admin_site.admin_view
    return [path("make/", view(partial(_make, admin)), name="accounts_accountlink_make")]


def _create(admin: ModelAdmin[User], request: HttpRequest) -> HttpResponse:
    _check_may(request)
    form = PeopleForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            names = bulk.names_of_csv(given["file"] or given["names"], bulk.MOST_IN_REQUEST)
            lifetime = timedelta(days=given["days"])
            made = bulk.create_accounts(names, by=who(request), lifetime=lifetime)
        except ChatError as error:
            form.add_error(None, error.detail)
        else:
            return _download(bulk.csv_of(made))
    return _page(admin, request, "create", form=form, title="Add accounts")


def _password_link(admin: ModelAdmin[User], request: HttpRequest, object_id: str) -> HttpResponse:
    user = _helped(admin, request, object_id)
    shown: dict[str, Any] = {"account": user, "title": f"A new password for {user.name}"}
    shown["can_mail"] = mail.is_on() and user.mail
    if request.method == "POST":
        try:
            if "by_mail" in request.POST:
                links.mail_password_link(user, by=who(request))
                shown["mailed"] = True
            else:
                shown["link"] = links.make_password_link(user, by=who(request))
        except ChatError as error:
            shown["refused"] = error.detail
    return _page(admin, request, "password_link", **shown)


def _factor_off(admin: ModelAdmin[User], request: HttpRequest, object_id: str) -> HttpResponse:
    user = _helped(admin, request, object_id)
    shown = {"account": user, "title": f"The second factor of {user.name}"}
    if request.method == "POST":
        second_factor.remove(user, by=who(request))
    return _page(admin, request, "second_factor_off", **shown, on=policy.is_on(user))


def _sign_out(admin: ModelAdmin[User], request: HttpRequest, object_id: str) -> HttpResponse:
    user = _helped(admin, request, object_id)
    shown = {"account": user, "title": f"Sign {user.name} out everywhere"}
    if request.method == "POST":
        end_everywhere(user, by=who(request))
        shown["done"] = True
    many = user.sign_ins.count()
    return _page(admin, request, "sign_out", **shown, many=many)


def _helped(admin: ModelAdmin[User], request: HttpRequest, object_id: str) -> User:
    """The account that the page is about, if the person who asks may help it."""
    _check_may(request)
    user = admin.get_object(request, unquote(object_id))
    if user is None:
        raise Http404
    if user == who(request) or not may_help(who(request), user):
        raise PermissionDenied  # for oneself the settings ask for password and code
    return user


def _make(admin: ModelAdmin[AccountLink], request: HttpRequest) -> HttpResponse:
    _check_may(request)
    form = SignUpLinkForm(request.POST or None)
    shown: dict[str, Any] = {"form": form, "title": "Make a sign-up link"}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        _, shown["link"] = links.make_account_link(
            by=who(request),
            note=given["note"],
            max_uses=given["uses"],
            lifetime=timedelta(days=given["days"]),
        )
    return _page(admin, request, "make", **shown)


def _check_may(request: HttpRequest) -> None:
    if not who(request).has_perm(MAKES_LINKS):
        raise PermissionDenied


def _page(admin: ModelAdmin[Any], request: HttpRequest, name: str, **shown: Any) -> HttpResponse:
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "contact": settings.CONTACT,
        **shown,
    }
    model = admin.opts.model_name
    return TemplateResponse(request, f"admin/accounts/{model}/{name}.html", context)


def _download(text: str) -> HttpResponse:
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="links.csv"'
    return answer
