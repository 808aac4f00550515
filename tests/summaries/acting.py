"""A conversation to be summarised."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sotto.client import Client
from tests.client.acting import room_of_two

SAID = (
    ("ada", "The tomato seedlings need to go out this weekend, before the heat comes."),
    ("ben", "ok"),
    ("ada", "Who can bring the compost and the watering cans on Saturday morning?"),
    ("ben", "I bring the compost on Saturday at nine, but I have no watering cans."),
    ("ada", "Then I bring the watering cans. We meet at the gate at nine."),
    ("ben", "thanks"),
    ("ada", "The council wants the shed painted before June, we should decide on the colour."),
    ("ben", "Green for the shed, like the fence."),
)


@dataclass
class Talk:
    ada: Client
    ben: Client
    room: str


async def talk(sign_up, said: Sequence[tuple[str, str]] = SAID, **policy) -> Talk:
    policy = {"ai": "ask", **policy}
    ada, ben, room = await room_of_two(sign_up, secrets.token_hex(4), **policy)
    for who, text in said:
        await (ada if who == "ada" else ben).messages.send(room, text)
    return Talk(ada, ben, room)
