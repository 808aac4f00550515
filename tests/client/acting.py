"""What people do in the client's tests."""

from __future__ import annotations

import asyncio
import io
import itertools
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from sotto.cli.main import main
from sotto.client import Client
from sotto.protocol import identity
from sotto.protocol.encoding import b64
from sotto.protocol.identity import Keys
from sotto.protocol.report import report_key_id
from tests.live import ROOT
from tests.vectors.making import cast

PASSWORD = "correct horse battery staple"
DONE, REFUSED, USAGE, NETWORK, SECURITY = 0, 1, 2, 3, 4  # exit codes


async def heard(client: Client, many: int = 1, *, within: float = 15) -> list[str]:
    """The texts of the next messages."""
    found = []
    async with asyncio.timeout(within):
        async for message in client.messages.receive():
            assert message.status == "ok", message
            assert not message.missing
            assert not message.other_view
            found.append(message.text)
            if len(found) == many:
                break
    return found


async def room_of_two(sign_up, tag: str, **policy) -> tuple[Client, Client, str]:
    ada, ben = await sign_up("ada", f"ada.{tag}"), await sign_up("ben", f"ben.{tag}")
    room = await ada.rooms.create("Garden", "What grows", **policy)
    link = await ada.room_admin.invite(room)
    assert await ben.rooms.join(link) == room
    return ada, ben, room


def publish_report_key(database: Path, keys: Keys, at: str = "2026-01-01 00:00:00") -> str:
    """Make a person's RSA key the site's report key, as an administrator's browser does; its id."""
    spki = b64(keys.spki)
    rk = report_key_id(spki)
    with sqlite3.connect(database, timeout=30) as db:
        db.execute(
            "INSERT OR IGNORE INTO report_keys (key_hash, spki, maker, made_at) "
            "VALUES (?, ?, '', ?)",
            (rk, spki, at),
        )
    return rk


async def until(true, within: float = 10) -> None:
    """Wait for what others do in their own time."""
    async with asyncio.timeout(within):
        while not await true():  # noqa: ASYNC110 (others are programs of their own)
            await asyncio.sleep(0.05)


def cli_command(home: Path, *arguments: str) -> list[str]:
    return [
        sys.executable,
        "-c",
        "from sotto.cli.main import run; run()",
        "--home",
        str(home),
        *arguments,
    ]


def cli_variables(url: str) -> dict[str, str]:
    return {"SOTTO_SERVER": url, "SOTTO_PASSWORD": PASSWORD}


def cli_environment(url: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "client"), **cli_variables(url)}


@cache
def rsa_keys() -> Iterator[RSAPrivateKey]:
    """The cast's RSA keys, again and again."""
    return itertools.cycle([person.keys.rsa for person in cast().values()])


def call_cli(url: str, home: Path, *arguments: str, text: str = "") -> tuple[int, str, str]:
    """(exit code, output, errors) of a command, run in this process by what the console script
    calls: starting a program takes longer than most commands do. New accounts get the cast's RSA
    keys in turn, because making one takes as long.
    """
    output, errors = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(output), redirect_stderr(errors):
        patch.setattr(sys, "stdin", io.StringIO(text))
        patch.setattr(identity, "generate_private_key", lambda *_: next(rsa_keys()))
        for variable, value in cli_variables(url).items():
            patch.setenv(variable, value)
        try:
            code = main(["--home", str(home), *arguments])
        except SystemExit as ended:  # argparse refuses the arguments
            code = int(ended.code or 0)
    return code, output.getvalue(), errors.getvalue()


def run_cli(url: str, home: Path, *arguments: str, text: str = "") -> tuple[int, str, str]:
    """(exit code, output, errors) of a command, run as a program of its own."""
    done = subprocess.run(
        cli_command(home, *arguments),
        env=cli_environment(url),
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr
