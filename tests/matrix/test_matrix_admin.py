"""Every page of the admin and every model in it, asked by everybody."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.test import override_settings

from accounts.audit.account_history import record_change
from accounts.bots.actions import create_bot, make_token
from accounts.models import IntrusionSignal, SignIn, SiteSettings
from accounts.sign_in.sign_ins import issue_tokens
from messaging.reports.models import Report
from tests.matrix.cast import Cast, undone
from tests.matrix.outcome import fits, outcome
from tests.matrix.table import ADMIN_MODELS, ADMIN_PAGES, read, with_columns

pytestmark = pytest.mark.django_db

TOTP = Authenticator.Type.TOTP
MODELS = read(ADMIN_MODELS)
PAGES = with_columns(ADMIN_PAGES)
MODEL_ADMINS = {model._meta.label_lower: found for model, found in admin.site._registry.items()}
WITH_ROLE = ("staff", "helper", "superuser")
LACKING = tuple(f"{who}*" for who in WITH_ROLE)  # the second factor that their role needs
WHO = ("anonymous", "member", *WITH_ROLE, *LACKING)
OUTSIDE = ("anonymous", "member", *LACKING)
# What helpers may do beside looking; to people who have no role themselves.
HELPERS = {
    "accounts.user": ["change"],
    "accounts.bottoken": ["delete"],
    "accounts.signin": ["delete"],
    "accounts.accountlink": ["delete"],
}
# Addresses of the admin that make links and help people, by who gets them.
MAKES = {
    "/admin/accounts/user/create/": ("helper", "superuser"),
    "/admin/accounts/user/{member}/password_link/": ("helper", "superuser"),
    "/admin/accounts/user/{superuser}/password_link/": (),  # their own settings ask for more
    "/admin/accounts/user/{staff}/password_link/": ("superuser",),
    "/admin/accounts/user/{member}/second_factor_off/": ("helper", "superuser"),
    "/admin/accounts/user/{superuser}/second_factor_off/": (),
    "/admin/accounts/user/{member}/sign_out/": ("helper", "superuser"),
    "/admin/accounts/user/{superuser}/sign_out/": (),
    "/admin/accounts/user/{staff}/sign_out/": ("superuser",),
    "/admin/accounts/accountlink/make/": ("helper", "superuser"),
}
ROOM_ACTS = ("stop", "resume", "quota")
# Addresses of a report, and the method that they take.
REPORT_PAGES = {"sealed/": "POST", "handle/": "POST", "files/<str:file>/": "POST"}
ACTIONS = {
    ("GET", ""): "view",
    ("GET", "add/"): "add",
    ("POST", "add/"): "add",
    ("GET", "{pk}/change/"): "view",
    ("POST", "{pk}/change/"): "change",
    ("GET", "{pk}/history/"): "view",
    ("GET", "{pk}/delete/"): "delete",
    ("POST", "{pk}/delete/"): "delete",
}


@pytest.fixture
def recorded(cast) -> Cast:
    """With a row of what nobody in it has made."""
    SiteSettings.objects.create()
    record_change("account.enabled", cast.owner.user, None, "Looked at by the matrix.")
    IntrusionSignal.objects.create(kind="enumeration", severity="notice", network="192.0.2.0/24")
    member = cast.persons["member"].user
    bot = create_bot(member, "matrix.bot")
    make_token(member, bot.pk, ["read"], 1)
    Report.objects.create(id="a" * 32, room="b" * 32, receiver="k" * 43, seq=1, row={})
    return cast


def asked(cast: Cast, who: str, method: str, address: str, sent: Any = None) -> str:
    """What comes of a request on a site that asks a second factor of every role."""
    name = who.removesuffix("*")
    with undone(), override_settings(SECOND_FACTOR="roles"):
        if who in WITH_ROLE:
            Authenticator.objects.create(user=cast.persons[who].user, type=TOTP, data={})
        return outcome(getattr(cast.browser(name), method.lower())(address, sent or {}))


def patterns() -> set[str]:
    """The admin's own addresses, beside those of models."""
    mine = {found.opts.label_lower.replace(".", "/") + "/" for found in MODEL_ADMINS.values()}
    routes = (str(entry.pattern) for entry in admin.site.urls[0])
    plain = {route for route in routes if route not in mine}
    named = {r"^(?P<app_label>accounts|admin|rooms|messaging)/$": "<app_label>/"}
    named[r"(?P<url>.*)$"] = "<url>"
    return {f"/admin/{named.get(route, route)}" for route in plain}


def filled(page: str) -> str:
    ids = {"<app_label>": "rooms", "<url>": "nothing/here/", "<path:content_type_id>": "1"}
    for name, value in {**ids, "<path:object_id>": "1"}.items():
        page = page.replace(name, value)
    return page


def test_matrix_has_a_row_for_every_page_and_model_of_the_admin():
    assert set(PAGES) == patterns()
    assert set(MODELS) == set(MODEL_ADMINS)


