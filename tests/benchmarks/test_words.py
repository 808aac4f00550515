"""The measurements of words: their figures are what they say, and no worse than they were."""

from __future__ import annotations

import json

import pytest

from benchmarks.query_cases import CASES, unmet
from benchmarks.summaries import DIALOGUES, compared, rouge, told


def test_rouge_by_hand():
    given, reference = ["the", "cat", "sat", "here"], ["the", "cat", "is", "here"]
    assert rouge(given, reference) == pytest.approx((0.75, 1 / 3, 0.75))
    assert rouge(["b", "a"], ["a", "b"]) == pytest.approx((1.0, 0.0, 0.5))
    assert rouge([], []) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("name", ["daily", "languages"])
def test_picked_lines_tell_more_than_the_first_or_the_longest(name):
    means = compared(json.loads(DIALOGUES.read_text("utf-8"))[name])
    for other in ("first", "longest"):
        assert all(a > b for a, b in zip(means["picked"], means[other], strict=True)), means


def test_most_topics_of_a_long_range_are_told():
    topics, _ = told(1000)
    assert topics >= 8


def test_most_queries_find_what_is_expected():
    kinds = json.loads(CASES.read_text("utf-8"))
    cases = [case for some in kinds.values() for case in some]
    assert len(unmet(cases)) <= 14, unmet(cases)
