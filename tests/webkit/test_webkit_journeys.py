"""The core journeys in WebKitGTK, as far as its driver goes."""

from __future__ import annotations


async def test_webkit_and_chromium_read_one_another(person, chromium_stage):
    """An account made by the page, and a room of two engines."""
    ada = await (await chromium_stage.person("ada")).sign_up()
    ben = await (await person("ben")).sign_up()
    await ada.make_room("Border")
    await ada.say("from the other side")
    await ben.join(await ada.invite(), "Border")
    await ben.sees("from the other side")
    await ben.say("from the web kit")
    await ada.sees("from the other side", "from the web kit")


async def test_two_tabs_of_one_account_share_one_chain(person, chromium_stage):
    ada = await (await chromium_stage.person("ada")).sign_up()
    room = await ada.make_room("Desk")
    ben = await (await person("ben")).sign_up()
    await ben.join(await ada.invite(), "Desk")
    first = await ben.driver.tab()
    second = await ben.driver.new_tab()
    await ben.goto(f"/rooms/{room}/")
    await ben.in_room("Desk")
    for turn in range(2):
        for tab, name in ((first, "left"), (second, "right")):
            await ben.driver.turn_to(tab)
            await ben.say(f"{name} {turn}")
    everything = [f"{name} {turn}" for turn in range(2) for name in ("left", "right")]
    for tab in (first, second):
        await ben.driver.turn_to(tab)
        await ben.sees(*everything)
    await ada.sees(*everything)


async def test_the_kit_of_one_browser_opens_everything_in_another(person, chromium_stage):
    ada = await (await chromium_stage.person("ada")).sign_up()
    room = await ada.make_room("Attic")
    ben = await (await person("ben")).sign_up()
    await ben.join(await ada.invite(), "Attic")
    await ben.say("kept for later")
    other = await person("other")
    other.name = ben.name
    await other.log_in()
    await other.restore(ben.kit)
    await other.goto(f"/rooms/{room}/")
    await other.sees("kept for later")
    await other.say("and read")
    await ada.sees("kept for later", "and read")
