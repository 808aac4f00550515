/**
 * A message's text on the page: Markdown's words become elements one by one. Nothing is ever
 * parsed as markup; what looks like HTML stays text.
 */

import { lexer } from "../../vendor/marked/marked.js";
import { h } from "./dom.js";

const DEEPEST = 12;

/** @param {string} body @returns {Node[]} */
export function renderText(body) {
  try {
    return blocks(lexer(body, { gfm: true, breaks: true }), 0);
  } catch {
    return [h("p", {}, body)];
  }
}

/** @param {any[]} tokens @param {number} depth @returns {Node[]} */
const blocks = (tokens, depth) => tokens.flatMap((token) => block(token, depth));

/** @param {any} token @param {number} depth @returns {Node[]} */
function block(token, depth) {
  if (depth > DEEPEST) return [h("p", {}, token.raw)];
  switch (token.type) {
    case "space":
    case "def":
      return [];
    case "paragraph":
      return [h("p", {}, ...inline(token.tokens, depth))];
    case "heading":
      return [h("p", {}, h("strong", {}, ...inline(token.tokens, depth)))];
    case "text":
      return token.tokens ? inline(token.tokens, depth) : [new Text(token.text)];
    case "code":
      return [h("pre", {}, h("code", {}, token.text))];
    case "blockquote":
      return [h("blockquote", {}, ...blocks(token.tokens, depth + 1))];
    case "list":
      return [list(token, depth)];
    case "hr":
      return [h("p", {}, token.raw.trim())];
    default:
      return [h("p", {}, token.raw)];
  }
}

/** @param {any} token @param {number} depth */
function list(token, depth) {
  const items = token.items.map((/** @type {any} */ item) =>
    h("li", {}, ...blocks(item.tokens, depth + 1)),
  );
  return token.ordered ? h("ol", { start: token.start || 1 }, ...items) : h("ul", {}, ...items);
}

/** @param {any[]} tokens @param {number} depth @returns {Node[]} */
const inline = (tokens, depth) => tokens.flatMap((token) => span(token, depth));

/** @type {Record<string, string>} */
const WRAPPERS = { strong: "strong", em: "em", del: "s" };

/** @param {any} token @param {number} depth @returns {Node[]} */
function span(token, depth) {
  if (depth > DEEPEST) return [new Text(token.raw)];
  const wrapper = WRAPPERS[token.type];
  if (wrapper) return [h(wrapper, {}, ...inline(token.tokens, depth + 1))];
  switch (token.type) {
    case "br":
      return [h("br")];
    case "codespan":
      return [h("code", {}, token.text)];
    case "link":
      return [link(token, depth)];
    case "escape":
    case "text":
      return token.tokens ? inline(token.tokens, depth + 1) : [new Text(token.text)];
    default:
      return [new Text(token.raw)];
  }
}

/** Only web addresses become links. Where the text is not the address, the host it leads to
 * stands beside it: a link cannot pass for another site.
 * @param {any} token @param {number} depth */
function link(token, depth) {
  const address = safeAddress(token.href);
  if (!address) return new Text(token.raw);
  const about = { href: address, target: "_blank", rel: "noopener noreferrer nofollow" };
  const text = inline(token.tokens, depth + 1);
  const plain = token.text === token.href || token.href === `http://${token.text}`;
  const host = !plain && h("span", { class: "link-host" }, ` (${new URL(address).host})`);
  return h("a", { ...about, title: address }, ...text, host);
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
