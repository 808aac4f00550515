"""Finding messages with the Python client, against a live server."""

from __future__ import annotations

import io

import pytest

from sotto.searching import Coverage
from tests.client.acting import room_of_two


async def found(client, room: str, query: str, **how) -> list[str]:
    return [message.text async for message in client.search(room, query, **how)]


@pytest.fixture(params=["server", "device"])
def search(request):
    """Where a room is searched: both find the same."""
    return request.param


async def test_words_and_beginnings_are_found(sign_up, search):
    ada, ben, room = await room_of_two(sign_up, f"find-{search}", search=search)
    for client, text in (
        (ada, "strawberries are ripe"),
        (ben, "the pears are not"),
        (ada, "straw for the pears"),
        (ben, "international"),
        (ben, "Straße gesperrt"),
        (ben, "我们明天在北京见面"),
    ):
        await client.send(room, text)
    for client in (ada, ben):
        assert await found(client, room, "straw") == [
            "straw for the pears",
            "strawberries are ripe",
        ]
        assert await found(client, room, "PEARS straw") == ["straw for the pears"]
        assert await found(client, room, "internet") == []
        assert await found(client, room, "strasse") == ["Straße gesperrt"]
        assert await found(client, room, "明天 北京") == ["我们明天在北京见面"]
        assert await found(client, room, "zebra") == []
    best = await found(ada, room, "pears straw", order="relevance")
    assert best[0] == "straw for the pears"
    assert set(best[1:]) == {"strawberries are ripe", "the pears are not"}


async def test_operators_narrow_it_down(sign_up, search):
    ada, ben, room = await room_of_two(sign_up, f"narrow-{search}", search=search)
    await ada.send(room, "pears of ada")
    await ben.send(room, "pears of ben, https://example.org")
    await ben.send_file(room, io.BytesIO(b"x").read(), name="pear.png", body="a painted pear")
    assert await found(ada, room, "pear from:me") == ["pears of ada"]
    assert await found(ada, room, f"pears from:{ben.me.name}") == [
        "pears of ben, https://example.org"
    ]
    assert await found(ada, room, "pear has:image") == ["a painted pear"]
    assert await found(ada, room, "has:link") == ["pears of ben, https://example.org"]
    assert await found(ada, room, "pears before:2001-01-01") == []
    assert len(await found(ada, room, "pear after:2001-01-01 before:2999-01-01")) == 3
    assert await found(ada, room, "pears from:nobody") == []
    with pytest.raises(ValueError, match="has:cheese"):
        await found(ada, room, "has:cheese")


async def test_only_the_present_text_is_found(sign_up, search):
    ada, ben, room = await room_of_two(sign_up, f"edits-{search}", search=search)
    await ada.send(room, "at sevn in the orchard")
    await ada.send(room, "my secret orchard")
    first, second = await ada.history(room)
    await ada.edit(first, "at seven in the garden")
    await ada.delete(second)
    assert await found(ben, room, "orchard") == []
    assert await found(ben, room, "garden") == ["at seven in the garden"]
    assert await found(ben, room, "secret") == []


async def test_hits_come_with_what_changes_them(sign_up, monkeypatch):
    """One request a page, where each hit cost one."""
    ada, ben, room = await room_of_two(sign_up, "together")
    for n in range(60):
        await ada.send(room, f"pear {n}")
    first, second, third, *_ = await ada.history(room)
    await ada.edit(first, "pear of today")
    await ben.react(second, "🍐")
    await ada.delete(third)
    asked = {"get": 0, "post": 0}
    for verb in asked:
        monkeypatch.setattr(ben._api, verb, counted(asked, verb, getattr(ben._api, verb)))
    texts = await found(ben, room, "pear")
    assert len(texts) == 59
    assert {"pear of today", "pear 1"} <= set(texts)
    assert not {"pear 0", "pear 2"} & set(texts)
    assert asked["post"] == 2, "two pages"
    assert asked["get"] <= 2, "the log, and no message by itself"


def counted(asked, verb, call):
    async def count(*given, **named):
        asked[verb] += 1
        return await call(*given, **named)

    return count


async def test_it_says_how_much_was_searched(sign_up, search):
    ada, _ben, room = await room_of_two(sign_up, f"covers-{search}", search=search)
    for text in ("one pear", "two pears", "three"):
        await ada.send(room, text)
    told: list[Coverage] = []
    assert len(await found(ada, room, "pear", covered=told.append)) == 2
    assert (told[-1].searched, told[-1].total) == (3, 3)


async def test_who_was_taken_out_and_who_comes_later(sign_up):
    """Both sides of a new search key are found."""
    ada, ben, room = await room_of_two(sign_up, "generations")
    await ada.send(room, "pears before")
    await ada.remove(room, ben.me.uid)
    await ada.send(room, "pears after")
    state = (await ada.room(room)).state
    assert state.generations() == {1: 1, 2: 2}
    assert await found(ada, room, "pears") == ["pears after", "pears before"]
