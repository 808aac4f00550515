"""Messages that change others: replies, edits, deletions, reactions, pins and polls."""

from __future__ import annotations

import pytest

from sotto.api import ApiError
from tests.client.acting import room_of_two


async def texts(client, room: str) -> list[str]:
    return [message.line for message in await client.messages.history(room)]


async def test_a_reply_names_what_it_answers(sign_up):
    ada, ben, room = await room_of_two(sign_up, "reply")
    await ada.messages.send(room, "who waters on sunday?")
    (asked,) = await ben.messages.history(room)
    await ben.messages.send(room, "I do", re=asked)
    assert (await ada.messages.history(room))[1].reply_to == asked.seq


async def test_an_edit_takes_the_place_of_the_text(sign_up):
    ada, ben, room = await room_of_two(sign_up, "edit")
    await ada.messages.send(room, "tomatos")
    (first,) = await ada.messages.history(room)
    await ada.messages.edit(first, "tomatoes")
    (seen,) = await ben.messages.history(room)
    assert (seen.text, seen.edited, seen.seq) == ("tomatoes", True, first.seq)


async def test_nobody_edits_the_text_of_another(sign_up):
    ada, ben, room = await room_of_two(sign_up, "forge")
    await ada.messages.send(room, "mine")
    (first,) = await ben.messages.history(room)
    await ben.messages.edit(first, "yours")
    assert await texts(ada, room) == ["mine"]


async def test_a_deletion_takes_text_and_edits_from_the_server(sign_up):
    ada, ben, room = await room_of_two(sign_up, "delete")
    cleo = await sign_up("cleo", "cleo.delete")
    await ada.messages.send(room, "secret")
    (first,) = await ada.messages.history(room)
    await ada.messages.edit(first, "secreter")
    await ben.messages.send(room, "noted")
    await ada.messages.delete((await ada.messages.history(room))[0])
    assert await texts(ben, room) == ["(deleted)", "noted"]
    await cleo.rooms.join(await ada.room_admin.invite(room))
    late = await cleo.messages.history(room)
    assert [(message.status, message.missing) for message in late] == [
        ("deleted", False),
        ("ok", False),
    ]
    rows = (await cleo.rooms.open(room)).rows
    assert [seq for seq, row in rows.items() if "ct" not in row] == [1, 2]


async def test_a_moderator_deletes_what_others_wrote_and_a_member_does_not(sign_up):
    ada, ben, room = await room_of_two(sign_up, "moderate")
    await ben.messages.send(room, "rude")
    await ada.messages.send(room, "polite")
    rude, polite = await ada.messages.history(room)
    with pytest.raises(ApiError, match="bad_erase"):
        await ben.messages.delete(polite)
    await ada.messages.delete(rude)
    assert await texts(ben, room) == ["(deleted)", "polite"]


async def test_reactions_and_pins_come_and_go(sign_up):
    ada, ben, room = await room_of_two(sign_up, "react")
    await ada.messages.send(room, "rain!")
    (first,) = await ben.messages.history(room)
    for client in (ada, ben):
        await client.messages.react(first, "🌧")
    await ben.messages.react(first, "🎉")
    await ada.messages.pin(first)
    (seen,) = await ada.messages.history(room)
    assert dict(seen.reactions) == {"🌧": (ada.me.uid, ben.me.uid), "🎉": (ben.me.uid,)}
    assert seen.pinned
    await ben.messages.react(first, "🎉", on=False)
    await ben.messages.pin(first, on=False)
    (seen,) = await ada.messages.history(room)
    assert dict(seen.reactions) == {"🌧": (ada.me.uid, ben.me.uid)}
    assert not seen.pinned


async def test_of_votes_the_last_one_counts_and_only_if_it_fits(sign_up):
    ada, ben, room = await room_of_two(sign_up, "poll")
    await ada.messages.poll(room, "When?", ["monday", "tuesday"])
    (poll,) = await ben.messages.history(room)
    await ben.messages.vote(poll, 0)
    await ben.messages.vote(poll, 1)
    await ben.messages.vote(poll, 0, 1)
    await ada.messages.vote(poll, 7)
    (seen,) = await ada.messages.history(room)
    assert dict(seen.votes) == {ben.me.uid: (1,)}


async def test_a_server_that_goes_away_while_the_log_is_read_costs_a_message_only_time(
    sign_up, monkeypatch
):
    ada, ben, room = await room_of_two(sign_up, "log.away")
    sender, logbook = ada.session.manager.senders[room], ada.session.manager.log_api
    monkeypatch.setattr("sotto.sender.PAUSE", 0.01)

    async def stale(cid, frame):
        monkeypatch.setattr(sender, "ask", ask)
        return {
            "type": "error",
            "code": "stale",
            "detail": "The room has changed. Load what is new and try again.",
        }

    async def away(found):
        monkeypatch.setattr(logbook, "sync", sync)
        raise ApiError("unavailable", "The server cannot be reached.")

    ask, sync = sender.ask, logbook.sync
    monkeypatch.setattr(sender, "ask", stale)
    monkeypatch.setattr(logbook, "sync", away)
    assert await ada.messages.send(room, "still here") == 1
    assert logbook.sync is not away
    assert await texts(ben, room) == ["still here"]


async def test_a_message_that_was_stored_by_whoever_did_not_live_to_say_so_is_there_once(
    sign_up, monkeypatch
):
    ada, ben, room = await room_of_two(sign_up, "untold")
    sender = ada.session.manager.senders[room]
    ask = sender.ask

    async def stored_and_denied(cid, frame):
        monkeypatch.setattr(sender, "ask", ask)
        assert (await ask(cid, frame))["type"] == "ack"
        return {
            "type": "error",
            "code": "stale",
            "detail": "The room has changed. Load what is new and try again.",
        }

    monkeypatch.setattr(sender, "ask", stored_and_denied)
    assert await ada.messages.send(room, "once") == 1
    assert await ada.messages.send(room, "and on") == 2
    assert await texts(ben, room) == await texts(ada, room) == ["once", "and on"]


async def test_an_answer_that_comes_late_is_for_the_sealing_that_it_names(sign_up, monkeypatch):
    ada, ben, room = await room_of_two(sign_up, "answered.late")
    sender = ada.session.manager.senders[room]
    ask = sender.ask
    late: list[dict[str, object]] = []

    async def denied_then_late(cid, frame):
        if not late:
            late.append(await ask(cid, frame))
            return {
                "type": "error",
                "code": "stale",
                "detail": "The room has changed. Load what is new and try again.",
            }
        return late[0]

    monkeypatch.setattr(sender, "ask", denied_then_late)
    assert await ada.messages.send(room, "once") == 1
    monkeypatch.setattr(sender, "ask", ask)
    assert await ada.messages.send(room, "and on") == 2
    assert await texts(ben, room) == await texts(ada, room) == ["once", "and on"]
