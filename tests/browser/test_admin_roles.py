"""The roles beside the administrator's in the admin: a helper helps, an auditor reads."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.test_sign_up_links import here

CHANGES = "password_link", "second_factor_off", "sign_out", "delete"


async def with_role(stage: Any, role: str) -> Any:
    """Somebody with a role, in the admin."""
    person = await (await stage.person(role)).sign_up()
    stage.server.manage("people", "role", person.name, role)
    await person.log_in(path="/accounts/login/?next=/admin/")
    await person.page.locator("#needs").wait_for()
    return person


async def found_by(person: Any, name: str) -> str:
    """Look somebody up among the accounts, and open their page; its path up to `change/`."""
    await person.goto("/admin/accounts/user/")
    await person.page.get_by_label("Search").fill(name)
    await person.page.keyboard.press("Enter")
    await person.page.get_by_role("link", name=name, exact=True).click()
    await person.page.wait_for_url("**/change/**")
    return str(await person.address()).removesuffix("change/")


async def is_refused(person: Any, path: str) -> None:
    answer = await person.page.goto(person.stage.url + path)
    assert answer is not None
    assert answer.status == 403, path


@pytest.mark.slow
async def test_a_helper_helps_people_and_ends_no_account(own_stage):
    zoe = await (await own_stage.person("zoe")).sign_up()
    helper = await with_role(own_stage, "helper")
    path = await found_by(helper, zoe.name)
    await helper.page.get_by_role("link", name="Link to a new password").click()
    await helper.page.get_by_role("button", name="Make the link").click()
    offered = await helper.page.get_by_label("The link").input_value()
    late = await own_stage.person()
    await late.goto(here(offered))
    await expect(late.page.get_by_role("heading", name="Set a new password")).to_be_visible()
    await expect(late.page.locator("#reset-name")).to_have_text(zoe.name)

    await helper.goto(f"{path}change/")
    await helper.page.get_by_role("link", name="Sign out everywhere").click()
    await helper.page.get_by_role("button", name="Sign out everywhere").click()
    await expect(helper.page.get_by_role("status")).to_contain_text("signed out everywhere")
    await zoe.goto("/rooms/")
    await zoe.page.wait_for_url("**/accounts/login/**")
    await zoe.log_in(path="/accounts/login/?next=/rooms/")
    await zoe.page.wait_for_url("**/rooms/**")

    await helper.goto(f"{path}change/")
    await expect(helper.page.get_by_role("link", name="Delete")).to_have_count(0)
    await helper.page.get_by_label("active: may sign in").uncheck()
    await helper.page.get_by_role("button", name="Save", exact=True).click()
    await expect(helper.page.get_by_text("was changed successfully")).to_be_visible()
    await zoe.goto("/rooms/")
    await zoe.page.wait_for_url("**/accounts/login/**")

    for refused in (f"{path}delete/", "/admin/accounts/user/add/"):
        await is_refused(helper, refused)


@pytest.mark.slow
async def test_an_auditor_reads_the_audit_log_and_changes_nothing(own_stage):
    zoe = await (await own_stage.person("zoe")).sign_up()
    auditor = await with_role(own_stage, "auditor")
    await auditor.goto("/admin/")
    await auditor.page.get_by_role("link", name="Audit entries").first.click()
    await auditor.page.get_by_label("Search").fill(zoe.name)
    await auditor.page.keyboard.press("Enter")
    rows = auditor.page.locator("#result_list tbody tr")
    await expect(rows.filter(has_text="account.registered")).to_have_count(1)
    await rows.filter(has_text="account.registered").get_by_role("link").click()
    await expect(auditor.page.locator("#content-main")).to_contain_text("account.registered")
    await expect(auditor.page.locator("#content-main input:not([type=hidden])")).to_have_count(0)

    path = await found_by(auditor, zoe.name)
    await expect(auditor.page.locator("#content-main").get_by_role("button")).to_have_count(0)
    for name in ("Link to a new password", "Sign out everywhere", "Delete"):
        await expect(auditor.page.get_by_role("link", name=name)).to_have_count(0)
    for name in CHANGES:
        await is_refused(auditor, f"{path}{name}/")
    for refused in ("/admin/accounts/user/create/", "/admin/accounts/accountlink/make/"):
        await is_refused(auditor, refused)
