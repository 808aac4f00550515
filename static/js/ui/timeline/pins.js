/** Pinned messages: a strip above the conversation, and a panel with all of them. */

import { h, icon } from "../dom.js";
import { lateStrings as strings } from "../strings/late.js";
import { longText } from "../text/long-text.js";
import { preview } from "../text/plain-text.js";
import { renderText } from "../text/text.js";
import { full } from "../time.js";

/** @typedef {import("../../conversation/messages/timeline-items.js").TimelineItem} TimelineItem */

/**
 * @param {HTMLElement} strip @param {TimelineItem[]} pinned in the order of the conversation
 * @param {number} many how many are pinned, those that were not read included
 * @param {(from: HTMLElement) => void} onOpen
 */
export function drawPins(strip, pinned, many, onOpen) {
  const newest = pinned.at(-1);
  strip.hidden = !newest;
  if (!newest) return;
  const text = preview(newest.text, newest.mentions);
  const signature = JSON.stringify([many, text]);
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
      h("b", {}, strings.pins.strip(many)),
      h("span", { dir: "auto" }, text),
      h("span", { class: "visually-hidden" }, `. ${strings.pins.show}`),
    ),
  );
}

/**
 * @typedef {object} PinCallbacks
 * @property {(seq: number) => void} onGo to the message
 * @property {((line: TimelineItem) => void) | null} onUnpin null where nothing can be sent
 *
 * @param {TimelineItem[]} pinned @param {PinCallbacks} callbacks @returns {Node[]}
 */
export function pinPanel(pinned, { onGo, onUnpin }) {
  const line = (/** @type {TimelineItem} */ item) => {
    const { key, seq, author, ts, text, mentions } = item;
    const render = (/** @type {string} */ page) => renderText(page, mentions);
    const go = h(
      "button",
      { class: "link-button", type: "button", onclick: () => onGo(Number(seq)) },
      strings.pins.go,
    );
    const unpin =
      onUnpin &&
      h(
        "button",
        { class: "link-button", type: "button", onclick: () => onUnpin(item) },
        strings.pins.unpin,
      );
    return h(
      "li",
      { class: "pin" },
      h("p", { class: "quiet-text" }, `${author.name}, ${full(ts)}`),
      h("div", { class: "pin-text" }, ...longText(`pin:${key}:${text.length}`, text, render)),
      h("div", { class: "row" }, go, unpin),
    );
  };
  if (pinned.length === 0) return [h("p", { class: "quiet-text" }, strings.pins.none)];
  return [h("ul", { class: "pin-list" }, ...[...pinned].reverse().map(line))];
}
