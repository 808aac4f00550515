"""Forms of words: which languages a text may be in, and the Snowball stems of its words.

static/js/conversation/search/stems.js has the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import cache, lru_cache
from typing import Any

from sotto.protocol.irregular import irregular
from sotto.protocol.search_text import Atom, fold

LEAST, MOST = 3, 5  # letters of a beginning that can be asked for
UNTOLD = 10
"""More languages than these are a script, of which nothing tells the language."""

COMMON = {
    "basque": "eta da ez bat dira du zen baina hau ere",
    "catalan": "el els i és una amb per que no del dels són als ens però",
    "czech": "a je v na se to že s jsem není jsou ale pro jak byl",
    "danish": "og er en et det at som på ikke med for af jeg vi har den til blev hvad",
    "dutch": "de het een en is van ik niet met voor op zijn dat naar we ook maar wordt",
    "english": "the and is are was were with for this that you have not of to it in on we they",
    "estonian": "ja on ei see et oli kui ka aga ma mis need siis",
    "finnish": "ja on ei se että oli mutta kun ovat tämä hän minä myös niin",
    "french": "le la les et est une des dans pour que qui nous vous pas avec sur du je "
    "il sont au avons ont été ce cette mais",
    "german": "der die das und ist nicht ein eine mit für auf den dem zu wir ich sie "
    "sind war im habe hat haben wird werden bei",
    "hungarian": "a az és egy nem hogy van volt ez meg is de már csak",
    "indonesian": "dan yang di ini itu tidak dengan untuk ada saya dari akan kami",
    "irish": "agus an na is tá bhí ag ar níl leis sé sí",
    "italian": "il lo gli e è una di che per con non del della sono nel ho i le "
    "la un alla abbiamo ha hanno questo anche ma",
    "lithuanian": "ir yra kad į su bet tai ne kaip buvo",
    "norwegian": "og er en et det at som på ikke med for av jeg vi har den til ble hva",
    "polish": "i w na nie się jest z do to że są ale jak był",
    "portuguese": "o os as e é uma em para que com não do da dos "
    "são no na um muito mas estamos foi",
    "romanian": "și este o un în la cu pentru nu din sunt care pe mai au",
    "spanish": "el la los las y es una en para que con por no del se su "
    "está un al como estamos muy pero hay esto",
    "swedish": "och är en ett det att som på inte med för av jag vi har den till vad",
    "turkish": "ve bir bu için ile de da çok ne var değil ben mi olarak",
}
LETTERS = {
    "czech": "řůěť",
    "danish": "æø",
    "german": "ß",
    "hungarian": "őű",
    "lithuanian": "ėųįū",
    "norwegian": "æø",
    "polish": "łżąźśćń",
    "portuguese": "ãõ",
    "romanian": "țșă",
    "spanish": "ñ¿¡",
    "turkish": "ğış",
}
SCRIPTS = {
    "\u0370-\u03ff\u1f00-\u1fff": ("greek",),
    "\u0400-\u052f": ("russian",),
    "\u0530-\u058f": ("armenian",),
    "\u0600-\u06ff\u0750-\u077f": ("arabic", "persian"),
    "\u0900-\u097f": ("hindi", "nepali"),
    "\u0b80-\u0bff": ("tamil",),
    "a-z\u00df-\u00f6\u00f8-\u024f\u1e00-\u1eff": tuple(COMMON),
}
SURE = frozenset({"basque", "catalan", "hungarian", "irish", "lithuanian"})
"""Languages whose stemmers join too many words of others: only where a text is in them."""
VERBS = {"french": ("er", ("ent",)), "german": ("en", ("et", "t"))}
"""Endings of an infinitive, and those of its forms that stemmers leave."""
_OF_SCRIPT = [(re.compile(f"[{letters}]"), names) for letters, names in SCRIPTS.items()]
_WORDS = {name: frozenset(words.split()) for name, words in COMMON.items()}


def languages_of(atoms: Iterable[Atom]) -> frozenset[str]:
    """The languages whose common words and letters a text has most of; none if it has none."""
    points = Counter(name for atom in atoms for name in _languages_told_by(atom.plain))
    most = max(points.values(), default=0)
    return frozenset(name for name, found in points.items() if found == most)


@lru_cache(50_000)
def _languages_told_by(word: str) -> list[str]:
    """The languages in which a word is common, and those whose letters it has."""
    common = [name for name, words in _WORDS.items() if word in words]
    return common + [
        name for name, letters in LETTERS.items() if any(letter in word for letter in letters)
    ]


def languages_for(atom: Atom, likely: Collection[str]) -> tuple[str, ...]:
    """The languages to find forms of a word in: those of its script, and of these the likely ones
    if there are any.
    """
    if atom.apart:
        return ()
    for letters, names in _OF_SCRIPT:
        if letters.match(atom.plain):
            sure = tuple(name for name in names if name in likely)
            return sure or tuple(name for name in names if name not in SURE)
    return ()


def stems_of(atom: Atom, language: str) -> tuple[str, str]:
    """The folded stems of a word as it is written, and of it without accents."""
    return _folded_stem(language, atom.plain), _stem(language, atom.text)


def beginning(atom: Atom, likely: Collection[str]) -> str:
    """The 3 to 5 letters that a word shares with its stems; "" if there are no forms to find."""
    shared = MOST
    found = False
    for language in languages_for(atom, likely):
        for stem in stems_of(atom, language):
            same = _shared(atom.text, stem)
            if same > LEAST and _ends_with_y(language, atom.text, stem):
                same -= 1
            if same >= LEAST:
                shared, found = min(shared, same), True
    return atom.text[:shared] if found else ""


def same_stem(word: Atom, wanted: Atom, languages: Sequence[str]) -> bool:
    """True if two words are forms of one in one of the languages; in two of them, or English, if
    nothing tells the language.
    """
    found = [
        language
        for language in languages
        if any(
            a == b and len(a) >= LEAST
            for a, b in zip(stems_of(word, language), stems_of(wanted, language), strict=True)
        )
        or _is_form(language, word, wanted)
        or _is_form(language, wanted, word)
    ]
    least = 2 if len(languages) > UNTOLD else 1
    return "english" in found or len(found) >= least


def _is_form(language: str, form: Atom, infinitive: Atom) -> bool:
    """True if a verb's form has an ending that the stemmer leaves there: verkauft, jouent."""
    ending, left = VERBS.get(language, ("", ()))
    if not left or not infinitive.plain.endswith(ending):
        return False
    stem = _folded_stem(language, infinitive.plain)
    found = _folded_stem(language, form.plain)
    return len(stem) >= LEAST and any(found == stem + other for other in left)


def relatives(atom: Atom, likely: Collection[str]) -> dict[str, str]:
    """The forms of a word that begin otherwise, each with its language: one it may be in."""
    found = {} if atom.apart else irregular(atom.text)
    among = languages_for(atom, likely) if found else ()
    return {other: language for other, language in found.items() if language in among}


def _ends_with_y(language: str, word: str, stem: str) -> bool:
    """True if the word itself may end with `y` where its stem has `i`: study, studied."""
    return language == "english" and stem[-1:] == "i" and word.startswith(stem)


def _shared(word: str, stem: str) -> int:
    size = 0
    for a, b in zip(word, stem, strict=False):
        if a != b:
            break
        size += 1
    return size


@lru_cache(50_000)
def _folded_stem(language: str, word: str) -> str:
    return fold(_stem(language, word))


@lru_cache(50_000)
def _stem(language: str, word: str) -> str:
    return str(_stemmer(language).stemWord(word))


@cache
def _stemmer(language: str) -> Any:
    import snowballstemmer  # thirty modules, which most commands do not need

    return snowballstemmer.stemmer(language)
