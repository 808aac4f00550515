"""The examples do what they say, against a real site."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from functools import partial

import pytest

from tests.accounts.intrusion.receiver import SECRET, Receiver
from tests.accounts.intrusion.test_alerts import verified
from tests.client.acting import until
from tests.client.hooking import serving, texts
from tests.live import ROOT

EXAMPLES = ROOT / "client" / "examples"


@contextmanager
def program(name: str, *arguments: str, cwd, **variables: str):
    """An example that runs as a program of its own; killed at the end."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "client"), **variables}
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    running = subprocess.Popen(command, cwd=cwd, env=environment, stderr=subprocess.PIPE)
    try:
        yield running
    finally:
        running.send_signal(signal.SIGKILL)
        running.communicate()


@pytest.mark.slow
async def test_the_bot_answers_and_goes_on_after_it_was_killed(sign_up, server, tmp_path):
    ada = await sign_up("ada", "ada.echo")
    room = await ada.rooms.create("Garden")
    bot = await ada.bots.create("bot.echo")
    token = await ada.bots.make_token(bot.uid, ["read", "send", "rooms"])
    link = await ada.room_admin.invite(room)
    for text in ("plums", "pears"):  # the second time after it was killed, with a used link
        with program("echo_bot.py", server.url, link, cwd=tmp_path, SOTTO_BOT_TOKEN=token):
            await answers(ada, room, text)
    assert bot.uid in (await ada.rooms.open(room)).state.members


async def answers(ada, room: str, text: str) -> None:
    """Wait until a bot that echoes is in the room."""

    async def hears() -> bool:
        await ada.messages.send(room, f"!echo {text}")
        return text in [m.text for m in await ada.messages.history(room)]

    await until(hears, within=60)


def bot_of_the_readme() -> str:
    text = (ROOT / "client" / "README.md").read_text("utf-8")
    found = re.search(r"## A bot in 20 lines.*?```python\n(.*?)```", text, re.DOTALL)
    assert found
    return found[1]


def test_the_bot_of_the_readme_has_twenty_lines():
    assert sum(bool(line.strip()) for line in bot_of_the_readme().splitlines()) <= 20


@pytest.mark.slow
async def test_the_bot_of_the_readme_answers_and_goes_on_after_it_was_killed(
    sign_up, server, tmp_path
):
    ada = await sign_up("ada", "ada.readme")
    room = await ada.rooms.create("Garden")
    link = await ada.room_admin.invite(room)
    path = tmp_path / "bot.py"
    path.write_text(bot_of_the_readme(), "utf-8")
    named = {"BOT_NAME": "bot.readme", "BOT_PASSWORD": "plums and pears and apples"}
    for text in ("plums", "pears"):
        with program(str(path), server.url, link, cwd=tmp_path, **named):
            await answers(ada, room, text)
    assert len((await ada.rooms.open(room)).state.members) == 2, "it is one account both times"


@pytest.mark.slow
async def test_a_room_s_own_webhook_leaves_nothing_out_over_failures_and_restarts(
    sign_up, server, tmp_path
):
    ada = await sign_up("ada", "ada.webhook")
    room = await ada.rooms.create("Garden")
    bot = await ada.bots.create("bot.webhook")
    token = await ada.bots.make_token(bot.uid, ["read", "rooms"])
    link = await ada.room_admin.invite(room)
    begun = tmp_path / "room_webhook.state"
    about = {"SOTTO_BOT_TOKEN": token, "HOOK_SECRET": SECRET, "HOOK_EVERY": "0.2"}

    async def running() -> bool:
        return begun.exists()

    async def came(many: int) -> bool:
        return len({body for _, body in receiver.got}) == many

    with Receiver() as receiver:
        arguments = ("room_webhook.py", server.url, link, receiver.url)
        with program(*arguments, cwd=tmp_path, **about):
            await until(running, within=60)
            receiver.answers = [503]
            await ada.members.set_role(room, bot.uid, "moderator")
            await ada.messages.send(room, "a canary that no webhook has")
            await until(partial(came, 1), within=60)
        await ada.room_admin.set_policy(room, ttl=30)
        with program(*arguments, cwd=tmp_path, **about):
            await until(partial(came, 2), within=60)
        role, policy = (verified(*one) for one in receiver.got[1:])
        assert (role["kind"], role["account"], role["by"]) == ("room.role", bot.uid, ada.me.uid)
        assert (policy["kind"], policy["room"], policy["seq"]) == (
            "room.policy",
            room,
            role["seq"] + 1,
        )
        assert all(b"canary" not in body for _, body in receiver.got)


async def test_a_build_and_a_monitor_tell_a_room(hooked, tmp_path):
    ada, room, secret = await hooked("examples", "{status}: {repository} {branch} ({commit})")
    async with serving(ada) as (port, _):
        url = f"http://127.0.0.1:{port}/ci"
        about = {"GITHUB_REPOSITORY": "garden/plums", "GITHUB_SHA": "0123456789abcdef"}
        about |= {"GITHUB_REF_NAME": "main", "SOTTO_HOOK_SECRET": secret}
        await _run("notify_ci.py", url, "success", cwd=tmp_path, **about)
        for most in ("0", "0", "101"):  # full, still full, well again
            await _run("monitor_disk.py", url, "/", most, cwd=tmp_path, SOTTO_HOOK_SECRET=secret)

        async def there() -> bool:
            return len(await texts(ada, room)) == 3

        await until(there, within=30)
    built, full, well = await texts(ada, room)
    assert built == "success: garden/plums main (0123456789)"
    assert "(full, limit 0 %)" in full
    assert "(well, limit 101 %)" in well


@pytest.mark.parametrize(
    "answer", [None, b"", b"no HTTP\r\n\r\n", b"HTTP/1.1 401 x\r\nContent-Length: 0\r\n\r\n"]
)
async def test_a_build_does_not_fail_because_nobody_could_be_told(tmp_path, answer):
    """A hook that is not there, silent, nonsense, or refuses."""
    about = {"SOTTO_HOOK_SECRET": "x", "HOOK_WITHIN": "1"}
    await _run("notify_ci.py", "http://127.0.0.1:1/ci", "failure", cwd=tmp_path, **about)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        if answer is None:
            await asyncio.sleep(5)
        writer.write(answer or b"")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/ci"
        await _run("notify_ci.py", url, "failure", cwd=tmp_path, **about)


async def _run(name: str, *arguments: str, cwd, **variables: str) -> None:
    with program(name, *arguments, cwd=cwd, **variables) as running:
        assert await asyncio.to_thread(running.wait, 30) == 0
