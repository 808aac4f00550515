"""Every page is the same bytes for everybody, at each address that it answers."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.template.loader import get_template
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from accounts.models import User
from accounts.sign_in.sign_ins import issue_tokens
from chatsite.web import app_shell
from rooms.models import Room
from sotto import site_release
from sotto.site_release import compared_headers
from tests.base import PASSWORD, create_room

pytestmark = pytest.mark.django_db

NOT_COVERED = tuple(one for one in site_release.NOT_COVERED if one.startswith("/"))
PARAMETER = re.compile(r"<[^>]+>")
NO_PAGES = ("/api/", "/auth/", "/chatrooms", "/admin/", "/healthz", "/readyz", "/metrics")
FACTS = "/site.json"
FILES = {
    "/sw.js",
    "/manifest.webmanifest",
    "/favicon.ico",
    "/robots.txt",
    "/reports/policy/",
    "/.well-known/security.txt",
    "/.well-known/change-password",
    "/.well-known/sotto-release.json",
    "/site-icon/<slug:version>.png",
}
"""Addresses that answer something else than a page (tests/web/test_app_shell.py)."""
OTHERS = FILES | {FACTS}
STEPS = {
    "/accounts/passkey/",
    "/accounts/passkey/options/",
    "/accounts/sso/callback/",
    "/accounts/sso/code/",
}
"""Steps of a sign-in, which one browser began: they lead to pages, and are none."""
UNKNOWN = "0" * 32
BUILD = re.compile(r"/static/[0-9a-f]{12}/")
"""Where static files are: the letters of a build may happen to spell a name."""


def routes(resolver: Any, prefix: str = "/") -> Iterator[str]:
    for entry in resolver.url_patterns:
        address = f"{prefix}{entry.pattern}"
        if isinstance(entry, URLPattern):
            yield address
        elif not address.startswith(NO_PAGES):
            yield from routes(entry, address)


PAGES = sorted(
    {one for one in routes(get_resolver()) if not one.startswith(NO_PAGES)} - OTHERS - STEPS
)


@pytest.fixture
def room(ada) -> str:
    ada.publish()
    return create_room(ada).id


def browsers(*users: Any) -> list[Client]:
    """Somebody signed out, and each user's browser, with a history of its own."""
    found = [Client()]
    for user in users:
        found.append(Client())
        found[-1].force_login(user)
        found[-1].get(FACTS)
    return found


def test_the_pages_are_all_there():
    assert {"/", "/rooms/", "/rooms/<str:room>/", "/keys/", "/settings/", "/i"} <= set(PAGES)
    assert len(PAGES) >= 14


def test_what_answers_a_page_is_one_that_releases_cover_or_listed_as_not_covered(client, ada, room):
    """Of every address of the site, with anything in its place and with a room that is there."""
    client.force_login(ada.user)
    covered = {page.address for page in app_shell.pages()}
    for route in routes(get_resolver()):
        sample = PARAMETER.sub("-", route)
        if sample.startswith(NOT_COVERED) or "(?P" in route:
            continue
        for address in {sample, PARAMETER.sub(room, route)}:
            answer = client.get(address)
            if "text/html" in answer.get("Content-Type", "") and answer.status_code == 200:
                assert sample in covered, address


LANGUAGES = ["", "de", "en-GB,en;q=0.9", "ar", "*", "zz-ZZ", "\xff", "a" * 5000]


@pytest.mark.parametrize("route", PAGES)
def test_an_address_is_the_same_page_however_it_is_asked_for(ada, room, route):
    """Signed out and in: by HEAD, packed, in other languages, with any query, without its slash."""
    address = route.replace("<str:room>", room)
    plain = Client().get(address)
    for browser in browsers(ada.user):
        head = browser.head(address)
        assert (head.status_code, head.content) == (200, b"")
        assert compared_headers(head.headers) == compared_headers(plain.headers)
        for language in LANGUAGES:
            answer = browser.get(address, headers={"Accept-Language": language})
            assert answer.content == plain.content, language
            assert compared_headers(answer.headers) == compared_headers(plain.headers)
        for query in ("?next=//mallory.example", "?<script>", "?a=1&a=2", "?__debug__"):
            assert browser.get(address + query).content == plain.content, query
        packed = browser.get(address, headers={"Accept-Encoding": "gzip"})
        assert gzip.decompress(packed.content) == plain.content
    without = {
        (answer.status_code, answer.get("Location"), answer.content)
        for answer in (browser.get(address.rstrip("/")) for browser in browsers(ada.user))
    }
    assert len(without) == 1


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
@pytest.mark.parametrize("route", PAGES)
def test_what_a_page_does_not_take_is_refused_alike(ada, room, route, method):
    address = route.replace("<str:room>", room)
    answers = [getattr(browser, method)(address) for browser in browsers(ada.user)]
    assert {answer.status_code for answer in answers} <= {403, 405}
    assert len({(a.status_code, a.get("Allow"), a.content, not a.cookies) for a in answers}) == 1


