/** One line of the conversation: a message, what stands in its place, or a divider. */

import { avatar } from "./avatar.js";
import { announce, h, icon } from "./dom.js";
import { strings } from "./strings.js";
import { renderText } from "./text.js";
import { clock, day, full } from "./time.js";

/** @typedef {import("./arrange.js").Item} Item */
/** @typedef {import("./arrange.js").Shown} Shown */
/** @typedef {{onRetry: (cid: string) => void, onDiscard: (cid: string) => void}} Actions */

/**
 * @param {Shown} shown with an item @param {Actions} actions
 * @returns {HTMLElement}
 */
export function messageElement({ item, first }, actions) {
  const { author, mine, state, ts, seq, kind } = /** @type {Item} */ (item);
  if (kind === "refused") return h("li", { class: "timeline-line" }, strings.refused);
  const classes = ["message", first && "first", mine && "mine"].filter(Boolean).join(" ");
  const spoken = h("span", { class: "visually-hidden" }, `${author.name}, ${clock(ts)}: `);
  const parts = first
    ? [avatar(author.kid || author.uid), head(author.name, ts)]
    : [when(ts, { class: "message-when", "aria-hidden": "true" }), spoken];
  return h(
    "li",
    { class: classes, "data-state": state, "data-seq": seq },
    ...parts,
    body(/** @type {Item} */ (item), actions),
  );
}

/** @param {Shown} line of a day, the unread mark or a gap @returns {HTMLElement} */
export function dividerElement({ line, ts }) {
  if (line === "gap")
    return h("li", { class: "timeline-line gap" }, icon("warning", "small"), strings.gap);
  const text = line === "day" ? day(/** @type {number} */ (ts)) : strings.newMessages;
  return h("li", { class: `timeline-${line}`, role: "separator", "aria-label": text }, text);
}

/**
 * What stands above the first message.
 * @param {string} state "more", "loading", "failed", "start" or "empty"
 * @param {() => void} onOlder
 * @returns {HTMLElement}
 */
export function leadElement(state, onOlder) {
  if (state === "empty") {
    return h(
      "li",
      { class: "empty timeline-start" },
      icon("bubble", "large"),
      h("h2", {}, strings.start),
      h("p", {}, strings.startText),
    );
  }
  if (state === "start") return h("li", { class: "timeline-older" }, strings.start);
  if (state === "loading") return h("li", { class: "timeline-older" }, strings.older);
  const failed = state === "failed";
  const button = h(
    "button",
    { class: "link-button", type: "button", onclick: onOlder },
    failed ? strings.tryAgain : strings.showOlder,
  );
  return h("li", { class: "timeline-older" }, failed && strings.olderFailed, button);
}

/** @param {number} ts @param {Record<string, string>} [attributes] */
const when = (ts, attributes = {}) =>
  h("time", { ...attributes, datetime: new Date(ts).toISOString(), title: full(ts) }, clock(ts));

/** @param {string} name @param {number} ts */
const head = (name, ts) =>
  h("div", { class: "message-head" }, h("span", { class: "message-author" }, name), when(ts));

/** @param {Item} item @param {Actions} actions */
function body(item, actions) {
  const { kind, text, author, otherView } = item;
  const readable = kind === "message";
  const instead = kind === "newer" ? strings.newer : strings.locked;
  return h(
    "div",
    { class: "message-body" },
    readable
      ? h("div", { class: "message-text" }, ...renderText(text))
      : h("p", { class: "message-instead" }, instead),
    status(item, actions),
    otherView && h("p", { class: "message-note" }, strings.otherView(author.name)),
    readable && h("div", { class: "message-actions" }, copyButton(text)),
  );
}

/** @param {string} text */
function copyButton(text) {
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    announce(strings.copied);
  };
  const label = strings.copyText;
  return h(
    "button",
    { class: "icon-button", type: "button", "aria-label": label, title: label, onclick: copy },
    icon("copy", "small"),
  );
}

/** @param {Item} item @param {Actions} actions */
function status({ state, error, key }, { onRetry, onDiscard }) {
  if (state === "sending" || state === "sent") {
    const [name, text] = state === "sent" ? ["check", strings.sent] : ["clock", strings.sending];
    return h(
      "p",
      { class: "message-state", title: text },
      icon(name, "small"),
      h("span", { class: "visually-hidden" }, text),
    );
  }
  if (state !== "failed") return null;
  const cid = key.split(":")[1];
  return h(
    "p",
    { class: "message-failed", role: "alert" },
    icon("warning", "small"),
    h("span", {}, error ? `${strings.notSent} ${error}` : strings.notSent),
    h("button", { type: "button", onclick: () => onRetry(cid) }, strings.retry),
    h("button", { type: "button", onclick: () => onDiscard(cid) }, strings.discard),
  );
}
