"""How well summaries without a model tell a conversation: `python -m benchmarks.summaries`.

    python -m benchmarks.summaries [PATH] [--out results.json]

PATH is a file of dialogues, or a folder of such files: JSON as in `dialogues.json`, or JSON lines,
one dialogue each, with `lines` ([name, text]) or `dialogue` ("Name: text" on each line) and one or
more references: `reference`, `references`, `summary` or `summary1` … (DialogSum's form). Of more
than one reference the mean counts.

ROUGE-1, -2 and -L (F1, in percent, words folded, no stemming) against references written by hand,
beside the first and the longest sentences cut to as many words. The dialogues of `dialogues.json`
are the project's own and few, and the weight of short sentences was chosen on them: they show a
change for the worse, not how good the lines are. Then how many of ten topics a long range tells,
and the processor time of 2,000 messages.
"""

from __future__ import annotations

import argparse
import json
import random
import re
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
REFERENCE = re.compile("(reference|summary)[0-9]*")


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


def load(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Dialogues by the name of their collection, each with `lines` and `references`.

    Raises:
        ValueError: one of them has another shape.
    """
    if path.is_dir():
        files = sorted(one for one in path.iterdir() if one.suffix in (".json", ".jsonl"))
        return {name: some for one in files for name, some in load(one).items()}
    text = path.read_text("utf-8")
    if path.suffix == ".jsonl":
        found = {path.stem: [json.loads(line) for line in text.splitlines() if line.strip()]}
    else:
        held = json.loads(text)
        found = held if isinstance(held, dict) else {path.stem: held}
    return {name: [_dialogue(one) for one in some] for name, some in found.items()}


def _dialogue(given: dict[str, Any]) -> dict[str, Any]:
    references = given.get("references") or [
        given[name] for name in sorted(given) if REFERENCE.fullmatch(name)
    ]
    lines = given.get("lines")
    if lines is None:
        said = [line.partition(":") for line in given.get("dialogue", "").splitlines()]
        lines = [[name.strip(), text.strip()] for name, _, text in said if text.strip()]
    if not lines or not references:
        raise ValueError("a dialogue has lines and at least one reference")
    return {"lines": lines, "references": references}


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
        references, ours = [words_in(one) for one in dialogue["references"]], picked(lines)
        sentences = [words_in(part) for line in lines for part in SENTENCE.split(line.text)]
        longest = sorted(sentences, key=len, reverse=True)
        for name, given in (("picked", [ours]), ("first", sentences), ("longest", longest)):
            words = [word for one in given for word in one][: len(ours)]
            scored = [rouge(words, reference) for reference in references]
            means = [statistics.mean(column) for column in zip(*scored, strict=True)]
            scores[name].append((means[0], means[1], means[2]))
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


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.summaries")
    parser.add_argument("path", nargs="?", type=Path, default=DIALOGUES)
    parser.add_argument("--out", type=Path, help="where the results are written as JSON")
    asked = parser.parse_args(arguments)
    results: dict[str, Any] = {"rouge": {}, "long_range": {}}
    for name, dialogues in load(asked.path).items():
        print(f"{name}, {len(dialogues)} dialogues: ROUGE-1, -2, -L")
        means = compared(dialogues)
        results["rouge"][name] = {"dialogues": len(dialogues), **means}
        for given, values in means.items():
            print(f"  {given:8}", *(f"{value:5}" for value in values))
    for messages in (200, 2000):
        topics, used = told(messages)
        results["long_range"][str(messages)] = {"topics": topics, "processor_s": round(used, 2)}
        print(f"{messages:,} messages: {topics} of {TOPICS} topics, {used:.2f} s of the processor")
    if asked.out:
        asked.out.write_text(json.dumps(results, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
