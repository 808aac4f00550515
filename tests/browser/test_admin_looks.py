"""Pages of the admin in a real browser: they fit, and break no policy."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from sotto.client import Client
from tests.browser.axe import violations
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
    "storage": "accounts/storageuse",
    "history": "admin/logentry",
}
FORMS = {
    "settings": "accounts/sitesettings/",
    "accounts-create": "accounts/user/create/",
    "links-make": "accounts/accountlink/make/",
}
OF_PERSON = ("password_link", "second_factor_off", "sign_out", "history", "delete")
SIZES = ((1280, 860), (390, 844))
SCHEMES = ("light", "dark")
WATCH = """addEventListener("securitypolicyviolation", (event) => {
  const where = `${event.sourceFile}:${event.lineNumber}`;
  (window.broken ??= []).push(`${event.effectiveDirective} ${where}`);
});"""
WIDER = """() => [
    document.documentElement,
    ...(innerWidth > 1000 ? document.querySelectorAll("#changelist .results") : []),
  ]
  .filter((one) => one.scrollWidth > one.clientWidth + 1)
  .map((one) => `${one.className || one.tagName} ${one.scrollWidth} > ${one.clientWidth}`)"""
"""A page never scrolls sideways; on a phone a list does, within itself."""
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
async def test_pages_of_the_admin_fit_break_no_policy_and_are_accessible(own_stage):
    server = own_stage.server
    await lived_in(server)
    server.manage("people", "invite", "--uses", "3", "--note", "class 3b")
    root = await (await own_stage.person("root")).sign_up()
    server.manage("people", "role", root.name, "administrator")
    await root.log_in(path="/accounts/login/?next=/admin/")
    await root.page.locator("#needs").wait_for()
    await root.page.add_init_script(WATCH)
    wrong = []
    for name, path in (await pages(root)).items():
        wrong += await looked_at(root, name, path)
    assert not wrong, "\n".join(wrong)
    # axe sets styles inline, which the policy forbids; each page was asked before it did.
    root.problems = [line for line in root.problems if "inline style" not in line]


async def pages(root: Any) -> dict[str, str]:
    """Paths of all pages of the admin: lists, what they list first, forms, and confirmations."""
    found = {"front": "/admin/", "refused": "/admin/accounts/user/add/"}
    found |= {name: f"/admin/{path}" for name, path in FORMS.items()}
    for name, model in LISTS.items():
        found[name] = f"/admin/{model}/"
        await root.goto(found[name])
        first = root.page.locator("#result_list tbody :is(th, td) a").first
        if await first.count():
            found[f"{name}-one"] = str(await first.get_attribute("href")).partition("?")[0]
    await root.goto("/admin/accounts/user/?q=ben")
    ben = await root.page.get_by_role("link", name="ben", exact=True).get_attribute("href")
    person = str(ben).removesuffix("change/").partition("change/")[0]
    found |= {f"accounts-{name}": f"{person}{name}/" for name in OF_PERSON}
    for name in ("links", "sign-ins", "tokens"):
        found[f"{name}-delete"] = found[f"{name}-one"].replace("/change/", "/delete/")
    return found


async def looked_at(root: Any, name: str, path: str) -> list[str]:
    """What is wrong with a page, at the width of a laptop and of a phone, light and dark."""
    page, found = root.page, []
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        await root.goto(path)
        await page.wait_for_load_state("networkidle")
        bad = [*await page.evaluate(WIDER), *await page.evaluate("window.broken ?? []")]
        for scheme in SCHEMES:
            await page.emulate_media(color_scheme=scheme)
            seen = [*bad, *await violations(page)] if scheme == "light" else await violations(page)
            found += [f"{name} {width} {scheme}: {one}" for one in seen]
    await shot(page, f"admin-{name}")
    return found
