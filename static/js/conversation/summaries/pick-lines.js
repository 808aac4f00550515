/**
 * The sentences that say most of a conversation, as a table of contents: pure, and without a model.
 *
 * The conversation is cut into slices where it pauses or turns to other words (TextTiling, Hearst 1997).
 * Of each slice those sentences are taken that are nearest to all its words, by tf-idf, and that are not
 * yet said (maximal marginal relevance, Carbonell and Goldstein 1998); the first messages of a slice,
 * which say what it is about, weigh more; a question weighs less and brings its answer.
 * What somebody repeats with few other words, as programs do, counts once and weighs less, and nobody has
 * more than half of a slice while others have something to say.
 * summaries/worker/engines/picking.py does the same, with the same vectors.
 */

import { quoted } from "./quoted.js";

/** @typedef {{seq: number, name: string, ts: number, text: string}} Line a message; `ts` in ms */
/** @typedef {{seq: number, ts: number, name: string, text: string, answers: boolean}} Pick a sentence
 *   of message `seq`; `answers` the line before it */
/** @typedef {{since: number, until: number, picks: Pick[]}} Slice messages that belong together, and
 *   what is picked of them; times in ms */
/** @typedef {Map<string, number>} Vector */
/**
 * @typedef {object} Sentence
 * @property {number} at the place of its message
 * @property {string} text
 * @property {Map<string, number>} words with their numbers
 * @property {number} times how often its sender said the like
 * @property {Vector} vector
 * @property {number} said how much of it was said before, 0 … 1
 * @property {number} weight
 */

const [A_SLICE_FOR, MOST_SLICES, LEAST_SLICE] = [20, 12, 4]; // messages, slices, messages
const [A_LINE_FOR, FEWEST, MOST] = [10, 3, 24]; // messages; lines at least and at most
const WINDOW = 6; // messages that are compared on both sides of a place
const PAUSE = 2 * 60 * 60 * 1000; // ms that separate as much as other words do
const NOVELTY = 0.5; // how much a sentence's own weight counts against being said already
const ALIKE = 0.5; // share of common words from which a sender repeats a sentence (Jaccard)
const COMPARED = 60; // sentences of a sender that a new one is compared with, the latest
const SAME = 0.8; // likeness from which a sentence says nothing new
const NEAR = 5; // messages after a question that may answer it
const SUBSTANCE = 10; // words of a sentence that says something
const ASKED = 0.7; // how much a question weighs beside a statement
const OPENING = 0.7; // how much more the first message of a slice weighs; the n-th an n-th part of that
const LONG = 280; // characters of a sentence that are shown
const LAST_MS = 253_402_300_799_000; // of the year 9999

const SENTENCE = /(?<=[.!?…।॥؟۔։።။។])[ \t\u00a0\u3000]+|(?<=[。！？])|[\n\v\f\r\x85\u2028\u2029]+/u;
/** The sign of a Greek question is a semicolon. */
const QUESTION = /[?؟？\u037e፧]$|[\u0370-\u03ff\u1f00-\u1fff].*;$/u;
const PAIRED =
  /^[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]{2,}$/u;

/** The slices of a conversation. @param {Line[]} all in order @returns {Slice[]} */
export function pickLines(all) {
  const { lines, sentences } = telling(all, sentencesOf(all));
  if (lines.length === 0) return [];
  weigh(sentences);
  const spans = spansOf(lines, sentences);
  const shares = sharesOf(
    spans.map(([first, last]) => last - first),
    lines.length,
  );
  /** @type {Sentence[]} */
  const chosen = [];
  return spans.flatMap(([first, last], at) => {
    const inside = sentences.filter((one) => first <= one.at && one.at < last);
    const pairs = choose(inside, chosen, lines, shares[at]);
    chosen.push(...pairs.map(([one]) => one));
    if (pairs.length === 0) return [];
    const picks = pairs.map(([one, answers]) => pickOf(one, lines, answers));
    return [{ since: lines[first].ts, until: lines[last - 1].ts, picks }];
  });
}

/** Slices as a text, which the interface shows with local times and links.
 * @param {Slice[]} slices */
export const written = (slices) =>
  slices
    .flatMap(({ since, until, picks }) => [
      `## ${minute(since)} – ${minute(until)}`,
      ...picks.map(
        ({ seq, ts, name, text, answers }) =>
          `- ${answers ? "→ " : ""}#${seq} ${minute(ts)} ${name}: ${text}`,
      ),
    ])
    .join("\n");

/** @param {number} ms */
const minute = (ms) =>
  `${new Date(Math.min(Math.max(ms, 0), LAST_MS)).toISOString().slice(0, 16)}Z`;

/** The sentences with words. Of somebody's that are alike, whatever their numbers, the first.
 * @param {Line[]} lines */
