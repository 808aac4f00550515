/** How messages follow one another on the page: pure, so that it can be tested. */

import { dayKey } from "./time.js";

/** @typedef {import("../conversation/timeline-model.js").Item} Item */
/**
 * @typedef {object} Shown one line of the conversation
 * @property {string} key
 * @property {"day" | "unread" | "gap" | "item"} line
 * @property {Item} [item]
 * @property {boolean} [first] whether the author's name stands above
 * @property {number} [ts]
 */

const TOGETHER = 5 * 60 * 1000;

/**
 * @param {Item[]} items in the order of seq, unsent ones last
 * @param {{unreadAfter: number}} about the read mark when the room was opened; -1 for no line
 * @returns {Shown[]}
 */
export function arrange(items, { unreadAfter }) {
  /** @type {Shown[]} */
  const shown = [];
  /** @type {Item | null} */
  let before = null;
  let unreadShown = false;
  for (const item of items) {
    const lines = [];
    if (item.gap) lines.push({ key: `gap:${item.key}`, line: /** @type {const} */ ("gap") });
    if (item.ts && (!before?.ts || dayKey(item.ts) !== dayKey(before.ts))) {
      lines.push({
        key: `day:${dayKey(item.ts)}`,
        line: /** @type {const} */ ("day"),
        ts: item.ts,
      });
    }
    if (!unreadShown && isUnread(item, unreadAfter)) {
      lines.push({ key: "unread", line: /** @type {const} */ ("unread") });
      unreadShown = true;
    }
    const first = lines.length > 0 || !before || !together(before, item);
    shown.push(...lines, { key: item.key, line: "item", item, first });
    before = item;
  }
  return shown;
}

/** @param {Item} item @param {number} mark */
const isUnread = ({ seq, mine }, mark) => mark >= 0 && seq !== null && seq > mark && !mine;

/** @param {Item} before @param {Item} item */
const together = (before, item) =>
  before.author.uid === item.author.uid &&
  before.kind !== "refused" &&
  item.ts - before.ts < TOGETHER;
