"""An administrator visits every page of the admin and presses whatever deletes.

Afterwards the rooms, keys and messages of the members still open, with the Python client, on the
devices that have been used and on new ones.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

import httpx2
import pytest
from django.contrib import admin

from sotto import ApiError, Client, ProfileDir
from tests.client.acting import PASSWORD, publish_report_key
from tests.live import DATABASE, LiveServer
from tests.vectors.making import cast

USERS = "accounts/user"
SETTINGS = "accounts/sitesettings"
MODELS = sorted(model._meta.label_lower.replace(".", "/") for model in admin.site._registry)
REFUSED = 403
UNLINKED = {"messaging/roommessages"}
"""Models whose rows have no page of their own."""
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
CHECKBOX = re.compile(r'name="_selected_action" value="([^"]+)"')
ACTION = re.compile(r'<option value="(\w+)">')


class Admin:
    """A browser that is logged in as an administrator."""

    def __init__(self, url: str, name: str) -> None:
        self._http = httpx2.Client(base_url=url, headers={"Origin": url}, follow_redirects=True)
        self._name = name
        self.pressed: list[str] = []
        """Every form that was submitted, as `model/page` or `model: action`."""
        self.visited: set[str] = set()
        """Models of which a row was opened."""

    def close(self) -> None:
        self._http.close()

    def get(self, path: str) -> httpx2.Response:
        """A page of the admin. Logs in first if needed: ending sign-ins may end this one."""
        found = self._http.get(f"/admin/{path}")
        if not found.url.path.startswith("/admin/"):
            self._log_in()
            found = self._http.get(f"/admin/{path}")
        assert found.url.path.startswith("/admin/"), found.url
        return found

    def _log_in(self) -> None:
        self._http.get("/site.json")
        headers = {"X-CSRFToken": self._http.cookies["csrftoken"]}
        sent = {"login": self._name, "password": PASSWORD}
        answer = self._http.post("/accounts/login/", data=sent, headers=headers)
        assert answer.status_code == 200, answer.text

    def _submit(self, path: str, **fields: str | list[str]) -> httpx2.Response:
        token = TOKEN.search(self._http.get(path).text)
        assert token is not None, path
        answer = self._http.post(path, data={"csrfmiddlewaretoken": token[1], **fields})
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return answer

    def rows(self, model: str) -> list[str]:
        """The keys of a model's rows, as its list links or offers to select them."""
        if model == SETTINGS:
            return ["1"]  # its list leads to the one row
        page = self.get(f"{model}/?all=")
        assert page.status_code == 200, model
        links = re.findall(rf'href="/admin/{model}/([^/"]+)/change/', page.text)
        marked = [quote(html.unescape(key), safe="") for key in CHECKBOX.findall(page.text)]
        return list(dict.fromkeys([*links, *marked]))

    def actions(self, model: str) -> list[str]:
        """The actions that a model's list offers."""
        return ACTION.findall(_action_menu(self.get(f"{model}/").text))

    def visit(self, model: str, key: str) -> None:
        """Open every page of a row; each is shown or refused, and none fails."""
        for page in ("change/", "history/", "delete/"):
            assert self.get(f"{model}/{key}/{page}").status_code in (200, REFUSED), (model, page)
        assert self.get(f"{model}/add/").status_code in (200, REFUSED), model
        self.visited.add(model)

    def save(self, model: str, key: str) -> None:
        """Submit a row's form unchanged, if it can be edited."""
        page = self.get(f"{model}/{key}/change/").text
        if 'name="_save"' in page:
            self._submit(f"/admin/{model}/{key}/change/", **_fields(page), _save="Save")
            self.pressed.append(f"{model}/change")

    def delete(self, model: str, key: str) -> None:
        """Delete a row and confirm it, if that is offered."""
        page = self.get(f"{model}/{key}/delete/")
        if page.status_code == 200 and 'name="post"' in page.text:
            self._submit(f"/admin/{model}/{key}/delete/", post="yes")
            self.pressed.append(f"{model}/delete")

    def run(self, model: str, action: str, keys: list[str]) -> None:
        """Run an action on rows and confirm it."""
        chosen = [unquote(key) for key in keys]
        self._submit(f"/admin/{model}/", action=action, _selected_action=chosen, post="yes")
        self.pressed.append(f"{model}: {action}")


def _action_menu(page: str) -> str:
    found = re.search(r'<select name="action".*?</select>', page, re.S)
    return found[0] if found else ""


