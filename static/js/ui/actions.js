/**
 * What can be done about a message: a small toolbar on the one that is pointed at or focused, a
 * menu with everything, keys. On touch screens a long press opens the menu.
 */

import { h, icon } from "./dom.js";
import { openEmoji } from "./emoji.js";
import { openMenu } from "./popup.js";
import { strings } from "./strings.js";

/** @typedef {import("../conversation/messages/timeline-items.js").TimelineItem} TimelineItem */
/**
 * @typedef {object} Action
 * @property {string} id
 * @property {string} icon
 * @property {string} label
 * @property {boolean} [quick] also in the toolbar
 * @property {boolean} [danger]
 * @property {string} [key] on the keyboard, when the message has the focus
 * @property {(line: TimelineItem, from: HTMLElement) => void} run `from` is what was pressed
 */

const LONG = 500; // ms
const MOVED = 10; // pixels: it is a scroll, not a press

/**
 * @param {HTMLElement} list whose children with a `data-key` are messages
 * @param {(key: string) => {line: TimelineItem, actions: Action[]} | null} about
 * @param {(line: TimelineItem, emoji: string) => void} onReact
 */
export function createActions(list, about, onReact) {
  /** @type {HTMLElement | null} */
  let current = null;
  let held = false; // a menu of it is open
  const bar = h("div", { class: "message-actions", role: "toolbar" });
  bar.setAttribute("aria-label", strings.actions.toolbar);

  const messageOf = (/** @type {any} */ node) =>
    /** @type {HTMLElement | null} */ (node?.closest?.("[data-key]"));

  /** @param {HTMLElement | null} message */
  function show(message) {
    if (held || message === current) return;
    current = message;
    const found = message && about(message.dataset.key ?? "");
    if (!message || !found || found.actions.length === 0) return bar.remove();
    const quick = found.actions.filter((action) => action.quick);
    bar.replaceChildren(...quick.map((action) => toolButton(action, message)), more(message));
    message.append(bar);
  }

  /** @param {Action} action @param {HTMLElement} message */
  const toolButton = ({ id, icon: picture, label }, message) =>
    tool(picture, label, (from) => act(message, id, from));

  /** @param {HTMLElement} message */
  const more = (message) => tool("more", strings.actions.more, (from) => openAll(message, from));

  /** @param {HTMLElement} message @param {string} id @param {HTMLElement} from */
  function act(message, id, from) {
    const found = about(message.dataset.key ?? "");
    const action = found?.actions.find((one) => one.id === id);
    if (!found || !action) return;
    if (id === "react")
      hold(message, (onClose) =>
        openEmoji(from, (emoji) => onReact(found.line, emoji), { quick: true, onClose }),
      );
    else action.run(found.line, from);
  }

  /** @param {HTMLElement} message @param {HTMLElement} from */
  function openAll(message, from) {
    const found = about(message.dataset.key ?? "");
    if (!found || found.actions.length === 0) return;
    const choices = found.actions.map(({ id, icon: picture, label, danger }) => ({
      icon: icon(picture, "small"),
      label,
      danger,
      run: () => act(message, id, message),
    }));
    hold(message, (onClose) => openMenu(from, strings.actions.toolbar, choices, onClose));
  }

  /** The toolbar stays as long as what it opened. @param {HTMLElement} message
   * @param {(onClose: () => void) => void} open */
  function hold(message, open) {
    held = true;
    message.classList.add("held");
    open(() => {
      held = false;
      message.classList.remove("held");
    });
  }

  list.addEventListener("pointerover", (event) => {
    if (event.pointerType === "mouse") show(messageOf(event.target));
  });
  list.addEventListener("pointerleave", () => show(messageOf(document.activeElement)));
  list.addEventListener("focusin", (event) => show(messageOf(event.target)));
  list.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !list.contains(/** @type {Node} */ (event.relatedTarget)))
      show(null);
  });
  list.addEventListener("keydown", (event) => {
    const message = messageOf(event.target);
    if (!message || message !== event.target || event.ctrlKey || event.metaKey || event.altKey)
      return;
    const pressed = event.key.toLowerCase();
    if (pressed === "enter") openAll(message, message);
    else {
      const key = about(message.dataset.key ?? "")?.actions.find((one) => one.key === pressed);
      if (!key) return;
      act(message, key.id, message);
    }
    event.preventDefault();
  });
  onLongPress(list, (target) => {
    const message = messageOf(target);
    if (message) openAll(message, message);
  });
  return {
    /** A message was drawn anew: what is open stays where it was. @param {HTMLElement} old
     * @param {HTMLElement} now */
    moved(old, now) {
      if (current !== old) return;
      current = now;
      if (bar.parentElement === old) now.append(bar);
    },
  };
}

/** @param {string} picture @param {string} label @param {(from: HTMLElement) => void} press */
const tool = (picture, label, press) =>
  h(
    "button",
    {
      class: "icon-button",
      type: "button",
      "aria-label": label,
      title: label,
      onclick: (/** @type {any} */ { currentTarget }) => press(currentTarget),
    },
    icon(picture, "small"),
  );

/** @param {HTMLElement} list @param {(target: EventTarget | null) => void} press */
function onLongPress(list, press) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let from = { x: 0, y: 0 };
  const stop = () => clearTimeout(timer);
  list.addEventListener("pointerdown", (event) => {
    stop();
    const control = /** @type {Element} */ (event.target).closest("button, a, input");
    if (event.pointerType === "mouse" || control) return;
    from = { x: event.clientX, y: event.clientY };
    timer = setTimeout(() => press(event.target), LONG);
  });
  list.addEventListener("pointermove", ({ clientX, clientY }) => {
    if (Math.hypot(clientX - from.x, clientY - from.y) > MOVED) stop();
  });
  for (const end of ["pointerup", "pointercancel"]) list.addEventListener(end, stop);
  // The browser's own menu would cover ours.
  list.addEventListener("contextmenu", (event) => {
    if (/** @type {PointerEvent} */ (event).pointerType === "touch") event.preventDefault();
  });
}
