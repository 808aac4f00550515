"""Finding messages: in one room and in all, by the blind index and in the browser alone."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.browser.people import WAIT, Person
from tests.browser.test_messages import act


async def tell(person: Person, *texts: str) -> None:
    for text in texts:
        await person.say(text)
        await person.sees_sent(text)


async def open_search(page: Page) -> Locator:
    """The field, with the focus in it."""
    await page.get_by_role("button", name="Search in this room").click()
    field = page.get_by_role("searchbox", name="Search in this room")
    await expect(field).to_be_focused()
    return field


def hits(page: Page) -> Locator:
    return page.locator(".search:visible a.hit")


def covered(page: Page) -> Locator:
    return page.locator(".search:visible .search-status")


async def finds(page: Page, texts: Iterable[str]) -> None:
    """Exactly these, newest first, once everything was searched."""
    searching = page.locator(".search:visible")
    await expect(searching).to_have_attribute("data-state", "rest", timeout=WAIT)
    await expect(covered(page)).to_have_text(
        re.compile(r"Searched (\d+) of \1 message"), timeout=WAIT
    )
    # What was found before stands there until the new search begins.
    await expect(hits(page).locator(".hit-text")).to_have_text(list(texts), timeout=WAIT)


@pytest_asyncio.fixture(loop_scope="session")
async def ada(stage):
    person = await (await stage.person("ada")).sign_up()
    await person.make_room("Orchard")
    return person


@pytest.mark.slow
async def test_first_five_minutes_search_finds_part_of_a_word_and_jumps_to_it(ada):
    page = ada.page
    await tell(ada, "strawberries are ripe")
    for number in range(110):
        await ada.say(f"something else {number}")
    await ada.sees_sent("something else 109")
    await page.reload()
    await expect(page.locator(".message-text").last).to_have_text(
        "something else 109", timeout=WAIT
    )
    words = page.locator(".message-text")
    await expect(words.filter(has_text="strawberries")).to_have_count(0)
    await (await open_search(page)).fill("straw")
    await finds(page, ["strawberries are ripe"])
    await expect(hits(page).locator("mark")).to_have_text("straw")
    await expect(hits(page)).to_contain_text(ada.name)
    await hits(page).click()
    found = page.locator(".message", has_text="strawberries are ripe")
    await expect(found).to_be_focused(timeout=WAIT)
    await expect(found).to_be_in_viewport(timeout=WAIT)
    await expect(words.filter(has_text=re.compile("else 0$"))).to_be_in_viewport(timeout=WAIT)
    assert b"straw" not in b"\n".join(ada.sent), "the server is asked without words"


@pytest.mark.slow
async def test_forms_of_words_signs_and_what_was_meant(ada):
    page = ada.page
    await tell(ada, "we deployed the fix", "we will receive it", "a black swan", "swan, not black")
    field = await open_search(page)
    await field.fill("deploying")
    await finds(page, ["we deployed the fix"])
    await expect(hits(page).locator("mark")).to_have_text("deployed")
    await field.fill('"black swan"')
    await finds(page, ["a black swan"])
    await field.fill("swan zebra")
    await finds(page, ["swan, not black", "a black swan"])
    await expect(page.get_by_text("No message has all of these words.")).to_be_visible()
    await field.fill("will")
    await finds(page, ["we will receive it"])
    await expect(page.get_by_text("This browser reads the messages instead.")).to_be_visible()
    await field.fill("recieve")
    await page.get_by_role("button", name="receive", exact=True).click()
    await expect(field).to_have_value("receive")
    await finds(page, ["we will receive it"])


@pytest.mark.slow
async def test_what_was_corrected_or_deleted_is_not_found(ada):
    page = ada.page
    await tell(ada, "my secret orchard", "the orchard at sevn")
    await page.get_by_label("Message", exact=True).press("ArrowUp")
    await ada.say("the garden at seven")
    await expect(page.locator(".message", has_text="the garden at seven")).to_contain_text("edited")
    await act(ada, "my secret orchard", "Delete")
    await page.locator("dialog[open]").get_by_role("button", name="Delete").click()
    await expect(page.get_by_text("This message was deleted.")).to_be_visible(timeout=WAIT)
    field = await open_search(page)
    for query, texts in (
        ("garden", ["the garden at seven edited"]),
        ("orchard", []),
        ("secret", []),
    ):
        await field.fill(query)
        await finds(page, texts)


@pytest.mark.slow
async def test_all_rooms_are_searched_and_a_hit_opens_its_room(ada):
    page = ada.page
    await tell(ada, "pears in the orchard")
    kitchen = await ada.make_room("Kitchen")
    await tell(ada, "pears in the kitchen", "plums in the kitchen")
    await ada.goto("/rooms/")
    await expect(page.get_by_role("link", name="Kitchen")).to_be_visible(timeout=WAIT)
    await page.keyboard.press("Control+k")
    field = page.get_by_role("searchbox", name="Search all rooms")
    await expect(field).to_be_focused()
    await field.fill("pear")
    await finds(page, ["pears in the kitchen", "pears in the orchard"])
    await expect(covered(page)).to_contain_text("in 2 rooms")
    await field.fill("in:kitch pear")
    await finds(page, ["pears in the kitchen"])
    await field.fill("in:nowhere pear")
    await expect(page.get_by_text("No room has that name.")).to_be_visible()
    await field.fill("plum")
    await finds(page, ["plums in the kitchen"])
    await page.keyboard.press("ArrowDown")
    await expect(hits(page)).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile(rf"/rooms/{kitchen}/#m2$"))
    found = page.locator(".message", has_text="plums in the kitchen")
    await expect(found).to_be_focused(timeout=WAIT)


@pytest.mark.slow
async def test_everything_by_keyboard_and_the_focus_returns(ada):
    page = ada.page
    await tell(ada, "first pear", "second pear", "an apple")
    await page.locator("#timeline").focus()
    await page.keyboard.press("/")
    field = page.get_by_role("searchbox", name="Search in this room")
    await expect(field).to_be_focused()
    await page.keyboard.type("pear")
    await finds(page, ["second pear", "first pear"])
    await page.keyboard.press("Enter")
    await expect(hits(page).first).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(hits(page).last).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowUp")
    await expect(field).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("End")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message", has_text="first pear")).to_be_focused()
    await page.keyboard.press("/")
    await expect(field).to_be_focused()
    await expect(field).to_have_value("pear")
    await page.keyboard.press("Escape")
    await expect(field).to_be_hidden()
    await expect(page.get_by_role("button", name="Search in this room")).to_be_focused()
    await page.get_by_label("Message", exact=True).press("/")
    await expect(page.get_by_label("Message", exact=True)).to_have_value("/")
    await expect(field).to_be_hidden()
    await page.keyboard.press("Control+k")
    everywhere = page.get_by_role("searchbox", name="Search all rooms")
    await expect(everywhere).to_be_focused()
    await page.keyboard.type("apple")
    await finds(page, ["an apple"])
    await page.keyboard.press("Escape")
    await expect(everywhere).to_be_hidden()
    await expect(page.get_by_label("Message", exact=True)).to_be_focused()


@pytest.mark.slow
async def test_a_search_that_was_closed_at_once_goes_on_when_it_is_opened_again(ada):
    page = ada.page
    await tell(ada, "first pear", "an apple")
    everywhere = page.get_by_role("searchbox", name="Search all rooms")
    for query, text in (("apple", "an apple"), ("pear", "first pear")):
        await page.keyboard.press("Control+k")
        await expect(everywhere).to_be_focused()
        await everywhere.fill(query)
        await page.keyboard.press("Escape")
        await expect(everywhere).to_be_hidden()
        await page.keyboard.press("Control+k")
        await finds(page, [text])
        await page.keyboard.press("Escape")


@pytest.mark.slow
async def test_operators_and_what_is_wrong_with_them(ada):
    page = ada.page
    await tell(ada, "pears, see https://example.org", "more pears")
    field = await open_search(page)
    await page.get_by_role("button", name="has:file").click()
    await expect(field).to_have_value("has:")
    for query, texts in (
        ("has:link", ["pears, see https://example.org"]),
        ("from:me more", ["more pears"]),
        ("pears before:2001-01-01", []),
        ("pears after:2001-01-01", ["more pears", "pears, see https://example.org"]),
    ):
        await field.fill(query)
        await finds(page, texts)
    for query, problem in (
        ("pears has:cheese", "Use has:file, has:link or has:image."),
        ("pears after:soon", "Write it like after:2026-11-01."),
        ("pears from:nobody", "No member has that name."),
        ("pears in:kitchen", "Search all rooms to use it."),
        ("the of and", "This browser reads the messages instead."),
    ):
        await field.fill(query)
        await expect(page.locator(".search:visible .notice")).to_contain_text(problem)
    await field.fill("pears in:kitchen")
    await page.get_by_role("button", name="Search all rooms").last.click()
    everywhere = page.get_by_role("searchbox", name="Search all rooms")
    await expect(everywhere).to_have_value("pears in:kitchen")


@pytest.mark.slow
async def test_on_a_phone_the_panel_gives_way_to_the_hit(stage):
    ada = await (await stage.person("ada", viewport={"width": 320, "height": 640})).sign_up()
    await ada.make_room("Orchard")
    await tell(ada, "strawberries are ripe", *(f"line {number}" for number in range(12)))
    page = ada.page
    await (await open_search(page)).fill("straw")
    await finds(page, ["strawberries are ripe"])
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 320
    await hits(page).click()
    await expect(page.locator("#panel")).to_be_hidden()
    await expect(page.locator(".message", has_text="strawberries")).to_be_focused()


@pytest.mark.slow
async def test_errors_say_what_to_do_and_it_goes_on(ada):
    page = ada.page
    await tell(ada, "pears here")
    field = await open_search(page)
    await page.route(re.compile("/(search|messages)"), lambda route: route.abort())
    await field.fill("pear")
    problem = page.locator(".search:visible .search-after [role=alert]")
    await expect(problem).to_contain_text("Check the connection and try again.", timeout=WAIT)
    await expect(hits(page).locator(".hit-text")).to_have_text(["pears here"])
    await page.unroute_all()
    await page.get_by_role("button", name="Try again").click()
    await finds(page, ["pears here"])
    await expect(problem).to_have_count(0)


@pytest.mark.slow
async def test_a_room_that_goes_over_to_the_server_is_made_findable(ada):
    await searched(ada, "In the browser only")
    await tell(ada, "strawberries are ripe", "pears are not")
    await searched(ada, "On the server")
    page = ada.page
    field = await open_search(page)
    await expect(page.get_by_text("2 older messages can be found now.")).to_be_visible(timeout=WAIT)
    await page.reload()
    await ada.in_room("Orchard")
    async with page.expect_response(re.compile(r"chatrooms/\w+/search$")) as answering:
        await (await open_search(page)).fill("straw")
    answer = await (await answering.value).json()
    assert [hit["seq"] for hit in answer["hits"]] == [1]
    await finds(page, ["strawberries are ripe"])
    await expect(field).to_be_visible()
    await expect(page.locator(".search-fill")).to_be_hidden()


async def searched(person: Person, how: str) -> None:
    """The room's rules say so from now on."""
    await person.page.locator("#room-trust").click()
    await person.page.get_by_role("button", name="Rules of this room").click()
    await person.page.get_by_label(how).check()
    await person.page.get_by_role("button", name="Save the rules").click()
    await expect(person.page.get_by_text("The rules are saved.").first).to_be_visible(timeout=WAIT)
    await person.page.get_by_role("button", name="Close", exact=True).click()


@pytest.mark.slow
async def test_a_device_room_is_searched_in_the_browser(ada):
    await searched(ada, "In the browser only")
    await tell(ada, "strawberries are ripe", "pears are not", "straw for the beds")
    page = ada.page
    field = await open_search(page)
    await field.fill("straw")
    await finds(page, ["straw for the beds", "strawberries are ripe"])
    assert not re.search(rb"chatrooms/\w+/search", b"\n".join(ada.sent)), "nothing was asked"
    await page.reload()
    await ada.in_room("Orchard")
    await (await open_search(page)).fill("pear")
    await finds(page, ["pears are not"])
    kept = await page.evaluate(KEPT)
    assert kept["segments"] == 1
    assert not kept["readable"], "what is kept for searching is sealed"


KEPT = """async () => {
  const open = indexedDB.open("sotto");
  const db = await new Promise((done) => { open.onsuccess = () => done(open.result); });
  const all = db.transaction("archive").objectStore("archive").getAll();
  const kept = await new Promise((done) => { all.onsuccess = () => done(all.result); });
  const text = kept.map(({ sealed }) => new TextDecoder().decode(sealed.ct)).join("");
  db.close();
  return { segments: kept.length, readable: /pear|straw/.test(text) };
}"""
