/** A message's decrypted content: UTF-8 JSON, not canonical; unknown keys are ignored. */

import { b64Of, hash64, ident, integer, pair } from "./body.js";
import { fromUtf8, utf8, WireError } from "./bytes.js";
import { filesOf, isKnown } from "./content-parts.js";

/** @typedef {import("./body.js").Validator} Validator */
/**
 * @typedef {[number, string]} Ref another message: seq and id
 *
 * @typedef {object} FileRef an attachment
 * @property {string} id
 * @property {string} key b64, 32 bytes
 * @property {number} size bytes of the file
 * @property {string} name
 * @property {string} type as its sender says
 * @property {string} sha b64 SHA-256 of the sealed file
 * @property {number} [w] pixels
 * @property {number} [h] pixels
 * @property {number} [ms] length
 * @property {Thumb} [thumb] a smaller picture of it, a file of its own
 *
 * @typedef {{id: string, key: string, size: number, type: string, sha: string, w: number,
 *   h: number}} Thumb
 *
 * @typedef {{t: "text", body: string, re?: Ref, at?: string[], files?: FileRef[]}} TextContent
 *   `re`: the message that it answers; `at`: uids of who is mentioned
 * @typedef {{t: "edit", of: Ref, body: string, at?: string[]}} EditContent
 * @typedef {{t: "delete", of: Ref[]}} DeleteContent
 * @typedef {{t: "react", of: Ref, emoji: string, on: 0 | 1}} ReactContent
 * @typedef {{t: "pin", of: Ref, on: 0 | 1}} PinContent
 * @typedef {{t: "poll", body: string, options: string[], multi: 0 | 1}} PollContent
 * @typedef {{t: "vote", of: Ref, picks: number[]}} VoteContent
 * @typedef {TextContent | EditContent | DeleteContent | ReactContent | PinContent | PollContent |
 *   VoteContent} Content
 *
 * @typedef {object} PlainFields what the server gets beside a sealed message
 * @property {number[]} [re] seqs of the messages that it changes
 * @property {number[]} [erase] seqs of the messages that it deletes
 * @property {string[]} [files] ids
 * @property {{g: number, t: number[]}} [tokens] blind search tokens of generation g
 */

const LONE_SURROGATE = /\p{Surrogate}/u;

/** @type {Validator} */
const text = (value) => {
  if (typeof value !== "string" || LONE_SURROGATE.test(value)) throw new WireError("no text");
};

/** @param {Validator} check @param {number} [least] @param {number} [most] @returns {Validator} */
const listOf =
  (check, least = 0, most = Number.POSITIVE_INFINITY) =>
  (value) => {
    if (!Array.isArray(value) || value.length < least || value.length > most)
      throw new WireError("no list, or one of another length");
    for (const item of value) check(item);
  };

/** A reference to a message: [seq, id]. */
const ref = pair(integer(1), hash64);
const flag = integer(0, 1);

/**
 * Checks an attachment as the protocol names it.
 * @type {Validator}
 */
export const file = (value) => {
  const found = object(value);
  checkKnown(found, {
    id: ident,
    key: b64Of(32),
    size: integer(),
    name: text,
    type: text,
    sha: hash64,
  });
  checkKnown(found, { w: integer(), h: integer(), ms: integer(), thumb }, true);
};

/** @type {Validator} */
const thumb = (value) =>
  checkKnown(object(value), {
    id: ident,
    key: b64Of(32),
    size: integer(),
    type: text,
    sha: hash64,
    w: integer(),
    h: integer(),
  });

/** @type {Record<Content["t"], {required: Record<string, Validator>, optional: Record<string, Validator>}>} */
const SHAPES = {
  text: {
    required: { body: text },
    optional: { re: ref, at: listOf(ident), files: listOf(file) },
  },
  edit: { required: { of: ref, body: text }, optional: { at: listOf(ident) } },
  delete: { required: { of: listOf(ref, 1) }, optional: {} },
  react: { required: { of: ref, emoji: text, on: flag }, optional: {} },
  pin: { required: { of: ref, on: flag }, optional: {} },
  poll: { required: { body: text, options: listOf(text, 2, 20), multi: flag }, optional: {} },
  vote: { required: { of: ref, picks: listOf(integer()) }, optional: {} },
};

/**
 * Returns the messages that a content changes: those that `re` beside it must name. A text's own
 * `re` is not among them, because a reply changes nothing.
 * @param {Content} content
 * @returns {Ref[]}
 */
export function refsOf(content) {
  if (content.t === "delete") return content.of;
  return "of" in content ? [content.of] : [];
}

/** Returns the ids of all files that a message names: attachments and their smaller pictures.
 * @param {Content | null} content @returns {string[]} */
export const fileIdsOf = (content) =>
  filesOf(content).flatMap(({ id, thumb: small }) => (small ? [id, small.id] : [id]));

/** Returns all words by which a content can be found, on lines of their own: its text, the names of
 * its files, the options of its poll. @param {Content | null} content @returns {string} */
export function searchableText(content) {
  const body = content && "body" in content ? content.body : "";
  const options = content?.t === "poll" ? content.options : [];
  const lines = [body, ...filesOf(content).map(({ name }) => name), ...options];
  return lines.filter((line) => line !== "").join("\n");
}

/**
 * Encodes a content, with the checks of a reader.
 * @param {object} content
 * @returns {Uint8Array}
 * @throws {WireError} if a reader would refuse it
 */
export function writeContent(content) {
  checkContent(content);
  return utf8(JSON.stringify(content));
}

/**
 * Decodes a content. An unknown `t` passes: the message is shown as one of a newer version.
 * @param {Uint8Array} bytes
 * @returns {Content | {t: string}}
 * @throws {WireError} if the bytes are no content
 */
export function readContent(bytes) {
  let value;
  try {
    value = JSON.parse(fromUtf8(bytes));
  } catch {
    throw new WireError("not JSON");
  }
  return checkContent(value);
}

/** @param {unknown} value @returns {Content | {t: string}} */
function checkContent(value) {
  const found = object(value);
  text(found.t);
  const content = /** @type {Record<string, unknown> & {t: string}} */ (found);
  if (isKnown(content)) {
    checkKnown(found, SHAPES[content.t].required);
    checkKnown(found, SHAPES[content.t].optional, true);
  }
  return content;
}

/** @param {Record<string, unknown>} value @param {Record<string, Validator>} checks
 * @param {boolean} [optional] may be left out, but is never null */
function checkKnown(value, checks, optional = false) {
  for (const [key, check] of Object.entries(checks)) {
    if (!optional || Object.hasOwn(value, key)) check(value[key]);
  }
}

/** @param {unknown} value @returns {Record<string, unknown>} */
function object(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new WireError("no content");
  }
  return /** @type {Record<string, unknown>} */ (value);
}
