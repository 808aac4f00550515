"""The package as people install it, and what its README promises."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest

from tests.client.acting import PASSWORD, heard
from tests.live import ROOT

CLIENT = ROOT / "client"
README = (CLIENT / "README.md").read_text()
PROJECT = tomllib.loads((CLIENT / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The bin of a fresh environment with the package in it. Its dependencies are the ones that
    the tests have, so nothing is fetched.
    """
    place = tmp_path_factory.mktemp("fresh")
    source = place / "client"
    # A copy: building leaves things beside the source.
    subprocess.run(["cp", "-r", CLIENT, source], check=True)
    subprocess.run(
        ["find", source, "-name", "__pycache__", "-exec", "rm", "-r", "{}", "+"], check=True
    )
    venv.create(place / "venv", with_pip=False)
    site = next((place / "venv" / "lib").glob("python3*/site-packages"))
    (site / "borrowed.pth").write_text(next(p for p in sys.path if p.endswith("site-packages")))
    python = place / "venv" / "bin" / "python"
    subprocess.run(
        [
            *(python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"),
            *("--disable-pip-version-check", "--no-build-isolation", source),
        ],
        check=True,
        env=os.environ | {"PYTHONPATH": ""},
    )
    return python.parent


def outside(command: list[str | Path], cwd: Path, **environment: str) -> str:
    """What a command prints that knows nothing of this repository."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": "", **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout


def modules(package: Path) -> set[str]:
    """The package's modules, as paths below it."""
    return {path.relative_to(package).as_posix() for path in package.rglob("*.py")}


@pytest.mark.slow
def test_it_installs_with_its_command_and_its_types(installed, tmp_path):
    assert "check-export" in outside([installed / "sotto", "--help"], tmp_path)
    version = PROJECT["project"]["version"]
    assert outside([installed / "sotto", "--version"], tmp_path) == f"sotto {version}\n"
    code = "import sotto, pathlib; print(pathlib.Path(sotto.__file__).parent)"
    where = Path(outside([installed / "python", "-c", code], tmp_path).strip())
    assert where.is_relative_to(installed.parent)
    assert (where / "py.typed").exists()
    assert modules(where) == modules(CLIENT / "sotto")


def test_its_dependencies_are_the_ones_it_imports():
    names = {re.split(r"[<>=~[]", text)[0] for text in PROJECT["project"]["dependencies"]}
    source = "\n".join(path.read_text() for path in (CLIENT / "sotto").rglob("*.py"))
    imported = set(re.findall(r"^\s*(?:from|import) ([a-z0-9_]+)", source, re.M))
    assert imported - set(sys.stdlib_module_names) - {"sotto"} == names
    told = re.search(r"^That brings (.*), and nothing else", README, re.M)
    assert told
    assert set(re.findall(r"`(.+?)`", told[1])) == names


@pytest.mark.slow
def test_the_readme_knows_every_command(installed, tmp_path):
    listed = set(re.findall(r"^\| `([a-z-]+)[ `]", README, re.M))
    usage = outside([installed / "sotto", "--help"], tmp_path)
    known = set(re.findall(r"^    ([a-z][a-z-]+)", usage, re.M))
    assert listed == known


@pytest.mark.slow
async def test_the_readmes_bot_answers_in_an_encrypted_room(installed, tmp_path, sign_up, server):
    bot = next(code for code in re.findall(r"```python\n(.*?)```", README, re.S) if "main(" in code)
    assert len([line for line in bot.splitlines() if line.strip()]) <= 20
    (tmp_path / "bot.py").write_text(bot)
    ada = await sign_up("ada", "ada.bot")
    room = await ada.rooms.create("Bots")
    link = await ada.room_admin.invite(room)
    running = subprocess.Popen(  # noqa: ASYNC220 (a program of its own)
        [installed / "python", "bot.py", server.url, link],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": "", "BOT_NAME": "echo.bot", "BOT_PASSWORD": PASSWORD},
    )
    try:
        while len((await ada.rooms.open(room)).state.members) < 2:
            assert running.poll() is None
        await ada.messages.send(room, "!echo is anybody here?")
        assert await heard(ada, 2) == ["!echo is anybody here?", "is anybody here?"]
        assert (await ada.messages.history(room))[1].reply_to == 1
    finally:
        running.terminate()
        running.wait(timeout=10)
