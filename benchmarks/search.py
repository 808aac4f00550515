"""Search in a room of 1,000,000 messages: `python -m benchmarks.search sqlite|postgres [MESSAGES]`.

A site of its own in a temporary folder (PostgreSQL brings its server along, or PG_TEST_URL names
one), a room that came about by the rules, and messages that nobody wrote (see chatter.py). They
are appended by the message store as the committer does it, in batches of 500 up to the last tenth
and of 20 after that, and each full segment is sealed when its last number is taken. What is timed
of a search is everything but HTTP, with an empty cache: the door, the index, the rows of the first
page. It is asked with whole words and with a beginning as the last one, as a client does while one
types; in the room, in the room with 2,048 and 4,095 messages in no segment, and in a room of 4,000.
Pages of the newest are compared with what was said, and so are the document frequencies of those by
relevance. Beside the time is that of the processor, because other programs lengthen only the first;
of PostgreSQL it leaves out the database.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from itertools import islice, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django

from benchmarks.machine import machine
from tests.engines.postgres import postgres_url

if TYPE_CHECKING:
    from accounts.models import User
    from benchmarks.chatter import Chatter
    from messaging.store.base import MessageStore, NewMessage

HERE = Path(__file__).resolve().parent
OUT = HERE / "search.json"
MESSAGES = 1_000_000
FILLING, BATCH = 500, 20  # messages in a write
QUESTIONS = 100  # of each kind
FREQUENT = 100  # words
PAGE = 50
ORDERS = ("newest", "relevance")
SMALL = 4_000  # messages, all of them in no segment
TAILS = (2_048, 4_095)
BEGINNING = 5  # letters


def appended(store: MessageStore, new_messages: list[NewMessage], batch: int) -> dict[str, float]:
    """Seconds that writing took, and sealing after it."""
    from messaging.search.indexing import seal_full
    from messaging.store.base import Appended

    shape, writing, sealing = store.index.shape, 0.0, 0.0
    for start in range(0, len(new_messages), batch):
        part = new_messages[start : start + batch]
        began = time.perf_counter()
        seqs = [outcome.seq for outcome in store.append(part) if isinstance(outcome, Appended)]
        written = time.perf_counter()
        writing += written - began
        if len(seqs) < len(part):
            raise RuntimeError("a message was refused")
        if shape.segment(seqs[-1] + 1) > shape.segment(seqs[0]):
            seal_full(store, part[0].room, seqs[-1])
            sealing += time.perf_counter() - written
    return {"writing": writing, "sealing": sealing}


def grown(store: MessageStore, chatter: Chatter, messages: int) -> dict[str, Any]:
    """Append all messages; how fast the last tenth went, and what a segment's sealing took."""
    last = messages // 10
    spent: dict[str, float] = {}
    for many, batch in ((messages - last, FILLING), (last, BATCH)):
        spent = {"writing": 0.0, "sealing": 0.0}
        new_messages = chatter.new_messages(many)
        while part := list(islice(new_messages, 10 * FILLING)):
            for name, seconds in appended(store, part, batch).items():
                spent[name] += seconds
    segments = max(1, last >> store.index.shape.bits)
    return {
        "batch": BATCH,
        "per_second": round(last / (spent["writing"] + spent["sealing"])),
        "per_second_without_sealing": round(last / spent["writing"]),
        "seal_ms": round(spent["sealing"] * 1000 / segments),
    }


# --- asking ------------------------------------------------------------------------------------


def asked_for(chatter: Chatter, kind: str, words: int) -> list[str]:
    """The terms of one question. `written`: words that stand in one message."""
    dice = chatter.dice
    if kind == "frequent":
        return dice.sample(chatter.frequent(FREQUENT), words)
    if kind == "rare":
        return dice.sample(chatter.rare(), words)
    while len(found := chatter.some_words()) < words or not all(w in chatter.said for w in found):
        pass
    return dice.sample(found, words)


def term_of(word: str, *, last: bool, begun: bool) -> str:
    """The term that a client asks for: a word, or the beginning that the last one may be."""
    return f"p:{word[:BEGINNING]}" if last and begun else f"w:{word}"


