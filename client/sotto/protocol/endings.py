"""Endings that tell forms of a word apart and that stemmers leave: those of one word together.

static/js/conversation/search/endings.js has the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from sotto.protocol.search_text import fold

ENDINGS = {
    "arabic": "-ة -ات",
    "catalan": "- -s, -a -es",
    "czech": "-it -il -ila -ili -eno, -at -át -al -ala -ali, -ha -ze, -ka -ce, -ra -ře",
    "dutch": "- -en -eren -e",
    "english": "-y -ily -ier -iest",
    "finnish": "-a -ien -oita, -us -uksen, -os -oksen",
    "french": "-u -ux, -ail -aux, -if -ive -ives, -eux -euse -euses",
    "german": "-a -as -en, -i -is, -o -os, -y -ys, -um -en, -t -tin, -er -erin",
    "greek": "-ο -α -ου, -ι -ί -ια -ιά",
    "italian": "-go -ghi, -ga -ghe, -gare -ghiamo",
    "polish": "-ka -ek, -sać -sze -szę, -zać -że -żę",
    "portuguese": "-ão -ões -ães -ãos, -al -ais, -el -éis -eis, -il -is -eis, -ol -óis, -ul -uis, "
    "-m -ns, -car -que, -gar -gue, -çar -ce",
    "romanian": "-l -i -ii -iii, -re -ri",
    "russian": "-тить -чен -чу -щен -щу, -дить -жу -жен -жден, -сить -шу -шен, -зить -жу -жен, "
    "-пить -плю -плен, -бить -блю -блен, -вить -влю -влен, -мить -млю -млен, -сать -шу, -зать -жу",
    "spanish": "-z -ces, -car -que, -gar -gue, -zar -ce, -dad -dades, -en -enes, -o -amente",
    "turkish": "- -lar -ler, -p -b, -ç -c, -a -ası, -e -esi, -i -isi, -ı -ısı, -o -osu, -u -usu, "
    "-ü -üsü",
}
VERBS = {
    "danish": "-e -t",
    "dutch": "-en -t -d",
    "french": "-er -ent -on -eon",
    "german": "-en -t -et, -ieren -ert",
    "norwegian": "-e -t",
}
"""Endings of infinitives, and those that their forms have behind the infinitive's stem."""

Rule = tuple[str, tuple[str, ...]]
_SHORTEST = 3  # letters of a word that has forms, and of a beginning that can be asked for


def in_forms(language: str, word: str, *, folded: bool) -> Iterator[str]:
    """A word with the endings of its forms, folded if it is: reunião, reuniões."""
    if len(word) >= _SHORTEST:
        for own, others in rules("forms", language, folded):
            if word.endswith(own):
                yield from (word[: len(word) - len(own)] + other for other in others)


def left_by_stemmer(language: str, infinitive: str) -> Iterator[str]:
    """The endings that forms of a verb have behind its stem: verkaufen, verkauf-t."""
    for own, others in rules("verbs", language, False):
        if infinitive.endswith(own):
            yield from others


def shared_with_forms(language: str, word: str) -> Iterator[int]:
    """The numbers of letters that a folded word has in common with its forms."""
    for kind in ("forms", "verbs"):
        for here, there in _pairs(kind, language):
            if here and word.endswith(here):
                yield len(word) - len(here) + in_common(here, there)


def beginning_otherwise(language: str, word: str) -> Iterator[str]:
    """The forms of a folded word that have fewer letters in common with it than can be asked for:
    luz, luces.
    """
    for here, there in _pairs("forms", language):
        stem = word[: len(word) - len(here)]
        short = len(stem) + in_common(here, there) < _SHORTEST <= min(len(word), len(stem + there))
        if short and word.endswith(here):
            yield stem + there


def _pairs(kind: str, language: str) -> Iterator[tuple[str, str]]:
    """The folded ending of a word and that of a form of it, in both orders."""
    for own, others in rules(kind, language, True):
        for other in others:
            yield own, other
            yield other, own


def in_common(one: str, other: str) -> int:
    """The number of letters that both begin with."""
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )


@cache
def rules(kind: str, language: str, folded: bool) -> tuple[Rule, ...]:
    """The endings of words in a language, each with those of their forms."""
    table = (ENDINGS if kind == "forms" else VERBS).get(language, "")
    found = []
    for line in filter(None, table.split(", ")):
        own, *others = (
            fold(one[1:]) if folded and one != "-" else one[1:] for one in line.split(" ")
        )
        found.append((own, tuple(dict.fromkeys(others))))
    return tuple(found)
