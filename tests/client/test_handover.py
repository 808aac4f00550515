"""Answers to members who ask for epoch keys cost little, however often they ask."""

from __future__ import annotations

import pytest

from sotto.keys.key_handover import KeyHandover, KeyRequest


class Giving:
    def __init__(self, monkeypatch) -> None:
        monkeypatch.setattr("sotto.keys.key_handover.ANSWER_WITHIN", 0)
        self.now = 0.0
        self.given: list[list[int]] = []
        self.fails = False
        self.handover = KeyHandover(self.give, clock=lambda: self.now)

    async def give(self, wanted: list[KeyRequest]) -> None:
        if self.fails:
            raise OSError("away")
        self.given.append([one.e for one in wanted])

    def ask(self, e: int) -> bool:
        return self.handover.request(KeyRequest("room", e, "kid"))


@pytest.fixture
def giving(monkeypatch) -> Giving:
    return Giving(monkeypatch)


async def test_abuse_a_flood_of_requests_is_one_answer(giving):
    starts = [giving.ask(e) for _ in range(200) for e in (1, 2)]
    assert starts.count(True) == 1
    await giving.handover.answer()
    assert giving.given == [[1, 2]]


async def test_abuse_nobody_gets_the_same_key_twice_within_a_minute(giving):
    giving.ask(1)
    await giving.handover.answer()
    giving.now = 59
    assert not giving.ask(1)
    giving.now = 61
    assert giving.ask(1)
    await giving.handover.answer()
    assert giving.given == [[1], [1]]


async def test_what_somebody_else_has_given_is_not_given_again(giving):
    giving.ask(1)
    giving.ask(2)
    giving.handover.fulfilled(KeyRequest("room", 1, "kid"))
    await giving.handover.answer()
    assert giving.given == [[2]]


async def test_an_answer_that_failed_may_be_asked_for_again_at_once(giving):
    giving.ask(1)
    giving.fails = True
    with pytest.raises(OSError, match="away"):
        await giving.handover.answer()
    giving.fails = False
    assert giving.ask(1)
    await giving.handover.answer()
    assert giving.given == [[1]]
