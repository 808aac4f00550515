/**
 * Renders a message's text: Markdown nodes become elements one by one. Nothing is parsed as HTML;
 * text that looks like HTML stays text. limits.js bounds the cost.
 */

import { h } from "./dom.js";
import { breakable, ELEMENTS, fewerMarks } from "./limits.js";
import { parse, Steps } from "./markdown.js";

/** @typedef {import("./markdown.js").Block} Block */
/** @typedef {import("./markdown-inline.js").Span} Span */

const STEPS = 200; // for each character, far more than any text needs
const LONGEST_NAME = 64;
const MENTION = /(?<![\w.@/-])@([\w.-]+)/g;

/** One page of a message (see `pages` of limits.js).
 * @param {string} body @param {string[]} [mentions] names that stand out where an @ is before them
 * @returns {Node[]} */
export function renderText(body, mentions = []) {
  const steps = new Steps((body.length + 1) * STEPS);
  try {
    return new Renderer(mentions).blocks(parse(body, steps));
  } catch {
    return [h("p", {}, ...plain(body))];
  }
}

/** Text that is cheap to lay out, whatever it contains.
 * @param {string} text
 * @returns {Node[]} */
export const plain = (text) =>
  breakable(fewerMarks(text)).flatMap((part, at) =>
    at > 0 ? [h("wbr"), new Text(part)] : [new Text(part)],
  );

/** Positions of mentions in a text: not inside a longer name, or in an address.
 * @param {string} text @param {Set<string>} names as accounts have them: [a-z0-9_.-]
 * @returns {[number, number][]} begin and end */
function mentionsIn(text, names) {
  /** @type {[number, number][]} */
  const found = [];
  for (const { 0: all, 1: word, index } of text.matchAll(MENTION)) {
    let name = word.slice(0, LONGEST_NAME).toLowerCase();
    if (word.length > LONGEST_NAME) continue;
    while (name.endsWith(".") && !names.has(name)) name = name.slice(0, -1);
    if (names.has(name)) found.push([index, index + all.length - (word.length - name.length)]);
  }
  return found;
}

/** The names among `names` that a text mentions. @param {string} body @param {string[]} names */
export function mentionedIn(body, names) {
  const places = mentionsIn(body, new Set(names));
  const found = new Set(places.map(([begin, end]) => body.slice(begin + 1, end).toLowerCase()));
  return names.filter((name) => found.has(name));
}

class Renderer {
  #names;
  #elements = 0;

  /** @param {string[]} names */
  constructor(names) {
    this.#names = new Set(names);
  }

  /** @param {Block[]} blocks @returns {Node[]} */
  blocks = (blocks) => blocks.flatMap((block) => this.#block(block));

  /** @param {keyof HTMLElementTagNameMap} tag @param {import("./dom.js").Attributes} attributes
   * @param {(Node | false)[]} children */
  #make(tag, attributes, children) {
    this.#elements += 1;
    return h(tag, attributes, ...children);
  }

  /** @param {Block} block @returns {Node[]} */
  #block({ type, spans = [], text = "", blocks = [], items = [], start }) {
    switch (type) {
      case "heading":
        return [this.#make("p", {}, [this.#make("strong", {}, this.#inline(spans))])];
      case "code":
        return [this.#make("pre", {}, [this.#make("code", {}, this.#plain(text))])];
      case "quote":
        return [this.#make("blockquote", {}, this.blocks(blocks))];
      case "list":
        return [this.#list(items, start)];
      default:
        return [this.#make("p", {}, this.#inline(spans))];
    }
  }

  /** @param {Block[][]} items @param {number} [start] of a numbered one */
  #list(items, start) {
    const made = items.map((item) => this.#make("li", {}, this.#item(item)));
    return start === undefined
      ? this.#make("ul", {}, made)
      : this.#make("ol", { start: start || 1 }, made);
  }

  /** The text of an item needs no paragraph.
   * @param {Block[]} blocks @returns {Node[]} */
  #item([first, ...rest]) {
    if (first?.type !== "paragraph" || rest.some(({ type }) => type === "paragraph"))
      return this.blocks(first ? [first, ...rest] : []);
    return [...this.#inline(first.spans ?? []), ...this.blocks(rest)];
  }

  /** @param {Span[]} spans @returns {Node[]} */
  #inline = (spans) => spans.flatMap((span) => this.#span(span));

  /** Once there are too many elements, only text is added. @param {Span} span @returns {Node[]} */
  #span(span) {
    const { type, text = "", spans = [] } = span;
    const full = this.#elements >= ELEMENTS;
    if (type === "break") return full ? [new Text("\n")] : [this.#make("br", {}, [])];
    if (type === "text") return this.#words(text);
    if (full) return type === "code" ? this.#plain(text) : this.#inline(spans);
    if (type === "code") return [this.#make("code", {}, this.#plain(text))];
    if (type === "link") return this.#link(span);
    return [this.#make(type === "del" ? "s" : type, {}, this.#inline(spans))];
  }

  /** @param {string} text @returns {Node[]} */
  #plain(text) {
    const nodes = plain(text);
    this.#elements += nodes.length >> 1;
    return nodes;
  }

  /** @param {string} text @returns {Node[]} */
  #words(text) {
    /** @type {Node[]} */
    const nodes = [];
    let at = 0;
    for (const [begin, end] of mentionsIn(text, this.#names)) {
      if (this.#elements >= ELEMENTS) break;
      if (begin > at) nodes.push(...this.#plain(text.slice(at, begin)));
      nodes.push(this.#make("span", { class: "mention" }, [new Text(text.slice(begin, end))]));
      at = end;
    }
    return at < text.length ? [...nodes, ...this.#plain(text.slice(at))] : nodes;
  }

  /** Only web addresses become links. If the text is not the address, the host is shown beside it,
   * so that a link cannot pass for another site.
   * @param {Span} span @returns {Node[]} */
  #link({ href = "", raw = "", bare, spans = [] }) {
    const address = safeAddress(href);
    if (!address) return this.#plain(raw);
    const text = bare ? this.#plain(raw.replace(/^<(.*)>$/, "$1")) : this.#inline(spans);
    const written = spans.length === 1 && spans[0].type === "text" ? spans[0].text : "";
    const same = bare || written === href || `http://${written}` === href;
    const host = !same && this.#make("span", { class: "link-host" }, [hostOf(address)]);
    const about = { href: address, target: "_blank", rel: "noopener noreferrer nofollow" };
    return [this.#make("a", { ...about, title: address.slice(0, 500) }, [...text, host])];
  }
}

/** @param {string} address */
const hostOf = (address) => new Text(` (${new URL(address).host})`);

/** An address that may become a link; null for any other. Addresses with a user name are refused:
 * the part before the @ looks like a host.
 * @param {string} text @returns {string | null} */
export function safeAddress(text) {
  try {
    const { protocol, href, username, password } = new URL(text);
    const web = protocol === "https:" || protocol === "http:";
    return web && !username && !password ? href : null;
  } catch {
    return null;
  }
}
