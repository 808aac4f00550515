"""Exports: what stands in one can be checked without a server, and nothing can be changed."""

from __future__ import annotations

import copy
import itertools
import json

import pytest

from sotto.exports.export import check_export
from sotto.exports.html_export import as_html
from sotto.protocol.encoding import WireError
from tests.client.acting import room_of_two

count = itertools.count()
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
async def exported(sign_up):
    """A room with a bit of everything, as JSON came back from a file."""
    ada, ben, room = await room_of_two(sign_up, f"export{next(count)}")
    await ada.messages.send(room, f"hello {SCRIPT}")
    first, *_ = await ben.messages.history(room)
    await ben.messages.send(room, "an answer", re=first)
    await ben.messages.react(first, "🎉")
    await ada.messages.edit(first, f"hello all {SCRIPT}")
    await ada.messages.send(room, "never mind")
    await ada.messages.delete((await ada.messages.history(room))[2])
    await ada.messages.poll(room, "When?", ["now", "later"])
    await ben.messages.vote((await ben.messages.history(room))[3], 1)
    await ben.rooms.leave(room)
    await ada.messages.send(room, "just me now")
    return json.loads(json.dumps(await ada.rooms.export(room)))


async def test_a_true_export_passes(exported):
    room = check_export(exported)
    assert [message.line for message in room.conversation()] == [
        f"hello all {SCRIPT}",
        "an answer",
        "(deleted)",
        "When?",
        "just me now",
    ]
    assert room.state.e == 2


async def test_nothing_deleted_and_no_room_key_is_in_it(exported):
    text = json.dumps(exported)
    assert "never mind" not in text
    deleted = next(entry for entry in exported["messages"] if "sha" in entry["row"])
    assert set(deleted) == {"row"}
    assert "ct" not in deleted["row"]
    assert all(len(entry.get("mk", "A" * 43)) == 43 for entry in exported["messages"])
    assert len({entry["mk"] for entry in exported["messages"] if "mk" in entry}) > 2


def changed_text(found) -> None:
    found["messages"][1]["content"]["body"] = "another answer"


def changed_text_everywhere(found) -> None:
    changed_text(found)
    found["conversation"][1]["text"] = "another answer"


def changed_line(found) -> None:
    found["conversation"][0]["text"] = "hello nobody"


def changed_author(found) -> None:
    found["conversation"][0]["name"] = "ben"


def dropped_line(found) -> None:
    del found["conversation"][1]


def dropped_message(found) -> None:
    del found["messages"][1]


def swapped_messages(found) -> None:
    found["messages"][0], found["messages"][1] = found["messages"][1], found["messages"][0]


def dropped_event(found) -> None:
    del found["log"][-1]


def swapped_events(found) -> None:
    found["log"][1], found["log"][2] = found["log"][2], found["log"][1]


def dropped_identity(found) -> None:
    found["identities"].pop()


def moved_signature(found) -> None:
    found["messages"][0]["row"]["sig"] = found["messages"][1]["row"]["sig"]


def other_room(found) -> None:
    found["room"] = "ab" * 16


def other_key(found) -> None:
    found["messages"][0]["mk"] = found["messages"][1]["mk"]


def hidden_text(found) -> None:
    del found["messages"][0]["mk"]


CHANGES = [
    changed_text,
    changed_text_everywhere,
    changed_line,
    changed_author,
    dropped_line,
    dropped_message,
    swapped_messages,
    dropped_event,
    swapped_events,
    dropped_identity,
    moved_signature,
    other_room,
    other_key,
    hidden_text,
]


async def test_every_change_is_noticed(exported):
    for change in CHANGES:
        found = copy.deepcopy(exported)
        change(found)
        try:
            check_export(found)
        except WireError:
            continue
        pytest.fail(f"{change.__name__} was not noticed")


@pytest.mark.parametrize("found", [None, [], {}, {"sotto": "room export", "v": 1}])
def test_what_is_no_export_is_refused(found):
    with pytest.raises(WireError):
        check_export(found)


async def test_the_page_shows_everything_and_runs_nothing(exported):
    page = as_html(exported)
    assert "hello all &lt;script&gt;" in page
    assert "<script" not in page
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page
    for part in ("Garden", "an answer", "(deleted)", "🎉 1", "edited", "<li>later (1)</li>"):
        assert part in page
