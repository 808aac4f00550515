"""Sending without reading the room first, and what a profile's checkpoint does not let pass."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from sotto.cli.context import find_message
from sotto.cli.terminal import UsageError
from sotto.client import Client
from sotto.profile.checkpoint import read_state, write_state
from sotto.profile.profile_dir import ProfileDir
from sotto.protocol.encoding import strict_json
from sotto.protocol.identity import open_identity
from sotto.protocol.log import extend_log
from sotto.room_errors import Frozen
from tests.client.acting import PASSWORD, heard
from tests.vectors.making import cast

MANY = 12
VECTORS = Path(__file__).parent.parent / "vectors"


class Network(httpx2.AsyncHTTPTransport):
    """The network. It notes what is asked for; `twist(path, answer)` may change what comes back."""

    def __init__(self, twist: Callable[[str, Any], None] = lambda path, answer: None) -> None:
        super().__init__()
        self._twist = twist
        self.asked: list[tuple[str, dict[str, str]]] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        path = request.url.path
        self.asked.append((path.rsplit("/", 1)[1], dict(request.url.params)))
        raw = await response.aread()
        if response.is_success and raw:
            answer = json.loads(raw)
            self._twist(path, answer)
            raw = json.dumps(answer).encode()
        return httpx2.Response(response.status_code, content=raw, request=request)

    def queries(self, path: str) -> list[dict[str, str]]:
        return [query for name, query in self.asked if name == path]


@pytest.fixture
def home(tmp_path):
    return ProfileDir(tmp_path / "ada")


@pytest.fixture
async def garden(sign_up, server, home):
    """(room, ben): ada's profile has read and written MANY messages there, and ended."""

    async def make(tag: str, *, last_of: str = "ada") -> tuple[str, Client]:
        ben = await sign_up("ben", f"ben.run.{tag}")
        async with Client(server.url, profile_dir=home) as ada:
            await ada.account.sign_up(f"ada.run.{tag}", PASSWORD, cast()["ada"].keys)
            room = await ada.rooms.create("Garden")
            await ben.rooms.join(await ada.room_admin.invite(room))
            for number in range(1, MANY):
                await (ben, ada)[number % 2].messages.send(room, str(number))
            await (ada if last_of == "ada" else ben).messages.send(room, str(MANY))
            await ada.messages.history(room)
        return room, ben

    return make


@pytest.fixture
def next_run(server, home):
    """ada's profile in the next run of a program, over a network."""

    def run(network: Network) -> Client:
        return Client(server.url, profile_dir=ProfileDir(home.path), transport=network)

    return run


async def texts(client: Client, room: str) -> list[str]:
    history = await client.messages.history(room)
    assert not [one for one in history if one.missing or one.other_view or one.status != "ok"]
    return [one.text for one in history]


async def test_a_name_that_changed_between_runs_is_the_new_one(garden, next_run, server):
    room, _ = await garden("renamed")
    async with Client(server.url) as elsewhere:
        await elsewhere.account.log_in("ada.run.renamed", PASSWORD, cast()["ada"].keys)
        await elsewhere.room_admin.set_profile(room, "Orchard")
    async with next_run(Network()) as ada:
        await ada.account.resume()
        assert (await ada.session.manager.load(room)).name == "Orchard"


async def test_sending_reads_neither_the_messages_nor_the_log_from_their_beginning(
    garden, next_run
):
    room, ben = await garden("quick")
    network = Network()
    async with next_run(network) as ada:
        await ada.account.resume()
        assert await ada.messages.send(room, "more") == MANY + 1
        found = await ada.session.manager.load(room)
        assert (found.messages, found.highest[0] >= MANY, found.name) == ([], True, "Garden")
    assert [query["limit"] for query in network.queries("messages")] == ["1"]
    assert [int(query["after"]) > 0 for query in network.queries("log")] == [True]
    assert not network.queries("keys")
    assert (await texts(ben, room))[-1] == "more"


