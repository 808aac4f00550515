/** One message. */

import { avatar } from "./avatar.js";
import { h, icon } from "./dom.js";
import { strings } from "./strings.js";
import { renderText } from "./text.js";
import { clock, full } from "./time.js";

/**
 * @param {{item: import("../conversation/timeline-model.js").Item, first: boolean}} shown
 * @param {(cid: string) => void} onRetry @param {(cid: string) => void} onDiscard
 * @returns {HTMLElement}
 */
export function messageElement({ item, first }, onRetry, onDiscard) {
  const { author, mine, state, ts } = item;
  const body = h(
    "div",
    { class: "message-body" },
    h("div", { class: "message-text" }, ...content(item)),
    item.otherView && h("p", { class: "message-state" }, strings.otherView(author.name)),
    status(item, onRetry, onDiscard),
  );
  const when = h("time", { datetime: new Date(ts).toISOString(), title: full(ts) }, clock(ts));
  const head = h(
    "div",
    { class: "message-head" },
    h("span", { class: "message-author" }, author.name),
    when,
  );
  const classes = ["message", first && "first", mine && "mine"].filter(Boolean).join(" ");
  const hidden = h("span", { class: "visually-hidden" }, `${author.name}, ${clock(ts)}: `);
  return h(
    "li",
    { class: classes, "data-state": state, "data-seq": item.seq },
    first ? avatar(author.kid || author.uid) : h("span"),
    first ? head : hidden,
    body,
  );
}

/** @param {import("../conversation/timeline-model.js").Item} item @returns {(Node | string)[]} */
function content({ kind, text }) {
  if (kind === "newer") return [h("p", { class: "quiet-text" }, strings.newer)];
  if (kind === "locked") return [h("p", { class: "quiet-text" }, strings.locked)];
  return renderText(text);
}

/** @param {import("../conversation/timeline-model.js").Item} item
 * @param {(cid: string) => void} onRetry @param {(cid: string) => void} onDiscard */
function status({ state, error, key }, onRetry, onDiscard) {
  const cid = key.split(":")[1];
  if (state === "sending") {
    return h("p", { class: "message-state" }, icon("clock"), strings.sending);
  }
  if (state === "sent") {
    const tick = h("span", { class: "visually-hidden" }, strings.sent);
    return h("p", { class: "message-state", title: strings.sent }, icon("check"), tick);
  }
  if (state !== "failed") return null;
  return h(
    "p",
    { class: "message-state", role: "alert" },
    icon("warning"),
    h("span", {}, `${strings.notSent} ${error ?? ""}`),
    h("button", { type: "button", onclick: () => onRetry(cid) }, strings.retry),
    h("button", { type: "button", onclick: () => onDiscard(cid) }, strings.discard),
  );
}
