/**
 * A message's text on the page: Markdown's words become elements one by one. Nothing is ever
 * parsed as markup; what looks like HTML stays text.
 */

import { lexer } from "../../vendor/marked/marked.js";
import { h } from "./dom.js";

const DEEPEST = 12;

/** @param {string} body @param {string[]} [mentions] names that stand out where an @ is before them
 * @returns {Node[]} */
export function renderText(body, mentions = []) {
  try {
    return new Renderer(mentions).blocks(lexer(body, { gfm: true, breaks: true }), 0);
  } catch {
    return [h("p", {}, body)];
  }
}

/** Where one of these names is mentioned: not inside a longer name, or in an address.
 * @param {string[]} names as accounts have them: [a-z0-9_.-] */
const mentionOf = (names) => {
  const longest = [...names].sort((a, b) => b.length - a.length);
  const escaped = longest.map((name) => name.replaceAll(".", "\\."));
  return new RegExp(`(?<![\\w.@/-])(@(?:${escaped.join("|")}))(?![\\w-]|\\.\\w)`, "iu");
};

/** The names among `names` that a text mentions. @param {string} body @param {string[]} names */
export const mentionedIn = (body, names) => names.filter((name) => mentionOf([name]).test(body));

/** @type {Record<string, string>} */
const WRAPPERS = { strong: "strong", em: "em", del: "s" };

class Renderer {
  #mention;

  /** @param {string[]} names */
  constructor(names) {
    this.#mention = names.length > 0 ? mentionOf(names) : null;
  }

  /** @param {any[]} tokens @param {number} depth @returns {Node[]} */
  blocks = (tokens, depth) => tokens.flatMap((token) => this.#block(token, depth));

  /** @param {any} token @param {number} depth @returns {Node[]} */
  #block(token, depth) {
    if (depth > DEEPEST) return [h("p", {}, token.raw)];
    switch (token.type) {
      case "space":
      case "def":
        return [];
      case "paragraph":
        return [h("p", {}, ...this.#inline(token.tokens, depth))];
      case "heading":
        return [h("p", {}, h("strong", {}, ...this.#inline(token.tokens, depth)))];
      case "text":
        return token.tokens ? this.#inline(token.tokens, depth) : this.#words(token.text);
      case "code":
        return [h("pre", {}, h("code", {}, token.text))];
      case "blockquote":
        return [h("blockquote", {}, ...this.blocks(token.tokens, depth + 1))];
      case "list":
        return [this.#list(token, depth)];
      case "hr":
        return [h("p", {}, token.raw.trim())];
      default:
        return [h("p", {}, token.raw)];
    }
  }

  /** @param {any} token @param {number} depth */
  #list(token, depth) {
    const items = token.items.map((/** @type {any} */ item) =>
      h("li", {}, ...this.blocks(item.tokens, depth + 1)),
    );
    return token.ordered ? h("ol", { start: token.start || 1 }, ...items) : h("ul", {}, ...items);
  }

  /** @param {any[]} tokens @param {number} depth @returns {Node[]} */
  #inline = (tokens, depth) => tokens.flatMap((token) => this.#span(token, depth));

  /** @param {any} token @param {number} depth @returns {Node[]} */
  #span(token, depth) {
    if (depth > DEEPEST) return [new Text(token.raw)];
    const wrapper = WRAPPERS[token.type];
    if (wrapper) return [h(wrapper, {}, ...this.#inline(token.tokens, depth + 1))];
    switch (token.type) {
      case "br":
        return [h("br")];
      case "codespan":
        return [h("code", {}, token.text)];
      case "link":
        return [this.#link(token, depth)];
      case "escape":
      case "text":
        return token.tokens ? this.#inline(token.tokens, depth + 1) : this.#words(token.text);
      default:
        return [new Text(token.raw)];
    }
  }

  /** @param {string} text @returns {Node[]} */
  #words(text) {
    if (!this.#mention) return [new Text(text)];
    // Every second part is what the pattern's one group has found.
    const parts = text.split(this.#mention);
    return parts.flatMap((part, at) => {
      if (at % 2) return [h("span", { class: "mention" }, part)];
      return part ? [new Text(part)] : [];
    });
  }

  /** Only web addresses become links. Where the text is not the address, the host it leads to
   * stands beside it: a link cannot pass for another site.
   * @param {any} token @param {number} depth */
  #link(token, depth) {
    const address = safeAddress(token.href);
    if (!address) return new Text(token.raw);
    const about = { href: address, target: "_blank", rel: "noopener noreferrer nofollow" };
    const text = this.#inline(token.tokens, depth + 1);
    const plain = token.text === token.href || token.href === `http://${token.text}`;
    const host = !plain && h("span", { class: "link-host" }, ` (${new URL(address).host})`);
    return h("a", { ...about, title: address }, ...text, host);
  }
}

/** An address that may become a link; null for any other. One that carries a user name is not
 * taken: what stands before the @ looks like a host.
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
