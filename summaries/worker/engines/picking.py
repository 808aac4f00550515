"""The sentences that say most of a conversation, as a table of contents: pure, without a model.

The conversation is cut into slices where it pauses or turns to other words (TextTiling, Hearst
1997). Of each slice those sentences are taken that are nearest to all its words, by tf-idf, and
that are not yet said (maximal marginal relevance, Carbonell and Goldstein 1998). The first messages
of a slice, which say what it is about, weigh more; a question weighs less and brings its answer.
What somebody repeats with few other words, as programs do, counts once and weighs less, and nobody
has more than half of a slice while others have something to say.
static/js/conversation/summaries/pick-lines.js does the same, with the same vectors.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from summaries.worker.envelopes import Line
from summaries.worker.sanitize import quoted

A_SLICE_FOR, MOST_SLICES, LEAST_SLICE = 20, 12, 4  # messages, slices, messages
A_LINE_FOR, SHOWN = 10, (3, 24)  # messages; lines at least and at most
WINDOW = 6  # messages that are compared on both sides of a place
PAUSE = 2 * 60 * 60 * 1000  # ms that separate as much as other words do
NOVELTY = 0.5  # how much a sentence's own weight counts against being said already
ALIKE = 0.5  # share of common words from which a sender repeats a sentence (Jaccard)
COMPARED = 60  # sentences of a sender that a new one is compared with, the latest
SAME = 0.8  # likeness from which a sentence says nothing new
NEAR = 5  # messages after a question that may answer it
SUBSTANCE = 10  # words of a sentence that says something (benchmarks/summaries.py)
ASKED = 0.7  # how much a question weighs beside a statement
OPENING = 0.7  # how much more the first message of a slice weighs; the n-th an n-th part of that
LONG = 280  # characters of a sentence that are shown
MOST_TOLD = 100  # sentences of an earlier summary that are compared

SENTENCE = re.compile(
    r"(?<=[.!?…।॥؟۔։።။។])[ \t\u00a0\u3000]+|(?<=[。！？])|[\n\v\f\r\x85\u2028\u2029]+"
)
QUESTION = re.compile("[?؟？\u037e፧]$|[\u0370-\u03ff\u1f00-\u1fff].*;$")
"""The sign of a Greek question is a semicolon."""
PAIRED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+"
)
DIGITS = re.compile("[0-9]+")

Vector = dict[str, float]


@dataclass(frozen=True, slots=True)
class Pick:
    """A sentence of message `seq`, sent at `ts` (ms); `answers` the line before it."""

    seq: int
    ts: int
    name: str
    text: str
    answers: bool = False


@dataclass(frozen=True, slots=True)
class Slice:
    """Messages that belong together, from `since` to `until` (ms), and what is picked of them."""

    since: int
    until: int
    picks: list[Pick]


@dataclass(slots=True)
class Sentence:
    """`at`: the place of its message; `times`: how often its sender said the like; `said`: how much
    of it was said before, 0 … 1.
    """

    at: int
    text: str
    words: Counter[str]
    times: int = 1
    vector: Vector = field(default_factory=dict)
    said: float = 0.0
    weight: float = 0.0


def pick(lines: Sequence[Line], told: Sequence[str] = ()) -> list[Slice]:
    """The slices of a conversation of which there is something new to tell.

    Args:
        lines: in order.
        told: sentences of an earlier summary, which are not told again.
    """
    lines, sentences = _telling(lines, _sentences(lines))
    if not lines:
        return []
    _weigh(sentences, list(told)[-MOST_TOLD:])
    spans = _spans(lines, sentences)
    shares = _shares([last - first for first, last in spans], len(lines))
    chosen: list[Sentence] = []
    slices = []
    for (first, last), many in zip(spans, shares, strict=True):
        inside = [one for one in sentences if first <= one.at < last]
        pairs = _chosen(inside, chosen, lines, many)
        chosen += [one for one, _ in pairs]
        if pairs:
            picks = [_pick(one, lines, answers=answers) for one, answers in pairs]
            slices.append(Slice(lines[first].ts, lines[last - 1].ts, picks))
    return slices


def _sentences(lines: Sequence[Line]) -> list[Sentence]:
    """The sentences with words. Of somebody's that are alike, whatever their numbers, the first."""
    found: list[Sentence] = []
    of_sender: dict[str, list[tuple[frozenset[str], Sentence]]] = {}
    for at, line in enumerate(lines):
        before = of_sender.setdefault(line.name, [])
        for part in SENTENCE.split(line.text):
            text = part.strip()
            words = words_in(text)
            if not words:
                continue
            bare = frozenset(DIGITS.sub("0", word) for word in words)
            again = next((one for other, one in before[-COMPARED:] if _alike(bare, other)), None)
            if again:
                again.times += 1
                continue
            found.append(Sentence(at, text, Counter(words)))
            before.append((bare, found[-1]))
    return found


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    shared = len(one & other)
    return shared >= ALIKE * (len(one) + len(other) - shared)


