"""A web process that is killed again and again while people write."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from tests.faults.storm import EACH, storm
from tests.live import LiveServer


async def killed(server: LiveServer) -> None:
    await asyncio.to_thread(server.stop, signal.SIGKILL)
    await asyncio.to_thread(server.start)


@pytest.mark.parametrize(
    ("many", "each", "kills"),
    [(4, 8, 2), pytest.param(20, EACH, 20, marks=pytest.mark.slow, id="slow")],
)
async def test_fault_killed_process_loses_and_doubles_nothing(
    tmp_path: Path, many: int, each: int, kills: int
):
    with LiveServer(tmp_path / "data", LOG_LEVEL="INFO") as server:
        await storm([server.url], each, *[lambda: killed(server)] * kills, many=many)
