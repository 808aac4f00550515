/** Groups messages by author, day and read mark. Pure. */

import { dayKey } from "../time.js";

/** @typedef {import("../../conversation/messages/timeline-items.js").TimelineItem} TimelineItem */
/**
 * @typedef {object} Shown one line of the conversation
 * @property {string} key
 * @property {"day" | "unread" | "gap" | "item"} line
 * @property {TimelineItem} [item]
 * @property {boolean} [first] whether the author's name stands above
 * @property {number} [ts] ms
 */

const TOGETHER = 5 * 60 * 1000;

/**
 * @param {TimelineItem[]} items in the order of seq, unsent ones last
 * @param {{unreadAfter: number}} about the read mark when the room was opened; -1 for no line
 * @returns {Shown[]}
 */
export function groupMessages(items, { unreadAfter }) {
  /** @type {Shown[]} */
  const shown = [];
  /** @type {TimelineItem | null} */
  let before = null;
  let today = "";
  let unreadShown = false;
  let latest = 0;
  for (const item of items) {
    /** @type {Shown[]} */
    const lines = [];
    if (item.gap) lines.push({ key: `gap:${item.key}`, line: "gap" });
    if (beginsDay(item, today, latest)) {
      today = dayKey(item.ts);
      lines.push({ key: `day:${today}:${item.key}`, line: "day", ts: item.ts });
    }
    if (!unreadShown && isUnread(item, unreadAfter)) {
      lines.push({ key: "unread", line: "unread" });
      unreadShown = true;
    }
    const first = lines.length > 0 || !before || !together(before, item);
    shown.push(...lines, { key: item.key, line: "item", item, first });
    before = item;
    latest = Math.max(latest, item.ts);
  }
  return shown;
}

/**
 * The number of messages by others after the read mark.
 * @param {TimelineItem[]} items @param {number} seen the last number in view
 */
export const countUnread = (items, seen) => items.filter((item) => isUnread(item, seen)).length;

/** @param {TimelineItem} item @param {number} mark */
const isUnread = ({ seq, counts }, mark) =>
  mark >= 0 && seq !== null && seq > mark && counts === true;

/** True if an item begins a day. Unverified items have no time and begin none; an event stands
 * where it was first seen, which may be later than it happened.
 * @param {TimelineItem} item @param {string} today @param {number} latest ms */
const beginsDay = ({ kind, ts }, today, latest) =>
  ts > 0 && dayKey(ts) !== today && (kind !== "system" || ts > latest);

const SPEAKS = new Set(["message", "locked", "newer"]);

/** Clocks differ, so a message may claim to be older than the one before it.
 * @param {TimelineItem} before @param {TimelineItem} item */
const together = (before, item) =>
  before.author.uid === item.author.uid &&
  SPEAKS.has(before.kind) &&
  Math.abs(item.ts - before.ts) < TOGETHER;
