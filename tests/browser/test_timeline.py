"""A long conversation: it opens at the first unread message, and goes anywhere at once."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from playwright.async_api import Page, Route, expect

from benchmarks.timeline import seeded
from tests.browser.people import WAIT, Person

MESSAGES = 900
SHOWN = 300  # messages at most


def line(page: Page, seq: int):
    return page.locator(f"#m{seq}")


async def first_and_last(page: Page) -> tuple[int, int]:
    """The numbers of the first and the last message on the page."""
    seqs = await page.eval_on_selector_all(
        "#timeline [data-seq]", "lines => lines.map(line => Number(line.dataset.seq))"
    )
    return min(seqs), max(seqs)


async def in_long_room(stage, server) -> tuple[Person, str]:
    """A new member of a room with many messages, and the room's id."""
    made = await asyncio.to_thread(seeded, server, MESSAGES)
    person = await stage.person("reader")
    await person.sign_up()
    await person.join(made["link"], "Town")
    newest = person.page.locator("#timeline [data-seq]").last
    await expect(newest).to_be_in_viewport(timeout=WAIT)
    return person, made["room"]


@pytest.mark.slow
@pytest.mark.core
async def test_a_second_visit_starts_at_the_first_unread_message(stage):
    ada, ben = await stage.person("ada"), await stage.person("ben")
    await ada.sign_up()
    await ben.sign_up()
    room = await ada.make_room("Garden")
    link = await ada.invite()
    await ben.join(link, "Garden")
    await ada.say("before")
    await ben.sees("before")
    await ben.goto("/settings/")
    for n in range(1, 41):
        await ada.say(f"missed {n}")
    await ada.sees_sent("missed 40")
    await ben.goto(f"/rooms/{room}/")
    mark = ben.page.locator(".timeline-unread")
    await expect(mark).to_be_in_viewport(timeout=WAIT)
    await expect(mark.locator("+ .message .message-text")).to_have_text("missed 1", timeout=WAIT)
    await expect(ben.page.get_by_text("missed 40", exact=True)).not_to_be_in_viewport(timeout=WAIT)
    await ben.page.get_by_role("button", name="new messages").click()
    await expect(ben.page.get_by_text("missed 40", exact=True)).to_be_in_viewport(timeout=WAIT)
    await expect(mark).to_have_count(1, timeout=WAIT)
    await ben.page.get_by_role("button", name="Jump to unread").click()
    await expect(mark).to_be_in_viewport(timeout=WAIT)
    await expect(ben.page.get_by_role("button", name="Jump to unread")).to_be_hidden(timeout=WAIT)


@pytest.mark.slow
async def test_a_jump_shows_a_part_of_a_long_room(own_stage, own_server):
    reader, room = await in_long_room(own_stage, own_server)
    page = reader.page
    await page.goto(f"{own_stage.url}/rooms/{room}/#m40")
    await expect(
        line(page, 40).or_(page.locator("#timeline [data-seq='41']")).first
    ).to_be_in_viewport(timeout=WAIT)
    last = (await first_and_last(page))[1]
    assert last < 200, "what lies between is not on the page"
    await page.get_by_role("button", name="To the newest").click()
    await expect(page.locator("#timeline [data-seq]").last).to_be_in_viewport(timeout=WAIT)
    assert (await first_and_last(page))[0] > 200


SLOWLY = 1.0  # seconds that a part of the room takes to come


async def held_up(route: Route) -> None:
    await asyncio.sleep(SLOWLY)
    await route.continue_()


@pytest.mark.slow
async def test_the_last_of_several_jumps_wins(own_stage, own_server):
    """Also where it leads to what is here, which the one before is about to take away."""
    reader, room = await in_long_room(own_stage, own_server)
    page = reader.page
    await page.goto(f"{own_stage.url}/rooms/{room}/")
    newest = page.locator("#timeline [data-seq]").last
    await expect(newest).to_be_in_viewport(timeout=WAIT)
    seq = await newest.get_attribute("data-seq")
    await page.route("**/messages?*around=*", held_up)
    async with page.expect_request("**/messages?*around=41"):
        await page.evaluate("location.hash = '#m41'")
    await page.evaluate(f"location.hash = '#m{seq}'")
    await asyncio.sleep(3 * SLOWLY)
    await expect(page.locator(f"#timeline [data-seq='{seq}']")).to_be_in_viewport(timeout=WAIT)
    async with page.expect_request("**/messages?*around=61"):
        await page.evaluate("location.hash = '#m61'")
    await page.evaluate("location.hash = '#m91'")
    await expect(line(page, 91)).to_be_in_viewport(timeout=WAIT)
    await expect(page.locator(".timeline-note")).to_be_hidden()


