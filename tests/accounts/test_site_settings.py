"""Settings that administrators change while the site runs: what counts, what is refused, what stays
on record.
"""

from __future__ import annotations

import asyncio
import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import registration, storage
from accounts.models import AuditEntry, SiteSettings, User
from accounts.site_settings import current
from accounts.site_settings.actions import change
from accounts.site_settings.icon import SIGNATURE, BadIcon, rewritten, side_of
from chatsite.lib.errors import ChatError, Forbidden, TooLarge
from chatsite.lib.limits import limit_of
from messaging.files import actions as files
from tests.accounts.signed_in import browser
from tests.base import PASSWORD

pytestmark = pytest.mark.django_db

PAGE = "/admin/accounts/sitesettings/1/change/"


@pytest.fixture
def root() -> User:
    return User.objects.create_superuser("root", PASSWORD)


@pytest.fixture
def admin(root) -> Client:
    return browser(root)


def facts() -> dict:
    """What a page gets, from a process that has not read the settings yet."""
    current.read_again()
    return Client().get("/site.json").json()


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(
    *,
    side: int = 192,
    height: int = 0,
    colour: int = 2,
    depth: int = 8,
    interlace: int = 0,
    pixels: bytes | None = None,
    more: bytes = b"",
) -> bytes:
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colour, 1)
    height = height or side
    head = struct.pack(">IIBBBBB", side, height, depth, colour, 0, 0, interlace)
    rows = (b"\x00" + b"\x7f" * (side * channels)) * height if pixels is None else pixels
    colours = chunk(b"PLTE", b"\x01\x02\x03") if colour == 3 else b""
    ends = chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return SIGNATURE + chunk(b"IHDR", head) + colours + more + ends


# --- what counts -----------------------------------------------------------------------------


def test_where_nothing_is_set_the_variables_count(settings):
    settings.REGISTRATION, settings.TERMS_URL = "invited", "https://example.org/terms"
    found = facts()
    assert (found["name"], found["icon"], found["announcement"]) == ("Sotto", "", None)
    assert (found["registration"], found["terms"]) == ("invited", "https://example.org/terms")
    assert found["privacy"] == ""


def test_what_is_set_counts_and_an_empty_value_gives_the_word_back(root, settings):
    settings.REGISTRATION = "open"
    change({"name": "Garden club", "registration": "closed"}, by=root)
    found = facts()
    assert (found["name"], found["registration"]) == ("Garden club", "closed")
    with pytest.raises(Forbidden, match="registration_closed"):
        registration.register("yan", PASSWORD)
    change({"name": "", "registration": ""}, by=root)
    found = facts()
    assert (found["name"], found["registration"]) == ("Sotto", "open")
    registration.register("yan", PASSWORD)


def test_limits_count_where_things_are_stored(root, settings):
    settings.STORAGE_PER_PERSON = 1000
    change({"storage_per_person": 10, "rooms_per_person": 3}, by=root)
    current.read_again()
    assert (storage.left_for(root.pk), current.rooms_per_person()) == (10, 3)
    with pytest.raises(storage.QuotaReached):
        storage.take("files", root.pk, 11)
    change({"storage_per_person": 0}, by=root)
    current.read_again()
    assert storage.left_for(root.pk) == 0, "none is a limit, too"


def test_the_largest_file_counts_where_files_are_stored(root, settings):
    settings.FILE_MOST = 10
    change({"file_most": 2 * 1024**2}, by=root)
    current.read_again()
    files._check_size(1024**2 + 16)
    with pytest.raises(TooLarge) as refused:
        files._check_size(2 * 1024**2 + 16)
    assert refused.value.extra == {"most": 2 * 1024**2}
    change({"file_most": None}, by=root)
    current.read_again()
    with pytest.raises(TooLarge):
        files._check_size(1024)


def test_a_rate_limit_counts_at_once_and_the_others_stay(root, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "people": (2, 60), "knock": (7, 60)}
    change({"rate_limits": "people=3/50"}, by=root)
    current.read_again()
    assert (limit_of("people"), limit_of("knock")) == ((3, 50), (7, 60))
    reader = browser(root)
    asked = [reader.get("/api/v1/users/root") for _ in range(4)]
    assert [one.status_code for one in asked] == [200, 200, 200, 429]
    assert asked[0]["RateLimit-Policy"] == '"people";q=3;w=50'
    entry = AuditEntry.objects.get(kind="site.changed")
    assert entry.facts == {"rate_limits": "set", "limit_people": "3/50"}
    change({"rate_limits": ""}, by=root)
    current.read_again()
    assert limit_of("people") == (2, 60)


def test_limits_on_an_event_loop_are_the_last_that_were_read(root, settings):
    """The loop never waits for the database: the hub reads the row in a thread."""
    change({"rate_limits": "messages=5/60"}, by=root)
    current.read_again()

    async def on_loop() -> tuple[int, int]:
        return limit_of("messages")

    assert asyncio.run(on_loop()) == settings.RATE_LIMITS["messages"]
    current.row()
    current.read_again()
    assert asyncio.run(on_loop()) == (5, 60)


