"""Forms of words: which languages a text may be in, and the Snowball stems of its words.

static/js/conversation/search/stems.js has the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import cache, lru_cache
from typing import Any

from sotto.protocol.endings import (
    beginning_otherwise,
    in_common,
    in_forms,
    left_by_stemmer,
    shared_with_forms,
)
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
    "english": "the and is are was were with for this that you have not of to it in on we they "
    "i am my be what but",
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
ALWAYS = frozenset({"english", "turkish"})
"""Languages whose forms are asked for although nothing tells the language."""
_OF_SCRIPT = [(re.compile(f"[{letters}]"), names) for letters, names in SCRIPTS.items()]
_WORDS = {name: frozenset(words.split()) for name, words in COMMON.items()}


def languages_of(atoms: Iterable[Atom]) -> frozenset[str]:
    """The languages whose common words and letters a text has most of; none if it has none."""
    points = Counter(name for atom in atoms for name in _languages_told_by(atom.plain))
    most = max(points.values(), default=0)
    return frozenset(name for name, found in points.items() if found == most)


def languages_asked(atoms: Sequence[Atom]) -> frozenset[str]:
    """The languages that the words of a query tell. One common word tells nothing: `die`, `do`."""
    if len(atoms) == 1:
        return frozenset(_languages_with_letters(atoms[0].plain))
    return languages_of(atoms)


@lru_cache(50_000)
def _languages_told_by(word: str) -> list[str]:
    """The languages in which a word is common, and those whose letters it has."""
    common = [name for name, words in _WORDS.items() if word in words]
    return common + _languages_with_letters(word)


def _languages_with_letters(word: str) -> list[str]:
    return [name for name, letters in LETTERS.items() if any(letter in word for letter in letters)]


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
    """The 3 to 5 letters that a word shares with its stems, and with its forms where the language
    is likely; "" if there are no forms to find.
    """
    shared = MOST
    found = False
    for language in languages_for(atom, likely):
        sizes = [_shared(language, atom.text, stem) for stem in stems_of(atom, language)]
        if language in likely or language in ALWAYS:
            sizes += shared_with_forms(language, atom.text)
        for size in sizes:
            if size >= LEAST:
                shared, found = min(shared, size), True
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


def _is_form(language: str, form: Atom, word: Atom) -> bool:
    """True if a word has an ending that its stemmer leaves: verkauft, jouent, reuniões."""
    plain, folded = stems_of(form, language)
    stem = _folded_stem(language, word.plain)
    if len(stem) >= LEAST and any(
        plain == stem + end for end in left_by_stemmer(language, word.plain)
    ):
        return True
    return any(
        fold(other) == form.text or _folded_stem(language, other) == plain
        for other in in_forms(language, word.plain, folded=False)
    ) or any(
        other == form.text or _stem(language, other) == folded
        for other in in_forms(language, word.text, folded=True)
    )


def relatives(atom: Atom, likely: Collection[str]) -> dict[str, set[str]]:
    """The forms of a word that begin otherwise, each with its languages: those it may be in."""
    found: dict[str, set[str]] = {}
    among = () if atom.apart else languages_for(atom, likely)
    short = [(other, name) for name in among for other in beginning_otherwise(name, atom.text)]
    for other, name in [*short, *irregular(atom.text)]:
        if name in among:
            found.setdefault(other, set()).add(name)
    return found


def _shared(language: str, word: str, stem: str) -> int:
    """The number of letters that all forms of a word have of a stem. An English stem with `i` at
    its end may stand for a word with `y`: study, studied.
    """
    size = in_common(word, stem)
    is_y = language == "english" and stem.endswith("i") and word.startswith(stem)
    return size - 1 if is_y and size > LEAST else size


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
