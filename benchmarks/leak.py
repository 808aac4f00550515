"""Words that an observer of the blind index can name: `python -m benchmarks.leak TEXTS`.

TEXTS: messages, one a line. A room sends their tokens, of version 1 or 2, and the observer sees
which messages share one. Three observers try to name tokens:
- list: knows the words' frequencies in the other half of the lines, as a public list would give
  them, and takes tokens and words in the order of frequency;
- half: knows every second message's text, not which message it is, and does the same with it;
- known: knows half of the texts and the tokens of the 10 most frequent words, and takes for each
  other token the word that stands beside these most alike.
A word is named if its own token was taken for it. Counted among the 100 most frequent words, apart
from beginnings, and for known among all that the observer can compare. Single characters of
scripts without spaces, of which version 2 has no tokens, are counted as if it had.
"""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "client"))

from sotto.protocol import search_terms, search_tokens
from sotto.protocol.search_text import read

FREQUENT, KNOWN, COMPARED = 100, 10, 400
Terms = Callable[[str], Iterable[str]]


def version_1(text: str) -> Iterable[str]:
    return search_tokens.terms(text)


def version_2(text: str) -> Iterable[str]:
    return dict.fromkeys([*search_tokens.terms(text), *search_terms.terms(text)])


def with_characters(text: str) -> Iterable[str]:
    """Version 2, if single characters had tokens."""
    single = (f"c:{atom.text}" for atom in read(text).atoms if atom.paired)
    return dict.fromkeys([*version_2(text), *single])


def frequencies(texts: Sequence[str], terms: Terms) -> Counter[str]:
    """The number of texts with each term."""
    return Counter(term for text in texts for term in set(terms(text)))


def by_rank(seen: Counter[str], guessed: Counter[str], kind: str) -> int:
    """The number of the most frequent words that stand at the same place in both orders."""
    order = [term for term, _ in seen.most_common()]
    place = {term: at for at, (term, _) in enumerate(guessed.most_common())}
    words = [term for term in order if term.startswith(kind)][:FREQUENT]
    at = {term: number for number, term in enumerate(order)}
    return sum(place.get(word) == at[word] for word in words)


def by_company(room: Sequence[str], texts: Sequence[str], terms: Terms) -> tuple[int, int]:
    """The number of words named by the known words that they stand beside, and of all compared."""
    known = [term for term, _ in frequencies(room, terms).most_common() if term[0] == "w"][:KNOWN]
    seen, guessed = company(room, terms, known), company(texts, terms, known)
    compared = [term for term in seen if term in guessed and term not in known]
    named = [term for term in compared if nearest(seen[term], guessed) == term]
    return len(named), len(compared)


def company(
    texts: Sequence[str], terms: Terms, known: Sequence[str]
) -> dict[str, tuple[float, ...]]:
    """Of the most frequent terms the share of texts with them, and with them and each known."""
    counts, beside = frequencies(texts, terms), Counter[tuple[str, str]]()
    chosen = {term for term, _ in counts.most_common(COMPARED)}
    for text in texts:
        found = set(terms(text)) & (chosen | set(known))
        for one in found & set(known):
            for term in found:
                beside[term, one] += 1
    size = len(texts)
    return {
        term: (
            math.sqrt(counts[term] / size),
            *(math.sqrt(beside[term, one] / size) for one in known),
        )
        for term in chosen
    }


def nearest(wanted: tuple[float, ...], among: Mapping[str, tuple[float, ...]]) -> str:
    return min(among, key=lambda term: math.dist(wanted, among[term]))


def measured(lines: Sequence[str], terms: Terms, kinds: str = "w") -> dict[str, object]:
    """The number of words that each observer names of a room with all lines, or half for `list`."""
    first, second = lines[::2], lines[1::2]
    seen, half = frequencies(lines, terms), frequencies(first, terms)
    named, compared = by_company(lines, first, terms)
    return {
        "tokens_per_message": round(sum(len(set(terms(line))) for line in lines) / len(lines), 1),
        **{
            f"{name}{'' if kind == 'w' else '_characters'}": by_rank(room, guess, kind)
            for kind in kinds
            for name, room, guess in (
                ("list", half, frequencies(second, terms)),
                ("half", seen, half),
            )
        },
        "known": named,
        "known_of": compared,
    }


def main(path: str) -> None:
    lines = [line for line in Path(path).read_text("utf-8").splitlines() if line.strip()]
    print(json.dumps({"messages": len(lines)}))
    print("version 1      ", json.dumps(measured(lines, version_1)))
    print("version 2      ", json.dumps(measured(lines, version_2)))
    print("with characters", json.dumps(measured(lines, with_characters, "wc")))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
