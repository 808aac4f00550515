"""Finding messages with the Python client, against a live server."""

from __future__ import annotations

import io

import pytest

from sotto.api import ApiError
from sotto.protocol.encoding import WireError
from sotto.search import backfill as indexing
from sotto.search.finder import Coverage
from tests.client.acting import PASSWORD, room_of_two, run_cli


async def found(client, room: str, query: str, **how) -> list[str]:
    return [message.text async for message in client.search.messages(room, query, **how)]


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
        (ada, "책을 샀다"),
    ):
        await client.messages.send(room, text)
    for client in (ada, ben):
        assert await found(client, room, "straw") == [
            "straw for the pears",
            "strawberries are ripe",
        ]
        assert await found(client, room, "PEARS straw") == ["straw for the pears"]
        assert await found(client, room, "internet") == []
        assert await found(client, room, "strasse") == ["Straße gesperrt"]
        assert await found(client, room, "明天 北京") == ["我们明天在北京见面"]
        assert await found(client, room, "책") == ["책을 샀다"]
        assert await found(client, room, "zebra") == []
    best = await found(ada, room, "pears straw", order="relevance")
    assert best[0] == "straw for the pears"
    assert set(best[1:]) == {"strawberries are ripe", "the pears are not"}


async def test_forms_of_words_come_after_the_words_themselves(sign_up, search):
    ada, ben, room = await room_of_two(sign_up, f"forms-{search}", search=search)
    for client, text in (
        (ada, "we are deploying the fix"),
        (ben, "we deployed the fix"),
        (ada, "der Termin ist morgen"),
        (ben, "прочитал книгу"),
        (ada, "the deposit is not here"),
    ):
        await client.messages.send(room, text)
    assert await found(ben, room, "deploying") == [
        "we are deploying the fix",
        "we deployed the fix",
    ]
    assert await found(ben, room, "Termine") == ["der Termin ist morgen"]
    assert await found(ben, room, "книга") == ["прочитал книгу"]
    best = await found(ben, room, "deploying", order="relevance")
    assert best == ["we are deploying the fix", "we deployed the fix"]


@pytest.mark.slow
async def test_every_word_of_a_long_message_is_found(sign_up):
    """Version 1 of the tokens had 256 words of a message."""
    ada, ben, room = await room_of_two(sign_up, "long-message")
    words = [
        f"{a}{b}{c}" for a in ("barn", "mill", "pond") for b in "aeiou" for c in "bcdfghjklm" * 2
    ]
    text = " ".join(f"{word}{at}" for at, word in enumerate(words))
    await ada.messages.send(room, text)
    for at in (0, 255, 256, 299):
        assert await found(ben, room, f"{words[at]}{at}") == [text]
        assert await found(ben, room, words[at][:5]) == [text]


async def test_signs_in_queries(sign_up, search):
    ada, ben, room = await room_of_two(sign_up, f"signs-{search}", search=search)
    swan, not_black = "a black swan", "the swan was not black"
    for text in (swan, not_black, "cats sleep", "dogs bark", "the IT people will help"):
        await ada.messages.send(room, text)
    assert await found(ben, room, '"black swan"') == [swan]
    assert await found(ben, room, '"black swan"', order="relevance") == [swan]
    assert await found(ben, room, "swan -not") == [swan]
    assert await found(ben, room, "cats OR dogs") == ["dogs bark", "cats sleep"]
    assert await found(ben, room, "IT") == ["the IT people will help"]
    await ada.messages.send(room, "other people")
    both = ["the IT people will help", "other people"]
    for order in ("newest", "relevance"):
        assert await found(ben, room, "IT people", order=order) == both
    assert await found(ben, room, '"IT" people') == both[:1]
    with pytest.raises(ValueError, match="has:cheese"):
        await found(ada, room, "-cats has:cheese")


async def test_most_of_the_words_are_offered_where_no_message_has_all(sign_up, search):
    ada, ben, room = await room_of_two(sign_up, f"most-{search}", search=search)
    for text in ("a red apple pie", "a red pear", "nothing of the kind"):
        await ada.messages.send(room, text)
    told: list[Coverage] = []
    assert await found(ben, room, "red apple zebra", covered=told.append) == ["a red apple pie"]
    assert [one.most for one in told] == [True]
    assert await found(ben, room, "red apple", covered=told.append) == ["a red apple pie"]
    assert [one.most for one in told] == [True, False]
    assert await ben.search.suggestions(room, "red aple") == ["red apple"]


