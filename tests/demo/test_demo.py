"""The demo of development: made once by the Python client, entered by a click, nowhere else."""

from __future__ import annotations

import json
import stat
import struct
import subprocess
import sys
import time
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from django.core.management import CommandError, call_command

from scripts.demo.__main__ import HERE
from scripts.demo.pictures import PICTURES
from scripts.demo.story import EVENTS, read_story
from sotto.client import Client
from tests.dev import await_demo, wait_for
from tests.live import ROOT, LiveServer

STORIES = sorted(HERE.glob("*.txt"))
DAY = 86_400_000  # ms


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/demo/", "/demo/wait/", "/demo/state/"])
def test_without_debug_there_is_no_such_address(client, path):
    assert client.get(path).status_code == 404
    assert client.post(path).status_code == 404


@pytest.mark.django_db
def test_without_debug_no_page_speaks_of_it(client):
    assert b"demo" not in client.get("/").content
    assert client.get("/site.json").json()["demo"] is False


def test_without_debug_the_command_refuses():
    with pytest.raises(CommandError, match="DEBUG=1"):
        call_command("seed_demo")


def test_the_stories_are_lively():
    stories = [read_story(path) for path in STORIES]
    assert len(stories) == 3
    assert 280 <= sum(story.messages for story in stories) <= 400
    acts = {step.act for story in stories for step in story.steps}
    assert acts >= {"", "#", "~", "-", "?", "!", "+", ">", "pin", "rotate", "moderator", "read"}
    assert {step.file for story in stories for step in story.steps} == {"", *PICTURES}
    assert any("\n```python\n" in step.text for story in stories for step in story.steps)
    for story in stories:
        spoken = {step.who for step in story.steps if step.act not in EVENTS}
        there = {*story.members, story.owner, *(s.who for s in story.steps if s.act == "join")}
        assert spoken <= there


@pytest.mark.parametrize("hour", [0, 3, 12, 23])
def test_the_stories_spread_over_nine_days_and_end_before_now(hour):
    now = datetime(2026, 3, 9, hour, 1, tzinfo=UTC)
    for story in map(read_story, STORIES):
        times = [at for at, _ in story.times(now)]
        assert times == sorted(times)
        assert times[0].date() == (now - timedelta(days=8)).date()
        assert times[-1] < now
    days = {at.date() for story in map(read_story, STORIES) for at, _ in story.times(now)}
    assert len(days) == (9 if hour else 8), "at midnight it was just now, yesterday"


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_whole(name):
    drawn = PICTURES[name]()
    png = drawn.png()
    assert struct.unpack(">II", png[16:24]) == (drawn.width, drawn.height)
    at, pixels = 8, b""
    while at < len(png):
        size = int.from_bytes(png[at : at + 4])
        kind, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        assert zlib.crc32(kind + data) == int.from_bytes(png[at + 8 + size : at + 12 + size])
        pixels += data if kind == b"IDAT" else b""
        at += 12 + size
    assert len(zlib.decompress(pixels)) == drawn.height * (1 + 3 * drawn.width)


def begun(folder: Path) -> set[str]:
    """The rooms that the demo account has entered."""
    return {path.stem for path in folder.glob("demo/rooms/*.json")}


@pytest.mark.slow
async def test_the_kit_opens_rooms_with_a_history(dev_site):
    kit = (dev_site.data / "demo" / "kit.json").read_text()
    passwords = json.loads((dev_site.data / "demo" / "passwords.json").read_text())
    async with Client(dev_site.url) as demo:
        await demo.account.restore("demo", passwords["demo"], kit)
        rooms = await demo.rooms.overview()
        histories = [await demo.messages.history(room["id"]) for room in rooms]
    assert len(histories) == 3
    lines = [message for history in histories for message in history]
    assert {message.status for message in lines} == {"ok", "deleted"}
    assert any(message.edited for message in lines)
    assert any(message.reactions for message in lines)
    assert any(message.votes for message in lines)
    assert any(message.pinned for message in lines)
    assert {file.name for message in lines for file in message.files} == {*PICTURES}
    sent = sorted(message.ts for message in lines)
    assert 7 * DAY < sent[-1] - sent[0] < 9 * DAY, "what was signed says nine days"
    assert time.time() * 1000 - sent[-1] < DAY


@pytest.mark.slow
def test_what_makes_the_demo_account_is_its_owners_alone(dev_site):
    folder = dev_site.data / "demo"
    for path in (folder / "kit.json", folder / "passwords.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    kit = json.loads((folder / "kit.json").read_text())
    log = dev_site.log.read_text()
    assert kit["code"] not in log
    assert kit["kit"]["box"] not in log


@pytest.mark.slow
def test_it_is_not_made_twice(dev_site):
    kit = dev_site.data / "demo" / "kit.json"
    before = kit.stat().st_mtime_ns
    again = subprocess.run(
        [sys.executable, "manage.py", "seed_demo"],
        cwd=ROOT,
        env={**dev_site.environment, "DEBUG": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "there already" in again.stdout
    assert kit.stat().st_mtime_ns == before


@pytest.mark.slow
def test_it_is_entered_by_a_click_alone(dev_site):
    with httpx2.Client(base_url=dev_site.url, headers={"Origin": dev_site.url}) as browser:
        assert browser.get("/demo/").status_code == 405
        assert browser.post("/demo/").status_code == 403, "another site cannot sign anybody in"
        browser.get("/site.json")
        entered = browser.post("/demo/", headers={"X-CSRFToken": browser.cookies["csrftoken"]})
        kit = (dev_site.data / "demo" / "kit.json").read_text()
        assert entered.json() == {"next": "/keys/", "kit": kit}
        assert "no-store" in entered.headers["cache-control"]


@pytest.mark.slow
async def test_a_run_that_was_cut_short_goes_on(tmp_path):
    with LiveServer(tmp_path / "data", DEBUG="1") as server:
        folder = server.data / "demo"
        wait_for(server, lambda: len(begun(folder)) == 3)
        server.stop()
        assert not (folder / "kit.json").exists()
        before = begun(folder)
        passwords = (folder / "passwords.json").read_text()
        server.start()
        kit = await_demo(server).read_text()
        assert (folder / "passwords.json").read_text() == passwords
        async with Client(server.url) as demo:
            await demo.account.restore("demo", json.loads(passwords)["demo"], kit)
            rooms = {room["id"] for room in await demo.rooms.overview()}
        assert len(rooms) == 3
        assert not rooms & before, "stories that were cut short begin again in other rooms"
