/** Parses the target of a link: `(address)` or `(address "title")`. See markdown.js. */

/**
 * An address that may become a link; null for any other. Addresses with a user name are refused:
 * the part before the @ looks like a host.
 * @param {string} text @returns {string | null}
 */
export function safeAddress(text) {
  try {
    const { protocol, href, username, password } = new URL(text);
    const web = protocol === "https:" || protocol === "http:";
    return web && !username && !password ? href : null;
  } catch {
    return null;
  }
}

/** @typedef {import("./markdown.js").Steps} Steps */

const NESTED = 32; // parentheses in an address
const LONGEST_ANGLE = 2000; // characters
const ANGLE = new RegExp(`<[^<>\\n]{0,${LONGEST_ANGLE}}>`, "y");

export class LinkTargets {
  #text;
  #steps;
  /** @type {Map<string, number>} from where on a quotation mark does not occur */
  #unquoted = new Map();

  /** @param {string} text of a paragraph @param {Steps} steps */
  constructor(text, steps) {
    this.#text = text;
    this.#steps = steps;
  }

  /** Reads `(address)` or `(address "title")` at a place; a title is as it is written.
   * @param {number} at @returns {{href: string, title: string, end: number} | null} */
  read(at) {
    if (this.#text[at] !== "(") return null;
    const begin = this.#skipSpace(at + 1);
    const end = this.#angleEnd(begin) ?? this.#addressEnd(begin);
    if (end === null) return null;
    const close = this.#titleEnd(this.#skipSpace(end));
    if (close === null || this.#text[close] !== ")") return null;
    const href = this.#text
      .slice(begin, end)
      .replace(/^<(.*)>$/, "$1")
      .trim();
    const title = this.#text.slice(end, close).trim();
    return { title, href: href.replace(/\\([!-/:-@[-`{-~])/g, "$1"), end: close + 1 };
  }

  /** The end of an address between `<` and `>`, in which spaces may stand; null for none.
   * @param {number} at @returns {number | null} */
  #angleEnd(at) {
    if (this.#text[at] !== "<") return null;
    ANGLE.lastIndex = at;
    const { length } = ANGLE.exec(this.#text)?.[0] ?? "";
    this.#steps.add(Math.min(LONGEST_ANGLE, this.#text.length - at));
    return length > 0 ? at + length : null;
  }

  /** Parentheses may stand in an address in pairs, and not too deep: so no character is looked at
   * more often than that. @param {number} at @returns {number | null} */
  #addressEnd(at) {
    let [depth, end] = [0, at];
    for (; end < this.#text.length; end += 1) {
      const sign = this.#text[end];
      if (sign === "\\") end += 1;
      else if (sign <= " ") break;
      else if (sign === "(") depth += 1;
      else if (sign === ")") depth -= 1;
      if (depth < 0) break;
      if (depth > NESTED) return null;
    }
    this.#steps.add(end - at);
    return depth > 0 ? null : Math.min(end, this.#text.length);
  }

  /** Past a title, if one stands here; null if it is not closed. @param {number} at */
  #titleEnd(at) {
    const sign = this.#text[at];
    if (sign !== '"' && sign !== "'" && sign !== "(") return at;
    if (at >= (this.#unquoted.get(sign) ?? Number.POSITIVE_INFINITY)) return null;
    const end = this.#text.indexOf(sign === "(" ? ")" : sign, at + 1);
    this.#steps.add((end < 0 ? this.#text.length : end) - at);
    if (end < 0) {
      this.#unquoted.set(sign, at);
      return null;
    }
    return this.#skipSpace(end + 1);
  }

  /** @param {number} at */
  #skipSpace(at) {
    let end = at;
    while (end < this.#text.length && this.#text[end] <= " ") end += 1;
    this.#steps.add(end - at);
    return end;
  }
}
