"""A site that takes new accounts by invitation, and accounts that end, as a program sees them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sotto.api import ApiError
from sotto.client import Client
from tests.client.acting import PASSWORD, run_cli
from tests.live import LiveServer
from tests.vectors.making import cast


@pytest.fixture(scope="module")
def invited_only(tmp_path_factory) -> Iterator[LiveServer]:
    """It lets the first person in while it is open, and is started again."""
    with LiveServer(tmp_path_factory.mktemp("invited") / "data") as running:
        yield running


async def first_link(server: LiveServer) -> str:
    async with Client(server.url) as ada:
        await ada.account.sign_up("ada", PASSWORD, cast()["ada"].keys)
        room = await ada.rooms.create("Garden")
        await ada.messages.send(room, "before you came")
        return await ada.room_admin.invite(room, uses=2)


@pytest.mark.slow
async def test_a_program_signs_up_with_a_link_and_reads(invited_only, tmp_path):
    link = await first_link(invited_only)
    invited_only.stop()
    invited_only.variables["REGISTRATION"] = "invited"
    invited_only.start()
    async with Client(invited_only.url) as ben:
        with pytest.raises(ApiError, match="invitation_needed"):
            await ben.account.sign_up("ben", PASSWORD, cast()["ben"].keys)
        await ben.account.sign_up("Ben", PASSWORD, cast()["ben"].keys, link=link)
        room = await ben.rooms.join(link)
        assert [message.text for message in await ben.messages.history(room)] == ["before you came"]
    url, home = invited_only.url, tmp_path / "cleo"
    code, _, errors = run_cli(url, home, "signup", "cleo")
    assert code == 1
    assert "invitation link" in errors
    code, _, errors = run_cli(url, home, "signup", "cleo", "--link", "-", text=f"{link}\n")
    assert code == 0, errors
    assert run_cli(url, home, "join", link)[0] == 0
    code, _, errors = run_cli(url, tmp_path / "dan", "signup", "dan", "--link", link)
    assert (code, "Ask for a new one" in errors) == (1, True)
    secret = link.partition("#")[2]
    assert secret not in invited_only.log.read_text(), "the server never had it"