def _telling(lines: Sequence[Line], sentences: list[Sentence]) -> tuple[list[Line], list[Sentence]]:
    """The messages that have sentences, and these with places among them."""
    places = list(dict.fromkeys(one.at for one in sentences))
    moved = {at: place for place, at in enumerate(places)}
    for one in sentences:
        one.at = moved[one.at]
    return [lines[at] for at in places], sentences


def words_in(text: str) -> list[str]:
    """Folded words; pairs of characters where a script sets no spaces."""
    bare = "".join(
        one for one in unicodedata.normalize("NFKD", text) if unicodedata.category(one) != "Mn"
    )
    plain = unicodedata.normalize("NFKC", bare).lower()
    spaced = "".join(
        one if one == "_" or unicodedata.category(one)[0] in "LNM" else " " for one in plain
    )
    found: list[str] = []
    for word in spaced.split():
        if PAIRED.fullmatch(word) and len(word) > 1:
            found += [word[at : at + 2] for at in range(len(word) - 1)]
        else:
            found.append(word)
    return found


def _weigh(sentences: Sequence[Sentence], told: Sequence[str]) -> None:
    """Set the vectors: term frequency by inverse document frequency, of length 1; and how much was
    told before.
    """
    known = {quoted(text) for text in told}
    before = [Counter(words_in(text)) for text in told]
    every = [*(one.words for one in sentences), *before]
    df = Counter(word for words in every for word in words)
    vectors = [_vector(words, df, len(every)) for words in every]
    earlier = vectors[len(sentences) :]
    for one, vector in zip(sentences, vectors, strict=False):
        one.vector = vector
        one.said = max((_likeness(vector, other) for other in earlier), default=0.0)
        if known and quoted(_short(one.text)) in known:
            one.said = 1.0


def _vector(words: Counter[str], df: Mapping[str, int], many: int) -> Vector:
    raw = {
        word: _rounded(1 + math.log(n)) * _rounded(math.log((1 + many) / df[word]))
        for word, n in words.items()
    }
    return _of_length_one(raw)


def _rounded(value: float) -> float:
    """Logarithms differ between languages in their last digit."""
    return math.floor(value * 1e6 + 0.5) / 1e6


def _of_length_one(raw: Vector) -> Vector:
    total = 0.0
    for value in raw.values():
        total += value * value
    length = math.sqrt(total) or 1.0
    return {word: value / length for word, value in raw.items()}


def _sum(vectors: Iterable[Vector]) -> Vector:
    total: Vector = {}
    for vector in vectors:
        for word, value in vector.items():
            total[word] = total.get(word, 0.0) + value
    return _of_length_one(total)


def _likeness(a: Vector, b: Vector) -> float:
    """The cosine of two vectors of length 1."""
    if len(b) < len(a):
        a, b = b, a
    total = 0.0
    for word, value in a.items():
        if word in b:
            total += value * b[word]
    return total


# --- slices ------------------------------------------------------------------------------------


