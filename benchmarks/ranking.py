"""How well search ranks: `python -m benchmarks.ranking DOCS QUERIES QRELS`.

A collection as TREC has it. DOCS: a folder; each file one document, named by its id (without the
ending), or several in `<DOC><DOCNO>id</DOCNO> … </DOC>`. QUERIES: `id<TAB>text` lines, or
`<top>` with `<num>` and `<title>`. QRELS: `query 0 document grade` lines.

What is compared, as nDCG@10 over the queries that have a relevant document:
- plain: BM25 over all texts, with true document frequencies and lengths;
- blind: what the server does with tokens alone, those matching more and rarer ones first;
- whole: what a member sees. The client decrypts 100 of those at a time, drops what does not
  match, ranks the rest by BM25 with the server's frequencies, forms of words below the words
  themselves, and goes on until ten are found.
The last word of a query is looked for as a beginning, as the client does while one types.

Also each word of the queries by itself: the share that finds nothing. A word is found if a document
has it, or a form of it, and what is asked for brings that document.
"""

from __future__ import annotations

import json
import math
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from sotto.protocol.search_text import Text

HERE = Path(__file__).resolve().parent
DEPTH = 10
CANDIDATES = 100  # decrypted at a time
BATCH = 500
ROOM, SENDER = "a" * 32, "b" * 32
_DOC = re.compile(r"<DOC>(.*?)</DOC>", re.S | re.I)
_DOCNO = re.compile(r"<DOCNO>\s*(\S+)\s*</DOCNO>", re.S | re.I)
_TOP = re.compile(r"<top>(.*?)</top>", re.S | re.I)
_NUM = re.compile(r"<num>\s*(?:Number:)?\s*(\S+)", re.I)
_TITLE = re.compile(r"<title>\s*(?:Topic:)?\s*([^<]*)", re.I)
_TAG = re.compile(r"<[^>]*>")

Grades = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Collection:
    """`docs` and `queries` by id; `grades[query][document]`, 0 for not relevant."""

    docs: dict[str, str]
    queries: dict[str, str]
    grades: dict[str, dict[str, int]]


def read_collection(docs: Path, queries: Path, qrels: Path) -> Collection:
    """ValueError if there is nothing to measure in it."""
    grades: dict[str, dict[str, int]] = {}
    for line in qrels.read_text("utf-8").splitlines():
        if line.strip():
            query, _, document, grade = line.split()
            grades.setdefault(query, {})[document] = max(0, int(grade))
    found = Collection(dict(_documents(docs)), dict(_queries(queries.read_text("utf-8"))), grades)
    if not any(set(found.grades.get(one, ())) & set(found.docs) for one in found.queries):
        raise ValueError("no query has a judged document in that folder")
    return found


