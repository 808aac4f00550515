"""Vectors of searching: how texts and queries are read, what is found, and what is asked for."""

from __future__ import annotations

import re
from typing import Any

import snowballstemmer

from scripts.stemmers import LANGUAGES
from sotto.protocol.encoding import b64
from sotto.protocol.endings import ENDINGS, VERBS
from sotto.protocol.irregular import IRREGULAR
from sotto.protocol.room_keys import search_key
from sotto.protocol.search_asking import clauses, units
from sotto.protocol.search_match import Matcher
from sotto.protocol.search_query import parse_query
from sotto.protocol.search_terms import terms
from sotto.protocol.search_text import Text, read
from sotto.protocol.search_tokens import token
from sotto.protocol.spelling import suggestions
from tests.vectors.making import K1

EXACT, NEAR, FORMS, MOST, NOT = "exact", "near", "forms", "most", "not"
_TIERS = {None: NOT, 0: EXACT, 1: NEAR, 2: FORMS, 3: MOST}

# How a text is found by a query, by the kind of difference between them.
CASES: dict[str, list[tuple[str, str, str]]] = {
    "forms of words": [
        ("We deployed the fix", "deploying", FORMS),
        ("The parties were invited", "party", FORMS),
        ("she is running late", "runs", FORMS),
        ("a new policy for the office", "police", NOT),
        ("two mice in the kitchen", "mouse", FORMS),
        ("we took the ladder home", "take", FORMS),
        ("they bought bread and we write that", "buying bread", FORMS),
        ("they bought bread", "buy bread", FORMS),
        ("they bought bread", '"buy bread"', NOT),
        ("who replied to this", "reply", FORMS),
        ("the study is done", "studied", FORMS),
        ("die Männer und ein Mann, das ist alles", "men", NOT),
        ("der Termin", "Termine", FORMS),
        ("das Haus ist alt", "Häuser", FORMS),
        ("sie haben im Garten gespielt", "spielen", FORMS),
        ("sie spielt mit der Katze", "spielen", FORMS),
        ("wir spielen im Garten", "gespielt", FORMS),
        ("er redet mit dem Nachbarn", "reden", FORMS),
        ("wir haben dich gerufen", "rufen", FORMS),
        ("sie ist nach Hause gegangen", "gehen", FORMS),
        ("wir gehen nach Hause", "ging", FORMS),
        ("der Markt ist zu", "Marke", NOT),
        ("the garden is not gegartet", "garten", NOT),
        ("sie haben im Garten gespielt", '"spielen"', NOT),
        ("wir haben die Fenster und Türen geputzt", "Tür", EXACT),
        ("прочитал книгу", "книга", FORMS),
        ("книги на столе", "книгами", FORMS),
        ("kitabı okudum ve çok sevdim", "kitap", FORMS),
        ("kitaplar masada değil", "kitapları", FORMS),
        ("les chevaux sont dans le pré", "cheval", FORMS),
        ("nous avons mangé", "manger", FORMS),
        ("les filles parlent dans la rue", "parler", FORMS),
        ("je peux parler avec vous", "parlent", FORMS),
        ("los gatos duermen en la casa", "gato", EXACT),
        ("el gato no come", "gatos", FORMS),
        ("abbiamo letto il libro", "libri", FORMS),
        ("abbiamo mangiato", "mangiare", FORMS),
        ("estamos comiendo", "comer", FORMS),
        ("as cidades são grandes", "cidade", EXACT),
        ("de huizen zijn oud", "huis", FORMS),
        ("flickorna är inte hemma", "flicka", FORMS),
        ("vi har et hus og en bil", "husene", FORMS),
        ("talossa ei ole valoa", "talosta", FORMS),
        ("dwa koty i pies", "kota", FORMS),
        ("knihy jsou na stole", "kniha", FORMS),
        ("casele sunt mari", "casă", FORMS),
        ("ez a könyv nem jó", "könyvek", FORMS),
        ("τα σπίτια είναι παλιά", "σπίτι", EXACT),
        ("rumah itu besar, rumahnya merah", "rumahku", FORMS),
        ("किताबें मेज पर हैं", "किताब", EXACT),
        ("international", "internet", NOT),
        ("the universe is big", "university", NOT),
        ("they lived happily ever after", "happy", FORMS),
        ("I am happy", "happily", FORMS),
        ("the funnier of the two", "funny", FORMS),
        ("the family is here", "families", FORMS),
        ("she ran home", "running", FORMS),
        ("the running costs", "ran", FORMS),
        ("who wrote this", "writing", FORMS),
        ("all matrices are here", "matrix", FORMS),
        ("the plant is dying", "die", FORMS),
        ("what have you done", "do", FORMS),
        ("he sprang up", "spring", FORMS),
        ("das ist die Tür", "dies", NOT),
        ("ich habe Brot eingekauft", "einkaufen", FORMS),
        ("wir wollen einkaufen und kochen", "eingekauft", FORMS),
        ("hast du sie angerufen", "anrufen", FORMS),
        ("er hat es mitgebracht", "mitbringen", FORMS),
        ("das ist noch einzukaufen", "einkaufen", FORMS),
        ("die Rechnungen wurden bezahlt", "bezahlen", FORMS),
        ("wir haben telefoniert", "telefonieren", FORMS),
        ("das Auto ist neu", "Autos", FORMS),
        ("die Daten sind da", "Datum", FORMS),
        ("die Kinder fuhren, und er fuhr", "fahren", FORMS),
        ("nous mangeons dans la salle", "manger", FORMS),
        ("nous commençons avec le pain", "commencer", FORMS),
        ("les travaux sont dans la rue", "travail", FORMS),
        ("il a fait une tarte pour nous", "faire", FORMS),
        ("el pez y los peces", "peces", EXACT),
        ("los peces están en el agua", "pez", FORMS),
        ("la ciudad es muy grande", "ciudades", FORMS),
        ("lo he hecho por la casa", "hacer", FORMS),
        ("paguemos por la cena", "pagar", FORMS),
        ("i laghi sono belli e grandi", "lago", FORMS),
        ("ho scritto una lettera", "scrivere", FORMS),
        ("as nações são grandes", "nação", FORMS),
        ("as reuniões não foram boas", "reunião", FORMS),
        ("os animais não estão em casa", "animal", FORMS),
        ("os homens são do porto", "homem", FORMS),
        ("de dag is lang en mooi", "dagen", FORMS),
        ("het kind speelt met een bal", "kinderen", FORMS),
        ("hij schreef een brief", "schrijven", FORMS),
        ("vi har skrivit ett brev", "skriva", FORMS),
        ("vi har betalt for det", "betale", FORMS),
        ("kokouksen aihe ei ole selvä", "kokous", FORMS),
        ("τα βιβλία είναι παλιά", "βιβλίο", FORMS),
        ("το βιβλίο είναι παλιό", "βιβλία", FORMS),
        ("bu fatura çok eski", "faturalar", FORMS),
        ("copiii sunt în casă", "copil", FORMS),
        ("мои друзья здесь", "друг", FORMS),
        ("он пишет, и я пишу письмо", "писать", FORMS),
        ("سيارات جديدة", "سيارة", FORMS),
        ("els llibres són aquí", "llibre", EXACT),
    ],
    "Korean, Lao, Khmer, Burmese, Thai": [
        ("한국에서 온 편지", "한국", EXACT),
        ("내일 회의를 합시다", "회의", EXACT),
        ("ພາສາລາວງາມ", "ລາວ", EXACT),
        ("ខ្ញុំរៀនភាសាខ្មែរ", "ភាសា", EXACT),
        ("မြန်မာစာသင်တယ်", "မြန်မာ", EXACT),
        ("สวัสดีชาวโลก", "ชาวโลก", EXACT),
        ("สวัสดีชาวโลก", "โลกชาว", NOT),
    ],
    "characters": [
        ("我的猫很好", "猫", EXACT),
        ("请看第3章", "第3章", EXACT),
        ("我们明天在北京见面", "明天 北京", EXACT),
        ("我们明天在北京见面", "北京明天", NOT),
        ("新しい車を買った", "車", EXACT),
        ("東京都に住む", "京都に", EXACT),
        ("책을 샀다", "책", EXACT),
        ("시원한 물을 마셨다", "물", EXACT),
        ("우리는 갔다", "갔", EXACT),
        ("ວັນນີ້ງາມ", "ວ", EXACT),
        ("ကလေးများ", "က", EXACT),
        ("ភាសា", "ភ", EXACT),
        ("ㄅㄆㄇㄈ", "ㄅ", EXACT),
        ("책을 샀다", "책 OR 물", EXACT),
        ("새 책을 book", "책 book", EXACT),
        ("iPhone手机 很好", "手机 iphone", EXACT),
        ("iPhone手机 很好", "iphone手机", EXACT),
        ("iPhone 手机", "手机iphone", NOT),
        ("看YouTube视频", '"youtube视频"', NOT),
        ("テストAPIKey100件", "apikey", EXACT),
    ],
    "Arabic, Hebrew, Persian": [
        ("هَذَا كِتَابٌ", "كتاب", EXACT),
        ("أحمد هنا", "احمد", EXACT),
        ("إلى المدرسة", "المدرسه", EXACT),
        ("کتاب خوب", "كتاب", EXACT),
        ("می‌خواهم بروم", "میخواهم", EXACT),
        ("میخواهم بروم", "می‌خواهم", EXACT),
        ("جميـــل جدا", "جميل", EXACT),
        ("שָׁלוֹם עולם", "שלום", EXACT),
        ("צה״ל הודיע", "צהל", EXACT),
        ('צה"ל הודיע', "צהל", EXACT),
        ("צהל הודיע", 'צה"ל', EXACT),
        ("الساعة ١٢ تماما", "12", EXACT),
        ("المدرسة كبيرة", "مدرسة", EXACT),
        ("والكتب على الطاولة", "كتب", EXACT),
        ("ذهب للمدرسة", "مدرسه", EXACT),
        ("الله أعلم", "له", NOT),
        ("هذا كتاب", "الكتاب", EXACT),
        ("بالكتاب الجديد", "الكتاب", EXACT),
        ("هذا كتاب", '"الكتاب"', NOT),
    ],
    "letters": [
        ("IŞIK", "ışık", EXACT),
        ("Tromsø", "tromso", EXACT),
        ("Łódź jest piękna", "lodz", EXACT),
        ("Encyclopædia", "encyclopaedia", EXACT),
        ("mon cœur", "coeur", EXACT),
        ("Đà Nẵng", "da nang", EXACT),
        ("Þór og Ægir", "thor", EXACT),
        ("Straße", "STRASSE", EXACT),
        ("gå på å i dag", "å", EXACT),
        ("Donau\u00addampf\u00adschiff", "Donaudampfschiff", EXACT),
        ("zero\u200bwidth\u2060space", "zerowidthspace", EXACT),
        ("ＦＵＬＬ ｗｉｄｔｈ", "full width", EXACT),
        ("ﾊﾝｶｸ", "ハンカク", EXACT),
        ("Ƀitcoin rose", "bitcoin", EXACT),
        ("bitcoin rose", "Ƀitcoin", EXACT),
        ("Ƀitcoin rose", "ƀitcoin", EXACT),
        ("Eʋegbe nyɔŋu", "nyonu", EXACT),
        ("Eʋegbe nyɔŋu", '"nyonu"', NOT),
        ("Mɛnsah and Kɔfi", "kofi", EXACT),
        ("ƒunction", "function", EXACT),
        ("dan ƙasa da ƴa", "kasa", EXACT),
        ("ʜᴇʟʟᴏ there", "hello", EXACT),
        ("Қазақстан", "казакстан", EXACT),
        ("ґанок", "ганок", EXACT),
        ("ɑlpha", "alpha", NOT),
        ("葛\U000e0100城市", "葛城", EXACT),
        ("葛城市", "葛\U000e0100城", EXACT),
    ],
    "very common words": [
        ("Ask the IT people", "IT", EXACT),
        ("Will Smith", "will", EXACT),
        ("a cat", "the cat", NEAR),
        ("The Who are on", '"the who"', EXACT),
        ("who are the others", '"the who"', NOT),
        ("Will Smith called", "Will Smith", EXACT),
        ("John Smith called", "Will Smith", NEAR),
        ("people here", "IT people", NEAR),
        ("Ask the IT people", "IT people", EXACT),
        ("John Smith called", '"will" Smith', NOT),
        ("not for me", "will OR not me", EXACT),
        ("pears for all", "an OR the pears", NEAR),
        ("pears for the cook", "an OR the pears", EXACT),
        ("pears for the cook", "the pear", EXACT),
    ],
    "signs": [
        ("the swan was not black", '"black swan"', NOT),
        ("a black swan", '"black swan"', EXACT),
        ("a black-swan event", '"black swan"', EXACT),
        ("black swans", '"black swan"', NOT),
        ("cats and dogs", "cats -dogs", NOT),
        ("cats and birds", "cats -dogs", EXACT),
        ("cats, but no hot dogs", 'cats -"hot dogs"', NOT),
        ("only dogs", "cats OR dogs", EXACT),
        ("only birds", "cats OR dogs", NOT),
        ("big dogs", "cats OR dogs big", EXACT),
        ("small dogs", "cats OR dogs big", MOST),
        ("quotes smart", "“smart quotes”", NOT),
        ("“smart quotes” here", "“smart quotes”", EXACT),
        ("Zitate klug", "„kluge Zitate“", NOT),
        ("les mots doux", "« mots doux »", EXACT),
        ("doux sont les mots", "« mots doux »", NOT),
        ("cats and dogs", "cats –dogs", NOT),
        ("cats and dogs", "cats −“dogs”", NOT),
        ("cats and dogs", "cats – dogs", EXACT),
        ("the swan was not black", "‘black swan’", NOT),
        ("a black swan", "‘black swan’", EXACT),
        ("I don’t know them", "‘don’t know’", EXACT),
        ("the dogs’ bark", "dogs’ bark", EXACT),
        ("the swan was not black", "‹black swan›", NOT),
        ("der Schwan war schwarz", "‚schwarz Schwan‘", NOT),
        ("猫と黒い犬", "「犬黒い」", NOT),
        ("黒い犬", "『黒い犬』", EXACT),
        ("swan black", "〝black swan〞", NOT),
        ("cats and hot dogs", "cats -‘hot dogs’", NOT),
        ("cats and dogs", "cats －dogs", NOT),
        ("cats and dogs", "cats ﹣dogs", NOT),
        ("cats and dogs", "cats ‐dogs", NOT),
        ("only dogs", "cats|dogs", EXACT),
        ("only birds", "cats|dogs", NOT),
        ("only dogs", "cats ｜ dogs", EXACT),
        ("only dogs", "cats || dogs", EXACT),
        ("only dogs", "cats\u2003OR\u2003dogs", EXACT),
        ("明天 北京", '"明天北京"', NOT),
        ("明天 北京", "明天北京", NOT),
        ("明天北京", '"明天北京"', EXACT),
        ("an apple pie", "apple zebra", MOST),
        ("an apple", "apple zebra lion", NOT),
    ],
    "parts and joined forms": [
        ("call getUserName()", "UserName", EXACT),
        ("call getUserName()", "username", EXACT),
        ("the username is taken", "UserName", EXACT),
        ("HTTPServer is down", "server", EXACT),
        ("send_message(room)", "message", EXACT),
        ("send me an e-mail", "email", EXACT),
        ("send me an email", "e-mail", EXACT),
        ("1,000,000 users", "1000000", EXACT),
        ("1000000 users", "1,000,000", EXACT),
        ("1.000.000 Nutzer", "1000000", EXACT),
        ("1\u202f000\u202f000 d’euros", "1000000", EXACT),
        ("12 500 рублей", "12500", EXACT),
        ("in 2020 300 people", "2020300", NOT),
        ("on 12 500 people", "12 500", EXACT),
        ("v5.2 is out", "5.2", EXACT),
        ("5 to 2", "5.2", NOT),
        ("I don't know", "dont", EXACT),
        ("made in the U.S.A. today", "usa", EXACT),
        ("my iPhone15", "iphone 15", EXACT),
        ("covid-19 again", "covid19", EXACT),
        ("see example.org/path", "example.org", EXACT),
        ("12,34,567 rupees", "1234567", EXACT),
        ("1234567 rupees", "12,34,567", EXACT),
        ("12,345,67", "1234567", NOT),
        ("the user_name is taken", "username", EXACT),
        ("the username is taken", "user_name", EXACT),
        ("node.js rocks", "nodejs", EXACT),
        ("nodejs rocks", "node.js", EXACT),
        ("she has a Ph.D. now", "phd", EXACT),
        ("her PhD", "Ph.D.", EXACT),
        ("call AT&T", "att", EXACT),
        ("call ATT", "AT&T", EXACT),
        ("to Hawaiʻi", "hawaii", EXACT),
        ("to Hawaii", "Hawaiʻi", EXACT),
        ("pi is 3.14159", "3.14", EXACT),
        ("pi is 3.2", "3.14", NOT),
        ("pi is 13.14159", "3.14", NOT),
        ("released v2.0.1 today", "2.0", EXACT),
        ("released v2.0.1 today", "2.1", NOT),
        ("aVeryLongCamelCaseIdentifierWithManyParts", "identifier", EXACT),
        (
            "aVeryLongCamelCaseIdentifierWithManyParts",
            "averylongcamelcaseidentifierwithmanyparts",
            EXACT,
        ),
        ("dGhpcyBpcyBhIHRlc3Q", "cyBp", NOT),
        ("set getUserName.toString now", "getusername.tostring", EXACT),
        ("the e-mail-address", "email-address", EXACT),
        ("an IPv6 address", "ip", EXACT),
        ("an IPv6 address", "ipv6", EXACT),
        ("two old URLs here", "url here", EXACT),
        ("the PCs are old", "pc", EXACT),
        ("the pcs are old", "PCs", EXACT),
        ("released 2.0.1 today", "v2.0.1", EXACT),
        ("released v2.0.1 today", '"v2.0.1"', EXACT),
        ("released 2.0.1 today", '"v2.0.1"', NOT),
    ],
    "emoji": [
        ("party 🎉 tonight", "🎉", EXACT),
        ("well done 👍🏽", "👍", EXACT),
        ("love ❤️", "❤", EXACT),
        ("from 🇩🇪 to 🇫🇷", "🇫🇷", EXACT),
        ("from 🇩🇪 to 🇫🇷", "🇪🇫", NOT),
        ("🤷‍♀️ who knows", "🤷", EXACT),
        ("🤷 who knows", "🤷‍♀️", EXACT),
        ("🤷🏽‍♂️ who knows", "🤷🏻‍♀️", EXACT),
        ("🤷 who knows", '"🤷‍♀️"', NOT),
        ("👩‍💻 at work", "🧑🏽‍💻", EXACT),
        ("🧑🏽‍💻 at work", "👨‍💻", EXACT),
        ("a 💻 at work", "👩‍💻", NOT),
        ("👩 at work", "👩‍💻", NOT),
        ("👨‍👩‍👧 at home", "👪", NOT),
    ],
}