def timed(
    user: User, chatter: Chatter, order: str, words: list[str], *, begun: bool = False
) -> tuple[float, float]:
    """Milliseconds that a first page took, and of the processor; AssertionError if it lacks what
    was said.
    """
    from django.core.cache import cache

    from messaging.search.actions import Question, search
    from messaging.search.query import Filters
    from rooms.access import room_for_member

    terms = [term_of(word, last=word == words[-1], begun=begun) for word in words]
    question = Question({1: tuple(map(chatter.token, terms))}, order, Filters(), PAGE, None)
    cache.clear()
    began, used = time.perf_counter(), time.process_time()
    answer = search(room_for_member(user, chatter.room).room, question)
    took, used = time.perf_counter() - began, time.process_time() - used
    said = [chatter.saying(term) for term in terms]
    got = [hit["seq"] for hit in answer["hits"]]
    if order == "newest":
        oldest = got[-1] if answer["cursor"] else 0
        missed = {seq for seq in set.intersection(*said) if seq >= oldest} - set(got)
    else:
        missed = {at for at, one in enumerate(said) if answer["df"][at] < len(one)}
    if missed or (got != sorted(set(got), reverse=True) and order == "newest"):
        raise AssertionError("a page is not what was said")
    return took * 1000, used * 1000


def asked(user: User, chatter: Chatter, questions: int, where: str) -> list[dict[str, Any]]:
    rows = []
    for kind in ("frequent", "written", "rare"):
        for words in (1, 2, 3):
            sets = [asked_for(chatter, kind, words) for _ in range(questions)]
            for order, begun in product(ORDERS, (False, True)):
                every = [timed(user, chatter, order, one, begun=begun) for one in sets]
                times = sorted(took for took, _ in every)
                used = sorted(used for _, used in every)
                rows.append(
                    {
                        "where": where,
                        "words": kind,
                        "many": words,
                        "beginning": begun,
                        "order": order,
                        "p50_ms": round(statistics.median(times), 2),
                        "p99_ms": round(times[max(0, round(0.99 * questions) - 1)], 2),
                        "cpu_p50_ms": round(statistics.median(used), 2),
                        "cpu_p99_ms": round(used[max(0, round(0.99 * questions) - 1)], 2),
                    }
                )
    return rows


