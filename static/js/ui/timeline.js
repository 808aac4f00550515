/**
 * The conversation: messages in order, grouped by person, with days and the unread line. Unchanged
 * messages keep their elements, and so focus and selection; the reader's place stays.
 */

import { MessageToolbar } from "./actions.js";
import { announce, h, icon } from "./dom.js";
import { countUnread, groupMessages } from "./group-messages.js";
import { brief, PREVIEW } from "./limits.js";
import { dividerElement, leadElement, messageElement } from "./message.js";
import { ScrollPosition } from "./scroll-position.js";
import { strings } from "./strings.js";
import { keepOneTabStop } from "./tab-stop.js";

/** @typedef {import("./group-messages.js").Shown} Shown */
/** @typedef {import("../conversation/messages/timeline-items.js").TimelineItem} TimelineItem */
/** @typedef {{hasOlder: boolean, unreadAfter: number, newest: number, startText?: string, gone?: number}} About
 *   `newest`: seq of the newest message that is shown or changes one
 * @typedef {object} OwnCallbacks
 * @property {(until?: number) => Promise<void>} onNeedOlder loads older messages, back to seq
 *   `until`; rejects if it cannot
 * @property {(seq: number) => void} onSeen everything up to seq has been in view
 * @property {(line: TimelineItem) => import("./actions.js").Action[]} actionsFor
 * @typedef {OwnCallbacks & import("./message.js").MessageCallbacks} Callbacks
 * @typedef {"" | "loading" | "failed"} OlderState
 */

const SPOKEN = 3; // messages at a time that are read out; of more, their number
const NEAR = 400; // pixels from the top at which older messages are fetched

export class TimelineView {
  #scroll;
  #toNewest;
  #callbacks;
  #list = h("ol", { class: "timeline" });
  #drawing;
  #position;
  /** @type {TimelineItem[]} */
  #items = [];
  /** @type {About} */
  #about = { hasOlder: false, unreadAfter: -1, newest: 0 };
  /** @type {OlderState} */
  #older = "";
  #seen = 0;
  #announced = -1;
  /** @type {Promise<void> | null} */
  #loading = null;

  /** @param {HTMLElement} scroll @param {HTMLElement} toNewest a button @param {Callbacks} callbacks */
  constructor(scroll, toNewest, callbacks) {
    this.#scroll = scroll;
    this.#toNewest = toNewest;
    this.#callbacks = callbacks;
    const toolbar = new MessageToolbar(
      this.#list,
      (key) => this.#actionsOf(key),
      callbacks.onReact,
    );
    this.#drawing = new TimelineDrawing(this.#list, callbacks, toolbar, () => this.#loadOlder());
    this.#position = new ScrollPosition(scroll, this.#list, () => {
      this.#noteSeen();
      if (this.#older === "" && this.#position.above < NEAR) this.#loadOlder();
    });
    keepOneTabStop(scroll, this.#list);
    scroll.addEventListener("keydown", this.#onKey);
    toNewest.addEventListener("click", this.follow);
    document.addEventListener("visibilitychange", this.#noteSeen);
    scroll.replaceChildren(skeleton());
  }

  /** @param {TimelineItem[]} items @param {About} about */
  show(items, about) {
    const first = !this.#list.isConnected;
    if (first) this.#scroll.replaceChildren(this.#list);
    [this.#items, this.#about] = [items, about];
    this.#redraw();
    const unread = first && this.#list.querySelector(".timeline-unread");
    if (first) this.#seen = Math.max(0, about.unreadAfter);
    if (unread) this.#position.startAt(unread);
    this.#noteSeen();
    this.#announced = announceNew(items, this.#announced);
  }

  /** Shows why there are no messages, with a way to retry. @param {string} text
   * @param {() => void} retry */
  showProblem(text, retry) {
    const again = h("button", { class: "button quiet", type: "button" }, strings.tryAgain);
    again.addEventListener("click", () => {
      this.#scroll.replaceChildren(skeleton());
      retry();
    });
    const image = icon("warning", "large");
    this.#scroll.replaceChildren(
      h("div", { class: "empty", role: "alert" }, image, h("p", {}, text), again),
    );
  }

  /** Scrolls to the newest message and stays there. */
  follow = () => {
    this.#position.follow();
    this.#noteSeen();
  };

  /** Scrolls to a message, loading earlier ones until it is reached.
   * @param {number} seq
   * @returns {Promise<boolean>} whether it was found */
  async seek(seq) {
    let line = this.#line(seq);
    while (!line && this.#about.hasOlder && this.#older !== "failed") {
      await this.#loadOlder(seq);
      line = this.#line(seq);
    }
    if (line) this.#position.goTo(line);
    return line !== null;
  }

  close() {
    this.#position.close();
    this.#toNewest.removeEventListener("click", this.follow);
    this.#scroll.removeEventListener("keydown", this.#onKey);
    document.removeEventListener("visibilitychange", this.#noteSeen);
  }

  /** @param {number} seq @returns {HTMLElement | null} */
  #line(seq) {
    return this.#list.querySelector(`[data-seq="${seq}"]`);
  }

  /** @param {string} key */
  #actionsOf(key) {
    const line = this.#items.find((item) => item.key === key);
    return line ? { line, actions: this.#callbacks.actionsFor(line) } : null;
  }

  #noteSeen = () => {
    const { following } = this.#position;
    const visible = following && document.visibilityState === "visible";
    if (visible && this.#about.newest > this.#seen) {
      this.#seen = this.#about.newest;
      this.#callbacks.onSeen(this.#seen);
    }
    this.#toNewest.hidden = following;
    if (following) return;
    const count = countUnread(this.#items, this.#seen);
    this.#toNewest.replaceChildren(icon("down", "small"), strings.toNewest(count));
  };

  /** @param {number} [until] seq */
  #loadOlder(until) {
    this.#loading ??= this.#loadPages(until).finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  /** @param {number} [until] seq */
  async #loadPages(until) {
    if (!this.#about.hasOlder) return;
    const before = this.#items.length;
    this.#older = "loading";
    this.#redraw();
    this.#older = await this.#callbacks.onNeedOlder(until).then(
      () => "",
      () => "failed",
    );
    this.#redraw();
    const near = this.#position.above < NEAR && until === undefined;
    if (this.#older === "" && this.#items.length > before && near) await this.#loadPages();
  }

  #redraw() {
    this.#position.keep(() => this.#drawing.show(this.#items, this.#about, this.#older));
  }

  /** Up and down go from message to message. @param {KeyboardEvent} event */
  #onKey = (event) => {
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    const from = /** @type {HTMLElement} */ (event.target);
    const inside = from === this.#scroll || from.matches("[data-key]");
    if (!step || !inside || event.ctrlKey || event.metaKey || event.altKey) return;
    /** @type {NodeListOf<HTMLElement>} */
    const found = this.#list.querySelectorAll("[data-key]");
    const all = [...found];
    const at = all.indexOf(from);
    const next = at < 0 ? all.at(-1) : all[at + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };
}

/** Renders into the list, keeping the elements of unchanged lines. */
class TimelineDrawing {
  #list;
  #callbacks;
  #toolbar;
  #onOlder;
  /** @type {Map<string, {signature: string, element: HTMLElement}>} by key */
  #drawn = new Map();