async def test_names_of_files_and_options_of_polls_are_found(sign_up, search):
    ada, ben, room = await room_of_two(sign_up, f"names-{search}", search=search)
    await ada.files.send(room, b"x", name="Quarterly report.txt", body="here it is")
    await ada.messages.poll(room, "Where to?", ["the lighthouse", "the harbour"])
    assert await found(ben, room, "quarterly") == ["here it is"]
    assert await found(ben, room, "lighthouse") == ["Where to?"]


async def test_long_queries_lose_no_word(sign_up):
    ada, ben, room = await room_of_two(sign_up, "long")
    words = [f"{'long' * (n % 3)}{chr(97 + n)}q{chr(97 + n)}word" for n in range(24)]
    await ada.messages.send(room, " ".join(words))
    await ada.messages.send(room, " ".join(words[1:]))
    assert await found(ben, room, " ".join(words)) == [" ".join(words)]


async def test_operators_narrow_it_down(sign_up, search):
    ada, ben, room = await room_of_two(sign_up, f"narrow-{search}", search=search)
    await ada.messages.send(room, "pears of ada")
    await ben.messages.send(room, "pears of ben, https://example.org")
    await ben.files.send(room, io.BytesIO(b"x").read(), name="pear.png", body="a painted pear")
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
    await ada.messages.send(room, "at sevn in the orchard")
    await ada.messages.send(room, "my secret orchard")
    first, second = await ada.messages.history(room)
    await ada.messages.edit(first, "at seven in the garden")
    await ada.messages.delete(second)
    assert await found(ben, room, "orchard") == []
    assert await found(ben, room, "garden") == ["at seven in the garden"]
    assert await found(ben, room, "secret") == []


async def test_hits_come_with_what_changes_them(sign_up, monkeypatch):
    """One request a page, where each hit cost one."""
    ada, ben, room = await room_of_two(sign_up, "together")
    for n in range(60):
        await ada.messages.send(room, f"pear {n}")
    first, second, third, *_ = await ada.messages.history(room)
    await ada.messages.edit(first, "pear of today")
    await ben.messages.react(second, "🍐")
    await ada.messages.delete(third)
    asked = {"get": 0, "post": 0}
    for verb in asked:
        monkeypatch.setattr(
            ben.session.api, verb, counted(asked, verb, getattr(ben.session.api, verb))
        )
    texts = await found(ben, room, "pear")
    assert len(texts) == 59
    assert {"pear of today", "pear 1"} <= set(texts)
    assert not {"pear 0", "pear 2"} & set(texts)
    assert asked["post"] == 4, "two pages, of beginnings and of whole words"
    assert asked["get"] <= 2, "the log, and no message by itself"


def counted(asked, verb, call):
    async def count(*given, **named):
        asked[verb] += 1
        return await call(*given, **named)

    return count


async def test_it_says_how_much_was_searched(sign_up, search):
    ada, _ben, room = await room_of_two(sign_up, f"covers-{search}", search=search)
    for text in ("one pear", "two pears", "three"):
        await ada.messages.send(room, text)
    told: list[Coverage] = []
    assert len(await found(ada, room, "pear", covered=told.append)) == 2
    assert (told[-1].searched, told[-1].total) == (3, 3)


async def test_who_was_taken_out_and_who_comes_later(sign_up):
    """Both sides of a new search key are found."""
    ada, ben, room = await room_of_two(sign_up, "generations")
    await ada.messages.send(room, "pears before")
    await ada.members.remove(room, ben.me.uid)
    await ada.messages.send(room, "pears after")
    state = (await ada.rooms.open(room)).state
    assert state.generations() == {1: 1, 2: 2}
    assert await found(ada, room, "pears") == ["pears after", "pears before"]


# --- a room that goes over to the server ----------------------------------------------------------


async def went_over(sign_up, tag: str, many: int):
    """A room that was searched on devices, with so many messages and a reaction."""
    ada, ben, room = await room_of_two(sign_up, tag, search="device")
    for n in range(many):
        await ada.messages.send(room, f"pear number{n}")
    await ben.messages.react((await ben.messages.history(room))[0], "🍐")
    await ada.room_admin.set_policy(room, search="server")
    await ben.session.manager.log_api.sync(await ben.session.manager.load(room))
    return ada, ben, room


async def test_backfill_makes_findable_what_was_said_before(sign_up):
    ada, ben, room = await went_over(sign_up, "goes-over", 5)
    told: list[Coverage] = []
    assert await found(ben, room, "pear", covered=told.append) == []
    assert (told[-1].indexed, told[-1].total) == (0, 6)
    steps = [step async for step in ben.search.backfill(room)]
    assert [(step.seen, step.total, step.taken) for step in steps] == [(6, 6, 6)]
    assert await found(ada, room, "number3", covered=told.append) == ["pear number3"]
    assert (told[-1].indexed, told[-1].total) == (6, 6)
    assert [step.taken async for step in ada.search.backfill(room)] == [0], "once"


