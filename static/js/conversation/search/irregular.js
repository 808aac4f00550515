/**
 * Irregular forms of English words, which no stemmer joins: those of one word stand together.
 * client/sotto/protocol/irregular.py has the same.
 */

export const FORMS =
  "analysis analyses, basis bases, bear bore borne, beat beaten, become became, " +
  "begin began begun, bend bent, bind bound, bite bit bitten, bleed bled, blow blew blown, " +
  "break broke broken, breed bred, bring brought, build built, burn burnt, bus buses, " +
  "busy busier busiest, buy bought, calf calves, catch caught, child children, " +
  "choose chose chosen, cling clung, come came, creep crept, crisis crises, " +
  "criterion criteria, deal dealt, die dies died dying, dig dug, draw drew drawn, " +
  "dream dreamt, drink drank drunk, drive drove driven, early earlier earliest, " +
  "easy easier easiest easily, eat ate eaten, fall fell fallen, feed fed, feel felt, " +
  "fight fought, find found, flee fled, fly flies flew flown, foot feet, " +
  "forbid forbade forbidden, forget forgot forgotten, forgive forgave forgiven, " +
  "freeze froze frozen, get got gotten, give gave given, go goes went gone, goose geese, " +
  "grind ground, grow grew grown, half halves, hang hung, happy happier happiest, " +
  "hear heard, heavy heavier heaviest, hide hid hidden, hold held, hypothesis hypotheses, " +
  "keep kept, kneel knelt, knife knives, know knew known, lay laid, lead led, leaf leaves, " +
  "lean leant, learn learnt, leave left, lend lent, lie lies lied lying lain, life lives, " +
  "light lit, loaf loaves, lose lost, make made making, man men, mean meant, meet met, " +
  "mistake mistook mistaken, mouse mice, overcome overcame, ox oxen, " +
  "panic panicked panicking, pay paid, person people, phenomenon phenomena, prove proven, " +
  "ride rode ridden, ring rang rung, rise rose risen, run ran, say says said, see saw seen, " +
  "seek sought, self selves, sell sold, send sent, sew sewn, shake shook shaken, " +
  "shelf shelves, shine shone, shoot shot, show shown, shrink shrank shrunk, " +
  "sing sang sung, sink sank sunk, sit sat, sleep slept, slide slid, smell smelt, " +
  "speak spoke spoken, speed sped, spell spelt, spend spent, spill spilt, spin spun, " +
  "spoil spoilt, stand stood, steal stole stolen, stick stuck, sting stung, strike struck, " +
  "swear swore sworn, sweep swept, swim swam swum, swing swung, take took taken, " +
  "teach taught, tear tore torn, tell told, thief thieves, think thought, " +
  "throw threw thrown, tie ties tied tying, tooth teeth, try tries tried trying, " +
  "understand understood, undo undid undone, use uses used using, wake woke woken, " +
  "wear wore worn, weave wove woven, weep wept, wife wives, win won, " +
  "withdraw withdrew withdrawn, wolf wolves, woman women, write wrote written";

/** @type {Map<string, string[]>} */
const OF_WORD = new Map();
for (const forms of FORMS.split(", ").map((one) => one.split(" ")))
  for (const word of forms)
    OF_WORD.set(
      word,
      forms.filter((other) => other !== word),
    );

/** The other forms of a word; none of most words. @param {string} word @returns {string[]} */
export const irregular = (word) => OF_WORD.get(word) ?? [];