_TEXTS = [
    "getUserName HTTPServer e-mail v5.2 1,000,000 U.S.A. covid-19 3D iPhone15 a3f9c2b7d1e5",
    "한국에서 온 편지",
    "请看第3章",
    "ພາສາລາວ ភាសាខ្មែរ မြန်မာ ไทย",
    "هَذَا كِتَابٌ أحمد کتاب ی ة ١٢٣ می‌خواهم",
    "שָׁלוֹם צה״ל don't м'яч",
    "IŞIK ışık İstanbul Tromsø å Łódź Ægir œuf Þór Straße ﬁne ½ ²",
    "great 👍🏽 party 🎉🎉 👩‍👩‍👧 🇩🇪🇫🇷 1️⃣ ❤️",
    "नमस्ते क़लम १२३ தமிழ் ქართული հայերեն አማርኛ",
    "1 000 000 and 12\u00a0500, not 2020 300 or a 300",
    "Donau\u00addampf\u00adschiff zero\u200bwidth",
    "Ὀδυσσεύς ΣΟΦΟΣ Ёлка йод",
    "日本語のテキスト𠮷野家 ﾊﾝｶｸ",
    "Ƀitcoin ƒ nyɔŋu Қазақ iPhone手机 USBKey用Case aVeryLongCamelCaseIdentifierWithManyParts",
    "IPv6 IPv4s URLs GHz MPa2 PhD HTTPServer NaCl ÄÖü XSm 👩🏽‍🚒 🏃‍♀️‍➡️ 👩‍❤️‍👨 🧔‍♂️",
    'user_name node.js Ph.D. AT&T Hawaiʻi 12,34,567 צה"ל "quoted"',
]
# The same scripts as in tokens.json, and more.
_WRITTEN = [
    "The quick brown fox, and it was quick!",
    "Straße, STRASSE, Äpfel und Öl",
    "Τα σπίτια είναι παλιά",
    "Мы читаем книги, їжак і ґанок",
    "明日のカンファレンスは第3章です",
    "สวัสดีชาวโลก น้ำ",
    "বাংলা ভাষা ১২৩",
    "ਪੰਜਾਬੀ ગુજરાતી తెలుగు ಕನ್ನಡ മലയാളം සිංහල",
    "ᠮᠣᠩᠭᠣᠯ བོད་ཡིག",
    "return fooBarBaz(x1, [2.5e3])",
    "",
]
_ASKED = [
    "mouse",
    "she took the knives",
    "studied try",
    "arbeiten",
    "gearbeitet heute",
    "🤷‍♀️ 👩‍💻",
    "release v2.0.1",
    "IPv6 URLs",
    "deploying",
    "the deploying parties now",
    "garden gard",
    '"black swan" -white tall',
    "cats OR dogs big",
    "明天北京见面吧好",
    "猫",
    "IT",
    "an e-mail",
    "e-mail",
    "getUserNa",
    "책",
    "새 책",
    "ວ",
    "က",
    "ㄅ",
    "책 OR book",
    "Ƀitcoin kɔf",
    "iphone手机",
    "3.14",
    "IT people",
    "한국",
    "Tromsø 🎉",
    "كتاب",
    "книги столе",
    " ".join(f"{'long' * (number % 5)}word{number}" for number in range(30)),
]
_MEANT: list[tuple[str, list[str]]] = [
    ("recieve", ["we will receive it", "to receive", "relieve"]),
    ("please recieve", ["we receive it please"]),
    ("adress", ["my address", "a dress"]),
    ("tomorow", ["see you tomorrow"]),
    ("zebra", ["a horse"]),
    ("cat", ["bat"]),
    ("Straße", ["Strasse"]),
    ("привет", ["превет"]),
]


