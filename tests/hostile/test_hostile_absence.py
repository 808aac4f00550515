"""Messages that are not there any more: honest ends accuse nobody, and each lie still does."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from messaging.retention import DAY
from sotto.client import Client
from tests.client.acting import PASSWORD
from tests.client.test_expiry import age
from tests.hostile.conftest import Scene
from tests.hostile.server import network
from tests.hostile.victims import sees
from tests.vectors.making import cast

HONEST = ["one", "two", "three"]


async def wrote(scene: Scene, text: str = "mine") -> None:
    await scene.join()
    await sees(scene.victim, scene.id, texts=HONEST)
    await scene.victim.say(scene.id, text)


async def accepts_a_restored_backup(scene: Scene) -> None:
    """What the victim wrote is not in it: the room stops until they accept it."""
    await wrote(scene)
    scene.hostile.rows[scene.id] = (await scene.rows())[:3]
    await scene.restart()
    await sees(scene.victim, scene.id, frozen=True)
    await scene.victim.accepts(scene.id)
    await sees(scene.victim, scene.id, texts=HONEST, frozen=False)


async def returns(scene: Scene, **expected: Any) -> None:
    """The victim comes back, twice, and sees this each time: an alarm too many fails, and so does
    one that is missing.
    """
    for _ in range(2):
        await scene.restart()
        await sees(scene.victim, scene.id, **expected)


def passes(scene: Scene, days: float) -> None:
    """The server's clock says that so many days have gone by."""

    def on_frame(frame: dict[str, Any]) -> list[dict[str, Any]]:
        if type(frame.get("now")) is int:
            frame["now"] += int(days * DAY)
        return [frame]

    def twist(path: str, answer: Any) -> None:
        if type(answer.get("now")) is int:
            answer["now"] += int(days * DAY)

    scene.hostile.on_frame, scene.hostile.twist = on_frame, twist


# --- honest ends ----------------------------------------------------------------------------------


async def test_hostile_alarm_is_silent_when_a_room_is_closed(scene):
    await wrote(scene)
    await scene.ada.room_admin.close(scene.id)
    kept = [] if scene.victim.rereads else [*HONEST, "mine"]
    await returns(scene, texts=kept, frozen=False, lost=False)
    assert not await scene.victim.can_write(scene.id)


async def test_hostile_alarm_is_silent_when_one_was_removed_and_let_in_again(scene):
    await wrote(scene)
    await scene.ada.members.remove(scene.id, scene.victim.uid)
    scene.link = await scene.ada.room_admin.invite(scene.id)
    await scene.join()
    await returns(scene, texts=[*HONEST, "mine"], frozen=False, lost=False)


async def test_hostile_alarm_is_silent_when_messages_are_deleted(scene):
    """By who wrote it, and by the owner."""
    await wrote(scene)
    await scene.ada.messages.delete((await scene.ada.messages.history(scene.id))[-1])
    await returns(scene, texts=HONEST, frozen=False, lost=False)


async def test_hostile_alarm_is_silent_when_messages_expire(scene, server):
    await scene.ada.room_admin.set_policy(scene.id, ttl=2)
    await wrote(scene)
    await scene.ada.messages.send(scene.id, "later")
    age(server, scene.id, 3)
    passes(scene, 3)
    await scene.victim.lives_on(3 * DAY)
    await returns(scene, texts=[], frozen=False, lost=False)


async def test_hostile_alarm_is_silent_when_a_member_leaves_and_ends_their_account(scene):
    async with Client(scene.hostile.upstream, transport=network()) as guest:
        await guest.account.sign_up(f"guest.{secrets.token_hex(4)}", PASSWORD, cast()["cleo"].keys)
        await guest.rooms.join(scene.link)
        await guest.messages.send(scene.id, "bye")
        await scene.join()
        await sees(scene.victim, scene.id, texts=[*HONEST, "bye"])
        await guest.rooms.leave(scene.id)
        await guest.session.api.post("me/delete", {"password": PASSWORD})
    await scene.victim.say(scene.id, "mine")
    await returns(scene, texts=[*HONEST, "bye", "mine"], frozen=False, lost=False)


async def test_hostile_restored_backup_that_was_accepted_is_quiet(scene):
    """It looks the same as a lie, so it stops the room; one act later nothing does."""
    await accepts_a_restored_backup(scene)
    await returns(scene, texts=HONEST, frozen=False, lost=False)


async def test_hostile_alarm_is_silent_when_messages_expire_that_the_server_still_has(scene):
    """It deletes them every hour, and the newest one never."""
    await scene.ada.room_admin.set_policy(scene.id, ttl=2)
    await wrote(scene)
    passes(scene, 3)
    await scene.victim.lives_on(3 * DAY)
    await returns(scene, texts=[], frozen=False, lost=False)


# --- lies -----------------------------------------------------------------------------------------


async def test_hostile_server_only_says_that_the_room_was_closed(scene):
    await wrote(scene)
    scene.hostile.rows[scene.id] = []

    def twist(path: str, answer: Any) -> None:
        for room in [answer, *answer.get("rooms", [])]:
            if room.get("id") == scene.id:
                room["closed"] = True

    scene.hostile.twist = twist
    await scene.restart()
    await sees(scene.victim, scene.id, frozen=True)


async def test_hostile_message_expires_too_early(scene):
    """Kept for thirty days by the rules, dropped at once by the server."""
    await scene.ada.room_admin.set_policy(scene.id, ttl=30)
    await wrote(scene)
    await scene.ada.messages.send(scene.id, "later")
    scene.hostile.rows[scene.id] = (await scene.rows())[4:]
    await scene.restart()
    if scene.victim.rereads:
        await sees(scene.victim, scene.id, frozen=True)
    else:
        await sees(scene.victim, scene.id, texts=[*HONEST, "mine", "later"])


async def test_hostile_server_says_that_years_have_passed(scene):
    """Its clock alone hides nothing, and has nothing deleted."""
    await scene.ada.room_admin.set_policy(scene.id, ttl=2)
    await wrote(scene)
    passes(scene, 900)
    await returns(scene, texts=[*HONEST, "mine"], frozen=False)
    scene.hostile.on_frame, scene.hostile.twist = (
        (lambda frame: [frame]),
        (lambda path, answer: None),
    )
    await returns(scene, texts=[*HONEST, "mine"], frozen=False)


@pytest.mark.core(browser=True)
async def test_hostile_server_takes_back_what_others_said(scene):
    """It is said, nothing stops, and what a browser has kept stays readable."""
    await scene.join()
    await sees(scene.victim, scene.id, texts=HONEST)
    scene.hostile.rows[scene.id] = (await scene.rows())[:1]
    await scene.restart()
    kept = ["one"] if scene.victim.rereads else HONEST
    await sees(scene.victim, scene.id, texts=kept, lost=True, frozen=False)
    await returns(scene, texts=kept, lost=True, frozen=False)


async def test_hostile_server_takes_back_what_others_said_while_one_reads(scene):
    await scene.join()
    await sees(scene.victim, scene.id, texts=HONEST)
    scene.hostile.rows[scene.id] = (await scene.rows())[:1]
    heads = {scene.id: {"msg": 1, "log": (await scene.room()).state.seq, "read": 0, "unread": 0}}
    await scene.hostile.push({"type": "pong", "heads": heads, "now": scene.ada.session.clock.now()})
    kept = ["one"] if scene.victim.rereads else HONEST
    await sees(scene.victim, scene.id, texts=kept, lost=True, frozen=False)
