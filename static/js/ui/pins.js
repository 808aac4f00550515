/** Pinned messages: a strip above the conversation, and a panel with all of them. */

import { h, icon } from "./dom.js";
import { brief, PREVIEW } from "./limits.js";
import { longText } from "./long-text.js";
import { strings } from "./strings.js";
import { plain } from "./text.js";
import { full } from "./time.js";

/** @typedef {import("../conversation/messages/timeline-items.js").TimelineItem} TimelineItem */

/**
 * @param {HTMLElement} strip @param {TimelineItem[]} pinned in the order of the conversation
 * @param {(from: HTMLElement) => void} onOpen
 */
export function drawPins(strip, pinned, onOpen) {
  const newest = pinned.at(-1);
  strip.hidden = !newest;
  if (!newest) return;
  const text = brief(newest.text, PREVIEW);
  const signature = JSON.stringify([pinned.length, text]);
  if (strip.dataset.shows === signature) return;
  strip.dataset.shows = signature;
  strip.replaceChildren(
    h(
      "button",
      {
        type: "button",
        class: "pin-strip",
        onclick: ({ currentTarget }) => onOpen(currentTarget),
      },
      icon("pin", "small"),
      h("b", {}, strings.pins.strip(pinned.length)),
      h("span", {}, text),
      h("span", { class: "visually-hidden" }, `. ${strings.pins.show}`),
    ),
  );
}

/** @param {TimelineItem[]} pinned @param {(seq: number) => void} onGo @returns {Node[]} */
export function pinPanel(pinned, onGo) {
  const line = (/** @type {TimelineItem} */ { key, seq, author, ts, text }) =>
    h(
      "li",
      { class: "pin" },
      h("p", { class: "quiet-text" }, `${author.name}, ${full(ts)}`),
      h("div", { class: "pin-text" }, ...longText(`pin:${key}:${text.length}`, text, plain)),
      h(
        "button",
        { class: "link-button", type: "button", onclick: () => onGo(Number(seq)) },
        strings.pins.go,
      ),
    );
  return [
    h("ul", { class: "pin-list" }, ...[...pinned].reverse().map(line)),
    h("p", { class: "quiet-text" }, strings.pins.note),
  ];
}
