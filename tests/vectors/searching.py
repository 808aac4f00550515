"""Vectors of blind search tokens."""

from __future__ import annotations

from typing import Any

from sotto.encoding import b64
from sotto.roomkeys import search_key
from sotto.tokens import fold, query_terms, terms, token, words
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
                "query": query_terms(text),
            }
            for name, text in _TEXTS.items()
        ],
        "step": 8,
        "many": {"text": many, "words": len(words(many)), "last": list(words(many))[-1]},
    }
