/**
 * The conversation: messages in order, grouped by person, with days and the unread line.
 *
 * `show(items, unsent)` draws the items of `TimelineModel` and the outbox; unchanged messages keep
 * their elements. Scrolling stays where the reader is: at the end it follows, elsewhere it does
 * not move, also when older messages are put before.
 */

import { arrange } from "./arrange.js";
import { announce, h } from "./dom.js";
import { messageElement } from "./message.js";
import { strings } from "./strings.js";
import { day } from "./time.js";

/** @typedef {import("./arrange.js").Shown} Shown */

const NEAR = 400; // pixels from the top at which older messages are fetched
const AT_END = 40;

/**
 * @param {HTMLElement} scroll
 * @param {HTMLButtonElement} toNewest
 * @param {object} callbacks
 * @param {() => Promise<void>} callbacks.onNeedOlder
 * @param {(seq: number) => void} callbacks.onSeen the newest message is in view
 * @param {(cid: string) => void} callbacks.onRetry
 * @param {(cid: string) => void} callbacks.onDiscard
 */
export function createTimeline(scroll, toNewest, { onNeedOlder, onSeen, onRetry, onDiscard }) {
  const list = h("ol", { class: "timeline", role: "log", "aria-live": "off" });
  /** @type {Map<string, {signature: string, element: HTMLElement}>} */
  let drawn = new Map();
  let hasOlder = false;
  let loadingOlder = false;
  let following = true;
  let newest = 0;
  let seen = 0;
  let spoken = 0;
  scroll.replaceChildren(skeleton());

  const atEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < AT_END;

  function noteSeen() {
    if (!following || document.visibilityState !== "visible") return;
    seen = newest;
    toNewest.hidden = true;
    if (newest > 0) onSeen(newest);
  }

  async function onScroll() {
    following = atEnd();
    if (following) noteSeen();
    else offerNewest();
    if (hasOlder && !loadingOlder && scroll.scrollTop < NEAR) {
      loadingOlder = true;
      await onNeedOlder().finally(() => {
        loadingOlder = false;
      });
    }
  }

  function offerNewest() {
    toNewest.hidden = following;
    toNewest.textContent = strings.toNewest(Math.max(0, newest - seen));
  }

  const toEnd = () => {
    scroll.scrollTop = scroll.scrollHeight;
  };
  const jump = () => {
    following = true;
    toEnd();
    noteSeen();
  };
  const onVisible = () => noteSeen();
  const resized = new ResizeObserver(() => following && toEnd());

  scroll.addEventListener("scroll", onScroll, { passive: true });
  toNewest.addEventListener("click", jump);
  document.addEventListener("visibilitychange", onVisible);
  resized.observe(scroll);

  /** @param {Shown} item */
  function element(item) {
    const signature = JSON.stringify(item);
    const before = drawn.get(item.key);
    if (before?.signature === signature) return before.element;
    return line(item, onRetry, onDiscard);
  }

  return {
    /**
     * @param {Parameters<typeof arrange>[0]} items
     * @param {{hasOlder: boolean, unreadAfter: number}} about
     */
    show(items, about) {
      if (!list.isConnected) scroll.replaceChildren(list);
      const fromEnd = scroll.scrollHeight - scroll.scrollTop;
      const shown = arrange(items, about);
      const next = new Map();
      for (const item of shown) {
        next.set(item.key, { signature: JSON.stringify(item), element: element(item) });
      }
      const elements = [...next.values()].map(({ element: node }) => node);
      place(list, [lead(about.hasOlder, shown.length), ...elements]);
      drawn = next;
      hasOlder = about.hasOlder;
      newest = Math.max(newest, ...items.map(({ seq }) => seq ?? 0));
      if (following) toEnd();
      else scroll.scrollTop = scroll.scrollHeight - fromEnd;
      if (following) noteSeen();
      else offerNewest();
      spoken = speak(items, spoken);
    },
    /** The reader has written: show it. */
    follow: jump,
    close() {
      scroll.removeEventListener("scroll", onScroll);
      toNewest.removeEventListener("click", jump);
      document.removeEventListener("visibilitychange", onVisible);
      resized.disconnect();
    },
  };
}

/** Move as few elements as possible: those in place keep focus and selection.
 * @param {HTMLElement} list @param {Node[]} elements */
function place(list, elements) {
  const wanted = new Set(elements);
  for (const child of [...list.childNodes]) if (!wanted.has(child)) child.remove();
  let at = list.firstChild;
  for (const element of elements) {
    if (element === at) at = at.nextSibling;
    else list.insertBefore(element, at);
  }
}

/** Read the newest message of others out, not the whole history.
 * @param {import("./arrange.js").Item[]} items @param {number} spoken */
function speak(items, spoken) {
  const last = items.findLast(({ seq, mine, kind }) => seq && !mine && kind === "message");
  const seq = last?.seq ?? spoken;
  if (last && spoken > 0 && seq > spoken) announce(`${last.author.name}: ${last.text}`);
  return Math.max(spoken, seq, spoken === 0 ? 1 : 0);
}

/** @param {Shown} item @param {(cid: string) => void} onRetry @param {(cid: string) => void} onDiscard */
function line(item, onRetry, onDiscard) {
  if (item.line === "day") {
    return h(
      "li",
      { class: "timeline-day", role: "separator" },
      day(/** @type {number} */ (item.ts)),
    );
  }
  if (item.line === "unread") {
    return h("li", { class: "timeline-unread", role: "separator" }, strings.newMessages);
  }
  if (item.line === "gap") return h("li", { class: "timeline-line gap" }, strings.gap);
  if (item.item?.kind === "refused") return h("li", { class: "timeline-line" }, strings.refused);
  return messageElement(/** @type {any} */ (item), onRetry, onDiscard);
}

/** @param {boolean} hasOlder @param {number} many */
function lead(hasOlder, many) {
  if (hasOlder) return h("li", { class: "timeline-older" }, strings.older);
  if (many > 0) return h("li", { class: "timeline-older" }, strings.start);
  return h(
    "li",
    { class: "empty timeline-start" },
    h("h2", {}, strings.start),
    h("p", {}, strings.startText),
  );
}

const skeleton = () =>
  h(
    "div",
    { class: "skeleton", "aria-hidden": "true" },
    ...Array.from({ length: 5 }, () => h("span")),
  );