def test_limits_that_cannot_be_read_change_nothing(root, settings):
    SiteSettings.objects.create(rate_limits="people=many")
    current.read_again()
    assert limit_of("people") == settings.RATE_LIMITS["people"]


def test_a_process_reads_the_row_once_in_a_while_and_sees_a_change(root, monkeypatch):
    change({"name": "Before"}, by=root)
    current.read_again()
    with CaptureQueriesContext(connection) as asked:
        assert [current.name() for _ in range(5)] == ["Before"] * 5
    assert len(asked) == 1
    SiteSettings.objects.update(name="After")  # by another process
    assert current.name() == "Before"
    monkeypatch.setattr(current, "FRESH_FOR", 0)
    assert current.name() == "After"


def test_a_change_is_seen_here_at_once(root, django_capture_on_commit_callbacks):
    current.read_again()
    assert current.name() == "Sotto"
    with django_capture_on_commit_callbacks(execute=True):
        change({"name": "Garden club"}, by=root)
    assert current.name() == "Garden club"


def test_the_last_answer_counts_while_the_database_is_unreachable(root, monkeypatch):
    change({"registration": "closed"}, by=root)
    current.read_again()
    assert current.registration() == "closed"

    def fail() -> None:
        from django.db import OperationalError

        raise OperationalError

    monkeypatch.setattr(SiteSettings.objects, "first", fail)
    current.read_again()
    assert current.registration() == "closed"


# --- what pages get --------------------------------------------------------------------------


def test_pages_are_the_same_bytes_whatever_is_set(root):
    addresses = ("/", "/accounts/login/", "/accounts/signup/", "/rooms/", "/sw.js")
    before = [Client().get(one).content for one in addresses]
    change(
        {"name": "Garden club", "announcement": "Tidy at six", "icon": rewritten(png())}, by=root
    )
    current.read_again()
    assert [Client().get(one).content for one in addresses] == before


def test_an_announcement_has_another_id_when_it_changes(root):
    change({"announcement": "The site rests at six."}, by=root)
    first = facts()["announcement"]
    assert first["text"] == "The site rests at six."
    change({"announcement": "The site rests at seven."}, by=root)
    assert facts()["announcement"]["id"] != first["id"]
    change({"announcement": "The site rests at six."}, by=root)
    assert facts()["announcement"] == first


def test_the_icon_and_the_name_are_in_the_manifest(root):
    change({"name": "Garden club", "icon": rewritten(png(side=256))}, by=root)
    address = facts()["icon"]
    about = Client().get("/manifest.webmanifest").json()
    assert (about["name"], about["short_name"]) == ("Garden club", "Garden club")
    [only] = about["icons"]
    assert (only["src"], only["sizes"]) == (address, "256x256")
    answer = Client().get(address)
    assert (answer["Content-Type"], answer.content) == ("image/png", rewritten(png(side=256)))
    assert "immutable" in answer["Cache-Control"]
    assert Client().get("/site-icon/0123456789abcdef.png").status_code == 404
    change({"icon": b""}, by=root)
    assert facts()["icon"] == ""
    assert Client().get(address).status_code == 404


# --- hostile values --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad",
    [
        {"name": "<b>Garden</b>"},
        {"name": "Garden\nclub"},
        {"name": "Garden \u202eclub"},
        {"name": "x" * 41},
        {"announcement": "<script>alert(1)</script>"},
        {"announcement": "x" * 501},
        {"registration": "everybody"},
        {"terms_url": "javascript:alert(1)"},
        {"terms_url": "//example.org/terms"},
        {"terms_url": "/terms"},
        {"terms_url": "https://ada:secret@example.org/"},
        {"privacy_url": "data:text/html,hello"},
        {"storage_per_person": -1},
        {"storage_per_person": 2**51},
        {"rooms_per_person": 0},
        {"file_most": 1024},
        {"file_most": 2**51},
        {"rate_limits": "people"},
        {"rate_limits": "people=0/60"},
        {"rate_limits": "people=1/0"},
        {"rate_limits": "nothing=1/60"},
        {"rate_limits": "people=1/60;knock=1/60"},
        {"rate_limits": "people=1/60" + "," * 2000},
        {"rate_limits": "login=1/86400"},
        {"rate_limits": "login=10/86400"},
        {"rate_limits": "form_posts=1/1, reads=1/60"},
        {"id": 2},
        {"is_superuser": True},
    ],
)  # fmt: skip
def test_hostile_values_are_refused_and_nothing_changes(root, bad):
    with pytest.raises(ChatError), transaction.atomic():
        change(bad, by=root)
    assert not SiteSettings.objects.filter(pk=1).exclude(**EMPTY).exists()
    assert not AuditEntry.objects.filter(kind="site.changed").exists()


EMPTY = {"name": "", "announcement": "", "registration": "", "terms_url": "", "privacy_url": ""}
EMPTY["rate_limits"] = ""


