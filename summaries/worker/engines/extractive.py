"""Without a model: the sentences that say most, as they were written.

TextRank (Mihalcea and Tarau, 2004): sentences vote for those that they share rare words with, and
votes of much-voted sentences count more. Maximal marginal relevance (Carbonell and Goldstein, 1998)
then takes the best that are not yet said, here or in the summary that this one goes on from. It
is a chat, so a line also counts for opening or answering a turn of others, and what
merely agrees counts little. No network, no key, any script.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from summaries.worker.engines.base import Failed, Text
from summaries.worker.envelopes import Line
from summaries.worker.sanitize import quoted

MOST = 400  # sentences compared with one another
SHOWN = (3, 10)  # lines of a summary, at least and at most
A_LINE_FOR = 15  # messages
DAMPING, ROUNDS = 0.85, 30
NOVELTY = 0.6  # how much a sentence's own weight counts against being said already
SENTENCE = re.compile(r"(?<=[.!?…。！？।])\s+|\n+")
WORD = re.compile(r"\w+")
PAIRED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
SAME = 0.8  # likeness from which a sentence says nothing new
LONG = 280  # characters of a sentence that are shown
TELLER = re.compile("- (?:[^:\n]{1,64}: )?")
RANGE = re.compile(r"\[\d+–\d+\]")
NOTHING_NEW = (
    "nothing_new",
    "These messages say nothing that the summary before them does not say.",
)


@dataclass(slots=True)
class Sentence:
    at: int
    name: str
    text: str
    words: Counter[str]
    turn: bool
    weight: float = 0.0


class Extractive:
    name = "extractive"
    model = "extractive-1"
    part = 120_000

    def summarise(self, lines: Sequence[Line], lang: str, earlier: str) -> Text:
        sentences = _sentences(lines)
        if not sentences:
            raise Failed("nothing", "These messages have no words to pick from.")
        sentences, vectors, said = _new(sentences, _told(earlier))
        if not sentences:
            raise Failed(*NOTHING_NEW)
        _rank(sentences, vectors)
        many = min(max(len(lines) // A_LINE_FOR, SHOWN[0]), SHOWN[1])
        chosen = sorted(_choose(sentences, vectors, said, many), key=lambda one: one.at)
        return Text(quoted("\n".join(f"- {one.name}: {_short(one.text)}" for one in chosen)))

    def merge(self, parts: Sequence[str], lang: str) -> Text:
        return Text("\n".join(dict.fromkeys("\n".join(parts).split("\n"))))


def _told(earlier: str) -> list[str]:
    """The sentences of a summary, without their speakers and its range of messages."""
    lines = (TELLER.sub("", line.strip()) for line in earlier.split("\n"))
    return [line for line in lines if line and not RANGE.fullmatch(line)][-MOST:]


def _new(
    sentences: Sequence[Sentence], told: Sequence[str]
) -> tuple[list[Sentence], list[dict[str, float]], list[float]]:
    """The heaviest sentences that were not told before, their vectors, and how much of each was."""
    known = {quoted(text) for text in told}
    fresh = [one for one in sentences if quoted(_short(one.text)) not in known]
    vectors = _vectors([*(one.words for one in fresh), *(Counter(_words(text)) for text in known)])
    before = vectors[len(fresh) :]
    found = []
    for at in _heaviest(vectors[: len(fresh)]):
        said = max((_likeness(vectors[at], other) for other in before), default=0.0)
        if said < SAME:
            found.append((fresh[at], vectors[at], said))
    return [one for one, _, _ in found], [v for _, v, _ in found], [said for _, _, said in found]


def _sentences(lines: Sequence[Line]) -> list[Sentence]:
    found: list[Sentence] = []
    before = ""
    for line in lines:
        for text in filter(None, (part.strip() for part in SENTENCE.split(line.text))):
            words = Counter(_words(text))
            if words:
                found.append(Sentence(len(found), line.name, text, words, line.name != before))
        before = line.name
    return found


def _words(text: str) -> list[str]:
    """Folded words; pairs of characters where a script sets no spaces."""
    bare = "".join(
        one for one in unicodedata.normalize("NFKD", text) if unicodedata.category(one) != "Mn"
    )
    found: list[str] = []
    for word in WORD.findall(unicodedata.normalize("NFKC", bare).casefold()):
        if PAIRED.fullmatch(word) and len(word) > 1:
            found += [word[at : at + 2] for at in range(len(word) - 1)]
        else:
            found.append(word)
    return found


def _vectors(sentences: Sequence[Counter[str]]) -> list[dict[str, float]]:
    """Of their words: term frequency by inverse document frequency, of length 1."""
    df = Counter(word for words in sentences for word in words)
    vectors = []
    for words in sentences:
        raw = {
            word: (1 + math.log(many)) * math.log((1 + len(sentences)) / df[word])
            for word, many in words.items()
        }
        length = math.sqrt(sum(value * value for value in raw.values())) or 1.0
        vectors.append({word: value / length for word, value in raw.items()})
    return vectors


def _heaviest(vectors: Sequence[dict[str, float]]) -> list[int]:
    """Comparing grows as the square: of very many, those with most words."""
    if len(vectors) <= MOST:
        return list(range(len(vectors)))
    order = sorted(range(len(vectors)), key=lambda at: len(vectors[at]), reverse=True)
    return sorted(order[:MOST])


def _rank(sentences: Sequence[Sentence], vectors: Sequence[dict[str, float]]) -> None:
    many = len(sentences)
    near = [[_likeness(a, b) if a is not b else 0.0 for b in vectors] for a in vectors]
    out = [sum(row) for row in near]
    ranks = [1.0 / many] * many
    for _ in range(ROUNDS):
        given = [rank / total if total else 0.0 for rank, total in zip(ranks, out, strict=True)]
        ranks = [
            (1 - DAMPING) / many + DAMPING * sum(a * b for a, b in zip(row, given, strict=True))
            for row in near
        ]
    for sentence, rank in zip(sentences, ranks, strict=True):
        substance = min(1.0, len(sentence.words) / 6)  # "ok", "thanks"
        turn = 1.15 if sentence.turn else 1.0
        sentence.weight = rank * many * substance * turn


def _likeness(a: dict[str, float], b: dict[str, float]) -> float:
    if len(b) < len(a):
        a, b = b, a
    return sum(value * b[word] for word, value in a.items() if word in b)


def _choose(
    sentences: Sequence[Sentence],
    vectors: Sequence[dict[str, float]],
    said: list[float],
    many: int,
) -> list[Sentence]:
    """The best that are not yet said; `said` is how much of each was said before."""
    heaviest = max(one.weight for one in sentences) or 1.0
    left, chosen = list(range(len(sentences))), list[int]()

    def worth(at: int) -> float:
        return NOVELTY * sentences[at].weight / heaviest - (1 - NOVELTY) * said[at]

    while left and len(chosen) < many:
        best = max(left, key=worth)
        chosen.append(best)
        for at in left:
            said[at] = max(said[at], _likeness(vectors[at], vectors[best]))
        left = [at for at in left if at != best and said[at] < SAME]
    return [sentences[at] for at in chosen]


def _short(text: str) -> str:
    return text if len(text) <= LONG else text[:LONG].rsplit(" ", 1)[0] + " …"