  /** @param {HTMLElement} list @param {Callbacks} callbacks @param {MessageToolbar} toolbar
   * @param {() => void} onOlder */
  constructor(list, callbacks, toolbar, onOlder) {
    this.#list = list;
    this.#callbacks = callbacks;
    this.#toolbar = toolbar;
    this.#onOlder = onOlder;
  }

  /** @param {TimelineItem[]} items @param {About} about @param {OlderState} older */
  show(items, about, older) {
    const lines = groupMessages(items, about);
    this.#drawn = new Map(lines.map((line) => [line.key, this.#keepOrMake(line)]));
    const state = about.hasOlder ? older || "more" : lines.length > 0 ? "start" : "empty";
    place(this.#list, [
      leadElement(state, this.#onOlder, about.startText, about.gone),
      ...[...this.#drawn.values()].map(({ element }) => element),
    ]);
  }

  /** @param {Shown} line */
  #keepOrMake(line) {
    const signature = JSON.stringify([line, this.#callbacks.showsPictures()]);
    const before = this.#drawn.get(line.key);
    if (before?.signature === signature) return before;
    const element = line.item ? messageElement(line, this.#callbacks) : dividerElement(line);
    if (before) replaceLine(before.element, element, this.#toolbar);
    return { signature, element };
  }
}

/** Replaces a line; the control in it that had the focus keeps it.
 * @param {HTMLElement} old @param {HTMLElement} now @param {MessageToolbar} toolbar */
function replaceLine(old, now, toolbar) {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  const inside = old.contains(focused);
  const act = focused?.dataset?.act;
  old.replaceWith(now);
  toolbar.replaced(old, now);
  if (!inside) return;
  if (now.contains(focused)) return focused?.focus({ preventScroll: true }); // in the toolbar
  const same = act && now.querySelector(`[data-act="${CSS.escape(act)}"]`);
  /** @type {HTMLElement} */ (same || now).focus({ preventScroll: true });
}

/** Moves as few elements as possible: those in place keep focus and selection.
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

/** Announces new messages of others, each once, and never the history.
 * @param {TimelineItem[]} items @param {number} spoken seq of the last one that was announced;
 *   -1 before the history is there
 * @returns {number} seq of the newest one announced now */
function announceNew(items, spoken) {
  const others = items.filter(({ seq, mine, kind }) => seq && !mine && kind === "message");
  const fresh = spoken < 0 ? [] : others.filter(({ seq }) => Number(seq) > spoken);
  if (fresh.length > SPOKEN) announce(strings.toNewest(fresh.length));
  else for (const { author, text } of fresh) announce(`${author.name}: ${brief(text, PREVIEW)}`);
  return Math.max(spoken, Number(others.at(-1)?.seq ?? 0));
}

/** Grey lines in place of messages; the style sheet holds them back for 300 ms. */
const skeleton = () =>
  h(
    "div",
    { class: "skeleton", "aria-hidden": "true" },
    ...Array.from({ length: 6 }, () => h("span")),
  );
