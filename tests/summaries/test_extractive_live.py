"""A summary on the embedded worker, from the request to what the other members read."""

from __future__ import annotations

import re

import pytest

from sotto.api import ApiError
from tests.client.acting import PASSWORD
from tests.summaries.acting import SAID, talk


async def test_a_summary_is_made_shared_and_read_by_the_others(garden):
    steps: list[tuple[int, int]] = []
    made = await garden.ada.summaries.request(garden.room, progress=lambda *at: steps.append(at))
    assert made.model == "extractive-3"
    assert (made.first, made.last) == (1, len(SAID))
    picked = [
        re.sub("^- (?:→ )?#[0-9]+ [^ ]+ ", "- ", line)
        for line in made.text.splitlines()
        if not line.startswith("## ")
    ]
    asked = [int(seq) for seq in re.findall("^- #([0-9]+) ", made.text, re.M)]
    said = [f"- {garden_name(garden, who)}: {text}" for who, text in SAID]
    assert 3 <= len(picked) <= 10
    assert all(any(line == one for one in said) for line in picked), "as they were written"
    assert asked == sorted(asked), "in their order, but for answers"
    assert not any(one.endswith((": ok", ": thanks")) for one in picked)
    [read] = await garden.ben.summaries.shared(garden.room)
    assert (read.text, read.by, read.first) == (made.text, garden.ada.me.name, 1)


def garden_name(garden, who: str) -> str:
    return (garden.ada if who == "ada" else garden.ben).me.name


async def test_the_log_says_who_asked_and_for_what(garden):
    await garden.ada.summaries.request(garden.room, 3, 6)
    room = await garden.ben.rooms.open(garden.room)
    told = [event for event in room.events if '"t":"disclose"' in event["event"]]
    assert len(told) == 1
    assert f'"by":"{garden.ada.me.uid}"' in told[0]["event"]
    assert '"from":3,"to":6' in told[0]["event"]


async def test_nothing_is_kept_of_a_request_that_was_taken(garden):
    await garden.ada.summaries.request(garden.room)
    kept = await garden.ada.session.api.get(f"chatrooms/{garden.room}/summary")
    assert kept["requests"] == []
    assert kept["worker"]["engine"] == "extractive"
    assert kept["worker"]["embedded"] is True


async def test_erasing_a_message_erases_the_summaries_over_it(garden):
    await garden.ada.summaries.request(garden.room, 1, 4)
    await garden.ada.summaries.request(garden.room, 5, 8)
    [*_, second, _] = await garden.ada.messages.history(garden.room)
    assert second.seq == 7
    await garden.ada.messages.delete(second)
    left = await until_one(garden)
    assert (left.first, left.last) == (1, 4)


async def until_one(garden):
    import asyncio

    async with asyncio.timeout(10):
        while True:
            left = await garden.ben.summaries.shared(garden.room)
            if len(left) == 1:
                return left[0]
            await asyncio.sleep(0.05)


async def test_a_room_whose_rules_allow_none_has_none(sign_up):
    here = await talk(sign_up, ai="off")
    with pytest.raises(ApiError, match="forbidden"):
        await here.ada.summaries.request(here.room)


async def test_another_worker_than_the_one_expected_gets_nothing(garden):
    with pytest.raises(ApiError, match="other_worker"):
        await garden.ada.summaries.request(garden.room, worker="A" * 43)


async def test_who_joined_later_without_the_keys_reads_no_earlier_summary(sign_up):
    here = await talk(sign_up, history="join")
    await here.ada.summaries.request(here.room)
    cleo = await sign_up("cleo", f"cleo.{here.room[:8]}")
    assert await cleo.rooms.join(await here.ada.room_admin.invite(here.room)) == here.room
    assert await cleo.summaries.shared(here.room) == []
    assert len(await here.ben.summaries.shared(here.room)) == 1


@pytest.mark.slow
async def test_the_command_line_summarises(garden, server, tmp_path):
    from tests.client.acting import run_cli

    tag = garden.room[:8]
    home = tmp_path / "cleo"
    cli = [str(n) for n in ("signup", f"cli.{tag}", "--kit", tmp_path / "kit")]
    assert run_cli(server.url, home, *cli, text=f"{PASSWORD}\n{PASSWORD}\n")[0] == 0
    link = await garden.ada.room_admin.invite(garden.room)
    assert run_cli(server.url, home, "join", link)[0] == 0
    code, out, errors = run_cli(server.url, home, "summary", garden.room)
    assert (code, errors) == (0, "")
    assert out.startswith("## ")  # when that was, then a line of each message that is picked
    code, again, _ = run_cli(server.url, home, "summary", garden.room, "--shared")
    assert code == 0
    assert out.strip() in again
