"""What people do with the panel of members, and with the room around it."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.people import WAIT, Person


async def members(person: Person) -> None:
    """Open the panel, once the room is there: before, nothing listens to the button."""
    await room_is_there(person)
    await person.page.locator("#open-members").click()


async def act(person: Person, on: Person, action: str, *, confirm: str = "") -> None:
    """Something from a member's menu, with the panel open."""
    line = person.page.locator(".people li", has_text=on.name)
    if not await line.locator("details").evaluate(
        "menu => menu.open"
    ):  # it stays open after an act
        await line.locator("summary").click()
    await line.get_by_role("button", name=action, exact=True).click()
    if confirm:
        await person.page.locator("dialog[open]").get_by_role("button", name=confirm).click()


async def can_write(person: Person) -> None:
    await expect(person.page.locator("#composer-text")).to_be_enabled(timeout=WAIT)


async def room_is_there(person: Person) -> None:
    await expect(person.page.locator("#room-title")).not_to_have_text("…", timeout=WAIT)


async def reload_room(person: Person) -> None:
    await person.page.reload()
    await room_is_there(person)