def _documents(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        text = path.read_text("utf-8", errors="replace")
        several = _DOC.findall(text)
        for one in several:
            number = _DOCNO.search(one)
            if number is not None:
                yield number[1], unescape(_TAG.sub(" ", _DOCNO.sub(" ", one)))
        if not several:
            yield path.stem, text


def _queries(text: str) -> Iterator[tuple[str, str]]:
    for top in _TOP.findall(text):
        number, title = _NUM.search(top), _TITLE.search(top)
        if number is not None and title is not None:
            yield number[1], " ".join(title[1].split())
    if "<top>" not in text.lower():
        for line in text.splitlines():
            number_, tab, words = line.partition("\t")
            if tab:
                yield number_.strip(), words


def ndcg(ranked: Sequence[str], grades: Grades) -> float:
    """Of the first ten; gains are 2^grade - 1."""

    def gain(found: Sequence[int]) -> float:
        return sum((2**grade - 1) / math.log2(at + 2) for at, grade in enumerate(found[:DEPTH]))

    best = gain(sorted(grades.values(), reverse=True))
    return gain([grades.get(one, 0) for one in ranked]) / best if best else 0.0


# --- the three orders --------------------------------------------------------------------------


class Plain:
    """BM25 over the texts themselves."""

    def __init__(self, docs: Mapping[str, str]) -> None:
        from sotto.protocol.search_tokens import words_in

        self._counts: dict[str, dict[str, int]] = {}
        self._having: dict[str, list[str]] = {}
        for name, text in docs.items():
            found: dict[str, int] = {}
            for word, _ in words_in(text):
                found[word] = found.get(word, 0) + 1
            self._counts[name] = found
            for word in found:
                self._having.setdefault(word, []).append(name)
        self._lengths = {name: sum(found.values()) for name, found in self._counts.items()}
        self._average = sum(self._lengths.values()) / max(1, len(docs))

    def ranked(self, query: str) -> list[str]:
        from sotto.protocol.search_query import Counts, score
        from sotto.protocol.search_tokens import words

        asked = list(words(query))
        df = [len(self._having.get(word, ())) for word in asked]
        worth = {}
        for name in {name for word in asked for name in self._having.get(word, ())}:
            tf = [self._counts[name].get(word, 0) for word in asked]
            counts = Counts(tf, self._lengths[name])
            worth[name] = score(counts, df, len(self._counts), self._average)
        return sorted(worth, key=lambda name: (-worth[name], name))[:DEPTH]


class Blind:
    """A room whose messages are the documents, in the message store of this process."""

    def __init__(self, docs: Mapping[str, str]) -> None:
        from messaging.store import get_store

        self._docs, self._names = docs, list(docs)
        self._key = os.urandom(32)
        self._store = get_store()
        self._read: dict[str, Text] = {}
        self._fill()

    def _fill(self) -> None:
        from messaging.search.indexing import seal_full
        from messaging.search.query import Extent
        from messaging.store.base import NewMessage
        from sotto.protocol.search_terms import tokens_for

        last, new_messages = "", []
        for n, text in enumerate(self._docs.values(), 1):
            tokens = tuple(tokens_for(self._key, text, 1)["t"])
            new_messages.append(
                NewMessage(
                    room=ROOM,
                    uid=SENDER,
                    device=SENDER,
                    chain_number=n,
                    previous_id=last,
                    client_message_id=f"{n:032x}",
                    epoch=1,
                    message_id=f"{n:043x}",
                    header="h",
                    iv="iv",
                    ciphertext="Y3Q",
                    signature="sig",
                    stored_ms=n,
                    generation=1,
                    tokens=tokens,
                )
            )
            last = new_messages[-1].message_id
        for start in range(0, len(new_messages), BATCH):
            self._store.append(new_messages[start : start + BATCH])
        seal_full(self._store, ROOM, len(new_messages))
        sealed = self._store.index.sealed(ROOM)
        self._extent = Extent(1, len(new_messages), sealed)

    def ranked(self, query: str) -> tuple[list[str], list[str]]:
        """By tokens alone, and as a member sees it."""
        from messaging.search.query import Filters, Searcher
        from sotto.protocol.search_asking import frequencies, units
        from sotto.protocol.search_match import Matcher, best_first
        from sotto.protocol.search_query import parse_query
        from sotto.protocol.search_tokens import token

        matcher = Matcher(parse_query(query))
        asked = units(matcher)
        terms = list(dict.fromkeys(term for one in asked for term in one.terms))
        tokens = {1: tuple(token(self._key, term) for term in terms)}
        blind: list[str] = []
        whole: list[str] = []
        rest: list[int] | None = []
        while terms and rest is not None and len(whole) < DEPTH:
            searcher = Searcher(self._store, ROOM, tokens, Filters(), self._extent)
            page = searcher.relevant(CANDIDATES, rest)
            names = [self._names[hit.found.seq - 1] for hit in page.hits]
            blind += names
            fits = [(name, fit) for name in names if (fit := matcher.fit(self._text(name)))]
            df = frequencies(asked, dict(zip(terms, page.df, strict=True)))
            whole += best_first(matcher, fits, df, len(self._docs))
            rest = page.rest
        return blind[:DEPTH], whole[:DEPTH]

    def _text(self, name: str) -> Text:
        from sotto.protocol.search_text import read

        if name not in self._read:
            self._read[name] = read(self._docs[name])
        return self._read[name]


class Words:
    """Which single words find a document, by the terms of both versions that documents have."""

    def __init__(self, docs: Mapping[str, str]) -> None:
        from sotto.protocol import search_tokens as version_1
        from sotto.protocol.search_terms import terms
        from sotto.protocol.search_text import read

        self._texts = {name: read(text) for name, text in docs.items()}
        self._having: dict[str, set[str]] = {}
        for name, text in docs.items():
            for term in {*terms(text), *version_1.terms(text)}:
                self._having.setdefault(term, set()).add(name)

    def finds(self, word: str) -> bool:
        """True if a search for this word alone has a hit."""
        from sotto.protocol.search_asking import clauses
        from sotto.protocol.search_match import Matcher, Tier
        from sotto.protocol.search_query import parse_query

        matcher = Matcher(parse_query(word))
        for loose in (False, True):
            for name in self._brought(clauses(matcher, loose=loose)):
                fit = matcher.fit(self._texts[name])
                if fit is not None and fit.tier in (Tier.EXACT, Tier.FORMS):
                    return True
        return False

    def _brought(self, sets: Sequence[Sequence[str]]) -> set[str]:
        """The documents with all terms of one of the sets; without sets all are read."""
        if not sets:
            return set(self._texts)
        having = [[self._having.get(term, set()) for term in one] for one in sets]
        return set().union(*(set.intersection(*found) for found in having))


def without_a_hit(collection: Collection) -> dict[str, float]:
    """Of the distinct words of the queries that are not dropped, the share that finds nothing."""
    from sotto.protocol.search_terms import words_of
    from sotto.protocol.search_text import read

    known = Words(collection.docs)
    asked = sorted({word for text in collection.queries.values() for word in words_of(read(text))})
    none = sum(not known.finds(word) for word in asked)
    return {"words": len(asked), "without_a_hit": round(none / max(1, len(asked)), 4)}


def compared(collection: Collection) -> dict[str, float]:
    """Mean nDCG@10 of the three orders, and of how many queries."""
    plain, blind = Plain(collection.docs), Blind(collection.docs)
    sums = {"plain": 0.0, "blind": 0.0, "whole": 0.0}
    judged = {
        one: grades
        for one, grades in collection.grades.items()
        if one in collection.queries and any(grades.values())
    }
    for one, grades in judged.items():
        by_tokens, seen = blind.ranked(collection.queries[one])
        orders = {"plain": plain.ranked(collection.queries[one]), "blind": by_tokens, "whole": seen}
        for name, ranked in orders.items():
            sums[name] += ndcg(ranked, grades)
    means = {name: round(found / len(judged), 4) for name, found in sums.items()}
    return {"documents": len(collection.docs), "queries": len(judged), **means}


def main(docs: str, queries: str, qrels: str) -> None:
    collection = read_collection(Path(docs), Path(queries), Path(qrels))
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"SOTTO_DATA": folder, "DJANGO_SETTINGS_MODULE": "chatsite.settings"}
        os.environ |= {"DATABASE_URL": f"sqlite:///{folder}/sotto.sqlite3", "MONGODB_URL": ""}
        os.environ |= {"REDIS_URL": "", "LOG_LEVEL": "WARNING"}
        sys.path.insert(0, str(HERE.parent / "client"))
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        found = compared(collection) | without_a_hit(collection)
    print(json.dumps(found))
    if found["plain"]:
        print(f"whole scheme / plain BM25: {found['whole'] / found['plain']:.3f}")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
