"""Reports of abuse in the browser: to the room's leaders, and to the site's administrators."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from tests.browser.attaching import attach, photo
from tests.browser.people import WAIT, Person, Stage
from tests.live import DATABASE, LiveServer

SAID = "canary of what ben said"
NOTE = "canary of the note"


async def open_report(page: Page, text: str):
    message = page.locator(".message", has_text=text)
    await message.hover()
    await message.get_by_role("button", name="More", exact=True).click()
    await page.get_by_role("menuitem", name="Report", exact=True).click()
    dialog = page.locator("dialog[open]")
    await expect(dialog).to_contain_text("Report this message", timeout=WAIT)
    return dialog


async def shot(page: Page, name: str) -> None:
    """A picture in each size and colour, where somebody wants to look at them."""
    folder = os.environ.get("SOTTO_SHOTS")
    if not folder:
        return
    before = page.viewport_size
    for width, height in ((1280, 860), (390, 844)):
        for scheme in ("light", "dark"):
            await page.set_viewport_size({"width": width, "height": height})
            await page.emulate_media(color_scheme=scheme)
            await page.screenshot(path=str(Path(folder) / f"{name}-{width}-{scheme}.png"))
    await page.emulate_media(color_scheme="light")
    if before:
        await page.set_viewport_size(before)


async def administrator(stage: Stage, server: LiveServer) -> tuple[Person, Path]:
    """An administrator who has made the site’s report key, and the key’s kit."""
    root = await (await stage.person("root")).sign_up()
    server.manage("people", "role", root.name, "administrator")
    await root.log_in(path="/accounts/login/?next=/admin/messaging/report/")  # a role ends sign-ins
    async with root.page.expect_download() as downloading:
        await root.page.get_by_role("button", name="Make a report key").click()
    kit = await (await downloading.value).path()
    await shot(root.page, "admin-key")
    await root.page.get_by_role("button", name="I have kept the file").click()
    await expect(root.page.locator("#report-key-state")).to_contain_text(
        "holds the key", timeout=WAIT
    )
    return root, kit


async def report_to_site(page: Page, text: str) -> None:
    dialog = await open_report(page, text)
    await dialog.get_by_label("The administrators of this site").check()
    await dialog.get_by_label("Why?").select_option("illegal")
    await dialog.get_by_label("Note (optional)").fill(NOTE)
    await shot(page, "dialog-site")
    async with page.expect_response("**/reports") as sent:
        await dialog.get_by_role("button", name="Report", exact=True).click()
    assert (await sent.value).status == 201


@pytest.mark.slow
async def test_a_message_is_reported_to_the_leaders_and_to_the_site(own_stage, own_server):
    stage = own_stage
    ada = await (await stage.person("ada")).sign_up()
    await ada.make_room("Choir")
    link = await ada.invite(people="5")
    ben = await (await stage.person("ben")).sign_up()
    await ben.join(link, "Choir")
    await ben.say(SAID)
    await ben.sees_sent(SAID)
    cleo = await (await stage.person("cleo")).sign_up()
    await cleo.join(link, "Choir")
    await cleo.sees(SAID)

    dialog = await open_report(cleo.page, SAID)
    await expect(dialog).to_contain_text("No other message becomes readable.")
    await expect(dialog).to_contain_text(f"The leaders of this room: {ada.name}")
    await expect(dialog.get_by_label("The administrators of this site")).to_be_disabled()
    await expect(dialog).to_contain_text("This site takes no reports")
    await dialog.get_by_label("Note (optional)").fill(NOTE)
    await shot(cleo.page, "dialog-room")
    await dialog.get_by_role("button", name="Report", exact=True).click()
    await expect(cleo.page.locator("#announcer")).to_contain_text("Reported.", timeout=WAIT)

    root, kit = await administrator(stage, own_server)
    await report_to_site(cleo.page, SAID)

    await root.goto("/admin/messaging/report/")
    await shot(root.page, "admin-list")
    await root.page.locator("#result_list tbody a").first.click()
    opened = root.page.locator("#report")
    await expect(opened).to_contain_text(SAID, timeout=WAIT)
    await expect(opened).to_contain_text(NOTE)
    await expect(opened).to_contain_text(ben.name)
    await shot(root.page, "admin-report")
    address = root.page.url

    other = await stage.person("other")
    other.name = root.name
    await other.log_in(path="/accounts/login/?next=/admin/messaging/report/")
    await expect(other.page.locator("#report-key")).to_be_visible(timeout=WAIT)
    await other.page.goto(address)
    await expect(other.page.locator("#report")).to_contain_text("does not hold", timeout=WAIT)
    await other.goto("/admin/messaging/report/")
    await other.page.get_by_label("Bring a key here").set_input_files(kit)
    await expect(other.page.locator("#report-key-state")).to_contain_text(
        "holds the key", timeout=WAIT
    )
    await other.page.goto(address)
    await expect(other.page.locator("#report")).to_contain_text(SAID, timeout=WAIT)

    await ada.page.locator("#room-trust").click()
    await ada.page.get_by_role("button", name="Reports", exact=True).click()
    panel = ada.page.locator("#panel-body")
    await expect(panel).to_contain_text(SAID, timeout=WAIT)
    await expect(panel).to_contain_text(f"Reported by {cleo.name}")
    await shot(ada.page, "panel")
    await panel.get_by_role("button", name="Remove and ban").click()
    await ada.page.locator("dialog[open]").get_by_role("button", name="Remove and ban").click()
    await expect(panel).to_contain_text("Author removed and banned", timeout=WAIT)
    await expect(ben.page.locator("#room-answer")).to_contain_text(
        "removed and banned you", timeout=WAIT
    )

    await root.page.get_by_role("button", name="Disable the author’s account").click()
    await expect(root.page.locator("#content")).to_contain_text("disabled", timeout=WAIT)
    own_server.stop()
    for path in [*own_server.data.rglob("*"), own_server.log]:
        if path.is_file():
            assert b"canary of" not in path.read_bytes(), path


@pytest.mark.slow
async def test_reports_to_a_key_and_to_the_one_after_it_are_opened_by_who_holds_each(
    own_stage, own_server
):
    """A second key takes the place of the first; a browser that is new brings both from files."""
    stage = own_stage
    root, first = await administrator(stage, own_server)
    ada = await (await stage.person("ada")).sign_up()
    await ada.make_room("Choir")
    ben = await (await stage.person("ben")).sign_up()
    await ben.join(await ada.invite(people="5"), "Choir")
    for text in ("canary of the first", "canary of the second"):
        await ben.say(text)
        await ben.sees_sent(text)
        await ada.sees(text)
    await report_to_site(ada.page, "canary of the first")
    await root.goto("/admin/messaging/report/")
    async with root.page.expect_download() as downloading:
        await root.page.get_by_role("button", name="Make another key").click()
    second = await (await downloading.value).path()
    await root.page.get_by_role("button", name="I have kept the file").click()
    state = root.page.locator("#report-key-state")
    await expect(state).to_contain_text("holds the key", timeout=WAIT)
    dialog = await open_report(ada.page, "canary of the second")
    await dialog.get_by_label("The administrators of this site").check()
    await shot(ada.page, "dialog-other-key")
    await expect(dialog).to_contain_text("is another one than", timeout=WAIT)
    await ada.page.keyboard.press("Escape")

    address = root.page.url
    [report] = await root.page.locator("#result_list tbody th a").all()
    opened = root.page.locator("#report")
    await report.click()
    await expect(opened).to_contain_text("canary of the first", timeout=WAIT)
    await root.page.goto(address)
    root.page.once("dialog", lambda asked: asked.accept())
    await root.page.get_by_role("button", name="Forget the keys").click()
    await expect(state).to_contain_text("does not hold", timeout=WAIT)
    await expect(root.page.get_by_role("button", name="Forget the keys")).to_be_hidden()
    await root.page.get_by_label("Bring a key here").set_input_files(second)
    await expect(state).to_contain_text("holds the key", timeout=WAIT)
    await root.page.locator("#result_list tbody th a").click()
    await expect(opened).to_contain_text("does not hold", timeout=WAIT)
    await root.page.goto(address)
    await root.page.get_by_label("Bring a key here").set_input_files(first)
    await expect(state).to_contain_text("an older key", timeout=WAIT)
    await root.page.locator("#result_list tbody th a").click()
    await expect(opened).to_contain_text("canary of the first", timeout=WAIT)


@pytest.mark.slow
async def test_a_file_of_a_reported_message_is_opened_when_it_is_asked_for(own_stage, own_server):
    ada = await (await own_stage.person("ada")).sign_up()
    await ada.make_room("Album")
    ben = await (await own_stage.person("ben")).sign_up()
    await ben.join(await ada.invite(), "Album")
    await attach(ben, "holiday.jpg", "image/jpeg", await photo(ben))
    await ben.say(SAID)
    await ada.sees(SAID)

    root, _ = await administrator(own_stage, own_server)
    await report_to_site(ada.page, SAID)
    fetched: list[str] = []
    root.page.on("request", lambda request: fetched.append(urlsplit(request.url).path))
    await root.goto("/admin/messaging/report/")
    await root.page.locator("#result_list tbody a").first.click()
    files = root.page.locator("#report .reported-files")
    await expect(files).to_contain_text("holiday.jpg", timeout=WAIT)
    await expect(files).to_contain_text("None is loaded before you open it")
    asked = [path for path in fetched if not path.startswith("/static/")]
    assert asked
    assert not [path for path in asked if "/files/" in path]
    await shot(root.page, "admin-report-file")
    await files.get_by_role("button", name="Show holiday.jpg").click()
    picture = files.get_by_role("img", name="holiday.jpg")
    await expect(picture).to_be_visible(timeout=WAIT)
    assert await picture.evaluate("async (one) => (await one.decode(), one.naturalWidth)") == 300
    await shot(root.page, "admin-report-file-shown")
    await root.goto("/admin/accounts/auditentry/?kind=report.file")
    await expect(root.page.locator("#result_list tbody tr")).to_have_count(1)

    for stored in (own_server.data / "files").rglob("*"):
        if stored.is_file():
            stored.write_bytes(stored.read_bytes()[::-1])
    await root.goto("/admin/messaging/report/")
    await root.page.locator("#result_list tbody a").first.click()
    await files.get_by_role("button", name="Show holiday.jpg").click()
    await expect(files).to_contain_text("not the file that the author signed", timeout=WAIT)
    await expect(picture).to_have_count(0)


@pytest.mark.slow
async def test_abuse_a_report_that_proves_nothing_can_only_be_dismissed(own_stage, own_server):
    ada = await (await own_stage.person("ada")).sign_up()
    await ada.make_room("Garden")
    ben = await (await own_stage.person("ben")).sign_up()
    await ben.join(await ada.invite(), "Garden")
    await ben.say(SAID)
    await ada.sees(SAID)
    root, _ = await administrator(own_stage, own_server)
    await report_to_site(ada.page, SAID)

    await root.goto("/admin/messaging/report/")
    await root.page.locator("#result_list tbody a").first.click()
    disable = root.page.get_by_role("button", name="Disable the author’s account")
    await expect(disable).to_be_enabled(timeout=WAIT)
    await shot(root.page, "admin-report-good")
    with closing(sqlite3.connect(own_server.data / DATABASE)) as database:
        database.execute("UPDATE reports SET box = 'anVuaw'")
        database.commit()
    await root.page.reload()
    alert = root.page.get_by_role("alert")
    await expect(alert).to_contain_text("does not prove what it says", timeout=WAIT)
    await expect(disable).to_be_disabled()
    await expect(root.page.get_by_role("button", name="Stop the room")).to_be_disabled()
    await shot(root.page, "admin-report-junk")
    await root.page.get_by_role("button", name="Nothing to do").click()
    await expect(disable).to_have_count(0, timeout=WAIT)
