"""The measurements of words: their figures are what they say, and no worse than they were."""

from __future__ import annotations

import json

import pytest

from benchmarks.query_cases import CASES, unmet
from benchmarks.summaries import DIALOGUES, compared, load, rouge, told


def test_rouge_by_hand():
    given, reference = ["the", "cat", "sat", "here"], ["the", "cat", "is", "here"]
    assert rouge(given, reference) == pytest.approx((0.75, 1 / 3, 0.75))
    assert rouge(["b", "a"], ["a", "b"]) == pytest.approx((1.0, 0.0, 0.5))
    assert rouge([], []) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("name", ["daily", "languages"])
def test_picked_lines_tell_more_than_the_first(name):
    means = compared(load(DIALOGUES)[name])
    assert all(a > b for a, b in zip(means["picked"], means["first"], strict=True)), means


def test_dialogues_of_others_are_read_from_a_folder(tmp_path):
    one = {
        "dialogue": "#P1#: Hi: you?\n#P2#: Fine.",
        "summary1": "a",
        "summary2": "b",
        "topic": "x",
    }
    (tmp_path / "theirs.jsonl").write_text(json.dumps(one) + "\n\n")
    (tmp_path / "ours.json").write_text(json.dumps([{"lines": [["ada", "Hi"]], "reference": "c"}]))
    (tmp_path / "notes.txt").write_text("not read")
    assert load(tmp_path) == {
        "ours": [{"lines": [["ada", "Hi"]], "references": ["c"]}],
        "theirs": [{"lines": [["#P1#", "Hi: you?"], ["#P2#", "Fine."]], "references": ["a", "b"]}],
    }
    (tmp_path / "bare.jsonl").write_text('{"dialogue": "#P1#: Hi"}')
    with pytest.raises(ValueError, match="reference"):
        load(tmp_path)


def test_of_more_than_one_reference_the_mean_counts():
    lines = [["ada", "the cat sat here"]]
    several = [{"lines": lines, "references": ["the cat sat here", "nothing of that kind"]}]
    assert compared(several)["picked"] == [50.0, 50.0, 50.0]


def test_most_topics_of_a_long_range_are_told():
    topics, _ = told(1000)
    assert topics >= 8


def test_most_queries_find_what_is_expected():
    kinds = json.loads(CASES.read_text("utf-8"))
    cases = [case for some in kinds.values() for case in some]
    assert len(unmet(cases)) <= 14, unmet(cases)