function sentencesOf(lines) {
  /** @type {Sentence[]} */
  const found = [];
  /** @type {Map<string, {bare: Set<string>, sentence: Sentence}[]>} */
  const ofSender = new Map();
  for (const [at, { name, text: whole }] of lines.entries()) {
    const before = ofSender.get(name) ?? [];
    ofSender.set(name, before);
    for (const part of whole.split(SENTENCE)) {
      const text = part.trim();
      const words = wordsIn(text);
      if (words.length === 0) continue;
      const bare = new Set(words.map((word) => word.replace(/[0-9]+/g, "0")));
      const again = before.slice(-COMPARED).find((one) => areAlike(bare, one.bare));
      if (again) {
        again.sentence.times += 1;
        continue;
      }
      const sentence = {
        at,
        text,
        words: counted(words),
        times: 1,
        vector: new Map(),
        said: 0,
        weight: 0,
      };
      found.push(sentence);
      before.push({ bare, sentence });
    }
  }
  return found;
}

/** @param {Set<string>} one @param {Set<string>} other */
function areAlike(one, other) {
  let shared = 0;
  for (const word of one) if (other.has(word)) shared += 1;
  return shared >= ALIKE * (one.size + other.size - shared);
}

/** The messages that have sentences, and these with places among them.
 * @param {Line[]} lines @param {Sentence[]} sentences */
function telling(lines, sentences) {
  const places = [...new Set(sentences.map(({ at }) => at))];
  const moved = new Map(places.map((at, place) => [at, place]));
  for (const one of sentences) one.at = Number(moved.get(one.at));
  return { lines: places.map((at) => lines[at]), sentences };
}

/** @param {string[]} words */
function counted(words) {
  /** @type {Map<string, number>} */
  const found = new Map();
  for (const word of words) found.set(word, (found.get(word) ?? 0) + 1);
  return found;
}

/** Folded words; pairs of characters where a script sets no spaces. @param {string} text */
export function wordsIn(text) {
  const plain = text
    .normalize("NFKD")
    .replace(/\p{Mn}/gu, "")
    .normalize("NFKC")
    .toLowerCase();
  return (plain.match(/[\p{L}\p{N}\p{M}_]+/gu) ?? []).flatMap((word) => {
    if (!PAIRED.test(word)) return [word];
    const characters = Array.from(word);
    return characters.slice(1).map((next, at) => characters[at] + next);
  });
}

/** Sets the vectors: term frequency by inverse document frequency, of length 1.
 * @param {Sentence[]} sentences */
function weigh(sentences) {
  /** @type {Map<string, number>} */
  const df = new Map();
  for (const { words } of sentences)
    for (const word of words.keys()) df.set(word, (df.get(word) ?? 0) + 1);
  for (const one of sentences) {
    /** @type {Vector} */
    const raw = new Map();
    for (const [word, n] of one.words) {
      const idf = rounded(Math.log((1 + sentences.length) / Number(df.get(word))));
      raw.set(word, rounded(1 + Math.log(n)) * idf);
    }
    one.vector = ofLengthOne(raw);
  }
}

/** Logarithms differ between languages in their last digit. @param {number} value */
const rounded = (value) => Math.floor(value * 1e6 + 0.5) / 1e6;

/** @param {Vector} raw @returns {Vector} */
function ofLengthOne(raw) {
  let total = 0;
  for (const value of raw.values()) total += value * value;
  const length = Math.sqrt(total) || 1;
  return new Map([...raw].map(([word, value]) => [word, value / length]));
}

/** @param {Vector[]} vectors */
function sum(vectors) {
  /** @type {Vector} */
  const total = new Map();
  for (const vector of vectors)
    for (const [word, value] of vector) total.set(word, (total.get(word) ?? 0) + value);
  return ofLengthOne(total);
}

/** The cosine of two vectors of length 1. @param {Vector} a @param {Vector} b */
function likeness(a, b) {
  const [few, many] = b.size < a.size ? [b, a] : [a, b];
  let total = 0;
  for (const [word, value] of few) {
    const other = many.get(word);
    if (other !== undefined) total += value * other;
  }
  return total;
}

// --- slices --------------------------------------------------------------------------------------

/** The places of messages where slices begin and end. @param {Line[]} lines
 * @param {Sentence[]} sentences @returns {[number, number][]} */
function spansOf(lines, sentences) {
  /** @type {Vector[][]} */
  const vectors = lines.map(() => []);
  for (const { at, vector } of sentences) vectors[at].push(vector);
  const many = Math.min(Math.max(Math.floor(lines.length / A_SLICE_FOR), 1), MOST_SLICES);
  /** @type {[score: number, at: number][]} */
  const scores = [];
  for (let at = LEAST_SLICE; many > 1 && at <= lines.length - LEAST_SLICE; at += 1) {
    const left = sum(vectors.slice(Math.max(0, at - WINDOW), at).flat());
    const right = sum(vectors.slice(at, at + WINDOW).flat());
    const pause = Math.min(Math.max(lines[at].ts - lines[at - 1].ts, 0), PAUSE) / PAUSE;
    scores.push([1 - likeness(left, right) + pause, at]);
  }
  scores.sort(([one, at], [other, there]) => other - one || at - there);
  /** @type {number[]} */
  const cuts = [];
  for (const [, at] of scores)
    if (cuts.length + 1 < many && cuts.every((cut) => Math.abs(at - cut) >= LEAST_SLICE))
      cuts.push(at);
  const edges = [0, ...cuts.sort((a, b) => a - b), lines.length];
  return edges.slice(1).map((end, at) => [edges[at], end]);
}

