"""Irregular forms of words, which no stemmer joins: those of one word stand together.

static/js/conversation/search/irregular.js has the same.
"""

from __future__ import annotations

from collections.abc import Iterator

IRREGULAR = {
    "danish": (
        "barn born, bog boger, drikke drak drukket, give gav givet, komme kom, skrive skrev "
        "skrevet, sove sov, tage tog taget"
    ),
    "dutch": (
        "bezoeken bezocht, breken brak gebroken, brengen bracht gebracht, denken dacht gedacht, "
        "drinken dronk gedronken, eten at gegeten, gaan ging gegaan, geven gaf gegeven, groot "
        "grote, helpen hielp geholpen, houden hield, kiezen koos gekozen, komen kwam gekomen, "
        "kopen koopt kocht gekocht, lezen leest las gelezen, lopen loopt liep gelopen, nemen "
        "nam genomen, roepen riep, schip schepen, schrijven schreef geschreven, slapen sliep, "
        "spreken sprak gesproken, staan stond gestaan, stad steden, vinden vond gevonden, "
        "vliegen vloog gevlogen, weten wist geweten, zien zag gezien, zoeken zocht gezocht"
    ),
    "english": (
        "analysis analyses, appendix appendices, arise arose arisen arising, awake awoke awoken "
        "awaking, bacterium bacteria, basis bases, bear bore borne bearing, beat beaten "
        "beating, become became becoming, begin began begun beginning, bend bent bending, bid "
        "bade bidden bidding, bind bound binding, bite bit bitten biting, bleed bled bleeding, "
        "blow blew blown blowing, break broke broken breaking, breed bred breeding, bring "
        "brought bringing, build built building, burn burnt burning, bus buses, busy busier "
        "busiest, buy bought buying, cactus cacti, calf calves, catch caught catching, child "
        "children, choose chose chosen choosing, cling clung clinging, come came coming, creep "
        "crept creeping, crisis crises, criterion criteria, datum data, deal dealt dealing, "
        "diagnosis diagnoses, die dice, die dies died dying, dig dug digging, do does did done "
        "doing, draw drew drawn drawing, dream dreamt dreaming, drink drank drunk drinking, "
        "drive drove driven driving, dwell dwelt dwelling, early earlier earliest, easy easier "
        "easiest easily, eat ate eaten eating, elf elves, fall fell fallen falling, feed fed "
        "feeding, feel felt feeling, fight fought fighting, find found finding, flee fled "
        "fleeing, fly flies flew flown flying, foot feet, forbid forbade forbidden forbidding, "
        "forget forgot forgotten forgetting, forgive forgave forgiven forgiving, freeze froze "
        "frozen freezing, fungus fungi, get got gotten getting, give gave given giving, go goes "
        "went gone going, goose geese, grind ground grinding, grow grew grown growing, half "
        "halves, hang hung hanging, happy happier happiest, hear heard hearing, heavy heavier "
        "heaviest, hide hid hidden hiding, hold held holding, hoof hooves, hypothesis "
        "hypotheses, index indices, keep kept keeping, kneel knelt kneeling, knife knives, know "
        "knew known knowing, lay laid laying, lead led leading, leaf leaves, lean leant "
        "leaning, leap leapt leaping, learn learnt learning, leave left leaving, lend lent "
        "lending, lie lies lied lying lain, life lives, light lit lighting, loaf loaves, lose "
        "lost losing, louse lice, make made making, man men, matrix matrices, mean meant "
        "meaning, medium media, meet met meeting, mislead misled misleading, mistake mistook "
        "mistaken mistaking, misunderstand misunderstood misunderstanding, mouse mice, nucleus "
        "nuclei, overcome overcame overcoming, overhear overheard overhearing, oversee oversaw "
        "overseen overseeing, ox oxen, panic panicked panicking, pay paid paying, person "
        "people, phenomenon phenomena, prove proven proving, rebuild rebuilt rebuilding, redo "
        "redid redone redoing, rewrite rewrote rewritten rewriting, ride rode ridden riding, "
        "ring rang rung ringing, rise rose risen rising, run ran running, say says said saying, "
        "scarf scarves, see saw seen seeing, seek sought seeking, self selves, sell sold "
        "selling, send sent sending, sew sewn sewing, shake shook shaken shaking, shelf "
        "shelves, shine shone shining, shoot shot shooting, show shown showing, shrink shrank "
        "shrunk shrinking, sing sang sung singing, sink sank sunk sinking, sit sat sitting, "
        "slay slew slain slaying, sleep slept sleeping, slide slid sliding, sling slung "
        "slinging, smell smelt smelling, speak spoke spoken speaking, speed sped speeding, "
        "spell spelt spelling, spend spent spending, spill spilt spilling, spin spun spinning, "
        "spoil spoilt spoiling, spring sprang sprung springing, stand stood standing, steal "
        "stole stolen stealing, stick stuck sticking, stimulus stimuli, sting stung stinging, "
        "stride strode striding, strike struck striking, strive strove striven striving, swear "
        "swore sworn swearing, sweep swept sweeping, swell swollen swelling, swim swam swum "
        "swimming, swing swung swinging, take took taken taking, teach taught teaching, tear "
        "tore torn tearing, tell told telling, thesis theses, thief thieves, think thought "
        "thinking, throw threw thrown throwing, tie ties tied tying, tooth teeth, tread trod "
        "trodden treading, try tries tried trying, understand understood understanding, undo "
        "undid undone undoing, uphold upheld upholding, use uses used using, vertex vertices, "
        "wake woke woken waking, wear wore worn wearing, weave wove woven weaving, weep wept "
        "weeping, wife wives, win won winning, wind wound winding, withdraw withdrew withdrawn "
        "withdrawing, withhold withheld withholding, withstand withstood withstanding, wolf "
        "wolves, woman women, wring wrung wringing, write wrote written writing"
    ),
    "french": (
        "aller va vais vont, boire boit bu boivent, devoir doit doivent, dire dit disent, "
        "ecrire ecrit ecrivent, envoyer envoie envoient enverra, faire fait faites font fera, "
        "lire lisent, mettre met mis mettent, offrir offert, oeil yeux, ouvrir ouvert, payer "
        "paie paient, pouvoir peut peux peuvent pu, prendre prend pris prennent prenons, "
        "recevoir recoit recu recoivent, savoir sait savent su, tenir tient tiennent tenu, "
        "venir vient viennent venu, vivre vit vecu, voir voit vu voient, vouloir veut veux "
        "veulent voulu"
    ),
    "german": (
        "beginnen begann begonnen, beissen biss gebissen, biegen bog gebogen, bieten bot "
        "geboten, binden band gebunden, bitten bat gebeten, bleiben blieb geblieben, brechen "
        "bricht brach gebrochen, brennen brannte gebrannt, bringen brachte gebracht, denken "
        "dachte gedacht, durfen darf durfte gedurft, essen isst ass gegessen, fahren fuhr, "
        "fallen fiel, fangen fing, finden fand gefunden, fliegen flog geflogen, frieren fror "
        "gefroren, geben gibt gab, gehen ging gegangen, gewinnen gewann gewonnen, giessen goss "
        "gegossen, greifen griff gegriffen, halten hielt, heben hob gehoben, helfen hilft half "
        "geholfen, kennen kannte gekannt, kommen kam, konnen kann konnte gekonnt, lassen liess, "
        "laufen lief, leihen lieh geliehen, lesen liest las, liegen lag gelegen, mogen mag "
        "mochte, nehmen nimmt nahm genommen, nennen nannte genannt, reissen riss gerissen, "
        "reiten ritt geritten, rennen rannte gerannt, rufen rief, schieben schob geschoben, "
        "schlafen schlief, schlagen schlug, schliessen schloss geschlossen, schneiden schnitt "
        "geschnitten, schreiben schrieb geschrieben, schreien schrie geschrien, schwimmen "
        "schwamm geschwommen, sehen sieht sah, singen sang gesungen, sitzen sass gesessen, "
        "sprechen spricht sprach gesprochen, springen sprang gesprungen, stehen stand "
        "gestanden, stehlen stahl gestohlen, steigen stieg gestiegen, sterben stirbt starb "
        "gestorben, streiten stritt gestritten, tragen trug, treffen trifft traf getroffen, "
        "treten tritt trat, trinken trank getrunken, vergessen vergass, verlieren verlor "
        "verloren, wachsen wuchs, waschen wusch, werfen wirft warf geworfen, wissen weiss "
        "wusste gewusst, ziehen zog gezogen"
    ),
    "italian": (
        "aprire aperto, bere bevuto, chiedere chiesto, chiudere chiuso, correre corso, dare "
        "dato, decidere deciso, dire detto dice dicono, dovere deve devono, fare fatto fanno "
        "faccio, leggere letto, mettere messo, nascere nato, offrire offerto, perdere perso, "
        "potere puo possono, prendere preso, rimanere rimasto, rispondere risposto, scegliere "
        "scelto, scrivere scritto, spendere speso, succedere successo, tenere tiene tengono, "
        "uomo uomini, uovo uova, uscire esce escono, vedere visto, venire viene vengono venuto, "
        "vincere vinto, volere vuole vogliono"
    ),
    "norwegian": ("bok boker, drikke drakk drukket, komme kom, skrive skrev skrevet, sove sov"),
    "portuguese": (
        "abrir aberto, dizer diz disse dito digo, escrever escrito, fazer faz fez feito faco, "
        "ganhar ganho, poder pode posso pude, querer quer quis, saber sabe soube, ter tem tinha "
        "teve, trazer traz trouxe, ver viu visto vejo, vir vem veio vindo"
    ),
    "russian": (
        "день дни дня днеи, друг друзья друзеи, идти шел шла шли, ребенок дети детеи, человек "
        "люди людеи, письмо писем, окно окон, сестра сестер"
    ),
    "spanish": (
        "abrir abierto, caer cayo, contar cuenta, decir dice dijo dicho digo, dormir duerme "
        "durmio, empezar empieza, encontrar encuentra, escribir escrito, hacer hace hizo hecho "
        "hago, jugar juega, leer leyo, morir muere murio muerto, mostrar muestra, pedir pide "
        "pidio, pensar piensa, perder pierde, poder puede pudo, poner puso puesto pongo, querer "
        "quiere quiero quiso, romper roto, saber supo, seguir sigue siguio, sentir siente "
        "sintio, tener tiene tuvo tengo, traer trajo traigo, venir viene vino vengo, ver visto, "
        "volver vuelve vuelto"
    ),
    "swedish": (
        "ata at atit, bok bocker, bror broder, hand hander, komma kom kommit, natt natter, saga "
        "sade sagt, skriva skrev skrivit, sova sov sovit, springa sprang sprungit, stad stader, "
        "ligga lag legat, dricka drack druckit, finna fann funnit, sjunga sjong sjungit"
    ),
}
"""Folded, by language; what `participles` makes is left out."""
PARTICLES = (
    "ab an auf aus bei durch ein fest her hin los mit nach um vor weg weiter zu zuruck zusammen"
)
"""Parts of German verbs before which `ge` or `zu` may stand: einkaufen, eingekauft, einzukaufen."""
_PARTICLES = PARTICLES.split()
_SHORTEST = 5  # letters of an infinitive
_OF_WORD: dict[str, list[tuple[str, str]]] = {}
for _language, _table in IRREGULAR.items():
    for _forms in _table.split(", "):
        for _word in _forms.split():
            _others = [(other, _language) for other in _forms.split() if other != _word]
            _OF_WORD[_word] = _OF_WORD.get(_word, []) + _others


def irregular(word: str) -> list[tuple[str, str]]:
    """The forms of a word that begin otherwise, each with its language; none of most words."""
    german = dict.fromkeys([*participles(word), *_with_particle(word)])
    return [*((other, "german") for other in german), *_OF_WORD.get(word, [])]


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


def _with_particle(word: str) -> Iterator[str]:
    """The same of a verb with a particle: einkaufen, eingekauft, einzukaufen."""
    for particle in _PARTICLES:
        verb = word.removeprefix(particle)
        if verb == word or len(verb) < _SHORTEST:
            continue
        if verb.startswith("zu") and len(verb) >= len("zu") + _SHORTEST:
            yield particle + verb[2:]
        known = [one for one, name in _OF_WORD.get(verb, []) if name == "german"]
        if verb.startswith("ge"):
            known = [one for one in known if one.endswith("en") and not one.startswith("ge")]
        elif verb.endswith("en"):
            yield f"{particle}zu{verb}"
            known = [one for one in known if one.startswith("ge")]
        else:
            continue
        yield from (particle + one for one in [*participles(verb), *known])
