"""What programs and browsers seal the worker opens: the vectors, read by the server's side."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from chatsite.lib import wire
from summaries.worker.envelopes import Unreadable, open_ask
from summaries.worker.keys import WorkerKey
from tests.vectors.making import cast, load

VECTORS = load("summary")


def named(cases):
    return [pytest.param(case, id=case.get("name") or case["by"]) for case in cases]


def opened(case):
    about = {key: case["ctx"][key] for key in ("rid", "room", "uid")}
    return open_ask(WorkerKey(cast()["ada"].keys.rsa), **about, ek=case["ek"], box=case["box"])


@pytest.mark.parametrize("case", named(VECTORS["asks"]))
def test_a_question_is_read_as_it_was_asked(case):
    asked, question = opened(case), case["question"]
    assert [asdict(line) for line in asked.lines] == question["messages"]
    assert (asked.model, asked.lang, asked.earlier, asked.reply) == (
        question["model"],
        question["lang"],
        question["earlier"],
        wire.unb64(question["reply"]),
    )


@pytest.mark.parametrize("case", named(VECTORS["asks_refused"]))
def test_what_is_no_question_is_refused(case):
    with pytest.raises(Unreadable):
        opened(case)