async def test_edit_react_and_pin_read_the_message_that_they_change_and_no_other(garden, next_run):
    room, ben = await garden("change")
    network = Network()
    async with next_run(network) as ada:
        await ada.account.resume()
        loaded = await ada.session.manager.load(room)
        mine, theirs = [await find_message(ada, loaded, seq) for seq in (3, 4)]
        uid = ada.me.uid
        await ada.messages.edit(mine, "third")
        await ada.messages.react(theirs, "🌧")
        await ada.messages.pin(theirs)
        with pytest.raises(UsageError):
            await find_message(ada, loaded, MANY + 99)
    asked = network.queries("messages")
    assert {query["limit"] for query in asked} == {"1"}
    assert len(asked) < MANY
    history = {one.seq: one for one in await ben.messages.history(room)}
    assert (history[3].text, history[3].edited) == ("third", True)
    assert (dict(history[4].reactions), history[4].pinned) == ({"🌧": (uid,)}, True)


async def test_a_message_that_does_not_verify_is_not_changed(garden, next_run):
    room, _ = await garden("forged")

    def swap(path: str, answer: Any) -> None:
        if path.endswith("/messages"):
            for row in answer["messages"]:
                row["sig"] = "A" * 86 if row["seq"] == 4 else row["sig"]

    async with next_run(Network(swap)) as ada:
        await ada.account.resume()
        loaded = await ada.session.manager.load(room)
        with pytest.raises(UsageError):
            await find_message(ada, loaded, 4)


async def test_what_was_sent_names_the_newest_message_of_the_room(garden, next_run):
    room, ben = await garden("newest")
    await ben.messages.send(room, "what ada has not seen")
    async with next_run(Network()) as ada:
        await ada.account.resume()
        seq = await ada.messages.send(room, "more")
    found = await ben.rooms.open(room)
    assert json.loads(found.rows[seq]["h"])["sh"][0] == seq - 1
    assert (await texts(ben, room))[-1] == "more"


async def test_an_answer_to_what_was_sent_is_received(garden, next_run):
    room, ben = await garden("answer")
    async with next_run(Network()) as ada:
        await ada.account.resume()
        await ada.messages.send(room, "a question")
        await ben.messages.send(room, "an answer")
        assert await heard(ada, 2) == ["a question", "an answer"]


def shorter(path: str, answer: Any) -> None:
    """The server has lost the newest message."""
    if path.endswith("/messages"):
        answer["messages"] = [row for row in answer["messages"] if row["seq"] < MANY]
        answer["head"] = MANY - 1
        if answer["around"] is not None:
            answer["around"] = min(answer["around"], MANY - 1)


def replaced(path: str, answer: Any) -> None:
    """The server has another message in the place of the newest one."""
    for row in answer.get("messages", []) if path.endswith("/messages") else []:
        if row["seq"] == MANY:
            row["iv"] = "A" * 16


def without(path: str, answer: Any) -> None:
    """The server says nothing of the newest message and claims a later one."""
    if path.endswith("/messages"):
        answer["messages"] = [row for row in answer["messages"] if row["seq"] != MANY]


@pytest.mark.parametrize("twist", [shorter, replaced, without])
async def test_an_own_message_that_is_gone_freezes_before_anything_is_sent(garden, next_run, twist):
    room, ben = await garden(f"own.{twist.__name__}")
    async with next_run(Network(twist)) as ada:
        await ada.account.resume()
        with pytest.raises(Frozen):
            await ada.messages.send(room, "never sent")
        with pytest.raises(Frozen):
            await ada.messages.send(room, "never sent either")
    assert (await texts(ben, room))[-1] == str(MANY)


@pytest.mark.parametrize("twist", [shorter, replaced, without])
async def test_a_message_of_others_that_is_gone_is_said(garden, next_run, twist):
    room, _ = await garden(f"other.{twist.__name__}", last_of="ben")
    async with next_run(Network(twist)) as ada:
        await ada.account.resume()
        await ada.messages.send(room, "more")
        assert (await ada.session.manager.load(room)).lost_count == 1


def shorter_log(path: str, answer: Any) -> None:
    if path.endswith("/log"):
        answer["events"], answer["head"] = [], [1, "A" * 43]


def other_log(path: str, answer: Any) -> None:
    """A log as long as the one that was verified, and another."""
    if path.endswith("/log"):
        answer["head"] = [answer["head"][0], "A" * 43]