def test_an_icon_is_written_anew_without_what_does_not_draw_it():
    secret = chunk(b"tEXt", b"Comment\x00made by ada") + chunk(b"eXIf", b"somewhere")
    kept = rewritten(png(more=secret) + b"<script>behind the end</script>")
    assert b"ada" not in kept
    assert b"somewhere" not in kept
    assert b"script" not in kept
    assert kept == rewritten(kept)
    assert side_of(kept) == 192
    for colour in (0, 3, 4, 6):
        assert rewritten(png(colour=colour)).startswith(SIGNATURE)


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"GIF89a" + b"\x00" * 100,
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        png()[:-20],
        png().replace(b"IDAT", b"IDAX"),
        png(side=64),
        png(side=1024),
        png(side=192, height=256),
        png(colour=7),
        png(depth=16),
        png(interlace=1),
        png(pixels=b"\x00" * 100),
        png(pixels=b"\x00" * 50_000_000),
        png(pixels=(b"\x09" + b"\x00" * 576) * 192),
        SIGNATURE + struct.pack(">I4s", 2**32 - 1, b"IHDR"),
        SIGNATURE + chunk(b"IEND", b""),
        png(more=chunk(b"tEXt", b"x" * 70_000)),
    ],
    ids=[
        *("empty", "gif", "svg", "cut", "broken", "small", "large", "oblong", "colour", "depth"),
        *("interlaced", "few pixels", "bomb", "filter", "length", "no head", "many bytes"),
    ],
)
def test_hostile_pictures_are_refused(bad):
    with pytest.raises(BadIcon):
        rewritten(bad)


# --- in the admin ----------------------------------------------------------------------------


def sent(**changes: object) -> dict:
    return {**EMPTY, "storage": "", "rooms_per_person": "", "largest": "", **changes}


def test_an_administrator_changes_them_on_one_page(admin, root):
    assert admin.get("/admin/accounts/sitesettings/")["Location"] == PAGE
    assert admin.get(PAGE).status_code == 200
    picture = SimpleUploadedFile("icon.png", png(), "image/png")
    answer = admin.post(PAGE, sent(name="Garden club", storage="5", picture=picture))
    assert answer.status_code == 302
    row = SiteSettings.objects.get()
    assert (row.name, row.storage_per_person, bytes(row.icon)) == (
        *("Garden club", 5 * 1024**2),
        rewritten(png()),
    )
    entry = AuditEntry.objects.get(kind="site.changed")
    assert (entry.actor, entry.facts) == (
        root.pk,
        {"name": "set", "icon": "set", "storage_per_person": "set"},
    )
    admin.post(PAGE, sent(name="Garden club", storage="5", no_picture="on"))
    entry = AuditEntry.objects.filter(kind="site.changed").latest("pk")
    assert entry.facts == {"icon": "unset"}


def test_limits_are_changed_on_the_page_in_lines_or_in_one(admin):
    shown = admin.get(PAGE).content.decode()
    assert "<dt>messages</dt><dd>240/60</dd>" in shown
    sent_limits = sent(largest="3", rate_limits="messages=240/30\r\n people=5/60,\r\n")
    assert admin.post(PAGE, sent_limits).status_code == 302
    row = SiteSettings.objects.get()
    assert (row.file_most, row.rate_limits) == (3 * 1024**2, "messages=240/30, people=5/60")
    answer = admin.post(PAGE, {**sent_limits, "rate_limits": "login=1/86400"})
    assert "Let login be at least a quarter of" in answer.content.decode()
    assert SiteSettings.objects.get().rate_limits == "messages=240/30, people=5/60"


def test_hostile_forms_change_nothing(admin):
    for bad in ({"name": "<i>x</i>"}, {"terms_url": "javascript:alert(1)"}, {"storage": "-1"}):
        assert admin.post(PAGE, sent(**bad)).status_code == 200, bad
    picture = SimpleUploadedFile("icon.png", b"<svg/>", "image/png")
    assert b"no PNG" in admin.post(PAGE, sent(picture=picture)).content
    assert admin.post(PAGE.replace("/1/", "/2/"), sent(name="x")).status_code == 302  # to the list
    admin.post(PAGE, sent(id="2", icon="x", storage_per_person="7"))
    assert not SiteSettings.objects.exclude(pk=1).exists()
    assert current.changed_here() == []


def test_only_administrators_change_them(root):
    for role in (User.AUDITOR, User.HELPER):
        other = User.objects.create_user(f"{role}.one", PASSWORD)
        User.objects.filter(pk=other.pk).update(role=role)
        other.refresh_from_db()
        reader = browser(other)
        assert reader.get(PAGE).status_code == 200
        assert reader.post(PAGE, sent(name="Mine")).status_code == 403
        with pytest.raises(Forbidden):
            change({"name": "Mine"}, by=other)
    assert not SiteSettings.objects.filter(name="Mine").exists()


def test_nothing_is_recorded_where_a_change_is_rolled_back(root):
    with pytest.raises(ChatError), transaction.atomic():
        change_and_fail(root)
    assert not AuditEntry.objects.filter(kind="site.changed").exists()
    assert not SiteSettings.objects.exists()


def change_and_fail(root: User) -> None:
    change({"name": "Garden club"}, by=root)
    change({"name": "<b>"}, by=root)
