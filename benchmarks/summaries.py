"""How well summaries without a model tell a conversation: `python -m benchmarks.summaries`.

ROUGE-1, -2 and -L (F1, in percent, words folded, no stemming) against references written by hand,
beside the first and the longest sentences cut to as many words. The dialogues of `dialogues.json`
are the project's own and few, and the weight of short sentences was chosen on them: they show a
change for the worse, not how good the lines are. Then how many of ten topics a long range tells,
and the processor time of 2,000 messages.
"""

from __future__ import annotations

import json
import random
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from summaries.worker.engines.picking import SENTENCE, pick, words_in
from summaries.worker.envelopes import Line

DIALOGUES = Path(__file__).resolve().parent / "dialogues.json"
MINUTE = 60_000
TOPICS = 10


def rouge(given: Sequence[str], reference: Sequence[str]) -> tuple[float, float, float]:
    """ROUGE-1, -2 and -L as F1, 0 … 1."""
    pairs = [list(pairwise(one)) for one in (given, reference)]
    return (
        _f1(_shared(given, reference), len(given), len(reference)),
        _f1(_shared(*pairs), len(pairs[0]), len(pairs[1])),
        _f1(_longest(given, reference), len(given), len(reference)),
    )


def _shared(one: Sequence[Any], other: Sequence[Any]) -> int:
    return sum((Counter(one) & Counter(other)).values())


def _longest(one: Sequence[str], other: Sequence[str]) -> int:
    """The length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for word in one:
        before = 0
        for at, same in enumerate(other, 1):
            before, row[at] = row[at], before + 1 if word == same else max(row[at], row[at - 1])
    return row[-1]


def _f1(shared: int, given: int, wanted: int) -> float:
    return 2 * shared / (given + wanted) if given + wanted else 0.0


def as_lines(said: Sequence[Sequence[str]]) -> list[Line]:
    return [Line(n, name, n * MINUTE, text) for n, (name, text) in enumerate(said, 1)]


def picked(lines: Sequence[Line]) -> list[str]:
    """The words of what is picked."""
    return [word for one in pick(lines) for line in one.picks for word in words_in(line.text)]


def compared(dialogues: Sequence[dict[str, Any]]) -> dict[str, list[float]]:
    """Mean ROUGE-1, -2 and -L in percent of what is picked, and of as many words of baselines."""
    scores: dict[str, list[tuple[float, float, float]]] = {"picked": [], "first": [], "longest": []}
    for dialogue in dialogues:
        lines = as_lines(dialogue["lines"])
        reference, ours = words_in(dialogue["reference"]), picked(lines)
        sentences = [words_in(part) for line in lines for part in SENTENCE.split(line.text)]
        longest = sorted(sentences, key=len, reverse=True)
        for name, given in (("picked", [ours]), ("first", sentences), ("longest", longest)):
            words = [word for one in given for word in one][: len(ours)]
            scores[name].append(rouge(words, reference))
    return {
        name: [round(100 * statistics.mean(column), 1) for column in zip(*rows, strict=True)]
        for name, rows in scores.items()
    }


def long_range(messages: int, seed: int = 1) -> list[Line]:
    """Ten topics one after another without pauses, each in words of its own and common ones."""
    dice = random.Random(seed)  # noqa: S311 (no secret)
    own = [[f"{a}{b}{c}" for b in "xyzuvw" for c in "abcdefgh"] for a in "klmnopqrst"]
    common = ["so", "we", "think", "the", "that", "about"]
    return as_lines(
        [
            (
                "abcd"[n % 4],
                " ".join(dice.choices(own[n * TOPICS // messages], k=7) + dice.choices(common, k=4))
                + ".?"[n % 7 == 0],
            )
            for n in range(messages)
        ]
    )


def told(messages: int) -> tuple[int, float]:
    """The number of the ten topics that are told, and the seconds of the processor."""
    lines = long_range(messages)
    began = time.process_time()
    slices = pick(lines)
    used = time.process_time() - began
    topics = {(line.seq - 1) * TOPICS // messages for one in slices for line in one.picks}
    return len(topics), used


def main() -> None:
    for name, dialogues in json.loads(DIALOGUES.read_text("utf-8")).items():
        print(f"{name}, {len(dialogues)} dialogues: ROUGE-1, -2, -L")
        for given, means in compared(dialogues).items():
            print(f"  {given:8}", *(f"{mean:5}" for mean in means))
    for messages in (200, 2000):
        topics, used = told(messages)
        print(f"{messages:,} messages: {topics} of {TOPICS} topics, {used:.2f} s of the processor")


if __name__ == "__main__":
    main()