def _fields(page: str) -> dict[str, str | list[str]]:
    """The fields of an admin form as a browser sends them."""
    fields: dict[str, str | list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name is None or name[1].startswith("_") or 'type="submit"' in tag:
            continue
        if 'type="checkbox"' in tag and "checked" not in tag:
            continue
        fields[name[1]] = html.unescape(value[1]) if value else "on"
    fields.pop("csrfmiddlewaretoken", None)
    return fields


@dataclass
class Club:
    """A room of ada, ben and cleo, with texts, a file, a summary of nobody and open links."""

    url: str
    folder: Path
    room: str
    link: str
    kit: str
    cleo: str
    """Her uid."""

    def profile(self, name: str) -> ProfileDir:
        return ProfileDir(self.folder / name)


@pytest.fixture(scope="module")
def own_server(tmp_path_factory) -> Iterator[LiveServer]:
    """Of its own: its administrator signs everybody out."""
    with LiveServer(tmp_path_factory.mktemp("walked") / "data") as running:
        yield running


@pytest.fixture
async def club(own_server, tmp_path) -> Club:
    url, keys = own_server.url, {name: person.keys for name, person in cast().items()}
    profiles = {name: ProfileDir(tmp_path / name) for name in ("ada", "ben", "cleo")}
    async with (
        Client(url, profile_dir=profiles["ada"]) as ada,
        Client(url, profile_dir=profiles["ben"]) as ben,
        Client(url, profile_dir=profiles["cleo"]) as cleo,
    ):
        for client, name in ((ada, "ada"), (ben, "ben"), (cleo, "cleo")):
            await client.account.sign_up(name, PASSWORD, keys[name])
        room = await ada.rooms.create("Garden", "What grows")
        link = await ada.room_admin.invite(room, uses=5)
        for client in (ben, cleo):
            await client.rooms.join(link)
        link = await ada.room_admin.invite(room, uses=5)
        await ada.messages.send(room, "from ada")
        await cleo.messages.send(room, "from cleo")
        await ben.files.send(room, b"plums", name="plums.txt", body="from ben")
        for role in ("moderator", "member"):  # taking the rank away rotates the key
            await ada.members.set_role(room, ben.me.uid, role)
        await ben.messages.send(room, "under another key")
        await ben.rooms.direct("ada")
        await ada.bots.make_token((await ada.bots.create("robin")).uid)
        publish_report_key(own_server.data / DATABASE, keys["dan"])
        await ben.reports.to_site(room, 2, "spam")
        kit = ben.account.recovery_kit()
        uid = cleo.me.uid
    use_a_refresh_token_twice(url, "ben")
    async with Client(url) as root:
        await root.account.sign_up("root", PASSWORD)
    own_server.manage("people", "role", "root", "administrator")
    own_server.manage("people", "invite", "--note", "for a class")
    return Club(url, tmp_path, room, link, kit, uid)


def use_a_refresh_token_twice(url: str, name: str) -> None:
    """As a thief does: it is a signal of intrusion, and ends that sign-in."""
    with httpx2.Client(base_url=f"{url}/api/v1/auth/") as http:
        tokens = http.post("login", json={"name": name, "password": PASSWORD}).json()
        first = {"refresh": tokens["refresh"]}
        second = {"refresh": http.post("refresh", json=first).json()["refresh"]}
        for refresh, status in ((second, 200), (first, 401)):
            assert http.post("refresh", json=refresh).status_code == status


TEXTS = ["from ada", "from cleo", "from ben", "under another key"]


async def reads(client: Client, room: str, to: Path) -> None:
    """Everything in the room opens, its file included."""
    history = await client.messages.history(room)
    assert [message.text for message in history][: len(TEXTS)] == TEXTS
    assert all(message.status == "ok" for message in history)
    [file] = history[2].files
    assert (await client.files.download(file, to)).read_bytes() == b"plums"
    loaded = await client.rooms.open(room)
    assert (loaded.frozen, loaded.missing_epochs(), loaded.name) == ("", [], "Garden")


def walk(browser: Admin, club: Club) -> None:
    """Open every page; save what can be saved; delete what can be deleted. Of the accounts it is
    cleo's.
    """
    for model in MODELS:
        for key in browser.rows(model):
            browser.visit(model, key)
            browser.save(model, key)
    for model in MODELS:
        for key in [] if model == USERS else browser.rows(model)[:1]:
            browser.delete(model, key)
        for action in [] if model == SETTINGS else browser.actions(model):
            keys = [club.cleo] if model == USERS else browser.rows(model)
            if keys:
                browser.run(model, action, keys)


@pytest.mark.slow
async def test_no_click_of_an_administrator_destroys_a_room(club, tmp_path):
    browser = Admin(club.url, "root")
    try:
        walk(browser, club)
    finally:
        browser.close()
    assert {f"{USERS}: delete_selected", "accounts/signin/delete"} <= set(browser.pressed)
    assert set(MODELS) - browser.visited <= UNLINKED, "every model had data to show"
    async with Client(club.url, profile_dir=club.profile("ada")) as ada:
        await ada.account.log_in("ada", PASSWORD)
        await reads(ada, club.room, tmp_path / "at-ada")
        await ada.messages.send(club.room, "and on")
        async with Client(club.url) as newcomer:  # on a device that has never been here
            await newcomer.account.sign_up("dan", PASSWORD)
            await newcomer.rooms.join(club.link)
            await reads(newcomer, club.room, tmp_path / "at-dan")
        async with Client(club.url) as ben:  # on a new device, with the kit
            await ben.account.restore("ben", PASSWORD, club.kit)
            await reads(ben, club.room, tmp_path / "at-ben")
            await ben.messages.send(club.room, "still here")
            assert [room.state.kind for room in await ben.rooms.all()].count("direct") == 1
        assert (await ada.messages.history(club.room))[-1].text == "still here"
        await the_account_has_ended(ada, club)


async def the_account_has_ended(ada: Client, club: Club) -> None:
    """In the one way accounts end: signed out forever, the name stays taken, the person stays a
    member until a leader removes them, and what they wrote stays.
    """
    assert await ada.members.ended_accounts(club.room) == {club.cleo: "deleted"}
    async with Client(club.url, profile_dir=club.profile("cleo")) as cleo:
        with pytest.raises(ApiError):
            await cleo.account.resume()
        with pytest.raises(ApiError):
            await cleo.account.log_in("cleo", PASSWORD)
    async with Client(club.url) as another:
        with pytest.raises(ApiError, match="name_taken"):
            await another.account.sign_up("cleo", PASSWORD)
    await ada.members.remove(club.room, club.cleo)
    await ada.messages.send(club.room, "without cleo")
    assert club.cleo not in (await ada.rooms.open(club.room)).state.members
