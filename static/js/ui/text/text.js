/**
 * Renders a message's text: Markdown nodes become elements one by one. Nothing is parsed as HTML;
 * text that looks like HTML stays text. limits.js bounds the cost.
 */

import { h } from "../dom.js";
import { brief } from "../limits.js";
import { invisible, isInvisible } from "../people/names.js";
import { scrollBox } from "../scroll-box.js";
import { textStrings as strings } from "../strings/text.js";
import { codeBlock } from "./code-block.js";
import { paragraph, plain } from "./late-text.js";
import { parse, Steps } from "./markdown.js";
import { safeAddress } from "./markdown-link.js";
import { ELEMENTS } from "./page-limits.js";
import { pages } from "./pages.js";

/** @typedef {import("./markdown.js").Block} Block */
/** @typedef {import("./markdown.js").Item} Item */
/** @typedef {import("./markdown-inline.js").Span} Span */

const HEADS = 60; // characters of a wide table's first line that name it
const ROOM = /^\/rooms\/[^/]+\/$/;
const STEPS = 200; // for each character, far more than any text needs

/** One page of a message (see `pages` of limits.js).
 * @param {string} body @param {string[]} [mentions] names that stand out where an @ is before them
 * @returns {Node[]} none only for an empty text */
export function renderText(body, mentions = []) {
  if (body === "") return [];
  if (isInvisible(body)) return paragraph(invisible(body));
  const blocks = parsed(body, new Set(mentions));
  const nodes = blocks ? new Renderer().blocks(blocks) : [];
  const shows = nodes.some(({ textContent }) => !isInvisible(textContent ?? ""));
  return shows ? nodes : paragraph(body.replace(/\r\n?/g, "\n"));
}

/** The tree of a text; null where that is too costly.
 * @param {string} body @param {{has: (name: string) => boolean}} [names] of mentions @returns {Block[] | null} */
export function parsed(body, names = new Set()) {
  try {
    return parse(body, { steps: new Steps((body.length + 1) * STEPS), names });
  } catch {
    return null;
  }
}

/** The names among `names` that a text mentions, as it is shown.
 * @param {string} body @param {string[]} names as accounts have them: [a-z0-9_.-] */
export function mentionedIn(body, names) {
  const wanted = new Set(names);
  /** @type {Set<string>} */
  const found = new Set();
  for (const page of pages(body))
    for (const span of allSpans(parsed(page, wanted) ?? []))
      if (span.type === "mention") found.add(String(span.text).slice(1).toLowerCase());
  return names.filter((name) => found.has(name));
}

/** @param {Block[]} blocks @returns {Generator<Span>} */
function* allSpans(blocks) {
  for (const { spans = [], blocks: inner = [], items = [], rows = [] } of blocks) {
    yield* withInner(spans);
    yield* allSpans(inner);
    for (const item of items) yield* allSpans(item.blocks);
    for (const cell of rows.flat()) yield* withInner(cell);
  }
}

/** @param {Span[]} spans @returns {Generator<Span>} */
function* withInner(spans) {
  for (const span of spans) {
    yield span;
    yield* withInner(span.spans ?? []);
  }
}

class Renderer {
  #elements = 0;
  #depth = 0;

  /** @param {Block[]} blocks @returns {Node[]} */
  blocks = (blocks) => blocks.flatMap((block) => this.#block(block));

  /** @param {keyof HTMLElementTagNameMap} tag @param {import("../dom.js").Attributes} attributes
   * @param {(Node | false)[]} children */
  #make(tag, attributes, children) {
    this.#elements += 1;
    return h(tag, attributes, ...children);
  }