async def test_backfill_goes_on_where_it_was_stopped(sign_up, monkeypatch):
    monkeypatch.setattr(indexing, "PAGE", 2)
    _ada, ben, room = await went_over(sign_up, "stopped", 5)
    async for step in ben.search.backfill(room):
        assert (step.seen, step.total, step.taken, step.after) == (2, 6, 2, 2)
        break
    assert len(await found(ben, room, "pear")) == 2
    rest = [step async for step in ben.search.backfill(room, after=step.after)]
    assert [(one.seen, one.total) for one in rest[:2]] == [(2, 4), (4, 4)]
    assert rest[-1].taken == 4
    assert len(await found(ben, room, "pear")) == 5


async def test_the_other_way_the_tokens_go(sign_up):
    ada, ben, room = await went_over(sign_up, "goes-back", 2)
    assert [step.taken async for step in ben.search.backfill(room)] == [3]
    await ada.room_admin.set_policy(room, search="device")
    with pytest.raises(ApiError, match="search_device"):
        [step async for step in ada.search.backfill(room)]
    path = f"chatrooms/{room}/messages"
    stored = [await ben.session.api.get(f"{path}/{seq}/stored") for seq in (1, 2, 3)]
    assert [one["stored"]["tokens"] for one in stored] == [[], [], []]
    assert len(await found(ben, room, "pear")) == 2, "read by oneself"


async def test_who_joined_later_leaves_what_they_cannot_read(sign_up):
    ada, ben, room = await room_of_two(sign_up, "later", search="device", history="join")
    await ada.messages.send(room, "pears before")
    cleo = await sign_up("cleo", f"cleo.{room[:8]}")
    await cleo.rooms.join(await ada.room_admin.invite(room))
    await ada.messages.send(room, "pears after")
    await ada.room_admin.set_policy(room, search="server")
    assert [(step.seen, step.taken) async for step in cleo.search.backfill(room)] == [(2, 1)]
    assert await found(ben, room, "pears") == ["pears after"]
    assert [(step.seen, step.taken) async for step in ben.search.backfill(room)] == [(1, 1)]
    assert await found(ben, room, "pears") == ["pears after", "pears before"]


async def test_hostile_server_gets_no_tokens_that_the_log_does_not_allow(sign_up, monkeypatch):
    """It says that messages lack tokens, in a room whose members agreed on none."""
    ada, _ben, room = await room_of_two(sign_up, "no-tokens", search="device")
    await ada.messages.send(room, "pears")
    asked: list[str] = []
    monkeypatch.setattr(ada.session.api, "post", lambda path, *_: asked.append(path))
    with pytest.raises(ApiError, match="search_device"):
        [step async for step in ada.search.backfill(room)]
    assert asked == []


async def test_hostile_server_cannot_keep_it_going_round(sign_up, monkeypatch):
    ada, _ben, room = await went_over(sign_up, "round", 2)
    get = ada.session.api.get

    async def again(path, **query):
        wrong = {"after": 0, "limit": 1} if path.endswith("/tokens") else {}
        return await get(path, **{**query, **wrong})

    async def none(*_):
        return {"taken": 0}

    monkeypatch.setattr(ada.session.api, "get", again)
    monkeypatch.setattr(ada.session.api, "post", none)
    with pytest.raises(WireError):
        [step async for step in ada.search.backfill(room)]


@pytest.mark.slow
async def test_the_command_line_says_what_is_missing_and_adds_it(sign_up, server, tmp_path):
    ada, _ben, room = await went_over(sign_up, "cli-index", 3)
    home = tmp_path / "cli"
    joining = ("signup", f"cli.{room[:8]}", "--kit", str(tmp_path / "kit"))
    assert run_cli(server.url, home, *joining, text=f"{PASSWORD}\n{PASSWORD}\n")[0] == 0
    assert run_cli(server.url, home, "join", await ada.room_admin.invite(room))[0] == 0
    _, out, errors = run_cli(server.url, home, "search", room, "pear")
    assert out == ""
    assert "covers 0 of 4 messages" in errors
    code, out, errors = run_cli(server.url, home, "index", room)
    assert (code, out) == (0, "")
    assert "4 of 4 messages can be found now" in errors
    _, out, errors = run_cli(server.url, home, "search", room, "pear")
    assert len(out.splitlines()) == 3
    assert "covers" not in errors
