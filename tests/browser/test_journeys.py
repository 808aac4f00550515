"""The way people take: sign up, make a room, invite, join, read one another, come back."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.axe import AXE_STYLES, violations
from tests.browser.people import WAIT


async def test_first_five_minutes_two_people_chat(stage):
    """Sign up, make a room, invite, join; the first closes, the second still reads, on a page
    that axe finds nothing wrong with.
    """
    ada = await (await stage.person("ada")).sign_up_by_page()
    await ada.make_room("Orchard", "Apples and pears")
    await ada.say("the early bird")
    await ada.sees_sent("the early bird")
    link = await ada.invite()
    await ada.close()
    stage.people.remove(ada)

    ben = await (await stage.person("ben", bypass_csp=AXE_STYLES)).sign_up()
    await ben.join(link, "Orchard")
    await ben.sees("the early bird")
    await ben.say("good morning")
    await ben.sees_sent("good morning")
    await ben.page.reload()
    await ben.in_room("Orchard")
    await ben.sees("the early bird", "good morning")
    assert await violations(ben.page) == []


@pytest.mark.slow
async def test_fault_a_storage_promise_that_never_settles_holds_up_no_page(stage):
    """Firefox asks the person whether storage may persist, and waits for an answer."""
    ada = await stage.person("ada")
    never = "navigator.storage.persist = () => new Promise(() => {});"
    await ada.context.add_init_script(never)
    await ada.sign_up_by_page()
    await ada.make_room("Porch")

    elsewhere = await stage.person()
    elsewhere.name = ada.name
    await elsewhere.context.add_init_script(never)
    await elsewhere.log_in()
    await elsewhere.restore(ada.kit)
    await elsewhere.page.get_by_role("link", name="Porch").click()
    await elsewhere.in_room("Porch")


@pytest.mark.slow
async def test_messages_typing_and_presence_cross(stage):
    ada = await (await stage.person("ada")).sign_up()
    ben = await (await stage.person("ben")).sign_up()
    await ada.make_room("Kitchen")
    await ben.join(await ada.invite(), "Kitchen")
    await expect(ada.page.locator("#member-count")).to_have_text("2", timeout=WAIT)

    await ben.say("here")  # once it is sent, his socket is open: typing is not kept for later
    await ben.sees_sent("here")
    await ben.page.get_by_label("Message", exact=True).press_sequentially("hm")
    await expect(ada.page.locator("#typing")).to_contain_text(f"{ben.name} is typing")
    await ben.say("hello ada")
    await ada.sees("hello ada")
    await expect(ada.page.locator("#typing")).to_have_text("")
    await ada.say("hello ben")
    await ben.sees("hello ada", "hello ben")

    await ada.page.get_by_role("button", name="Members").click()
    await expect(ada.page.locator(".people li")).to_have_count(2)
    await expect(ada.page.locator(".people .here")).to_have_count(2)
    await ben.close()
    stage.people.remove(ben)
    await expect(ada.page.locator(".people .here")).to_have_count(1, timeout=WAIT)


@pytest.mark.slow
async def test_network_off_and_on_loses_and_doubles_nothing(stage):
    ada = await (await stage.person("ada")).sign_up()
    ben = await (await stage.person("ben")).sign_up()
    await ada.make_room("Train")
    await ben.join(await ada.invite(), "Train")
    await ada.say("before the tunnel")
    await ben.sees("before the tunnel")

    await ada.context.set_offline(True)
    await expect(ada.page.locator("#banner")).to_be_visible(timeout=WAIT)
    for text in ("one", "two", "three"):
        await ada.say(text)
    await expect(ada.page.locator("#banner")).to_contain_text("3 messages are waiting")
    await ben.say("meanwhile")
    await ben.sees_sent("meanwhile")
    await ada.context.set_offline(False)
    for text in ("one", "two", "three"):
        await ada.sees_sent(text)
    await ben.sees("before the tunnel", "meanwhile", "one", "two", "three")
    await ada.sees("before the tunnel", "meanwhile", "one", "two", "three")
    await expect(ben.page.locator(".timeline-line.gap")).to_have_count(0)


@pytest.mark.slow
async def test_the_outbox_survives_a_reload(own_stage):
    ada = await (await own_stage.person("ada")).sign_up()
    await ada.make_room("Attic")
    await ada.say("stored")
    await ada.sees_sent("stored")
    own_stage.server.stop()
    await expect(ada.page.locator("#banner")).to_be_visible(timeout=WAIT)
    await ada.say("kept in the drawer")
    await ada.sees("stored", "kept in the drawer")
    own_stage.server.start()
    await ada.page.reload()
    await ada.in_room("Attic")
    await ada.sees_sent("kept in the drawer")
    await ada.page.reload()
    await ada.sees("stored", "kept in the drawer")


@pytest.mark.slow
async def test_restore_in_another_browser_reads_everything(stage):
    ada = await (await stage.person("ada")).sign_up()
    await ada.make_room("Diary")
    await ada.say("dear diary")
    await ada.sees_sent("dear diary")

    elsewhere = await stage.person()
    elsewhere.name = ada.name
    await elsewhere.log_in()
    await elsewhere.page.get_by_text("Bring your keys here").wait_for()
    await elsewhere.restore('{"not": "a kit"}')
    await expect(elsewhere.page.locator("#restore-error")).to_be_visible()
    await elsewhere.restore(ada.kit)
    await elsewhere.page.get_by_role("link", name="Diary").click()
    await elsewhere.in_room("Diary")
    await elsewhere.sees("dear diary")
    await elsewhere.say("from another desk")
    await elsewhere.sees_sent("from another desk")
    await ada.sees("dear diary", "from another desk")
    await ada.say("and back")
    await elsewhere.sees("dear diary", "from another desk", "and back")


@pytest.mark.slow
async def test_deleted_storage_leads_to_restore_and_to_no_other_identity(stage):
    ada = await (await stage.person("ada")).sign_up()
    await ada.make_room("Attic")
    await ada.say("still here")
    await ada.sees_sent("still here")
    kid = await present_kid(ada)
    await ada.goto("/settings/")
    await ada.page.evaluate(
        """async () => {
          for (const { name } of await indexedDB.databases()) indexedDB.deleteDatabase(name);
          localStorage.clear();
        }"""
    )
    await ada.goto("/rooms/")
    await ada.page.wait_for_url("**/keys/**")
    assert ada.kit is not None
    await ada.page.get_by_text("Choose recovery kit").wait_for()
    assert await present_kid(ada) == kid, "no new identity was made in silence"
    await ada.restore(ada.kit)
    await ada.page.get_by_role("link", name="Attic").click()
    await ada.in_room("Attic")
    await ada.sees("still here")
    assert await present_kid(ada) == kid


async def present_kid(person):
    return await person.page.evaluate("async () => (await (await fetch('/api/v1/me')).json()).kid")


@pytest.mark.slow
async def test_logging_out_keeps_keys_and_forgetting_erases_them(stage):
    ada = await (await stage.person("ada")).sign_up()
    await ada.make_room("Shed")
    await ada.goto("/settings/")
    await expect(ada.page.locator("#device-state")).to_have_text("This browser has your keys.")
    await ada.page.get_by_role("button", name="Log out").click()
    await ada.page.wait_for_url(stage.url + "/")
    await ada.log_in()
    await ada.page.get_by_role("link", name="Shed").click()
    await ada.in_room("Shed")

    await ada.goto("/settings/")
    await ada.page.get_by_role("button", name="Forget this device").click()
    await ada.page.get_by_role("button", name="Forget", exact=True).click()
    await ada.page.wait_for_url(stage.url + "/")
    await ada.log_in()
    await ada.page.get_by_text("Bring your keys here").wait_for()


@pytest.mark.slow
async def test_two_tabs_of_one_browser_share_one_chain(stage):
    ada = await (await stage.person("ada")).sign_up()
    room = await ada.make_room("Desk")
    second = await ada.new_tab()
    await second.goto(f"{stage.url}/rooms/{room}/")
    await expect(second.locator("#room-title")).to_have_text("Desk", timeout=WAIT)
    first = ada.page
    for turn in range(3):
        for tab, name in ((first, "left"), (second, "right")):
            ada.page = tab
            await ada.say(f"{name} {turn}")
    ada.page = first
    everything = [f"{name} {turn}" for turn in range(3) for name in ("left", "right")]
    for text in everything:
        await ada.sees_sent(text)
    await second.reload()
    found = second.locator(".message-text")
    await expect(found).to_have_count(6, timeout=WAIT)
    assert sorted(line.strip() for line in await found.all_inner_texts()) == sorted(everything)
    await expect(second.locator(".timeline-line")).to_have_count(0)


@pytest.mark.slow
async def test_leaving_rotates_the_key_and_ends_reading(stage):
    ada = await (await stage.person("ada")).sign_up()
    ben = await (await stage.person("ben")).sign_up()
    room = await ada.make_room("Club")
    await ben.join(await ada.invite(), "Club")
    await ben.say("bye")
    await ada.sees("bye")
    await ben.page.get_by_role("button", name="Members").click()
    await ben.page.get_by_role("button", name="Leave this room").click()
    await ben.page.locator("dialog[open]").get_by_role("button", name="Leave").click()
    await expect(ben.page.locator("#blank-title")).to_be_visible(timeout=WAIT)
    assert await ben.address() == "/rooms/"
    await expect(ada.page.locator("#member-count")).to_have_text("1", timeout=WAIT)
    await ada.say("only us now")
    await ada.sees_sent("only us now")
    await ben.page.goto(f"{stage.url}/rooms/{room}/")
    await expect(ben.page.locator("#room-answer[data-end=left]")).to_be_visible(timeout=WAIT)
    await expect(ben.page.get_by_text("only us now")).to_have_count(0)
