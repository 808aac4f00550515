"""A crowd who all write at once while something breaks, and what must be true afterwards."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from sotto.client import Client
from sotto.room import Message
from tests.client.acting import PASSWORD
from tests.vectors.making import cast

CLIENTS = 20
EACH = int(os.environ.get("SOTTO_STORM", "100"))  # messages of each, where tests take long
WITHIN = 900  # seconds, for a thousand messages on a busy machine

Trouble = Callable[[], Awaitable[object]]


@asynccontextmanager
async def crowd(
    urls: Sequence[str], many: int = CLIENTS
) -> AsyncIterator[tuple[list[Client], str]]:
    """So many people in one room, spread over the site's processes."""
    keys = [person.keys for person in cast().values()]
    async with AsyncExitStack() as stack:
        people = []
        for n in range(many):
            client = await stack.enter_async_context(Client(urls[n % len(urls)]))
            name = f"p{n}.{secrets.token_hex(4)}"
            await client.account.sign_up(name, PASSWORD, keys[n % len(keys)])
            people.append(client)
        owner, *others = people
        room = await owner.rooms.create("Storm")
        link = await owner.room_admin.invite(room, uses=many)
        for client in others:
            await client.rooms.join(link)
        yield people, room


async def storm(urls: Sequence[str], each: int, *troubles: Trouble, many: int = CLIENTS) -> None:
    """`many` people send `each` messages; the troubles come one after the other, evenly spread."""
    patience = WITHIN * max(1, each * many // 1000)
    async with asyncio.timeout(patience), crowd(urls, many) as (people, room):
        acknowledged: dict[int, str] = {}
        talking = [
            asyncio.create_task(_talk(who, client, room, each, acknowledged))
            for who, client in enumerate(people)
        ]
        total = each * many
        for at, trouble in enumerate(troubles, 1):
            while len(acknowledged) < total * at / (len(troubles) + 1):
                await asyncio.sleep(0.02)
                for task in talking:
                    if task.done():
                        task.result()  # or what it failed with
            await trouble()
        await asyncio.gather(*talking)
        await _agree(people, room, acknowledged, each)


async def _talk(
    who: int, client: Client, room: str, each: int, acknowledged: dict[int, str]
) -> None:
    for n in range(each):
        text = f"{who}:{n}"
        seq = await client.messages.send(room, text)
        assert seq not in acknowledged, "one number was given twice"
        acknowledged[seq] = text


async def _agree(
    people: Sequence[Client], room: str, acknowledged: dict[int, str], each: int
) -> None:
    total = each * len(people)
    histories = [await _caught_up(client, room, total) for client in people]
    first = [(line.seq, line.text) for line in histories[0]]
    assert [seq for seq, _ in first] == list(range(1, total + 1)), "contiguous, nothing doubled"
    assert dict(first) == acknowledged, "what was acknowledged is there, as it was"
    assert sorted(text for _, text in first) == sorted(
        f"{who}:{n}" for who in range(len(people)) for n in range(each)
    ), "each was sent once"
    for history in histories[1:]:
        assert [(line.seq, line.text) for line in history] == first, "one order for all"
    assert {line.status for history in histories for line in history} == {"ok"}
    assert not any(line.missing for history in histories for line in history)


async def _caught_up(client: Client, room: str, total: int) -> list[Message]:
    """What a client shows once it has heard of everything: a lost event costs it a moment."""
    while len(found := await client.messages.history(room)) < total:  # noqa: ASYNC110
        await asyncio.sleep(0.2)
    return found
