/** Draws the lines of the conversation, and keeps the elements of those that did not change. */

import { day } from "../time.js";
import { groupMessages } from "./group-messages.js";
import { dividerElement, leadElement, messageElement } from "./message.js";

/** @typedef {import("./group-messages.js").Shown} Shown */
/** @typedef {import("../composer/late-toolbar.js").LateToolbar} LateToolbar */
/** @typedef {import("../../conversation/messages/timeline-items.js").TimelineItem} TimelineItem */
/** @typedef {{hasOlder: boolean, hasNewer?: boolean, unreadAfter: number, unreadIsHere?: boolean, newest: number, start?: import("./message.js").Start}} About
 *   `newest`: seq of the newest message that is shown or changes one */
/** @typedef {"" | "loading" | "failed"} OlderState */

/** Renders into the list, keeping the elements of unchanged lines. */
export class TimelineDrawing {
  #list;
  #callbacks;
  #go;
  /** @type {LateToolbar | null} loaded once messages are painted */
  toolbar = null;
  /** @type {HTMLElement | null} what stands above the messages */
  #lead = null;
  /** @type {Map<string, {signature: string, element: HTMLElement}>} by key */
  #drawn = new Map();

  /** @param {HTMLElement} list @param {import("./message.js").MessageCallbacks} callbacks
   * @param {{onOlder: () => void, onStart: () => void}} go */
  constructor(list, callbacks, go) {
    this.#list = list;
    this.#callbacks = callbacks;
    this.#go = go;
  }

  /** @param {TimelineItem[]} items @param {About} about @param {OlderState} older */
  show(items, about, older) {
    const { unreadAfter, unreadIsHere } = about;
    const lines = groupMessages(items, { unreadAfter: unreadIsHere ? unreadAfter : -1 });
    this.#drawn = new Map(lines.map((line) => [line.key, this.#keepOrMake(line)]));
    this.#lead = this.#leadOf(about, older);
    place(this.#list, [this.#lead, ...[...this.#drawn.values()].map(({ element }) => element)]);
  }

  /** Shows what stands above the messages. @param {About} about @param {OlderState} older */
  showLead(about, older) {
    const lead = this.#leadOf(about, older);
    this.#lead?.replaceWith(lead);
    this.#lead = lead;
  }

  /** @param {About} about @param {OlderState} older */
  #leadOf({ hasOlder, start }, older) {
    const state = hasOlder ? older || "more" : this.#drawn.size > 0 ? "start" : "empty";
    return leadElement(state, this.#go, start);
  }

  /** @param {Shown} line */
  #keepOrMake(line) {
    const today = line.line === "day" && day(Number(line.ts));
    const offers = line.line === "unread" && this.#callbacks.mayCatchUp();
    const signature = JSON.stringify([line, this.#callbacks.showsPictures(), today, offers]);
    const before = this.#drawn.get(line.key);
    if (before?.signature === signature) return before;
    const element = line.item
      ? messageElement(line, this.#callbacks)
      : dividerElement(line, this.#callbacks);
    if (before) replaceLine(before.element, element, this.toolbar);
    return { signature, element };
  }
}

/** Replaces a line; the control in it that had the focus keeps it.
 * @param {HTMLElement} old @param {HTMLElement} now @param {LateToolbar | null} toolbar */
function replaceLine(old, now, toolbar) {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  const inside = old.contains(focused);
  const act = focused?.dataset?.act;
  old.replaceWith(now);
  toolbar?.replaced(old, now);
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
