"""Rooms of two, as people begin them."""

from __future__ import annotations

from tests.browser.people import Person


async def ask_to_talk(person: Person, other: Person, text: str) -> None:
    """`person` begins a room with `other`, who is asked, and writes `text` into it."""
    await person.goto("/rooms/new/")
    await person.page.get_by_label("Their user name").fill(other.name)
    await person.page.get_by_role("button", name="Start").click()
    await person.in_room(other.name)
    await person.say(text)
    await person.sees_sent(text)