@pytest.mark.parametrize("twist", [shorter_log, other_log])
async def test_a_log_that_does_not_continue_the_checkpoint_freezes(garden, next_run, twist):
    room, _ = await garden(f"log.{twist.__name__.replace('_', '.')}")
    async with next_run(Network(twist)) as ada:
        await ada.account.resume()
        with pytest.raises(Frozen, match="a log that"):
            await ada.messages.send(room, "never sent")


async def test_events_behind_the_checkpoint_are_those_of_its_own_log(garden, next_run, server):
    room, ben = await garden("fork")
    other = await ben.rooms.create("Elsewhere")
    log = await ben.session.api.get(f"chatrooms/{other}/log", after=-1)

    def forked(path: str, answer: Any) -> None:
        if path.endswith("/log"):
            answer["events"] = log["events"][1:]
            answer["head"] = [answer["head"][0] + len(answer["events"]), "A" * 43]

    async with next_run(Network(forked)) as ada:
        await ada.account.resume()
        with pytest.raises(Frozen):
            await ada.messages.send(room, "never sent")


def emptied(text: str) -> str:
    return ""


def cut(text: str) -> str:
    return text[: len(text) // 2]


def of_nothing(text: str) -> str:
    return "{}"


def flipped(text: str) -> str:
    at = len(text) // 2
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]


@pytest.mark.parametrize("damage", [emptied, cut, of_nothing, flipped])
async def test_a_damaged_checkpoint_costs_time_and_nothing_else(garden, next_run, home, damage):
    room, ben = await garden(f"damaged.{damage.__name__.replace('_', '.')}")
    file = home.path / "logs" / f"{room}.json"
    file.write_text(damage(file.read_text()))
    network = Network()
    async with next_run(network) as ada:
        await ada.account.resume()
        await ada.messages.send(room, "more")
    assert [query["after"] for query in network.queries("log")] == ["-1"]
    assert (await texts(ben, room))[-1] == "more"
    file.write_text(damage(file.read_text()))
    async with next_run(Network(shorter_log)) as ada:
        await ada.account.resume()
        with pytest.raises(Frozen):  # the newest event is on record elsewhere, too
            await ada.messages.send(room, "never sent")


async def test_a_checkpoint_of_another_room_or_account_opens_nothing(garden, next_run, home):
    room, ben = await garden("swapped")
    async with next_run(Network()) as ada:
        await ada.account.resume()
        other = await ada.rooms.create("Shed")
    logs = home.path / "logs"
    (logs / f"{room}.json").write_text((logs / f"{other}.json").read_text())
    network = Network()
    async with next_run(network) as ada:
        await ada.account.resume()
        await ada.messages.send(room, "more")
    assert [query["after"] for query in network.queries("log")] == ["-1"]
    assert (await texts(ben, room))[-1] == "more"


async def test_an_older_checkpoint_goes_on_to_the_present_log(garden, next_run, home):
    room, ben = await garden("older.point")
    file = home.path / "logs" / f"{room}.json"
    before = file.read_text()
    async with next_run(Network()) as ada:
        await ada.account.resume()
        await ada.room_admin.invite(room)
        await ada.messages.send(room, "more")
    assert file.read_text() != before
    file.write_text(before)
    async with next_run(Network()) as ada:
        await ada.account.resume()
        await ada.messages.send(room, "and more")
    assert (await texts(ben, room))[-2:] == ["more", "and more"]


async def test_what_a_user_gave_up_is_not_in_a_checkpoint(garden, next_run, home):
    room, _ = await garden("given.up")
    async with next_run(Network()) as ada:
        await ada.account.resume()
        await ada.session.manager.load(room)
        home.reset_room(room)
    assert home.checkpoint(room) is None


LOGS = strict_json((VECTORS / "log.json").read_text())


@pytest.mark.parametrize("events", LOGS["logs"].values(), ids=LOGS["logs"])
def test_every_state_of_a_log_survives_a_checkpoint(events):
    identities = {one.kid: one for one in map(open_identity, LOGS["identities"])}
    state = None
    for event in events:
        state = extend_log(state, [event], identities)
        assert read_state(json.loads(json.dumps(write_state(state)))) == state