def paged(store: MessageStore, room: str, messages: int) -> list[dict[str, Any]]:
    """A page of history as a reader scrolls: the rows, and the messages that refer to them."""
    rows = []
    for where, near in (("newest", messages), ("middle", messages // 2), ("oldest", 2 * PAGE)):
        times = []
        for at in range(QUESTIONS):
            before = near + 1 - (at * 7) % PAGE
            began = time.perf_counter()
            page = store.page(room, before=before, limit=PAGE)
            named = store.referring(room, first=page[0].seq, last=page[-1].seq, limit=PAGE)
            store.rows(room, store.sizes(room, named))
            times.append((time.perf_counter() - began) * 1000)
            if [row.seq for row in page] != list(range(before - PAGE, before)):
                raise AssertionError("a page is not what was said")
        times.sort()
        p50, p99 = statistics.median(times), times[round(0.99 * QUESTIONS) - 1]
        rows.append({"where": where, "p50_ms": round(p50, 2), "p99_ms": round(p99, 2)})
    return rows


# --- weighing ----------------------------------------------------------------------------------


def weighed(messages: int) -> dict[str, float]:
    """Bytes a message: the segments with their index, the tokens beside messages, the table."""
    from django.db import connection

    with connection.cursor() as cursor:

        def one(query: str) -> float:
            cursor.execute(query)
            return round(cursor.fetchone()[0] / messages, 1)

        if connection.vendor == "sqlite":
            pages = "SELECT SUM(d.pgsize) FROM dbstat d JOIN sqlite_master m USING (name) WHERE "
            segments = one(pages + "m.tbl_name = 'message_search_index'")
            table = one(pages + "m.tbl_name = 'messages'")
        else:
            segments = one("SELECT pg_total_relation_size('message_search_index')")
            table = one("SELECT pg_total_relation_size('messages')")
        tokens = one("SELECT SUM(LENGTH(tokens)) FROM messages")
    return {"segments": segments, "tokens": tokens, "messages_with_tokens": table}


def with_tail(chatter: Chatter, tail: int) -> None:
    """Append messages until so many are in no segment."""
    from messaging.store import get_store

    store = get_store()
    size = 1 << store.index.shape.bits
    head = store.heads([chatter.room])[chatter.room]
    missing = (tail - 1 - head) % size  # a segment ends with the number before a multiple of it
    appended(store, list(chatter.new_messages(missing)), FILLING)


def measured(messages: int, questions: int = QUESTIONS) -> dict[str, Any]:
    """In the database of this process, which is up to date and empty."""
    from django.db import connection

    from benchmarks.chatter import Chatter
    from benchmarks.town import found_town
    from messaging.store import get_store

    def settle() -> None:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")  # as it does by itself, later

    town = found_town(2, 1)
    chatter = Chatter(town.state.room, e=town.state.e)
    pages: list[dict[str, Any]] = []
    small = min(SMALL, messages)
    appended(get_store(), list(chatter.new_messages(small)), FILLING)
    settle()
    pages += asked(town.owner.user, chatter, questions, f"{small:,} messages")
    append = grown(get_store(), chatter, messages - small)
    settle()
    facts = {
        "messages": messages,
        "append": append,
        "bytes_per_message": weighed(messages),
        "history_page": paged(get_store(), chatter.room, messages),
    }
    pages += asked(town.owner.user, chatter, questions, f"{messages:,} messages")
    for tail in TAILS:
        with_tail(chatter, tail)
        pages += asked(town.owner.user, chatter, questions, f"{tail:,} in no segment")
    return {**facts, "first_page": pages}


# --- the command -------------------------------------------------------------------------------


def in_a_site(messages: int) -> None:
    """In a process whose environment names the database: the figures as JSON."""
    sys.path.insert(0, str(HERE.parent / "client"))
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    print(json.dumps(measured(messages)))


def show(engine: str, found: dict[str, Any]) -> None:
    append, weight = found["append"], found["bytes_per_message"]
    print(f"{engine}, {found['messages']:,} messages")
    print(f"append {append['per_second']:,}/s in batches of {append['batch']}, sealing included;")
    print(f"  {append['per_second_without_sealing']:,}/s without; {append['seal_ms']} ms a segment")
    print(f"bytes a message: {weight['segments']} segments, {weight['tokens']} tokens")
    for row in found["history_page"]:
        print(f"a page of {PAGE} of history, {row['where']}: {row['p50_ms']} / {row['p99_ms']} ms")
    print(
        "where                  words     many  begun  order      p50 ms  p99 ms  CPU p50     p99"
    )
    for row in found["first_page"]:
        print(f"{row['where']:22} {row['words']:9} {row['many']:4}  {row['beginning']!s:5}", end="")
        print(f"  {row['order']:9} {row['p50_ms']:7} {row['p99_ms']:7}", end="")
        print(f" {row['cpu_p50_ms']:8} {row['cpu_p99_ms']:7}")


def main(engine: str, messages: int = MESSAGES) -> None:
    facts = machine()
    database: Callable[[], Any] = postgres_url if engine == "postgres" else nullcontext
    with tempfile.TemporaryDirectory() as folder, database() as url:
        about = {"SOTTO_DATA": folder, "DJANGO_SETTINGS_MODULE": "chatsite.settings"}
        about |= {"DATABASE_URL": url or f"sqlite:///{folder}/sotto.sqlite3"}
        about |= {"MONGODB_URL": "", "REDIS_URL": "", "LOG_LEVEL": "WARNING"}
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.search", "--here", str(messages)],
            env={**os.environ, **about},
            stdout=subprocess.PIPE,
            check=True,
        )
    found = json.loads(done.stdout)
    show(engine, found)
    kept = json.loads(OUT.read_text()) if OUT.exists() else {}
    OUT.write_text(json.dumps({**kept, engine: {**facts, **found}}, indent=2) + "\n")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--here", many]:
            in_a_site(int(many))
        case [("sqlite" | "postgres") as engine, *rest] if len(rest) < 2:
            main(engine, *map(int, rest))
        case _:
            sys.exit(__doc__)