/** The number of lines of each slice: at least one, the others by its size (D'Hondt).
 * @param {number[]} sizes @param {number} messages */
function sharesOf(sizes, messages) {
  const shares = sizes.map(() => 1);
  const most = Math.min(Math.max(Math.floor(messages / A_LINE_FOR), FEWEST), MOST);
  for (let left = most - sizes.length; left > 0; left -= 1) {
    const claims = sizes.map((size, at) => size / (shares[at] + 1));
    shares[claims.indexOf(Math.max(...claims))] += 1;
  }
  return shares;
}

// --- sentences -----------------------------------------------------------------------------------

/** The best sentences of a slice in order, each with whether it answers the one before.
 * @param {Sentence[]} inside @param {Sentence[]} before @param {Line[]} lines @param {number} many
 * @returns {[Sentence, boolean][]} */
function choose(inside, before, lines, many) {
  const centre = sum(inside.map(({ vector }) => vector));
  for (const one of inside) {
    const substance = Math.min(1, one.words.size / SUBSTANCE); // "ok", "thanks"
    const opening = 1 + OPENING / (1 + one.at - inside[0].at);
    const kind = QUESTION.test(one.text) ? ASKED : 1;
    one.weight = (likeness(one.vector, centre) * substance * opening * kind) / one.times;
    hear(one, before);
  }
  const heaviest = Math.max(0, ...inside.map(({ weight }) => weight)) || 1;
  const worth = (/** @type {Sentence} */ { weight, said }) =>
    (NOVELTY * weight) / heaviest - (1 - NOVELTY) * said;
  let left = inside.filter(({ said }) => said < SAME);
  /** @type {Sentence[][]} */
  const found = [];
  for (let count = 0; left.length > 0 && count < many; ) {
    const allowed = ofAllSenders(left, found.flat(), lines, many);
    const best = allowed.reduce((one, other) => (worth(other) > worth(one) ? other : one));
    const alone = found.filter(({ length }) => length === 1);
    const answer = answerTo(best, [...left, ...alone.flat()], lines);
    const taken = answer ? [best, answer] : [best];
    const picked = alone.find(([one]) => one === answer); // before its question
    if (picked) found.splice(found.indexOf(picked), 1);
    found.push(taken);
    count += picked ? 1 : taken.length;
    for (const one of left) hear(one, taken);
    left = left.filter((one) => !taken.includes(one) && one.said < SAME);
  }
  found.sort(([one], [other]) => inside.indexOf(one) - inside.indexOf(other));
  return found.flatMap((taken) =>
    taken.map((one, at) => /** @type {[Sentence, boolean]} */ ([one, at > 0])),
  );
}

/** Those of senders who have less than half of a slice's lines; all, if no others are left.
 * @param {Sentence[]} left @param {Sentence[]} taken @param {Line[]} lines @param {number} many */
function ofAllSenders(left, taken, lines, many) {
  const by = (/** @type {Sentence} */ { at }) =>
    taken.filter((one) => lines[one.at].name === lines[at].name).length;
  const allowed = left.filter((one) => by(one) < Math.floor((many + 1) / 2));
  return allowed.length > 0 ? allowed : left;
}

/** Notes how much of a sentence others say. @param {Sentence} one @param {Sentence[]} others */
function hear(one, others) {
  for (const other of others) one.said = Math.max(one.said, likeness(one.vector, other.vector));
}

/** The sentence that answers a question: of somebody else, soon after it, about the same.
 * @param {Sentence} asked @param {Sentence[]} among @param {Line[]} lines */
function answerTo(asked, among, lines) {
  if (!QUESTION.test(asked.text)) return null;
  /** @type {Sentence | null} */
  let best = null;
  let most = 0;
  for (const one of among) {
    const distance = one.at - asked.at;
    if (distance < 1 || distance > NEAR || lines[one.at].name === lines[asked.at].name) continue;
    if (one.words.size < 2 || QUESTION.test(one.text)) continue;
    const value = likeness(one.vector, asked.vector) + 0.1 * (NEAR + 1 - distance);
    if (value > most) [best, most] = [one, value];
  }
  return best;
}

/** @param {Sentence} one @param {Line[]} lines @param {boolean} answers @returns {Pick} */
function pickOf({ at, text }, lines, answers) {
  const { seq, ts, name } = lines[at];
  return { seq, ts, name: quoted(name).split(/\s+/).join(" "), text: quoted(short(text)), answers };
}

/** @param {string} text */
function short(text) {
  const characters = Array.from(text);
  if (characters.length <= LONG) return text;
  const cut = characters.slice(0, LONG).join("");
  const end = cut.lastIndexOf(" ");
  return `${end < 0 ? cut : cut.slice(0, end)} …`;
}
