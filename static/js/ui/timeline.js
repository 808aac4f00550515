/**
 * The conversation: messages in order, grouped by person, with days and the unread line.
 *
 * `show(lines, about)` draws what `conversationLines` gives; unchanged messages keep their elements, and so focus and selection. The reader's place is kept
 * (scroll.js). `problem(text, retry)` says why there is nothing to show.
 */

import { createActions } from "./actions.js";
import { announce, h, icon } from "./dom.js";
import { countUnread, groupMessages } from "./group-messages.js";
import { brief, PREVIEW } from "./limits.js";
import { dividerElement, leadElement, messageElement } from "./message.js";
import { createScrollPosition } from "./scroll-position.js";
import { strings } from "./strings.js";

/** @typedef {import("./group-messages.js").Shown} Shown */
/** @typedef {import("../conversation/messages/timeline-items.js").TimelineItem} TimelineItem */
/** @typedef {{hasOlder: boolean, unreadAfter: number, newest: number, startText?: string, gone?: number}} About
 *   `newest`: the last number there is, of a message that is shown or changes one
 * @typedef {object} OwnCallbacks
 * @property {(until?: number) => Promise<void>} onNeedOlder rejects if they could not be had;
 *   `until` is the message that is looked for
 * @property {(seq: number) => void} onSeen everything up to seq has been in view
 * @property {(line: TimelineItem) => import("./actions.js").Action[]} actionsFor
 * @typedef {OwnCallbacks & import("./message.js").MessageCallbacks} Callbacks
 */

const NEAR = 400; // pixels from the top at which older messages are fetched

/**
 * @param {HTMLElement} scroll @param {HTMLButtonElement} toNewest @param {Callbacks} callbacks
 */
export function createTimeline(scroll, toNewest, callbacks) {
  const list = h("ol", { class: "timeline" });
  const actionsOf = (/** @type {string} */ key) => {
    const line = items.find((item) => item.key === key);
    return line ? { line, actions: callbacks.actionsFor(line) } : null;
  };
  const actions = createActions(list, actionsOf, callbacks.onReact);
  const draw = createDrawing(list, callbacks, actions, () => loadOlder());
  /** @type {TimelineItem[]} */
  let items = [];
  /** @type {About} */
  let about = { hasOlder: false, unreadAfter: -1, newest: 0 };
  let older = /** @type {"" | "loading" | "failed"} */ ("");
  let seen = 0;
  let spoken = 0;
  const reader = createScrollPosition(scroll, list, () => {
    noteSeen();
    if (older === "" && reader.above < NEAR) loadOlder();
  });

  function noteSeen() {
    const here = reader.following && document.visibilityState === "visible";
    if (here && about.newest > seen) {
      seen = about.newest;
      callbacks.onSeen(seen);
    }
    toNewest.hidden = reader.following;
    if (reader.following) return;
    toNewest.replaceChildren(icon("down", "small"), strings.toNewest(countUnread(items, seen)));
  }

  /** @type {Promise<void> | null} */
  let loading = null;
  /** @param {number} [until] */
  function loadOlder(until) {
    loading ??= loadPages(until).finally(() => {
      loading = null;
    });
    return loading;
  }

  /** @param {number} [until] */
  async function loadPages(until) {
    if (!about.hasOlder) return;
    const had = items.length;
    older = "loading";
    redraw();
    older = await callbacks.onNeedOlder(until).then(
      () => "",
      () => "failed",
    );
    redraw();
    const near = reader.above < NEAR && until === undefined;
    if (older === "" && items.length > had && near) await loadPages();
  }

  const redraw = () => reader.keep(() => draw(items, about, older));
  const jump = () => {
    reader.follow();
    noteSeen();
  };
  /** Up and down go from message to message. @param {KeyboardEvent} event */
  const walk = (event) => {
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    const from = /** @type {HTMLElement} */ (event.target);
    const inside = from === scroll || from.matches("[data-key]");
    if (!step || !inside || event.ctrlKey || event.metaKey || event.altKey) return;
    const all = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[data-key]")]);
    const at = all.indexOf(from);
    const next = at < 0 ? all.at(-1) : all[at + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };
  scroll.addEventListener("keydown", walk);
  toNewest.addEventListener("click", jump);
  document.addEventListener("visibilitychange", noteSeen);
  scroll.replaceChildren(skeleton());

  return {
    /** @param {TimelineItem[]} next @param {About} nextAbout */
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
    /** Go to a message, loading earlier ones until it is there. @param {number} seq
     * @returns {Promise<boolean>} whether it was found */
    async seek(seq) {
      let line = list.querySelector(`[data-seq="${seq}"]`);
      for (; !line && about.hasOlder && older !== "failed"; ) {
        await loadOlder(seq);
        line = list.querySelector(`[data-seq="${seq}"]`);
      }
      if (line) reader.goTo(/** @type {HTMLElement} */ (line));
      return line !== null;
    },
    close() {
      reader.close();
      toNewest.removeEventListener("click", jump);
      scroll.removeEventListener("keydown", walk);
      document.removeEventListener("visibilitychange", noteSeen);
    },
  };
}

/**
 * Draws into the list, keeping the elements of lines that did not change.
 * @param {HTMLElement} list @param {Callbacks} callbacks
 * @param {ReturnType<typeof createActions>} actions @param {() => void} onOlder
 */
function createDrawing(list, callbacks, actions, onOlder) {
  /** @type {Map<string, {signature: string, element: HTMLElement}>} */
  let drawn = new Map();

  /** @param {Shown} line */
  function keepOrMake(line) {
    const signature = JSON.stringify([line, callbacks.showsPictures()]);
    const before = drawn.get(line.key);
    if (before?.signature === signature) return before;
    const element = line.item ? messageElement(line, callbacks) : dividerElement(line);
    if (before) replaceLine(before.element, element, actions);
    return { signature, element };
  }

  /** @param {TimelineItem[]} items @param {About} about @param {string} older */
  return (items, about, older) => {
    const lines = groupMessages(items, about);
    drawn = new Map(lines.map((line) => [line.key, keepOrMake(line)]));
    const state = about.hasOlder ? older || "more" : lines.length > 0 ? "start" : "empty";
    place(list, [
      leadElement(state, onOlder, about.startText, about.gone),
      ...[...drawn.values()].map(({ element }) => element),
    ]);
  };
}

/** A line was drawn anew: what had the focus in it has it again.
 * @param {HTMLElement} old @param {HTMLElement} now
 * @param {ReturnType<typeof createActions>} actions */
function replaceLine(old, now, actions) {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  const inside = old.contains(focused);
  const act = focused?.dataset?.act;
  old.replaceWith(now);
  actions.moved(old, now);
  if (!inside) return;
  if (now.contains(focused)) return focused?.focus({ preventScroll: true }); // in the toolbar
  const same = act && now.querySelector(`[data-act="${CSS.escape(act)}"]`);
  /** @type {HTMLElement} */ (same || now).focus({ preventScroll: true });
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
 * @param {TimelineItem[]} items @param {number} spoken */
function speak(items, spoken) {
  const last = items.findLast(({ seq, mine, kind }) => seq && !mine && kind === "message");
  const seq = last?.seq ?? 0;
  if (last && spoken > 0 && seq > spoken) {
    announce(`${last.author.name}: ${brief(last.text, PREVIEW)}`);
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