def _spans(lines: Sequence[Line], sentences: Sequence[Sentence]) -> list[tuple[int, int]]:
    """The places of messages where slices begin and end."""
    vectors: list[list[Vector]] = [[] for _ in lines]
    for one in sentences:
        vectors[one.at].append(one.vector)
    many = min(max(len(lines) // A_SLICE_FOR, 1), MOST_SLICES)
    scores = []
    for at in range(LEAST_SLICE, len(lines) - LEAST_SLICE + 1 if many > 1 else 0):
        left = _sum(vector for some in vectors[max(0, at - WINDOW) : at] for vector in some)
        right = _sum(vector for some in vectors[at : at + WINDOW] for vector in some)
        pause = min(max(lines[at].ts - lines[at - 1].ts, 0), PAUSE) / PAUSE
        scores.append((-(1 - _likeness(left, right) + pause), at))
    cuts: list[int] = []
    for _, at in sorted(scores):
        if len(cuts) + 1 < many and all(abs(at - cut) >= LEAST_SLICE for cut in cuts):
            cuts.append(at)
    edges = [0, *sorted(cuts), len(lines)]
    return list(pairwise(edges))


def _shares(sizes: Sequence[int], messages: int) -> list[int]:
    """The number of lines of each slice: at least one, the others by its size (D'Hondt)."""
    shares = [1] * len(sizes)
    most = min(max(messages // A_LINE_FOR, SHOWN[0]), SHOWN[1])
    for _ in range(most - len(sizes)):
        best = max(range(len(sizes)), key=lambda at: (sizes[at] / (shares[at] + 1), -at))
        shares[best] += 1
    return shares


# --- sentences ---------------------------------------------------------------------------------


def _chosen(
    inside: Sequence[Sentence], before: Sequence[Sentence], lines: Sequence[Line], many: int
) -> list[tuple[Sentence, bool]]:
    """The best sentences of a slice in order, each with whether it answers the one before."""
    centre = _sum(one.vector for one in inside)
    for one in inside:
        substance = min(1.0, len(one.words) / SUBSTANCE)  # "ok", "thanks"
        opening = 1 + OPENING / (1 + one.at - inside[0].at)
        kind = ASKED if QUESTION.search(one.text) else 1.0
        one.weight = _likeness(one.vector, centre) * substance * opening * kind / one.times
        for other in before:
            one.said = max(one.said, _likeness(one.vector, other.vector))
    heaviest = max((one.weight for one in inside), default=0.0) or 1.0
    left = [one for one in inside if one.said < SAME]
    found: list[tuple[Sentence, Sentence | None]] = []
    count = 0
    while left and count < many:
        allowed = _of_all_senders(left, found, lines, many)
        best = allowed[0]
        for one in allowed:
            if _worth(one, heaviest) > _worth(best, heaviest):
                best = one
        alone = [one for one, its_answer in found if its_answer is None]
        answer = _answer(best, [*left, *alone], lines)
        taken = [best] if answer is None else [best, answer]
        count += len(taken)
        if answer in alone:  # it was picked before its question
            found.remove((answer, None))
            count -= 1
        found.append((best, answer))
        for one in left:
            for other in taken:
                one.said = max(one.said, _likeness(one.vector, other.vector))
        left = [one for one in left if one not in taken and one.said < SAME]
    found.sort(key=lambda pair: inside.index(pair[0]))
    return [
        (one, one is answer)
        for best, answer in found
        for one in ((best,) if answer is None else (best, answer))
    ]


def _of_all_senders(
    left: Sequence[Sentence],
    found: Sequence[tuple[Sentence, Sentence | None]],
    lines: Sequence[Line],
    many: int,
) -> Sequence[Sentence]:
    """Those of senders who have less than half of a slice's lines; all, if no others are left."""
    taken = Counter(lines[one.at].name for pair in found for one in pair if one)
    half = (many + 1) // 2
    return [one for one in left if taken[lines[one.at].name] < half] or left


def _worth(one: Sentence, heaviest: float) -> float:
    return NOVELTY * one.weight / heaviest - (1 - NOVELTY) * one.said


def _answer(asked: Sentence, among: Sequence[Sentence], lines: Sequence[Line]) -> Sentence | None:
    """The sentence that answers a question: of somebody else, soon after it, about the same."""
    if not QUESTION.search(asked.text):
        return None
    best, most = None, 0.0
    for one in among:
        distance = one.at - asked.at
        if not 1 <= distance <= NEAR or lines[one.at].name == lines[asked.at].name:
            continue
        if len(one.words) < 2 or QUESTION.search(one.text):
            continue
        value = _likeness(one.vector, asked.vector) + 0.1 * (NEAR + 1 - distance)
        if value > most:
            best, most = one, value
    return best


def _pick(one: Sentence, lines: Sequence[Line], *, answers: bool) -> Pick:
    line = lines[one.at]
    name = " ".join(quoted(line.name).split())
    return Pick(line.seq, line.ts, name, quoted(_short(one.text)), answers)


def _short(text: str) -> str:
    return text if len(text) <= LONG else text[:LONG].rsplit(" ", 1)[0] + " …"
