/** Shows what the server stores of one message, and what each field reveals. */

import { h } from "../dom.js";
import { roomStrings as strings } from "../strings/room.js";
import { full } from "../time.js";

const SHOWN = 16; // characters of long values

/**
 * @typedef {object} Stored as the server keeps it; a deleted message has `sha` and `del`, no `ct`
 * @property {number} seq
 * @property {string} uid
 * @property {string} dev
 * @property {number} n
 * @property {string} cid
 * @property {number} e
 * @property {string | null} [ct]
 * @property {string} [sha]
 * @property {string} sig
 * @property {number | string} at
 * @property {number[]} [re]
 * @property {number[]} [tokens]
 * @property {number} [size] bytes
 */

/**
 * @param {{stored: Stored, name?: string}} about `name` of the sender, as
 *   the members know it
 * @returns {Node[]}
 */
export function storedMessagePanel({ stored, name = "" }) {
  const words = strings.stored;
  return [
    h(
      "section",
      {},
      h("p", {}, stored.ct ? words.intro : words.deleted),
      h("dl", { class: "stored" }, ...facts(stored, name).map(fact)),
      h("p", { class: "quiet-text" }, words.nobody),
    ),
    h(
      "section",
      {},
      h("h3", {}, words.raw),
      h(
        "pre",
        { class: "raw", tabindex: "0", role: "region", "aria-label": words.rawLabel },
        JSON.stringify(stored, null, 2),
      ),
    ),
  ];
}

/**
 * Rows about a message: [field, value, what it reveals].
 * @param {Stored} stored @param {string} name
 * @returns {[string, string, string][]}
 */
export function facts(stored, name) {
  const { names, says, ...words } = strings.stored;
  const { seq, uid, at, dev, n, e, size, ct, sig, cid } = stored;
  const re = stored.re ?? [];
  const tokens = stored.tokens ?? [];
  const time = new Date(at).getTime();
  /** @type {[string, string, string][]} */
  const found = [
    [names.uid, name ? `${name}, ${beginning(uid)}` : beginning(uid), says.uid],
    [names.at, Number.isNaN(time) ? String(at) : full(time), says.at],
    [names.seq, String(seq), says.seq],
    [names.dev, beginning(dev), says.dev(n)],
  ];
  if (size) found.push([names.size, words.bytes(size), says.size]);
  found.push([names.e, String(e), says.e]);
  if (re.length > 0) found.push([names.re, words.messages(re.join(", ")), says.re]);
  const search = tokens.length > 0 ? words.words(tokens.length) : words.none;
  found.push([names.tokens, search, tokens.length > 0 ? says.tokens : says.noTokens]);
  if (ct) found.push([names.ct, beginning(ct), says.ct]);
  else found.push([names.ct, words.gone, says.gone]);
  found.push([names.sig, beginning(sig), says.sig], [names.cid, beginning(cid), says.cid]);
  return found;
}

/** @param {string} text */
const beginning = (text) => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);

/** @param {[string, string, string]} fact */
const fact = ([name, value, says]) =>
  h(
    "div",
    {},
    h("dt", {}, name),
    h("dd", { class: "stored-value" }, value),
    h("dd", { class: "quiet-text" }, says),
  );
