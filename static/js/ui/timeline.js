/**
 * The conversation: messages in order, grouped by person, with days and the unread line.
 *
 * `show(items, about)` draws the items of `TimelineModel` with those of the outbox at their end;
 * unchanged messages keep their elements, and so focus and selection. The reader's place is kept
 * (scroll.js). `problem(text, retry)` says why there is nothing to show.
 */

import { arrange, countUnread } from "./arrange.js";
import { announce, h, icon } from "./dom.js";
import { dividerElement, leadElement, messageElement } from "./message.js";
import { createReader } from "./scroll.js";
import { strings } from "./strings.js";

/** @typedef {import("./arrange.js").Shown} Shown */
/** @typedef {import("./arrange.js").Item} Item */
/**
 * @typedef {object} Callbacks
 * @property {() => Promise<void>} onNeedOlder rejects if they could not be had
 * @property {(seq: number) => void} onSeen everything up to seq has been in view
 * @property {(cid: string) => void} onRetry
 * @property {(cid: string) => void} onDiscard
 */

const NEAR = 400; // pixels from the top at which older messages are fetched
const SPOKEN = 280; // characters of a message that screen readers are told

/**
 * @param {HTMLElement} scroll @param {HTMLButtonElement} toNewest @param {Callbacks} callbacks
 */
export function createTimeline(scroll, toNewest, callbacks) {
  const list = h("ol", { class: "timeline" });
  const draw = createDrawing(list, callbacks, () => loadOlder());
  /** @type {Item[]} */
  let items = [];
  let about = { hasOlder: false, unreadAfter: -1 };
  let older = /** @type {"" | "loading" | "failed"} */ ("");
  let seen = 0;
  let spoken = 0;
  const reader = createReader(scroll, list, () => {
    noteSeen();
    if (older === "" && reader.above < NEAR) loadOlder();
  });

  const newest = () => items.reduce((most, { seq }) => Math.max(most, seq ?? 0), 0);

  function noteSeen() {
    const here = reader.following && document.visibilityState === "visible";
    if (here && newest() > seen) {
      seen = newest();
      callbacks.onSeen(seen);
    }
    toNewest.hidden = reader.following;
    if (reader.following) return;
    toNewest.replaceChildren(icon("down", "small"), strings.toNewest(countUnread(items, seen)));
  }

  async function loadOlder() {
    if (!about.hasOlder || older === "loading") return;
    const had = items.length;
    older = "loading";
    redraw();
    older = await callbacks.onNeedOlder().then(
      () => "",
      () => "failed",
    );
    redraw();
    if (older === "" && items.length > had && reader.above < NEAR) loadOlder();
  }

  const redraw = () => reader.keep(() => draw(items, about, older));
  const jump = () => {
    reader.follow();
    noteSeen();
  };
  toNewest.addEventListener("click", jump);
  document.addEventListener("visibilitychange", noteSeen);
  scroll.replaceChildren(skeleton());

  return {
    /** @param {Item[]} next @param {{hasOlder: boolean, unreadAfter: number}} nextAbout */
    show(next, nextAbout) {
      const begins = !list.isConnected;
      if (begins) scroll.replaceChildren(list);
      [items, about] = [next, nextAbout];
      redraw();
      const unread = begins && list.querySelector(".timeline-unread");
      if (begins) seen = Math.max(0, about.unreadAfter);
      if (unread) reader.startAt(unread);
      noteSeen();
      spoken = speak(items, spoken);
    },
    /** There is nothing to show, and why. @param {string} text @param {() => void} retry */
    problem(text, retry) {
      const again = h("button", { class: "button quiet", type: "button" }, strings.tryAgain);
      again.addEventListener("click", () => {
        scroll.replaceChildren(skeleton());
        retry();
      });
      const icons = icon("warning", "large");
      scroll.replaceChildren(
        h("div", { class: "empty", role: "alert" }, icons, h("p", {}, text), again),
      );
    },
    /** The reader has written: show it. */
    follow: jump,
    close() {
      reader.close();
      toNewest.removeEventListener("click", jump);
      document.removeEventListener("visibilitychange", noteSeen);
    },
  };
}

/**
 * Draws into the list, keeping the elements of lines that did not change.
 * @param {HTMLElement} list @param {Callbacks} callbacks @param {() => void} onOlder
 */
function createDrawing(list, callbacks, onOlder) {
  /** @type {Map<string, {signature: string, element: HTMLElement}>} */
  let drawn = new Map();

  /** @param {Shown} line */
  function keepOrMake(line) {
    const signature = JSON.stringify(line);
    const before = drawn.get(line.key);
    if (before?.signature === signature) return before;
    const element = line.item ? messageElement(line, callbacks) : dividerElement(line);
    return { signature, element };
  }

  /** @param {Item[]} items @param {{hasOlder: boolean, unreadAfter: number}} about
   * @param {string} older */
  return (items, about, older) => {
    const lines = arrange(items, about);
    drawn = new Map(lines.map((line) => [line.key, keepOrMake(line)]));
    const state = about.hasOlder ? older || "more" : lines.length > 0 ? "start" : "empty";
    place(list, [
      leadElement(state, onOlder),
      ...[...drawn.values()].map(({ element }) => element),
    ]);
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

/** Read the newest message of others out, not the whole history. Returns what has been read.
 * @param {Item[]} items @param {number} spoken */
function speak(items, spoken) {
  const last = items.findLast(({ seq, mine, kind }) => seq && !mine && kind === "message");
  const seq = last?.seq ?? 0;
  if (last && spoken > 0 && seq > spoken) {
    announce(`${last.author.name}: ${last.text.slice(0, SPOKEN)}`);
  }
  return Math.max(spoken, seq, 1);
}

/** Grey lines in place of messages; the style sheet holds them back for 300 ms. */
const skeleton = () =>
  h(
    "div",
    { class: "skeleton", "aria-hidden": "true" },
    ...Array.from({ length: 6 }, () => h("span")),
  );