@pytest.mark.parametrize("page", PAGES)
def test_matrix_every_role_gets_the_admin_s_pages_that_the_table_says(recorded, page):
    wrong = []
    for who, expected in PAGES[page].items():
        for method in ("GET", "POST"):
            found = asked(recorded, who, method, filled(page))
            if found != "405" and not fits(expected, found, strict=False):
                wrong.append(f"{method} {page} {who}: {found}, not {expected}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("label", MODELS)
def test_matrix_every_role_does_to_a_model_what_the_table_says(recorded, label):
    model = MODEL_ADMINS[label].model
    objects = model._default_manager.all()
    member = recorded.persons["member"].user
    special = {"accounts.user": member, "accounts.signin": member.sign_ins.first()}
    one = special.get(label) or objects.first()
    assert one is not None
    helps = ["view", *HELPERS.get(label, [])]
    may = {"staff": ["view"], "helper": helps, "superuser": MODELS[label]}
    wrong = []
    for (method, action), needed in ACTIONS.items():
        address = f"/admin/{label.replace('.', '/')}/{action.format(pk=one.pk)}"
        for who in WHO:
            expected = "yes" if needed in may.get(who, []) else "403"
            expected = "in" if who in OUTSIDE else expected
            found = asked(
                recorded, who, method, address, {"post": "yes"} if method == "POST" else {}
            )
            if not fits(expected, found, strict=True):
                wrong.append(f"{method} {address} {who}: {found}, not {expected}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("page", MAKES)
def test_matrix_links_are_made_by_whom_the_table_says(recorded, page):
    address = page.format(**{who: recorded.persons[who].uid for who in ("member", *WITH_ROLE)})
    wrong = []
    for who in WHO:
        expected = "200" if who in MAKES[page] else "403"
        expected = "in" if who in OUTSIDE else expected
        for method in ("GET", "POST"):
            found = asked(recorded, who, method, address)
            if found != expected:
                wrong.append(f"{method} {address} {who}: {found}, not {expected}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("owner", ["member", *WITH_ROLE])
def test_matrix_a_bot_is_helped_as_its_owner(recorded, owner):
    person = recorded.persons[owner].user
    bot = create_bot(person, "matrix.owned")
    token = make_token(person, bot.pk, ["read"], 1).row
    issue_tokens(bot, bot_token=token)
    theirs = {
        "user": (bot.pk, "change"),
        "signin": (bot.sign_ins.get().pk, "delete"),
        "bottoken": (token.pk, "delete"),
    }
    for model, (pk, action) in theirs.items():
        for who in WHO:
            may = who == "superuser" or (who == "helper" and owner == "member")
            expected = "in" if who in OUTSIDE else "yes" if may else "403"
            address = f"/admin/accounts/{model}/{pk}/{action}/"
            found = asked(recorded, who, "POST", address, {"post": "yes"})
            assert fits(expected, found, strict=True), (model, who, found)
    for who in ("helper", "staff"):
        chosen = {"action": "delete_selected", "_selected_action": [theirs["signin"][0]]}
        with undone():
            address = "/admin/accounts/signin/"
            recorded.browser(who).post(address, {**chosen, "post": "yes"})
            stands = bot.sign_ins.exists()
        assert stands or (who, owner) == ("helper", "member")


@pytest.mark.parametrize("act", ROOM_ACTS)
def test_matrix_administrators_alone_act_on_rooms(recorded, act):
    address = f"/admin/rooms/room/{recorded.room.id}/{act}/"
    for who in WHO:
        expected = "in" if who in OUTSIDE else "302" if who == "superuser" else "403"
        assert asked(recorded, who, "POST", address, {"mebibytes": "5"}) == expected, who
        found = asked(recorded, who, "GET", address)
        assert found == ("405" if who == "superuser" else expected), who


@pytest.mark.parametrize("page", ["key/", *(f"{'a' * 32}/{page}" for page in REPORT_PAGES)])
def test_matrix_administrators_alone_open_and_handle_reports(recorded, page):
    address = f"/admin/messaging/report/{page.replace('<str:file>', 'f' * 32)}"
    taken = REPORT_PAGES.get(page[33:], "POST")
    for who in WHO:
        expected = "in" if who in OUTSIDE else "403"
        for method in ("GET", "POST"):
            found = asked(recorded, who, method, address)
            if who == "superuser":
                assert (found == "405") is (method != taken), (who, method, found)
                assert found not in ("403", "401"), (who, method)
            else:
                assert found in (expected, "405"), (who, method, found)


def test_matrix_every_address_of_a_model_is_known(recorded):
    """Beside those that Django gives every model."""
    acts = ("password_link", "second_factor_off", "sign_out")
    helping = {f"<path:object_id>/{act}/" for act in acts}
    reports = {"key/", *(f"<path:object_id>/{page}" for page in REPORT_PAGES)}
    of_rooms = {f"<path:object_id>/{act}/" for act in ROOM_ACTS}
    mine = {"create/", "make/", "<path:object_id>/lift/", *helping, *reports, *of_rooms}
    django = {"", "add/", "<path:object_id>/history/", "<path:object_id>/delete/"}
    django |= {"<path:object_id>/change/", "<path:object_id>/"}
    found = {str(entry.pattern) for one in MODEL_ADMINS.values() for entry in one.get_urls()}
    assert found - django == mine


@pytest.mark.parametrize("label", MODELS)
def test_matrix_a_list_deletes_nothing_for_who_may_only_look(recorded, label):
    model = MODEL_ADMINS[label].model
    before = set(model._default_manager.values_list("pk", flat=True))
    chosen = {"action": "delete_selected", "_selected_action": list(before)[:5], "post": "yes"}
    ended = SignIn.objects.count(), LogEntry.objects.count()
    with undone():
        address = f"/admin/{label.replace('.', '/')}/"
        recorded.browser("staff").post(address, chosen)
        assert set(model._default_manager.values_list("pk", flat=True)) == before
        assert (SignIn.objects.count(), LogEntry.objects.count()) == ended
