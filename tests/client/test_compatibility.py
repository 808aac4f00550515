"""The client of before the redesign, beside the client and the site of now.

The site of before refuses the search tokens of now, which are of another version. Both clients are
driven by the command `sotto`, which has the same commands in both. The older one comes from the
git history.
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.client.acting import PASSWORD
from tests.live import ROOT

BEFORE = "a50bc47ecc64"
"""The last commit before the redesign."""
RUN_NOW = "from sotto.cli.main import run; run()"
RUN_BEFORE = "from sotto.cli import run; run()"
HTTPX = "from httpx2 import *\n"
"""What older sources import as httpx is installed as httpx2, with the same interface."""


def _has_history() -> bool:
    """Whether the sources are a clone with all its commits."""
    command = ["git", "rev-parse", "--is-shallow-repository"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return found.stdout.strip() == "false"


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not _has_history(), reason="there is no git history"),
]


def extract(folder: Path, *paths: str) -> Path:
    """Write the older sources into a folder."""
    archive = subprocess.run(
        ["git", "archive", BEFORE, *paths], cwd=ROOT, capture_output=True, check=True
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
    return folder


@dataclass
class Person:
    """Somebody who uses one version of the command line, with a profile of their own."""

    name: str
    url: str
    profile: Path
    client: Path
    run: str

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", self.run, "--home", str(self.profile), *arguments]
        environment = {
            **os.environ,
            "PYTHONPATH": str(self.client),
            "SOTTO_SERVER": self.url,
            "SOTTO_PASSWORD": PASSWORD,
        }
        return subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def __call__(self, *arguments: str) -> str:
        """What a command prints that succeeds."""
        process = self.start(*arguments)
        output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, f"{self.name}: sotto {arguments}\n{errors}"
        return output.strip()

    def texts(self, room: str) -> list[str]:
        lines = self("history", room, "--json").splitlines()
        return [json.loads(line)["content"]["body"] for line in lines]


@pytest.fixture(scope="module")
def older(tmp_path_factory) -> Path:
    """The folder of the older client."""
    folder = extract(tmp_path_factory.mktemp("before"), "client") / "client"
    (folder / "httpx.py").write_text(HTTPX)
    return folder


@pytest.fixture
def now(tmp_path):
    return lambda name, url: Person(name, url, tmp_path / name, ROOT / "client", RUN_NOW)


@pytest.fixture
def before(tmp_path, older):
    return lambda name, url: Person(name, url, tmp_path / name, older, RUN_BEFORE)


def converse(host: Person, guest: Person, folder: Path) -> None:
    """Sign up, make a room, join it by a link, send texts and a file both ways, and follow, read
    and search them.
    """
    host("signup", host.name)
    guest("signup", guest.name)
    room = host("create", "Garden", "--topic", "What grows")
    assert guest("join", host("invite", room)) == room
    tail = guest.start("tail", room, "-n", "0", "--json")
    try:
        host("send", room, "pears are ripe")
        assert tail.stdout is not None
        assert json.loads(tail.stdout.readline())["content"]["body"] == "pears are ripe"
    finally:
        tail.send_signal(signal.SIGINT)
        tail.communicate(timeout=60)
    guest("send", room, "plums are not")
    assert host.texts(room) == guest.texts(room) == ["pears are ripe", "plums are not"]
    for person in (host, guest):
        assert "pears are ripe" in person("search", room, "pear")
        assert "plums are not" in person("search", room, "plums", f"from:{guest.name}")
    for seq, (sender, reader) in enumerate(((host, guest), (guest, host)), start=3):
        (folder / f"{sender.name}.txt").write_text(f"from {sender.name}")
        sender("send", room, "see this", "--file", str(folder / f"{sender.name}.txt"))
        got = Path(reader("fetch", room, str(seq), str(folder / f"{reader.name}.got")))
        assert got.read_text() == f"from {sender.name}"


def test_the_older_client_talks_to_the_client_and_site_of_now(server, now, before, tmp_path):
    converse(now("ada.now", server.url), before("ben.before", server.url), tmp_path)


def test_the_client_of_now_joins_a_room_of_the_older_one(server, now, before, tmp_path):
    converse(before("ada.before", server.url), now("ben.now", server.url), tmp_path)


def test_either_version_continues_the_other_s_profile(server, now, before, tmp_path):
    """A profile survives an upgrade, and going back from it."""
    ada, ben = before("ada.upgrade", server.url), before("ben.upgrade", server.url)
    converse(ada, ben, tmp_path)
    room = ada("rooms").split()[0]
    upgraded = now("ada.upgrade", server.url)
    upgraded("send", room, "after the upgrade")
    ada("send", room, "after going back")
    assert upgraded.texts(room) == ben.texts(room)
    assert upgraded.texts(room)[-2:] == ["after the upgrade", "after going back"]
