/**
 * Actions on a message: a small toolbar on the one that is pointed at or focused, a menu with all
 * of them, and keys. On touch screens a long press opens the menu.
 */

import { h, icon } from "../dom.js";
import { loadPart } from "../load-part.js";
import { onLongPress } from "../long-press.js";
import { openMenu } from "../popup.js";
import { lateStrings as strings } from "../strings/late.js";

/** @typedef {import("../../conversation/messages/timeline-items.js").TimelineItem} TimelineItem */
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

/** The toolbar of the message that is pointed at or focused, its menu, and its keys. */
export class MessageToolbar {
  #list;
  #about;
  #onReact;
  #presses;
  /** @type {HTMLElement | null} */
  #current = null;
  #held = false; // a menu of it is open
  #bar = h("div", {
    class: "message-actions",
    role: "toolbar",
    "aria-label": strings.actions.toolbar,
  });

  /**
   * @param {HTMLElement} list whose children with a `data-key` are messages
   * @param {(key: string) => {line: TimelineItem, actions: Action[]} | null} about
   * @param {(line: TimelineItem, emoji: string) => void} onReact
   */
  constructor(list, about, onReact) {
    this.#list = list;
    this.#about = about;
    this.#onReact = onReact;
    list.addEventListener("pointerover", (event) => {
      if (event.pointerType === "mouse") this.show(messageOf(event.target));
    });
    list.addEventListener("pointerleave", () => this.show(messageOf(document.activeElement)));
    list.addEventListener("focusin", (event) => this.show(messageOf(event.target)));
    list.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !list.contains(/** @type {Node} */ (event.relatedTarget)))
        this.show(null);
    });
    list.addEventListener("keydown", (event) => this.#onKey(event));
    this.#presses = onLongPress(list, (target) => {
      const message = messageOf(target);
      return message !== null && this.#openMenu(message, message, true);
    });
  }

  /** Answers what was done before this was loaded. @param {Event} event */
  catchUp(event) {
    if (event.type === "pointerdown") this.#presses(/** @type {PointerEvent} */ (event));
    if (!(event instanceof PointerEvent) || event.pointerType === "mouse")
      this.show(this.#asItIsNow(messageOf(event.target)));
    if (event instanceof KeyboardEvent) this.#onKey(event);
  }

  /** The message in the list, if it was rendered again meanwhile. @param {HTMLElement | null} message */
  #asItIsNow(message) {
    if (!message || message.isConnected) return message;
    const rendered = /** @type {Iterable<HTMLElement>} */ (this.#list.children);
    return [...rendered].find(({ dataset }) => dataset.key === message.dataset.key) ?? null;
  }

  /** Moves the toolbar to a message, or hides it with null. @param {HTMLElement | null} message */
  show(message) {
    if (this.#held || message === this.#current) return;
    this.#current = message;
    const found = message && this.#aboutOf(message);
    if (!message || !found || found.actions.length === 0) return this.#bar.remove();
    const quick = found.actions.filter((action) => action.quick);
    this.#bar.replaceChildren(
      ...quick.map(({ id, icon: picture, label }) =>
        tool(picture, label, (from) => this.#run(message, id, from)),
      ),
      tool("more", strings.actions.more, (from) => this.#openMenu(message, from)),
    );
    message.append(this.#bar);
  }

  /** @param {HTMLElement} message */
  #aboutOf(message) {
    return this.#about(message.dataset.key ?? "");
  }

  /** @param {HTMLElement} message @param {string} id @param {HTMLElement} from */
  #run(message, id, from) {
    const found = this.#aboutOf(message);
    const action = found?.actions.find((one) => one.id === id);
    if (!found || !action) return;
    if (id !== "react") return action.run(found.line, from);
    this.#hold(message, async (onClose) => {
      const picker = await loadPart(() => import("../composer/emoji.js"));
      const pick = (/** @type {string} */ emoji) => this.#onReact(found.line, emoji);
      picker ? picker.openEmoji(from, pick, { quick: true, onClose }) : onClose();
    });
  }

  /** @param {HTMLElement} message @param {HTMLElement} from
   * @param {boolean} [pressed] a finger is on it
   * @returns {boolean} whether there was anything to open */
  #openMenu(message, from, pressed = false) {
    const found = this.#aboutOf(message);
    if (!found || found.actions.length === 0) return false;
    const choices = found.actions.map(({ id, icon: picture, label, danger }) => ({
      icon: icon(picture, "small"),
      label,
      danger,
      run: () => this.#run(message, id, message),
    }));
    const { toolbar } = strings.actions;
    this.#hold(message, (onClose) => openMenu(from, toolbar, choices, { pressed, onClose }));
    return true;
  }

  /** Keeps the toolbar as long as the menu is open. @param {HTMLElement} message
   * @param {(onClose: () => void) => void} open */
  #hold(message, open) {
    this.#held = true;
    message.classList.add("held");
    open(() => {
      this.#held = false;
      message.classList.remove("held");
    });
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const message = messageOf(event.target);
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    if (!message || message !== event.target || modified) return;
    const pressed = event.key.toLowerCase();
    if (pressed === "enter") this.#openMenu(message, message);
    else {
      const action = this.#aboutOf(message)?.actions.find((one) => one.key === pressed);
      if (!action) return;
      this.#run(message, action.id, message);
    }
    event.preventDefault();
  }

  /** Follows a message that was rendered again.
   * @param {HTMLElement} old @param {HTMLElement} now */
  replaced(old, now) {
    if (this.#current !== old) return;
    this.#current = null;
    if (this.#held || this.#bar.contains(document.activeElement)) {
      this.#current = now;
      if (this.#bar.parentElement === old) now.append(this.#bar);
    } else this.show(now); // what can be done with it may have changed: it was sent
  }
}

/** @param {EventTarget | null} target @returns {HTMLElement | null} */
const messageOf = (target) => (target instanceof Element ? target.closest("[data-key]") : null);

/** @param {string} picture @param {string} label @param {(from: HTMLElement) => void} press */
const tool = (picture, label, press) =>
  h(
    "button",
    {
      class: "icon-button",
      type: "button",
      "aria-label": label,
      title: label,
      onclick: ({ currentTarget }) => press(currentTarget),
    },
    icon(picture, "small"),
  );
