"""What the measurements of search measure is true: pages are checked, a small collection ranks
as it is known to, and files of TREC are read as they are meant.
"""

from __future__ import annotations

import math

import pytest

from benchmarks.chatter import Chatter
from benchmarks.ranking import compared, ndcg, read_collection, without_a_hit
from benchmarks.search import ORDERS, asked_for, measured, timed
from messaging.store import get_store
from messaging.store.orm.store import OrmStore
from rooms.models import Member, Room
from sotto.protocol.search_terms import tokens_for

pytestmark = pytest.mark.django_db(transaction=True)
MESSAGES, QUESTIONS = 5000, 3  # a segment and a tail


@pytest.fixture(autouse=True)
def _fresh_store():
    get_store.cache_clear()
    yield
    get_store.cache_clear()


# --- times ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_every_kind_of_question_is_measured():
    found = measured(MESSAGES, QUESTIONS)
    told = ("where", "words", "many", "beginning", "order")
    kinds = {tuple(row[one] for one in told) for row in found["first_page"]}
    assert len(kinds) == len(found["first_page"]) == 4 * 3 * 3 * 2 * len(ORDERS)
    head = get_store().heads(list(Room.objects.values_list("pk", flat=True)))
    assert sum(head.values()) + 1 == 4096 + 4095
    assert all(0 < row["p50_ms"] <= row["p99_ms"] for row in found["first_page"])
    weight = found["bytes_per_message"]
    assert 0 < weight["tokens"] < weight["segments"] < weight["messages_with_tokens"]
    assert found["append"]["per_second_without_sealing"] >= found["append"]["per_second"] > 0


def test_a_page_that_lacks_a_message_fails(ada, monkeypatch):
    """Else the measurement could be of an index that finds nothing."""
    searched = Member(room=Room(pk="c" * 32, policy={"search": "server"}))
    monkeypatch.setattr("rooms.access.room_for_member", lambda user, room: searched)
    chatter = Chatter("c" * 32)
    messages = list(chatter.new_messages(100))
    store = get_store()
    assert isinstance(store, OrmStore)
    store.append(messages)
    [word] = asked_for(chatter, "written", 1)
    for order in ORDERS:
        for begun in (False, True):
            assert min(timed(ada.user, chatter, order, [word], begun=begun)) > 0
    chatter.said[word].append(99 if 99 not in chatter.said[word] else 98)
    for order in ORDERS:
        with pytest.raises(AssertionError, match="not what was said"):
            timed(ada.user, chatter, order, [word])


def test_made_up_messages_carry_tokens_of_the_usual_number():
    chatter = Chatter("c" * 32, seed=7)
    messages = list(chatter.new_messages(1000))
    assert all(len(message.tokens) % 8 == 0 for message in messages)
    assert 20 < sum(len(message.tokens) for message in messages) / 1000 < 33
    first = messages[0]
    said = " ".join(word for word, seqs in chatter.said.items() if 1 in seqs)
    real = tokens_for(chatter.key, said, 1)["t"]
    assert len(real) == len(first.tokens)
    assert len(set(real) & set(first.tokens)) > len(real) - 8, "all but the random ones"
    assert messages[5] == list(Chatter("c" * 32, seed=7).new_messages(6))[5]


# --- ranking -------------------------------------------------------------------------------------

DOCS = {
    "pears": "Pears are ripe. Pears and more pears.",
    "apples": "Apples, and one of the pears, lay in a basket beside a long and dusty road.",
    "plums": "Plums only.",
}


@pytest.fixture
def collection(tmp_path):
    """Three files of prose, one file of three documents about weather, two questions."""
    docs = tmp_path / "docs"
    docs.mkdir()
    for name, text in DOCS.items():
        (docs / f"{name}.txt").write_text(text)
    weather = "\n".join(
        f"<DOC>\n<DOCNO> W-{n} </DOCNO>\n<TEXT>\n{'rain ' * n}&amp; sun\n</TEXT>\n</DOC>"
        for n in (1, 2, 3)
    )
    (docs / "weather").write_text(weather)
    (tmp_path / "queries").write_text("1\tripe pears\n2\train\n3\tnobody judged this\n")
    qrels = "1 0 pears 2\n1 0 apples 1\n1 0 plums 0\n2 0 W-3 1\n2 Q0 W-1 -1\n"
    (tmp_path / "qrels").write_text(qrels)
    return read_collection(docs, tmp_path / "queries", tmp_path / "qrels")


def test_files_of_a_collection(collection):
    assert set(collection.docs) == {*DOCS, "W-1", "W-2", "W-3"}
    assert collection.docs["W-2"].split() == ["rain", "rain", "&", "sun"]
    assert collection.queries["1"] == "ripe pears"
    assert collection.grades["2"] == {"W-3": 1, "W-1": 0}


def test_words_that_find_nothing(collection):
    """ripe, pears, rain are there; nobody, judged, this (dropped) are not."""
    assert without_a_hit(collection) == {"words": 5, "without_a_hit": 0.4}


def test_queries_may_be_topics(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("pears")
    topic = "<top>\n<num> Number: 301\n<title> Topic: ripe\n  pears\n<desc> Which?\n</top>\n"
    (tmp_path / "queries").write_text(topic)
    (tmp_path / "qrels").write_text("301 0 a 1\n")
    found = read_collection(tmp_path / "docs", tmp_path / "queries", tmp_path / "qrels")
    assert found.queries == {"301": "ripe pears"}
    (tmp_path / "qrels").write_text("302 0 a 1\n")
    with pytest.raises(ValueError, match="no query"):
        read_collection(tmp_path / "docs", tmp_path / "queries", tmp_path / "qrels")


@pytest.mark.slow
def test_the_whole_scheme_ranks_as_plain_text_does(collection):
    """By tokens alone it cannot know that a word stands three times."""
    found = compared(collection)
    assert (found["documents"], found["queries"]) == (6, 2)
    assert found["plain"] == found["whole"] == 1.0
    found = compared_backwards(collection)
    assert found["blind"] < found["whole"] == 1.0


def compared_backwards(collection):
    """The best document is the oldest: of equal tokens the newer comes first."""
    docs = dict(sorted(collection.docs.items(), reverse=True))
    get_store().drop_room("a" * 32)
    return compared(type(collection)(docs, collection.queries, collection.grades))


def test_ndcg_by_hand():
    assert ndcg(["a", "b"], {"a": 2, "b": 1}) == 1.0
    assert ndcg(["x", "a"], {"a": 1}) == pytest.approx(1 / math.log2(3))
    assert ndcg([str(n) for n in range(10)] + ["a"], {"a": 1}) == 0.0
    assert ndcg(["b", "a"], {"a": 2, "b": 1}) == pytest.approx(
        (1 + 3 / math.log2(3)) / (3 + 1 / math.log2(3))
    )