@pytest.mark.parametrize("route", PAGES)
def test_everybody_gets_the_same_bytes(ada, ben, room, settings, route):
    """Two people, an administrator and a stranger; with other settings of the site, too."""
    root = User.objects.create_superuser("root", PASSWORD)
    addresses = [route.replace("<str:room>", one) for one in (room, UNKNOWN, "%3Cx%3E", "new")]
    everybody = browsers(ada.user, ben.user, root)
    found = set()
    for registration, contact in (("open", ""), ("invited", "mira@example.org"), ("closed", "x")):
        settings.REGISTRATION, settings.CONTACT = registration, contact
        for browser in everybody:
            for address in addresses[: 3 if "<" in route else 1]:
                for query in ("", "?next=/rooms/new/"):
                    answer = browser.get(address + query)
                    assert answer.status_code == 200, address
                    assert "Accept-Language" in answer["Vary"]
                    assert "Cookie" not in answer["Vary"]
                    assert not answer.cookies, "nobody is marked by a page"
                    found.add(answer.content)
    assert len(found) == 1


@pytest.mark.parametrize("address", sorted(FILES))
def test_files_at_the_root_are_the_same_for_everybody_too(ada, ben, address):
    found = set()
    for browser in browsers(ada.user, ben.user):
        answer = browser.get(address)
        assert not answer.cookies
        assert "Cookie" not in answer.get("Vary", "")
        found.add((answer.status_code, answer.get("Location"), answer.content))
    assert len(found) == 1


@pytest.mark.parametrize("route", PAGES)
def test_a_page_carries_nothing_of_the_person_and_no_token(ada, room, route):
    browser = browsers(ada.user)[1]
    issue_tokens(ada.user)
    text = BUILD.sub("/static/", browser.get(route.replace("<str:room>", room)).text)
    for fact in (ada.user.name, ada.uid, ada.kid, room, "csrf", "nonce"):
        assert fact not in text
    assert "<noscript>" in text
    assert "needs JavaScript" in text


def test_the_first_frame_of_a_room_says_that_it_loads_or_why_it_cannot(client, room, ada):
    client.force_login(ada.user)
    text = client.get(f"/rooms/{room}/").text
    frame = text.split('<div class="first-frame">', 1)[1].split('class="composer"', 1)[0]
    assert "Loading messages" in frame
    assert "needs JavaScript" in frame


@pytest.mark.parametrize(
    "name", ["forget", "delete-account", "forget-form-submit", "log-out-submit"]
)
def test_what_needs_a_script_cannot_be_pressed_before(client, name):
    """A click would be lost: the settings stand there while their code is still loading."""
    assert re.search(rf'<button[^>]* id="{name}" disabled>', client.get("/settings/").text)


def test_a_page_that_was_open_for_too_long_offers_to_try_again():
    text = get_template("403_csrf.html").render()
    assert '<a class="button wide" href="">Try again</a>' in text
    assert reverse("account_login") in get_template("403.html").render()


def test_a_page_asks_no_database(client, django_assert_num_queries, room, ada):
    client.force_login(ada.user)
    with django_assert_num_queries(0):
        client.get(f"/rooms/{room}/")


def test_wrong_addresses_are_the_same_for_everybody(ada, ben):
    found = {browser.get("/nothing/here/").content for browser in browsers(ada.user, ben.user)}
    assert len(found) == 1


def test_the_page_of_a_room_says_nothing_about_it_once_it_is_gone(ada, room):
    [browser] = browsers(ada.user)[1:]
    before = browser.get(f"/rooms/{room}/").content
    Room.objects.filter(pk=room).update(closed_at=timezone.now())
    assert browser.get(f"/rooms/{room}/").content == before


@pytest.mark.parametrize("route", PAGES)
def test_what_takes_no_post_says_so(route):
    answer = Client().post(route.replace("<str:room>", UNKNOWN))
    assert answer.status_code in (200, 400, 404, 405)  # 404: the site has no single sign-on
    if answer.status_code != 405:
        assert answer["Content-Type"] == "application/json"


def test_the_facts_are_one_s_own(ada, client, settings):
    settings.CONTACT = "mira@example.org"
    ada.publish()
    stranger = client.get(FACTS)
    assert stranger.json()["me"] is None
    assert stranger.json()["contact"] == "mira@example.org"
    client.force_login(ada.user)
    hers = client.get(FACTS)
    who = {"uid": ada.uid, "name": ada.user.name, "kid": ada.kid, "lacks_factor": False}
    assert hers.json()["me"] == who
    assert "no-store" in hers["Cache-Control"]
    assert "Cookie" in hers["Vary"]
    assert client.post(FACTS).status_code == 405


def test_a_page_is_packed_for_browsers_that_take_it(client, db):
    plain = client.get("/accounts/login/")
    packed = client.get("/accounts/login/", headers={"Accept-Encoding": "gzip, br"})
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert len(packed.content) < len(plain.content) / 2
    assert gzip.decompress(packed.content) == plain.content