  /** A block; its first strong letter gives it and all within their direction.
   * @param {keyof HTMLElementTagNameMap} tag @param {() => Node[]} children
   * @param {import("../dom.js").Attributes} [attributes] */
  #outer(tag, children, attributes = {}) {
    const dir = this.#depth === 0 && "auto";
    this.#depth += 1;
    const inside = children();
    this.#depth -= 1;
    return this.#make(tag, { ...attributes, dir }, inside);
  }

  /** @param {Block} block @returns {Node[]} */
  #block(block) {
    const { type, spans = [], text = "", label, blocks = [] } = block;
    switch (type) {
      case "heading":
        return [this.#outer("p", () => [this.#make("strong", {}, this.#inline(spans))])];
      case "code":
        this.#elements += 8;
        return [codeBlock(text, label, this.#plain(text))];
      case "quote":
        return [this.#outer("blockquote", () => this.blocks(blocks))];
      case "list":
        return [this.#list(block)];
      case "table":
        return [this.#table(block)];
      default:
        return [this.#outer("p", () => this.#inline(spans))];
    }
  }

  /** @param {Block} list */
  #list({ items = [], mark = "" }) {
    const start = items[0]?.number;
    if (start === undefined) return this.#outer("ul", () => items.map((item) => this.#li(item)));
    const about = { start, class: mark === ")" && "parenthesis" };
    const numbered = () =>
      items.map((item, at) => {
        const follows = at === 0 || item.number === Number(items[at - 1].number) + 1;
        return this.#li(item, follows ? null : item.number);
      });
    return this.#outer("ol", numbered, about);
  }

  /** @param {Item} item @param {number | null} [value] a number that does not follow the last one */
  #li({ blocks, done, number }, value = null) {
    if (done === undefined) return this.#make("li", { value }, this.#item(blocks));
    const mark = new Text(done ? "☑ " : "☐ ");
    const about = number === undefined ? { class: "task" } : { value };
    return this.#make("li", about, [mark, ...this.#item(blocks)]);
  }

  /** The text of an item needs no paragraph.
   * @param {Block[]} blocks @returns {Node[]} */
  #item([first, ...rest]) {
    if (first?.type !== "paragraph" || rest.some(({ type }) => type === "paragraph"))
      return this.blocks(first ? [first, ...rest] : []);
    return [...this.#inline(first.spans ?? []), ...this.blocks(rest)];
  }

  /** A table in a box of its own, which scrolls where it is wide. @param {Block} table */
  #table({ rows = [], align = [] }) {
    /** @param {"th" | "td"} tag */
    const cells = (tag) => (/** @type {Span[]} */ spans, /** @type {number} */ at) =>
      this.#make(tag, { class: align[at] && `align-${align[at]}` }, this.#inline(spans));
    const [head, ...body] = rows.map((row, at) =>
      this.#make("tr", {}, row.map(cells(at === 0 ? "th" : "td"))),
    );
    const table = this.#make("table", {}, [h("thead", {}, head), h("tbody", {}, ...body)]);
    this.#elements += 2;
    const heads = Array.from(head.children, (cell) => cell.textContent).join(", ");
    // What has a direction of its own is left out where a browser looks for that of the box.
    return scrollBox(table, strings.wideTable(brief(heads, HEADS)), this.#depth === 0);
  }

  /** @param {Span[]} spans @returns {Node[]} */
  #inline = (spans) => spans.flatMap((span) => this.#span(span));

  /** Once there are too many elements, only text is added. @param {Span} span @returns {Node[]} */
  #span(span) {
    const { type, text = "", spans = [] } = span;
    const full = this.#elements >= ELEMENTS;
    if (type === "break") return full ? [new Text("\n")] : [this.#make("br", {}, [])];
    if (type === "text") return text === "" ? [] : this.#plain(text);
    if (full) return spans.length > 0 ? this.#inline(spans) : this.#plain(text);
    if (type === "code") return [this.#make("code", { dir: "ltr" }, this.#plain(text))];
    if (type === "mention") return [this.#make("bdi", { class: "mention" }, [new Text(text)])];
    if (type === "link") return this.#link(span);
    return [this.#make(type === "del" ? "s" : type, {}, this.#inline(spans))];
  }

  /** @param {string} text @returns {Node[]} */
  #plain(text) {
    const nodes = plain(text);
    this.#elements += nodes.length >> 1;
    return nodes;
  }

  /** A link says beside it where it leads, unless its text says the same host in the same letters:
   * no link passes for another site.
   * @param {Span} span @returns {Node[]} */
  #link({ href = "", raw = "", bare = false, spans = [] }) {
    const address = safeAddress(href);
    if (!address) return this.#plain(raw);
    const { host, origin, pathname } = new URL(address);
    const isRoom = origin === globalThis.location?.origin && ROOM.test(pathname);
    const written = spans.every(({ type }) => type === "text")
      ? spans.map(({ text = "" }) => text).join("")
      : "";
    const isAddress = bare || written === href;
    const same = isAddress && writtenHost(written) === host;
    const beside = new Text(` (${host})`);
    const target = !same && this.#make("span", { class: "link-host", dir: "ltr" }, [beside]);
    const about = {
      href: address,
      target: !isRoom && "_blank", // the page shows a room itself
      rel: "noopener noreferrer nofollow",
      title: address.slice(0, 500),
      dir: bare && "ltr",
    };
    return [this.#make("a", about, [...this.#inline(spans), target])];
  }
}

/** The host of an address, as it is written. @param {string} address */
const writtenHost = (address) =>
  address
    .replace(/^https?:\/\//i, "")
    .replace(/[/?#].*$/s, "")
    .toLowerCase();
