"""Pages of the admin in a real browser: they fit, and break no policy."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from sotto.client import Client
from tests.browser.test_reports import shot
from tests.client.acting import PASSWORD, publish_report_key
from tests.live import DATABASE, LiveServer
from tests.vectors.making import cast

LISTS = {
    "audit": "accounts/auditentry",
    "signals": "accounts/intrusionsignal",
    "tokens": "accounts/bottoken",
    "accounts": "accounts/user",
    "links": "accounts/accountlink",
    "sign-ins": "accounts/signin",
    "rooms": "rooms/room",
    "members": "rooms/member",
    "invitations": "rooms/invitation",
    "events": "rooms/logevent",
    "wraps": "rooms/wrap",
    "files": "messaging/file",
    "sizes": "messaging/roommessages",
    "reports": "messaging/report",
}
WATCH = """addEventListener("securitypolicyviolation", (event) => {
  const where = `${event.sourceFile}:${event.lineNumber}`;
  (window.broken ??= []).push(`${event.effectiveDirective} ${where}`);
});"""
WIDER = """() => [document.documentElement, ...document.querySelectorAll("#changelist .results")]
  .filter((one) => one.scrollWidth > one.clientWidth + 1)
  .map((one) => `${one.className || one.tagName} ${one.scrollWidth} > ${one.clientWidth}`)"""
SIGNALS = [
    ("password_spraying", "warning", "198.51.100.0/24", "", "2099-01-01 00:00:00"),
    ("many_networks", "warning", "2001:db8:1234::/48", "uid", None),
    ("refresh_reuse", "critical", "203.0.113.0/24", "uid", None),
]


async def lived_in(server: LiveServer) -> None:
    """A site with a row of everything that the lists show."""
    publish_report_key(server.data / DATABASE, cast()["dan"].keys)
    async with Client(server.url) as ada, Client(server.url) as ben, Client(server.url) as cleo:
        for client, name in ((ada, "ada.of.the.long.user.name"), (ben, "ben"), (cleo, "cleo")):
            await client.account.sign_up(name, PASSWORD)
        room = await ada.rooms.create("Garden")
        link = await ada.room_admin.invite(room, uses=5)
        for client in (ben, cleo):
            await client.rooms.join(link)
        await ben.messages.send(room, "what ben said")
        await cleo.reports.to_site(room, 1, "abuse", "a note")
        bot = await ada.bots.create("bot.of.the.long.user.name")
        await ada.bots.make_token(bot.uid, ["read", "send", "rooms"])
        uid = ada.me.uid
    with sqlite3.connect(server.data / DATABASE, timeout=30) as db:
        for kind, severity, network, person, until in SIGNALS:
            db.execute(
                "INSERT INTO intrusion_signals (at, kind, severity, network, person, slowed_until,"
                " webhook, mail) VALUES (CURRENT_TIMESTAMP, ?, ?, ?, ?, ?, 'sent', 'failed')",
                (kind, severity, network, uid if person else "", until),
            )


@pytest.mark.slow
async def test_lists_and_pages_of_the_admin_fit_and_break_no_policy(own_stage):
    server = own_stage.server
    await lived_in(server)
    root = await (await own_stage.person("root")).sign_up()
    server.manage("people", "role", root.name, "administrator")
    await root.log_in(path="/accounts/login/?next=/admin/")
    await root.page.locator("#needs").wait_for()
    await root.page.add_init_script(WATCH)
    wrong = [*await looked_at(root, "front", "/admin/")]
    for name, model in LISTS.items():
        wrong += await looked_at(root, name, f"/admin/{model}/")
        first = root.page.locator("#result_list tbody :is(th, td) a").first
        if await first.count():
            await first.click()
            await root.page.locator("#content-main").wait_for()
            wrong += await looked_at(root, f"{name}-one", "")
    assert not wrong, "\n".join(wrong)


async def looked_at(root: Any, name: str, path: str) -> list[str]:
    """What is wrong with a page at the width of a laptop."""
    await root.page.set_viewport_size({"width": 1280, "height": 860})
    if path:
        await root.goto(path)
    await root.page.wait_for_load_state("networkidle")
    found = [*await root.page.evaluate(WIDER), *await root.page.evaluate("window.broken ?? []")]
    await shot(root.page, f"admin-{name}")
    return [f"{name}: {one}" for one in found]
