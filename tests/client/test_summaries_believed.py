"""What the Python client believes of workers and of shared summaries."""

from __future__ import annotations

import os

import pytest

from sotto.api import ApiError
from sotto.profile.profile_dir import ProfileDir
from sotto.protocol.encoding import b64
from sotto.protocol.identity import Keys, make_identity, open_identity
from sotto.protocol.summary import Answer, Range, parse_summary, seal_summary
from tests.client.conftest import sign_up
from tests.summaries.acting import Talk, talk
from tests.vectors.making import cast

__all__ = ["sign_up"]


@pytest.fixture
async def garden(sign_up) -> Talk:
    return await talk(sign_up)


async def served(garden: Talk, client, monkeypatch, **changes) -> None:
    """The server answers as it does, but for these."""
    get = client.session.api.get

    async def lying(path, **query):
        answer = await get(path, **query)
        return {**answer, **changes} if path.endswith("/summary") else answer

    monkeypatch.setattr(client.session.api, "get", lying)


async def test_hostile_another_worker_is_not_shown_anything(garden, monkeypatch):
    await garden.ada.summaries.request(garden.room)
    kept = await garden.ada.session.api.get(f"chatrooms/{garden.room}/summary")
    other = {**kept["worker"], "spki": b64(cast()["dan"].keys.spki)}
    await served(garden, garden.ada, monkeypatch, worker=other)
    before = (await garden.ada.rooms.open(garden.room)).state.seq
    with pytest.raises(ApiError, match="other_worker"):
        await garden.ada.summaries.request(garden.room)
    assert (await garden.ada.rooms.open(garden.room)).state.seq == before, "nothing was disclosed"


def test_a_profile_remembers_the_worker(tmp_path):
    home = ProfileDir(tmp_path / "home")
    assert home.worker() == ""
    home.store_worker("A" * 43)
    home.close()
    assert ProfileDir(tmp_path / "home").worker() == "A" * 43


async def test_hostile_a_summary_under_an_identity_that_the_log_does_not_know(garden, monkeypatch):
    """Ben and the server make new keys for ada, and a summary under them of what she disclosed."""
    await garden.ada.summaries.request(garden.room)
    [kept] = (await garden.ben.session.api.get(f"chatrooms/{garden.room}/summary"))["summaries"]
    shared = parse_summary(kept["body"])
    ada = garden.ada.me
    made = Keys.generate()
    minted = open_identity(make_identity(made, ada.uid, ada.name, 2, ada.kid))
    garden.ben.trust.known[minted.kid] = minted
    room = await garden.ben.rooms.open(garden.room)

    def forged(kid: str, ed) -> dict[str, str]:
        span: Range = shared.range
        keys = [room.keys[e] for e in range(span.a, span.b + 1)]
        about = {"uid": ada.uid, "kid": kid, "dis": shared.dis, "random": os.urandom}
        return seal_summary(keys, span, Answer("FORGED", "m"), ed=ed, **about)

    await served(garden, garden.ben, monkeypatch, summaries=[forged(minted.kid, made.ed), kept])
    assert [one.text == "FORGED" for one in await garden.ben.summaries.shared(garden.room)] == [
        False
    ]
