"""Rooms with something to summarise, and the panel in which people ask for it."""

from __future__ import annotations

from playwright.async_api import Locator, expect

from tests.browser.people import WAIT, Person

SAID = (
    "the harvest begins on monday",
    "we need twelve baskets and a ladder",
    "@ben can you bring the ladder?",
    "the cider press is broken again",
)


async def room_with(person: Person, name: str, *, rule: str = "When a member asks for one") -> str:
    """A room of that person's, whose rules speak of summaries, with something said in it."""
    room = await person.make_room(name)
    if rule:
        await set_rule(person, rule)
    for text in SAID:
        await person.say(text)
    await person.sees_sent(SAID[-1])
    return room


async def set_rule(person: Person, rule: str) -> None:
    page = person.page
    await page.locator("#room-trust").click()
    await page.get_by_role("button", name="Rules of this room").click()
    await page.get_by_label(rule, exact=True).check()
    await page.get_by_role("button", name="Save the rules").click()
    await expect(page.locator("#panel")).to_contain_text("The rules are saved.", timeout=WAIT)
    await page.locator("#close-panel").click()


async def come_in(person: Person, link: str) -> None:
    """Join a room whose name a newcomer cannot read yet."""
    await person.page.goto(link)
    await person.page.get_by_role("button", name="Join", exact=True).click()
    await expect(person.page.locator("#member-count")).to_be_visible(timeout=WAIT)


async def open_panel(person: Person) -> Locator:
    await person.page.locator("#open-summary").click()
    return person.page.locator("#panel")


async def uid_of(person: Person) -> str:
    answer = await person.context.request.get(f"{person.stage.url}/site.json")
    return (await answer.json())["me"]["uid"]


async def previewed(panel: Locator) -> list[tuple[int, str, str]]:
    """Number, name and text of each line that the preview shows."""
    lines = panel.locator(".summary-lines li[data-seq]")
    await expect(lines.first).to_be_visible(timeout=WAIT)
    return [
        (
            int(await line.get_attribute("data-seq") or 0),
            await line.locator(".summary-who").inner_text(),
            await line.locator("p").inner_text(),
        )
        for line in await lines.all()
    ]


async def waits(panel: Locator) -> None:
    """The request is with the server."""
    await expect(panel.locator(".summary-progress")).to_contain_text("Waiting", timeout=WAIT)
