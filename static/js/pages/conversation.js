/** What a room's timeline and outbox hold, on the page as one conversation. */

import { createTimeline } from "../ui/timeline.js";
import { byId } from "./parts.js";

/** @typedef {import("../conversation/timeline-model.js").Item} Item */
/** @typedef {import("../store/store.js").Entry} Entry */

/** @type {Record<Entry["state"], Item["state"]>} */
const STATES = { queued: "sending", acked: "sent", failed: "failed" };

/** An unsent message as the timeline shows it.
 * @param {import("../conversation/me.js").Me} me @param {Entry} entry @returns {Item} */
const unsent = ({ uid, name, kid }, { cid, at, content, state, error }) => ({
  key: `${uid}:${cid}`,
  seq: null,
  kind: "message",
  author: { uid, name, kid },
  mine: true,
  ts: at,
  text: content.body,
  state: STATES[state],
  error,
});

/** What is shown: the room's messages in order, then what is still on its way.
 * @param {import("../conversation/me.js").Me} me @param {Map<number, Item>} items by seq
 * @param {Entry[]} entries */
function everything(me, items, entries) {
  const stored = [...items.values()].sort((a, b) => Number(a.seq) - Number(b.seq));
  const known = new Set(stored.map(({ key }) => key));
  const pending = entries.map((entry) => unsent(me, entry));
  return [...stored, ...pending.filter(({ key }) => !known.has(key))];
}

/**
 * @param {import("../conversation/me.js").Me} me
 * @param {import("../conversation/chat.js").Chat} chat
 * @param {import("../conversation/chat.js").OpenRoom} room
 */
export function startConversation(me, chat, { session: { id }, timeline, outbox }) {
  /** @type {Map<number, Item>} by seq */
  const items = new Map();
  const unreadAfter = chat.readMark(id);
  let loaded = false;
  const view = createTimeline(byId("timeline"), byId("to-newest"), {
    onNeedOlder: () => timeline.older(),
    onSeen: (seq) => chat.markRead(id, seq),
    onRetry: (cid) => outbox.retry(cid),
    onDiscard: (cid) => outbox.discard(cid),
  });

  function draw() {
    const about = { hasOlder: timeline.hasOlder, unreadAfter };
    if (loaded) view.show(everything(me, items, outbox.entries), about);
  }

  timeline.addEventListener("items", (event) => {
    for (const item of /** @type {CustomEvent} */ (event).detail) items.set(item.seq, item);
    draw();
  });
  timeline.addEventListener("reset", () => items.clear());
  outbox.addEventListener("changed", draw);

  /** Show the first page, then keep up. Says on the page what went wrong, and tries again. */
  async function load() {
    try {
      await timeline.load();
    } catch (/** @type {any} */ error) {
      view.problem(error.message, load);
      return;
    }
    loaded = true;
    draw();
    chat.ready();
  }
  return { load, follow: view.follow, close: view.close };
}