@pytest.mark.slow
async def test_a_room_that_is_left_during_a_jump_shows_nothing_elsewhere(own_stage, own_server):
    reader, room = await in_long_room(own_stage, own_server)
    page = reader.page
    await page.goto(f"{own_stage.url}/rooms/{room}/")
    newest = page.locator("#timeline [data-seq]").last
    await expect(newest).to_be_in_viewport(timeout=WAIT)
    await page.route("**/messages?*around=*", held_up)
    async with page.expect_request("**/messages?*around=41"):
        await page.evaluate("location.hash = '#m41'")
    await page.get_by_role("link", name="New room").click()
    await expect(page.get_by_label("Name", exact=True)).to_be_focused()
    await asyncio.sleep(2 * SLOWLY)
    await expect(page.locator("[data-seq]")).to_have_count(0)
    await page.locator("#room-list").get_by_role("link", name="Town").click()
    await expect(page.locator("#timeline [data-seq]").last).to_be_in_viewport(timeout=WAIT)


@pytest.mark.slow
async def test_scrolling_goes_through_all_and_keeps_few_on_the_page(own_stage, own_server):
    reader, _ = await in_long_room(own_stage, own_server)
    page = reader.page
    most = await page.evaluate(
        """async () => {
          const scroll = document.getElementById("timeline");
          const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
          let most = 0;
          const start = () => document.body.textContent.includes("The beginning") ||
            document.querySelector("#timeline [data-seq='1'], #timeline [data-seq='2']");
          for (const end = performance.now() + 60_000; !start() && performance.now() < end; ) {
            scroll.scrollTop -= 900;
            most = Math.max(most, scroll.querySelectorAll("[data-seq]").length);
            await frame();
          }
          return most;
        }"""
    )
    first, last = await first_and_last(page)
    assert first <= 2
    assert most <= SHOWN
    assert last - first < SHOWN


@pytest.mark.slow
async def test_a_date_leads_to_its_first_message(own_stage, own_server):
    reader, _ = await in_long_room(own_stage, own_server)
    page = reader.page
    wanted = datetime.now().astimezone() - timedelta(days=30)
    await page.locator(".day-button").last.click()
    await page.get_by_label("Date", exact=True).fill(f"{wanted:%Y-%m-%d}")
    await page.get_by_role("button", name="Jump", exact=True).click()
    found = page.locator("#timeline .message.found, #timeline [data-seq]:focus").first
    await expect(found).to_be_in_viewport(timeout=WAIT)
    seq = int(await found.get_attribute("data-seq") or 0)
    assert abs(seq - MESSAGES / 2) < MESSAGES / 30, "60 days, and half of them are over"


@pytest.mark.slow
async def test_every_day_leads_to_a_line_though_a_reaction_may_be_its_first_message(
    own_stage, own_server
):
    reader, _ = await in_long_room(own_stage, own_server)
    page = reader.page
    for days in range(6, 54, 4):
        wanted = datetime.now().astimezone() - timedelta(days=days)
        await page.locator(".day-button").last.click()
        await page.get_by_label("Date", exact=True).fill(f"{wanted:%Y-%m-%d}")
        await page.get_by_role("button", name="Jump", exact=True).click()
        near = MESSAGES * (60 - days) / 60
        await page.wait_for_function(
            """([near, within]) => [...document.querySelectorAll("#timeline .message.found")]
              .some(({ dataset }) => Math.abs(Number(dataset.seq) - near) < within)""",
            arg=[near, MESSAGES / 30],
        )
        await expect(page.locator("#timeline")).not_to_contain_text("no longer exists")


@pytest.mark.slow
async def test_pins_of_the_whole_room_and_their_unpinning(own_stage):
    ada = await own_stage.person("ada")
    await ada.sign_up()
    await ada.make_room("Garden")
    await ada.say("**bold** and pinned")
    await ada.sees_sent("bold and pinned")
    await ada.page.locator(".message").first.hover()
    await ada.page.get_by_role("button", name="More", exact=True).click()
    await ada.page.get_by_role("menuitem", name="Pin", exact=True).click()
    for n in range(1, 90):
        await ada.say(f"later {n}")
    await ada.sees_sent("later 89")
    await ada.page.reload()
    strip = ada.page.locator(".pin-strip")
    await expect(strip).to_contain_text("bold and pinned", timeout=WAIT)
    await expect(strip).not_to_contain_text("**")
    await strip.click()
    panel = ada.page.locator("#panel")
    await expect(panel.locator(".pin-text strong")).to_have_text("bold", timeout=WAIT)
    await panel.get_by_role("button", name="Go to message").click()
    await expect(ada.page.locator(".message-text strong")).to_be_in_viewport(timeout=WAIT)
    await panel.get_by_role("button", name="Unpin").click()
    await expect(panel).to_contain_text("Nothing is pinned", timeout=WAIT)
    await expect(strip).to_be_hidden(timeout=WAIT)


@pytest.mark.slow
async def test_a_link_that_was_made_is_listed_at_once(stage):
    ada = await stage.person("ada")
    await ada.sign_up()
    await ada.make_room("Garden")
    page = ada.page
    await page.get_by_role("button", name="Invite", exact=True).click()
    await expect(page.locator("#panel")).to_contain_text("No open links", timeout=WAIT)
    await page.get_by_role("button", name="Make a link").click()
    await expect(page.locator(".invites li")).to_have_count(1, timeout=WAIT)
    await expect(page.locator("#panel")).not_to_contain_text("No open links")
    await expect(page.locator("#invite-link")).to_be_visible(timeout=WAIT)
