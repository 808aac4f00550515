"""Every address of the admin that writes leaves an entry with the person who used it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.test.client import MULTIPART_CONTENT
from django.utils import timezone

from accounts import links
from accounts.bots.actions import create_bot, make_token
from accounts.models import IntrusionSignal, SignIn, User
from messaging.reports.models import Report, ReportKey, SealedReportKey
from rooms.actions import set_stopped
from tests.accounts.audit.test_recording import last
from tests.accounts.codes import set_up_app
from tests.accounts.signed_in import browser
from tests.base import PASSWORD, create_room, make_user, spki
from tests.matrix.table import ADMIN_MODELS, read

pytestmark = pytest.mark.django_db
PK = "<path:object_id>"
STANDARD = {"", "add/", *(f"{PK}/{end}" for end in ("", "change/", "delete/", "history/"))}
INLINE = {"identities-TOTAL_FORMS": "0", "identities-INITIAL_FORMS": "0"}
USER, LINK, ROOMS, REPORTS = (
    "accounts/user", "accounts/accountlink", "rooms/room", "messaging/report",
)  # fmt: skip


class Desk:
    """An administrator's browser, and what it changes."""

    def __init__(self, room: str) -> None:
        self.root = User.objects.create_superuser("root", PASSWORD)
        self.zoe = make_user("zoe")
        self.room = room
        self._client = browser(self.root)

    def post(self, address: str, sent: Any = None, type_: str = MULTIPART_CONTENT) -> None:
        answer = self._client.post(f"/admin/{address}/", sent or {"post": "yes"}, type_)
        assert answer.status_code in (200, 302), address

    def of(self, place: str, pk: Any, what: str, **sent: Any) -> None:
        self.post(f"{place}/{pk}/{what}", sent)

    def factor_off(self) -> None:
        set_up_app(self.zoe)
        self.of(USER, self.zoe.pk, "second_factor_off")

    def sign_in(self) -> SignIn:
        browser(self.zoe)
        return self.zoe.sign_ins.get()

    def sign_out(self) -> None:
        self.sign_in()
        self.of(USER, self.zoe.pk, "sign_out")

    def link(self) -> Any:
        return links.make_account_link(by=None)[0].pk

    def token(self) -> str:
        return make_token(self.zoe, create_bot(self.zoe, "zoe.bot").pk, ["read"], 1).row.pk

    def slow_down(self) -> int:
        until = timezone.now() + timedelta(hours=1)
        return IntrusionSignal.objects.create(
            kind="enumeration", severity="notice", network="192.0.2.0/24", slowed_until=until
        ).pk

    def resume(self) -> None:
        set_stopped(self.room, True, by=None)
        self.of(ROOMS, self.room, "resume")

    def report(self) -> str:
        key = ReportKey.objects.create(key_hash="k" * 43, spki=spki("site"), maker="")
        made = Report.objects.create(
            id="a" * 32, room=self.room, receiver=key.key_hash, author=self.zoe.pk, seq=1, row={}
        )
        SealedReportKey.objects.create(report=made, to=key.key_hash, ciphertext="sealed")
        return made.pk


WRITES: dict[str, tuple[str, Callable[[Desk], Any]]] = {
    f"{USER}/create/": (
        "account.registered",
        lambda desk: desk.post(f"{USER}/create", {"names": "zac", "days": 1}),
    ),
    f"{USER}/{PK}/password_link/": (
        "password.link",
        lambda desk: desk.of(USER, desk.zoe.pk, "password_link"),
    ),
    f"{USER}/{PK}/second_factor_off/": ("second_factor.off", Desk.factor_off),
    f"{USER}/{PK}/sign_out/": ("sign_out.everywhere", Desk.sign_out),
    f"{USER}/{PK}/change/": (
        "account.disabled",
        lambda desk: desk.of(USER, desk.zoe.pk, "change", role="", mail="", **INLINE),
    ),
    f"{USER}/{PK}/delete/": (
        "account.deleted",
        lambda desk: desk.of(USER, desk.zoe.pk, "delete", post="yes"),
    ),
    f"accounts/signin/{PK}/delete/": (
        "sign_out",
        lambda desk: desk.of("accounts/signin", desk.sign_in().pk, "delete", post="yes"),
    ),
    f"{LINK}/make/": (
        "sign_up_link.made",
        lambda desk: desk.post(f"{LINK}/make", {"note": "", "uses": 1, "days": 1}),
    ),
    f"{LINK}/{PK}/delete/": (
        "sign_up_link.revoked",
        lambda desk: desk.of(LINK, desk.link(), "delete", post="yes"),
    ),
    f"accounts/bottoken/{PK}/delete/": (
        "bot.token_revoked",
        lambda desk: desk.of("accounts/bottoken", desk.token(), "delete", post="yes"),
    ),
    f"accounts/intrusionsignal/{PK}/lift/": (
        "network.lifted",
        lambda desk: desk.of("accounts/intrusionsignal", desk.slow_down(), "lift"),
    ),
    f"accounts/sitesettings/{PK}/change/": (
        "site.changed",
        lambda desk: desk.of("accounts/sitesettings", 1, "change", name="Garden"),
    ),
    f"{ROOMS}/{PK}/stop/": ("room.stopped", lambda desk: desk.of(ROOMS, desk.room, "stop")),
    f"{ROOMS}/{PK}/resume/": ("room.resumed", Desk.resume),
    f"{ROOMS}/{PK}/quota/": (
        "room.quota",
        lambda desk: desk.of(ROOMS, desk.room, "quota", mebibytes="5"),
    ),
    f"{REPORTS}/key/": (
        "report.key",
        lambda desk: desk.post(
            f"{REPORTS}/key", json.dumps({"spki": spki("new")}), "application/json"
        ),
    ),
    f"{REPORTS}/{PK}/sealed/": (
        "report.opened",
        lambda desk: desk.of(REPORTS, desk.report(), "sealed"),
    ),
    f"{REPORTS}/{PK}/handle/": (
        "report.handled",
        lambda desk: desk.of(REPORTS, desk.report(), "handle", outcome="dismissed"),
    ),
}
"""The entry that each address leaves, and a use of it."""

ELSEWHERE = {f"{REPORTS}/{PK}/files/<str:file>/"}  # with the files of reported messages


def addresses() -> set[str]:
    """Every address of the admin that writes to a model: the site's own, and of Django's those that
    administrators may use.
    """
    may = read(ADMIN_MODELS)
    found = set()
    for model, one in admin.site._registry.items():
        label = model._meta.label_lower
        place = label.replace(".", "/")
        assert not {"add"} & set(may[label]), "it is made by an action of its own"
        own = {str(entry.pattern) for entry in one.get_urls()} - STANDARD
        usual = {f"{PK}/{what}/" for what in ("change", "delete") if what in may[label]}
        found |= {f"{place}/{path}" for path in own | usual}
    return found


def test_every_address_of_the_admin_that_writes_has_a_test():
    assert addresses() == WRITES.keys() | ELSEWHERE


@pytest.fixture
def room(ada, ben) -> str:
    for someone in (ada, ben):
        someone.publish()
    made = create_room(ada)
    made.admit(ada, ben)
    return made.id


@pytest.mark.parametrize("address", WRITES)
def test_an_act_in_the_admin_is_recorded_with_who_did_it(address, room):
    kind, act = WRITES[address]
    desk = Desk(room)
    act(desk)
    assert last(kind).actor == desk.root.pk
