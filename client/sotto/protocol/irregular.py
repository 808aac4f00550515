"""Forms of English and German words that no stemmer joins: those of one word stand together.

static/js/conversation/search/irregular.js has the same.
"""

from __future__ import annotations

FORMS = (
    "analysis analyses, basis bases, bear bore borne, beat beaten, become became, "
    "begin began begun, bend bent, bind bound, bite bit bitten, bleed bled, blow blew blown, "
    "break broke broken, breed bred, bring brought, build built, burn burnt, bus buses, "
    "busy busier busiest, buy bought, calf calves, catch caught, child children, "
    "choose chose chosen, cling clung, come came, creep crept, crisis crises, "
    "criterion criteria, deal dealt, die dies died dying, dig dug, draw drew drawn, "
    "dream dreamt, drink drank drunk, drive drove driven, early earlier earliest, "
    "easy easier easiest easily, eat ate eaten, fall fell fallen, feed fed, feel felt, "
    "fight fought, find found, flee fled, fly flies flew flown, foot feet, "
    "forbid forbade forbidden, forget forgot forgotten, forgive forgave forgiven, "
    "freeze froze frozen, get got gotten, give gave given, go goes went gone, goose geese, "
    "grind ground, grow grew grown, half halves, hang hung, happy happier happiest, "
    "hear heard, heavy heavier heaviest, hide hid hidden, hold held, hypothesis hypotheses, "
    "keep kept, kneel knelt, knife knives, know knew known, lay laid, lead led, leaf leaves, "
    "lean leant, learn learnt, leave left, lend lent, lie lies lied lying lain, life lives, "
    "light lit, loaf loaves, lose lost, make made making, man men, mean meant, meet met, "
    "mistake mistook mistaken, mouse mice, overcome overcame, ox oxen, "
    "panic panicked panicking, pay paid, person people, phenomenon phenomena, prove proven, "
    "ride rode ridden, ring rang rung, rise rose risen, run ran, say says said, see saw seen, "
    "seek sought, self selves, sell sold, send sent, sew sewn, shake shook shaken, "
    "shelf shelves, shine shone, shoot shot, show shown, shrink shrank shrunk, "
    "sing sang sung, sink sank sunk, sit sat, sleep slept, slide slid, smell smelt, "
    "speak spoke spoken, speed sped, spell spelt, spend spent, spill spilt, spin spun, "
    "spoil spoilt, stand stood, steal stole stolen, stick stuck, sting stung, strike struck, "
    "swear swore sworn, sweep swept, swim swam swum, swing swung, take took taken, "
    "teach taught, tear tore torn, tell told, thief thieves, think thought, "
    "throw threw thrown, tie ties tied tying, tooth teeth, try tries tried trying, "
    "understand understood, undo undid undone, use uses used using, wake woke woken, "
    "wear wore worn, weave wove woven, weep wept, wife wives, win won, "
    "withdraw withdrew withdrawn, wolf wolves, woman women, write wrote written"
)
GERMAN = (
    "beginnen begann begonnen, beissen biss gebissen, biegen bog gebogen, "
    "bieten bot geboten, binden band gebunden, bitten bat gebeten, bleiben blieb geblieben, "
    "brechen bricht brach gebrochen, brennen brannte gebrannt, bringen brachte gebracht, "
    "denken dachte gedacht, essen isst gegessen, fallen fiel, fangen fing, "
    "finden fand gefunden, fliegen flog geflogen, frieren fror gefroren, geben gibt gab, "
    "gehen ging gegangen, gewinnen gewann gewonnen, giessen goss gegossen, "
    "greifen griff gegriffen, halten hielt, heben hob gehoben, helfen hilft half geholfen, "
    "kennen kannte gekannt, lassen liess, laufen lief, leihen lieh geliehen, "
    "lesen liest las, liegen lag gelegen, nehmen nimmt nahm genommen, nennen nannte genannt, "
    "reissen riss gerissen, reiten ritt geritten, rennen rannte gerannt, rufen rief, "
    "schieben schob geschoben, schlafen schlief, schlagen schlug, "
    "schliessen schloss geschlossen, schneiden schnitt geschnitten, "
    "schreiben schrieb geschrieben, schreien schrie geschrien, "
    "schwimmen schwamm geschwommen, sehen sieht sah, singen sang gesungen, "
    "sitzen sass gesessen, sprechen spricht sprach gesprochen, springen sprang gesprungen, "
    "stehen stand gestanden, stehlen stahl gestohlen, steigen stieg gestiegen, "
    "sterben stirbt starb gestorben, streiten stritt gestritten, tragen trug, "
    "treffen trifft traf getroffen, treten tritt trat, trinken trank getrunken, "
    "vergessen vergass, verlieren verlor verloren, wachsen wuchs, waschen wusch, "
    "werfen wirft warf geworfen, wissen weiss wusste gewusst, ziehen zog gezogen"
)
"""Folded; what `participles` makes is left out."""
_SHORTEST = 5  # letters of an infinitive
_OF_WORD: dict[str, dict[str, str]] = {}
for _language, _table in (("english", FORMS), ("german", GERMAN)):
    for _forms in _table.split(", "):
        for _word in _forms.split():
            _others = {other: _language for other in _forms.split() if other != _word}
            _OF_WORD[_word] = _OF_WORD.get(_word, {}) | _others


def irregular(word: str) -> dict[str, str]:
    """The forms of a word that begin otherwise, each with its language; none of most words."""
    return dict.fromkeys(participles(word), "german") | _OF_WORD.get(word, {})


def participles(word: str) -> list[str]:
    """The participles that a German infinitive may have (arbeiten: gearbeitet; rufen: gerufen), and
    the infinitive that a participle may be of.
    """
    if word.startswith("ge") and len(word) >= len("ge") + _SHORTEST - 1:
        rest = word[2:]
        if rest.endswith("en"):
            return [rest]
        if rest.endswith(("tet", "det")):
            return [f"{rest[:-2]}en"]
        return [f"{rest[:-1]}en"] if rest.endswith("t") else []
    if not word.endswith("en") or len(word) < _SHORTEST:
        return []
    end = "et" if word[-3] in "td" else "t"
    return [f"ge{word[:-2]}{end}", f"ge{word}"]
