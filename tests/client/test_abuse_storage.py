"""A program that meets the limits of storage: it hears why, and goes on once there is room."""

from __future__ import annotations

import pytest

from sotto.api import ApiError
from sotto.client import Client
from tests.client.acting import PASSWORD
from tests.live import LiveServer
from tests.vectors.making import cast


@pytest.mark.slow
async def test_abuse_a_message_above_the_budget_is_refused_and_deleting_makes_room(tmp_path):
    with LiveServer(tmp_path / "data", STORAGE_PER_PERSON="100000") as small:
        async with Client(small.url) as ada:
            await ada.account.sign_up("ada.full", PASSWORD, cast()["ada"].keys)
            room = await ada.rooms.create("Small")
            await ada.messages.send(room, "x" * 40_000)  # padded to 64 KiB
            with pytest.raises(ApiError, match="quota") as refused:
                await ada.messages.send(room, "y" * 40_000)
            assert "delete messages or files" in refused.value.detail
            [first] = await ada.messages.history(room)
            await ada.messages.delete(first)
            await ada.messages.send(room, "y" * 40_000)
            assert [one.text for one in await ada.messages.history(room) if one.text] == [
                "y" * 40_000
            ]
            with pytest.raises(ApiError, match="quota"):
                await ada.files.send(room, bytes(40_000), name="a.bin")


@pytest.mark.slow
async def test_abuse_below_the_floor_of_free_disk_a_program_hears_why(tmp_path):
    with LiveServer(tmp_path / "data", DISK_FLOOR="1000TiB") as full:
        async with Client(full.url) as ada:
            await ada.account.sign_up("ada.floor", PASSWORD, cast()["ada"].keys)
            with pytest.raises(ApiError, match="storage") as refused:
                await ada.rooms.create("Small")
            assert (refused.value.status, refused.value.extra["retry_after"]) == (503, 60)
            assert await ada.rooms.overview() == []