def finding() -> dict[str, Any]:
    """What is found how, in many languages."""
    sk = search_key(K1, "000102030405060708090a0b0c0d0e0f", 1)
    return {
        "texts": [{"text": text, **_read(read(text))} for text in _TEXTS],
        "irregular": IRREGULAR,
        "endings": ENDINGS,
        "verbs": VERBS,
        "stems": {language: _stems(language) for language in LANGUAGES},
        "cases": [
            {"kind": kind, "text": text, "query": query, "found": found_by(text, query)}
            for kind, rows in CASES.items()
            for text, query, _ in rows
        ],
        "tokens": {
            "sk": b64(sk),
            "cases": [{"text": text, **_tokens(sk, text)} for text in [*_TEXTS, *_WRITTEN]],
        },
        "asked": [{"query": query, **_asked(query)} for query in _ASKED],
        "meant": [
            {"query": query, "texts": texts, "meant": suggestions(parse_query(query), texts)}
            for query, texts in _MEANT
        ],
    }


def _tokens(sk: bytes, text: str) -> dict[str, Any]:
    found = terms(text)
    return {"terms": found, "tokens": sorted({token(sk, term) for term in found})}


def found_by(text: str, query: str) -> str:
    """How a text is found by a query: exact, forms, most or not."""
    fit = Matcher(parse_query(query)).fit(read(text))
    return _TIERS[fit.tier if fit else None]


def _read(text: Text) -> dict[str, Any]:
    return {
        "atoms": [[atom.text, atom.plain, atom.apart, atom.glued] for atom in text.atoms],
        "joined": [list(joined) for joined in text.joined],
    }


def _stems(language: str) -> list[list[str]]:
    """Stems of the words of all cases."""
    words = {
        word.lower()
        for rows in CASES.values()
        for text, query, _ in rows
        for word in re.findall(r"[^\W\d_]+", f"{text} {query}")
    }
    stem = snowballstemmer.stemmer(language).stemWord
    return [[word, stem(word)] for word in sorted(words) if stem(word) != word]


def _asked(query: str) -> dict[str, Any]:
    matcher = Matcher(parse_query(query))
    return {
        "exact": clauses(matcher),
        "loose": clauses(matcher, loose=True),
        "newer": clauses(matcher, older=False),
        "units": [[list(map(list, unit.ways)), list(unit.forms)] for unit in units(matcher)],
    }
