"""Unread messages as a program counts them: those of others."""

from __future__ import annotations

from tests.client.acting import room_of_two


async def test_own_messages_of_another_program_are_not_unread(sign_up):
    ada, ben, room = await room_of_two(sign_up, "unread")
    for client, text in ((ada, "one"), (ben, "two"), (ada, "three"), (ada, "four")):
        await client.messages.send(room, text)
    served = {item["id"]: item["unread"] for item in await ada.rooms.overview()}
    assert served[room] == 4
    assert (await ada.rooms.unread())[room] == 1
    assert (await ben.rooms.unread())[room] == 3
    await ben.session.api.put(f"blocks/{ada.session.me.uid}", {})
    assert (await ben.rooms.unread())[room] == 0
