/** Composes a summary request. The preview shows exactly what is sent. */

/** @typedef {import("../../crypto/summary.js").SummaryQuestion} SummaryQuestion */
/** @typedef {import("./collect-messages.js").CollectedMessages} CollectedMessages */
/** @typedef {import("./shared.js").SharedSummary} SharedSummary */
/**
 * @typedef {object} SummaryPreview
 * @property {SummaryQuestion} question exactly what is sent
 * @property {{from: number, to: number, a: number, b: number}} range what the summary is of
 * @property {SharedSummary | null} earlier the summary that it goes on from
 * @property {[string, string][]} names what stands for whom, where names are replaced
 * @property {number} characters
 * @property {CollectedMessages} gathered what it was made from
 * @property {boolean} cut whether the oldest messages did not fit
 */

/** Fewer messages are read faster than a summary of them. */
export const FEWEST = 3;

/**
 * @param {CollectedMessages} gathered
 * @param {object} how
 * @param {string} how.model
 * @param {string} how.lang
 * @param {boolean} how.masked whether names are replaced
 * @param {string[]} how.people names of all members
 * @param {SharedSummary | null} how.earlier a summary to go on from
 * @param {number} how.mostBytes of what is sent
 * @param {number} how.mostMessages how far the range may reach, those that are no texts included
 * @returns {SummaryPreview | null} null where there is too little to summarise
 */
export function compose(
  gathered,
  { model, lang, masked, people, earlier, mostBytes, mostMessages },
) {
  const end = gathered.said.at(-1)?.seq ?? 0;
  const within = gathered.said.filter(({ seq }) => end - seq < mostMessages);
  const all = mayGoOn(earlier, gathered, masked, end - mostMessages) ? earlier : null;
  const lines = within.filter(({ seq }) => seq > (all?.to ?? 0));
  const fitting = newest(lines, mostBytes - bytesOf(all?.text ?? "") - ENVELOPE);
  const short = fitting.length < lines.length;
  const cut = gathered.cut || short || within.length < gathered.said.length;
  const base = short ? null : all;
  if (fitting.length < FEWEST) return null;
  const mask = masked ? maskFor(fitting, people) : null;
  const messages = fitting.map(({ seq, name, ts, text }) => ({
    seq,
    name: mask ? mask.name(name) : name,
    ts,
    text: mask ? mask.text(text) : text,
  }));
  const question = { model, lang, messages };
  if (base) Object.assign(question, { earlier: base.text });
  const last = fitting[fitting.length - 1];
  return {
    question,
    range: {
      from: base?.from ?? fitting[0].seq,
      to: last.seq,
      a: base?.a ?? fitting[0].e,
      b: last.e,
    },
    earlier: base,
    names: mask?.names ?? [],
    characters: messages.reduce((sum, { text }) => sum + text.length, 0),
    gathered,
    cut,
  };
}

/** Tells whether a request can continue a summary: not with placeholders, since it has
 * its names, and not a long one, or it would grow without bound.
 * @param {SharedSummary | null} earlier @param {CollectedMessages} gathered @param {boolean} masked
 * @param {number} reach the seq before the first message that a range may have
 * @returns {earlier is SharedSummary} */
const mayGoOn = (earlier, { cut }, masked, reach) =>
  earlier !== null && !cut && !masked && earlier.from > reach && earlier.text.length < LONGEST;

/** The summary that a range can continue, instead of sending the summarised messages again.
 * @param {SharedSummary[]} shared newest first @param {CollectedMessages} gathered
 * @param {number} [after] the seq before the stretch that was wanted */
export function reachesInto(shared, { said }, after = Number.POSITIVE_INFINITY) {
  const first = said[0]?.seq ?? 0;
  const last = said.at(-1)?.seq ?? 0;
  return (
    shared.find(
      ({ why, from, to }) =>
        why === "" && from <= first && to < last && (to + 1 >= first || to >= after),
    ) ?? null
  );
}

const LONGEST = 6000; // characters of a summary to continue
const ENVELOPE = 1024; // bytes for the reply key, the model's name and what holds them together
const encoder = new TextEncoder();
/** @param {unknown} value */
const bytesOf = (value) => encoder.encode(JSON.stringify(value)).length;

/** The newest lines that fit. @param {import("./collect-messages.js").SummaryLine[]} lines @param {number} most */
function newest(lines, most) {
  let [left, begin] = [most, lines.length];
  while (begin > 0) {
    left -= bytesOf(lines[begin - 1]) + 1;
    if (left < 0) break;
    begin -= 1;
  }
  return lines.slice(begin);
}

/** Characters of a name, and the dots and dashes that may end a sentence after one. */
const RUN = /[\p{L}\p{N}_.-]+/gu;
const ENDING = /^(.*?)([.-]*)$/u;

/** Placeholders for everybody who writes or is mentioned: P1, P2, … They are no word of any text, so that
 * the answer can be given its names back.
 * @param {{name: string, text: string}[]} lines
 * @param {string[]} people
 */
function maskFor(lines, people) {
  const prefix = unusedPrefix(lines);
  /** @type {Map<string, string>} */
  const known = new Map();
  const name = (/** @type {string} */ one) => {
    const placeholder = known.get(one) ?? `${prefix}${known.size + 1}`;
    known.set(one, placeholder);
    return placeholder;
  };
  for (const line of lines) name(line.name);
  const all = new Set([...known.keys(), ...people]);
  return {
    name,
    text: (/** @type {string} */ text) =>
      replaced(text, (word) => (all.has(word.toLowerCase()) ? name(word.toLowerCase()) : null)),
    /** @returns {[string, string][]} */
    get names() {
      return [...known].map(([who, placeholder]) => [placeholder, who]);
    },
  };
}

/** @param {{text: string}[]} lines */
function unusedPrefix(lines) {
  let prefix = "P";
  const isUsed = ({ text = "" }) =>
    (text.match(RUN) ?? []).some(
      (run) => run.startsWith(prefix) && /^\p{N}/u.test(run.slice(prefix.length)),
    );
  while (lines.some(isUsed)) prefix += "P";
  return prefix;
}

/** Replaces words of a text; the dots and dashes that end a sentence are none of a word's.
 * @param {string} text @param {(word: string) => string | null | undefined} by null where a word stays */
function replaced(text, by) {
  return text.replace(RUN, (run) => {
    const [, word, rest] = /** @type {RegExpExecArray} */ (ENDING.exec(run));
    const other = by(word);
    return other ? other + rest : run;
  });
}

/** A continued summary: the earlier text, then the summary of the messages since.
 * @param {SharedSummary} earlier @param {number} to @param {string} text */
export const joined = (earlier, to, text) =>
  `${earlier.text}\n\n[${earlier.to + 1}–${to}]\n\n${text}`;

/** An answer with names in place of their placeholders.
 * @param {string} text @param {[string, string][]} names */
export function unmasked(text, names) {
  const known = new Map(names);
  return replaced(text, (word) => known.get(word));
}
