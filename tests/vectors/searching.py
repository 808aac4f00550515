"""Vectors of blind search tokens."""

from __future__ import annotations

from typing import Any

from sotto.protocol.encoding import b64
from sotto.protocol.room_keys import search_key
from sotto.protocol.search_query import Counts, parse_query, score
from sotto.protocol.search_tokens import Term, fold, query_terms, terms, token, words, words_in
from tests.vectors.making import K1

_TEXTS = {
    "english": "The quick brown fox jumps over the lazy dog, and it was quick!",
    "german": "Straße, STRASSE, Äpfel und Öl: Größe über Maß",
    "turkish": "İstanbul ISTANBUL ıstanbul istanbul",
    "greek": "Ὀδυσσεύς ὈΔΥΣΣΕΎΣ σοφός",
    "chinese": "我们明天在北京见面。好",
    "japanese": "明日のカンファレンスはﾊﾝｶｸですが",
    "korean": "안녕하세요 세계",
    "thai": "สวัสดีชาวโลก น้ำ",
    "arabic": "مرحبا بالعالم مُحَمَّد ١٢٣",
    "devanagari": "नमस्ते दुनिया क़लम १२३",
    "mixed": "iPhone用ケースとUSB-Cケーブル2本",
    "emoji": "great 👍🏽 party 🎉🎉 👩‍👩‍👧",
    "url": "see https://example.org/a/path?x=1&y=2#frag or mail ada@example.org",
    "numbers": "v1.2.3 costs 1,234.50 in 2026-01-31 at ² and ½ Ⅷ",
    "code": "def send_message(self, *, room_id: str) -> None: return f'{x}'",
    "accents": "Crème brûlée, São Tomé, naïve cafe\u0301, Łódź, ﬁne ＦＵＬＬ",
    "ideographs": "𠀀𠀁𠀂 a𠮷b",
    "short": "a I ok no",
    "none": "… !!! --- 🙂",
    "empty": "",
}


def tokens() -> dict[str, Any]:
    """Words, terms and tokens of texts; the fill is random and left out."""
    room = "000102030405060708090a0b0c0d0e0f"
    sk = search_key(K1, room, 1)
    many = " ".join(f"word{number}" for number in range(300))
    return {
        "key": b64(K1),
        "room": room,
        "g": 1,
        "sk": b64(sk),
        "cases": [
            {
                "name": name,
                "text": text,
                "fold": fold(text),
                "words": [{"text": word, "pair": pair} for word, pair in words(text).items()],
                "terms": terms(text),
                "tokens": sorted({token(sk, term) for term in terms(text)}),
                "query": [one.term for one in query_terms(text)],
            }
            for name, text in _TEXTS.items()
        ],
        "step": 8,
        "many": {"text": many, "words": len(words(many)), "last": list(words(many))[-1]},
    }


_QUERIES = {
    "words": "apple pie",
    "one word": "apple",
    "the beginning of a word": "app",
    "two letters are a word": "ap",
    "only what is dropped": "the and of",
    "operators": "pears from:ada has:image before:2026-11-01 after:2026-01-31 in:kitchen",
    "the case of operators": "FROM:Ada HAS:Link In:KITCHEN",
    "quoted": 'in:"Launch week" from:"ada',
    "an @ before a name": "from:@Ada.Lovelace_2",
    "operators without a value": 'from: has: before: after: in: in:""',
    "operators that mean nothing": "has:cheese before:soon after:2026-02-30 before:0000-01-01",
    "days": "after:2024-02-29 before:2023-02-29 before:2999-12-31 after:3000-01-01",
    "said twice": "from:ada from:ADA from:ben has:file has:file apple Apple before:2026-01-01"
    " before:2026-02-01",
    "colons that are no operators": "12:30 https://example.org/a?b=c foo:bar xfrom:ada",
    "a quote without an operator": '"exact words" here',
    "spaces": "apple\u00a0from:ada\u3000pie\tnow\n",
    "other spaces": "apple\u2003pie\x0bnow",
    "a long s is no s": "ha\u017f:file",
    "folded names": "from:J\u00fcrgen in:STRASSE in:Stra\u00dfe",
    "chinese": "\u660e\u5929",
    "one ideograph": "\u597d",
    "a word and thai": "party \u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35",
    "arabic": "\u0645\u0631\u062d\u0628\u0627",
    "devanagari": "\u0928\u092e\u0938\u094d\u0924\u0947",
    "turkish": "\u0130stanbul \u0131\u015f\u0131k",
    "greek": "\u03c3\u03bf\u03c6\u03cc\u03c2",
    "emoji": "\U0001f389\U0001f389",
    "code": "def send_message(self)",
    "too many": " ".join(f"word{number}" for number in range(40)),
    "nothing": "   ",
}
_TIMES = [
    ("apple", "an apple, another apple and apples"),
    ("apple pie", "apple pie"),
    ("apple pi", "pies of apples"),
    ("stra", "Stra\u00dfe, STRASSE, Strand"),
    ("gardening", "garden gardens gardening gardenings"),
    ("\u660e\u5929 \u5317\u4eac", "\u6211\u4eec\u660e\u5929\u5728\u5317\u4eac\u89c1\u9762"),
    (
        "\u03c3\u03bf\u03c6\u03bf\u03c3",
        "\u03c3\u03bf\u03c6\u03cc\u03c2 \u03a3\u039f\u03a6\u039f\u03a3",
    ),
    ("ist", "\u0130stanbul istanbul ISTANBUL \u0131stanbul"),
    ("3 14", "v3.14 is 3.141"),
    ("nothing", "\U0001f389"),
]
_ROOMS: list[dict[str, Any]] = [
    {"df": [3, 1], "total": 10, "average": 4.0},
    {"df": [10, 0], "total": 10, "average": 7.5},
    {"df": [50, 12], "total": 40, "average": 1.0},
    {"df": [0, 0], "total": 0, "average": 0.0},
]


def search() -> dict[str, Any]:
    """Queries as they are understood, and how well texts fit them."""
    return {
        "queries": [{"name": name, **_parsed(text)} for name, text in _QUERIES.items()],
        "times": [
            {"query": query, "text": text, **_counted(query, text)} for query, text in _TIMES
        ],
    }


def _parsed(given: str) -> dict[str, Any]:
    query = parse_query(given)
    return {
        "given": given,
        "text": query.text,
        "terms": [one._asdict() for one in query.terms],
        "from": query.senders,
        "has": query.has,
        "in": query.rooms,
        "before": query.before,
        "after": query.after,
        "problems": [list(problem) for problem in query.problems],
    }


def count(text: str, wanted: list[Term]) -> Counts:
    """The frequency of terms among the words of version 1."""
    found = [word for word, _ in words_in(text)]
    return Counts([sum(map(term.fits, found)) for term in wanted], len(found))


def _counted(query: str, text: str) -> dict[str, Any]:
    counts = count(text, parse_query(query).terms)
    size = len(counts.tf)
    rooms: list[Any] = [{**room, "df": (room["df"] * 2)[:size]} for room in _ROOMS]
    scores = [{**room, "score": score(counts, **room)} for room in rooms]
    return {"tf": counts.tf, "length": counts.length, "scores": scores}
