"""Texts as searches compare them: folded words, their parts and joined forms.

docs/protocol.md, "Search", has the rules; static/js/conversation/search/search-text.js is its twin.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sotto.protocol.search_tokens import DROPPED

_LETTERS = str.maketrans("ıøđðłħŧŋəɨʉɓɗƙςٱىیےةەہھک", "ioddlhtneiubdkσاييي" + "هههه" + "ك")
_LIGATURES = str.maketrans({"æ": "ae", "œ": "oe", "þ": "th", "ß": "ss"})
_DIGITS = str.maketrans(
    {chr(zero + digit): str(digit) for zero in (0x660, 0x6F0, 0x966, 0x9E6) for digit in range(10)}
)
_TABLE: dict[int, int | str] = {**_LETTERS, **_LIGATURES, **_DIGITS}
_MARKS = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f"
    "\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u093c\u09bc\u180b-\u180d\u20d0-\u20ff\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
_PAIRED = re.compile(
    "[\u0e00-\u0eff\u1000-\u11ff\u1780-\u17ff\u3040-\u318f\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f"
    "\ua9e0-\ua9ff\uaa60-\uaa7f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_PICTURE = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}"
    "|[\u203c\u2049\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001f3fa\U0001f400-\U0001faff]"
)
_ARTICLE = re.compile("(?:[\u0648\u0641\u0628\u0643]?\u0627\u0644|\u0644\u0644)(.{3,})")
_PLAINER = str.maketrans(
    "ƀƃƈƌƒƚƞƥƫƭƴƶǝǥȡȥȴȵȶȷȼȿɀɇɉɋɍɏɔɕɖɛɜɠɡɢɣɦɩɪɫɬɭɱɲɳɴɼɽɾʀʂʃʈʊʋʏʐʑʒʙʜʝʟʠᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢᵬᵭᵮᵯᵰᵱᵲᵳ"
    "ᵴᵵᵶᵽᶀᶁᶂᶃᶄᶅᶆᶇᶈᶉᶊᶌᶍᶎᶏᶑᶒᶖᶙỿⱡⱥⱦⱨⱪⱬⱱⱳⱴⱸⱺꜰꜱꝁꝃꝅꝉꝋꝍꝑꝓꝕꝗꝙꝟꞎꞑꞓꞔꞕꞗꞙꞡꞣꞥꞧꞩꞯꞹꟈꟊѽҋҏґғҕҗҙқҝҟңҧҫҭүұҳҷҹҿӄӆ"
    "ӈӊӎөӷӻӽӿԓԡԣԥԧԩԯ",
    "bbcdflnpttyzegdzlntjcszejqryocdeegggghiilllmnnnrrrrsstuvyzzzbhjlqacdejkmoptuvwzbdfmnprr"
    "stzpbdfgklmnprsvxzadeiuylathkzvwveofskkkloopppqqvlncchbfgknrsqudsѡйргггжзкккнпстуүхччҽкл"
    "ннмоггххллнпһнл",
    "\u02bb\u02bd",
)
"""Letters that texts are also found without: with hooks and strokes that no fold takes away."""
_GERSHAYIM = re.compile('([\u05d0-\u05ea])["\u201c\u201d](?=[\u05d0-\u05ea])')
"""A double quote within a Hebrew word is its sign of an abbreviation."""
_ZWNJ = "\u200c"
JOINING = frozenset("-_&'\u2018\u2019\u02bc\u2010\u2011\u00b7\u05be\u05f3\u05f4" + _ZWNJ)
"""Signs within one word: it is also looked for without them."""
ADJOINING = JOINING | frozenset(".:@")
"""Signs that keep the words of a query together: they are looked for side by side."""
_THOUSANDS = frozenset(",.'\u2019 ")
_MOST_PARTS = 6
_MEANT = 4  # letters of a part, on average, where there are many
_MOST_JOINED = 4
_LONGEST_JOINED = 40


class Atom(NamedTuple):
    """The smallest part of a text that can be found: a word, a part of one, or one character of a
    script without spaces.

    `text` is folded, `plain` only in lower case; `start` and `end` are positions in the normal
    text. `apart` is true without beginnings to look for (`paired` characters, pictures); `glued`
    if it continues the same stretch of characters.
    """

    text: str
    plain: str
    start: int
    end: int
    apart: bool = False
    paired: bool = False
    glued: bool = False

    @property
    def dropped(self) -> bool:
        """True for words that are in almost every text."""
        return self.plain in DROPPED


class Joined(NamedTuple):
    """A form that is written across the atoms `first` … `last`."""

    text: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Text:
    """The atoms of a text, and its joined forms. `places`: where each atom stands."""

    atoms: list[Atom]
    joined: list[Joined]
    places: dict[str, list[int]] = field(init=False)

    def __post_init__(self) -> None:
        places: dict[str, list[int]] = {}
        for at, atom in enumerate(self.atoms):
            places.setdefault(atom.text, []).append(at)
        object.__setattr__(self, "places", places)

    def beginning_with(self, start: str) -> list[int]:
        """The places of atoms with a beginning, in no order."""
        return [
            at for word, places in self.places.items() if word.startswith(start) for at in places
        ]

    @property
    def length(self) -> int:
        """The number of words that count."""
        return sum(not atom.dropped for atom in self.atoms)


class Run(NamedTuple):
    """A run of letters, marks and numbers; `sign` is all that separates it from the one before."""

    start: int
    end: int
    sign: str


def normal(text: str) -> str:
    """A text without invisible characters, in one spelling of each letter. Keeps case and accents;
    the zero-width non-joiner stays, because it separates parts of words.
    """
    plain = unicodedata.normalize("NFKC", text)
    if plain.isascii():
        return plain
    bare = "".join(char for char in plain if char == _ZWNJ or unicodedata.category(char) != "Cf")
    return _GERSHAYIM.sub("\\1\u05f4", bare.replace("\u02bc", "'"))


def fold(text: str) -> str:
    """A text in the form that is compared: without case, accents, strokes and vowel signs."""
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", normal(text)))
    return unicodedata.normalize("NFKC", _MARKS.sub("", bare.lower()).translate(_TABLE))


def shorter(word: str) -> str:
    """A folded word without its Arabic article, or a plainer one."""
    found = None if word.isascii() else _ARTICLE.fullmatch(word)
    return found[1] if found else plainer(word)


def plainer(word: str) -> str:
    """A folded word without \u02bb and without the hooks and strokes of letters."""
    return word if word.isascii() else word.translate(_PLAINER)


def read(text: str) -> Text:
    """Split a text into atoms and joined forms."""
    plain = normal(text)
    atoms: list[Atom] = []
    joined: list[Joined] = []
    chain: list[tuple[Run, int]] = []  # runs that may be one word, with their first atoms
    for run in runs(plain):
        if not _continues(plain, chain, run):
            chain = []
        first = len(atoms)
        atoms += atoms_of(plain, run.start, run.end)
        chain = [*chain, (run, first)][-_MOST_JOINED:]
        joined += _joined_parts(plain, atoms, first)
        joined += _shorter_forms(atoms, first)
        for at in range(len(chain) - 1):
            whole = joined_form(plain, [one for one, _ in chain[at:]])
            if whole:
                joined.append(Joined(whole, chain[at][1], len(atoms) - 1))
    return Text(atoms, joined)


def _joined_parts(plain: str, atoms: Sequence[Atom], first: int) -> Iterator[Joined]:
    """The parts of one word that stand together: of few parts all, of many the whole word.
    Characters that are apart end a word: `iPhone手机`.
    """
    while first < len(atoms):
        end = first
        while end < len(atoms) and not atoms[end].apart:
            end += 1
        for begin in range(first, end - 1):
            for last in range(begin + 1, end):
                if end - first <= _MOST_JOINED or last - begin == end - first - 1:
                    yield Joined(fold(plain[atoms[begin].start : atoms[last].end]), begin, last)
        first = end + 1


def _shorter_forms(atoms: Sequence[Atom], first: int) -> Iterator[Joined]:
    """Arabic words without the article that is written as a part of them; plainer words."""
    for at in range(first, len(atoms)):
        bare = shorter(atoms[at].text)
        if bare and bare != atoms[at].text:
            yield Joined(bare, at, at)


def _continues(plain: str, chain: Sequence[tuple[Run, int]], run: Run) -> bool:
    if not chain or len(run.sign) != 1:
        return False
    if run.sign == " ":
        before = plain[chain[-1][0].end - 1]
        return before.isdecimal() and plain[run.start].isdecimal()
    return run.sign in JOINING or run.sign in _THOUSANDS


def joined_form(plain: str, chain: Sequence[Run]) -> str:
    """Several runs written as one: `e-mail`, `U.S.A.`, `1,000,000`; "" if they are not."""
    parts = [plain[run.start : run.end] for run in chain]
    signs = {run.sign for run in chain[1:]}
    long = len(parts) > 1 and sum(map(len, parts)) > _LONGEST_JOINED
    if long or any(map(_PAIRED.search, parts)):
        return ""
    thousands = (
        signs <= _THOUSANDS
        and all(part.isdecimal() for part in parts)
        and len(parts[0]) <= 3
        and (_in_size(parts[1:-1], 3) or (_in_size(parts[1:-1], 2) and len(parts[0]) <= 2))
        and _in_size(parts[-1:], 3)
    )
    letters = signs == {"."} and all(map(str.isalpha, parts))
    return fold("".join(parts)) if thousands or letters or signs <= JOINING else ""


def _in_size(parts: Sequence[str], size: int) -> bool:
    return all(len(part) == size for part in parts)


def runs(plain: str) -> Iterator[Run]:
    """The longest runs of letters, marks and numbers; each picture is one of its own."""
    end = at = 0
    while at < len(plain):
        picture = None if plain[at].isascii() else _PICTURE.match(plain, at)
        if picture:
            yield Run(at, picture.end(), plain[end:at])
            at = end = picture.end()
        elif _inside(plain[at]):
            start = at
            while at < len(plain) and _inside(plain[at]) and not _PICTURE.match(plain, at):
                at += 1
            yield Run(start, at, plain[end:start])
            end = at
        else:
            at += 1


def _inside(char: str) -> bool:
    return char.isalnum() if char.isascii() else unicodedata.category(char)[0] in "LMN"


def atoms_of(plain: str, start: int, end: int) -> list[Atom]:
    """The atoms of one run."""
    found: list[Atom] = []
    if _PICTURE.match(plain, start):
        return [Atom(plain[start:end], plain[start:end], start, end, apart=True)]
    at = start
    while at < end:
        if _PAIRED.match(plain[at]):
            glued = bool(found) and found[-1].paired
            folded = fold(plain[at])
            if folded:
                found.append(Atom(folded, plain[at], at, at + 1, True, True, glued))
            at += 1
            continue
        stop = at
        while stop < end and not _PAIRED.match(plain[stop]):
            stop += 1
        found += _parts(plain, at, stop)
        at = stop
    return found


def _parts(plain: str, start: int, end: int) -> list[Atom]:
    """A word without paired characters: at changes of case and between letters and digits it
    has parts, unless these are too many and too short to mean anything.
    """
    cuts = [at for at in range(start + 1, end) if _cut(plain, start, at, end)]
    if len(cuts) >= _MOST_PARTS and end - start < _MEANT * (len(cuts) + 1):
        cuts = []
    found = []
    for begin, stop in zip([start, *cuts], [*cuts, end], strict=True):
        word = plain[begin:stop]
        folded = fold(word)
        if folded:
            lower = unicodedata.normalize("NFC", word.lower())
            found.append(Atom(folded, lower, begin, stop))
    return found


def _cut(plain: str, start: int, at: int, end: int) -> bool:
    before, here = _kind(plain[at - 1]), _kind(plain[at])
    if "N" in (before, here):
        return before != here and "" not in (before, here)
    if here == "U" and before == "U":
        lower = at + 1 < end and _kind(plain[at + 1]) == "l"
        return lower and not _is_alone(plain, at + 1, end)
    if here == "l" and before == "U" and at - 2 >= start and _kind(plain[at - 2]) == "U":
        return _is_alone(plain, at, end)
    return here == "U" and before == "l"


def _is_alone(plain: str, at: int, end: int) -> bool:
    """True for the last letter of a word, and the last one before a digit: `URLs`, `IPv6`."""
    return at + 1 == end or _kind(plain[at + 1]) == "N"


def _kind(char: str) -> str:
    """Digit, upper or lower case; "" for marks, which follow their letter, and other letters."""
    category = unicodedata.category(char)
    if category == "Nd":
        return "N"
    if category in ("Lu", "Ll"):
        return "U" if category == "Lu" else "l"
    return "" if category[0] == "M" else "o"
