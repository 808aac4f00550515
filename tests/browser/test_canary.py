"""Canaries: words that must never be found where only the server looks.

After whole journeys, the database files, the logs and everything the browsers sent are searched
for what people wrote, what rooms are called, and every key, in each form it could have.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator

import pytest
from playwright.async_api import Page

from sotto.protocol.recovery_kit import open_kit
from tests.browser.people import PASSWORD, Person

WORDS = ("nightingale", "Wintergarden", "marzipan", "half-written")

# The browser's own room keys, opened as the page opens them. Private keys come from the kits.
ROOM_KEYS = """async () => {
  const { me } = await (await fetch("/site.json")).json();
  const script = document.querySelector("script[type=module]").src;
  const { Store } = await import(new URL("../store/store.js", script).href);
  const store = await Store.open(me.uid);
  const keys = await store.rooms.keys(location.pathname.split("/")[2]);
  store.close();
  return [...keys.values()].map((key) => btoa(String.fromCharCode(...key)));
}"""


async def test_canary_nothing_readable_leaves_the_browsers(own_stage):
    ada = await (await own_stage.person("ada")).sign_up_by_page()
    ben = await (await own_stage.person("ben")).sign_up()
    await ada.make_room("Wintergarden", "about marzipan")
    await ada.say("the nightingale sings")
    await ada.sees_sent("the nightingale sings")
    link = await ada.invite()
    await ben.join(link, "Wintergarden")
    await ben.sees("the nightingale sings")
    await ben.say("marzipan for everybody")
    await ada.sees("marzipan for everybody")
    await ada.page.get_by_label("Message", exact=True).fill("half-written draft")
    await ada.page.wait_for_function("document.querySelector('#composer-text').value.length > 5")

    secrets = [word.encode() for word in WORDS]
    secrets += forms(base64.b64decode(link_secret(link)))
    for person in (ada, ben):
        for key in await room_keys(person.page):
            secrets += forms(key)
        secrets += private_keys(person)
    assert len(secrets) > 30
    own_stage.server.stop()
    haystacks = dict(left_behind(own_stage.server))
    haystacks |= {f"sent by {who.name}": b"\n".join(who.sent) for who in (ada, ben)}
    assert any(b"message_send" in hay for hay in haystacks.values()), "the search sees nothing"
    for where, hay in haystacks.items():
        for secret in secrets:
            assert secret.lower() not in hay.lower(), f"{where} holds {secret[:12]!r}…"


@pytest.mark.slow
async def test_canary_passwords_and_tokens_stay_out_of_files_and_logs(own_stage):
    ada = await (await own_stage.person("ada")).sign_up_by_page()
    await ada.make_room("Quiet")
    cookies = await ada.context.cookies()
    session = next(item["value"] for item in cookies if item["name"] == "sessionid")
    own_stage.server.stop()
    for where, hay in left_behind(own_stage.server):
        assert PASSWORD.encode() not in hay, where
        if where.endswith(".log"):
            assert session.encode() not in hay, where


def left_behind(server) -> Iterator[tuple[str, bytes]]:
    """Every file of the server, the server's log among them."""
    for path in (server.log, *server.data.rglob("*")):
        if path.is_file():
            yield str(path), path.read_bytes()


async def room_keys(page: Page) -> list[bytes]:
    keys = [base64.b64decode(text) for text in await page.evaluate(ROOM_KEYS)]
    assert keys
    return keys


def link_secret(link: str) -> str:
    secret = link.split("#1.")[1]
    return secret.replace("-", "+").replace("_", "/") + "="


def private_keys(person: Person) -> list[bytes]:
    """What a recovery kit holds, and the kit itself: the signing seed and RSA's two primes."""
    assert person.kit is not None
    written = json.loads(person.kit)
    code = written["code"].encode()
    _, _, keys = open_kit(person.kit)
    primes = keys.rsa.private_numbers()
    raw = [keys.ed.private_bytes_raw(), *(p.to_bytes(192, "big") for p in (primes.p, primes.q))]
    found = [code, code.replace(b"-", b""), written["kit"]["box"][:60].encode()]
    return found + [form for key in raw for form in forms(key)]


def forms(secret: bytes) -> list[bytes]:
    """A secret as it could appear: raw, hex, base64 at each alignment, both alphabets."""
    found = [secret, secret.hex().encode()]
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + secret)
        inner = re.sub(rb"=+$", b"", text)[4 if shift else 0 : -4]
        found += [inner, inner.replace(b"+", b"-").replace(b"/", b"_")]
    return found
