/** Buttons that lead to the newest and the first unread message, and a note if that fails. */

import { h, icon } from "../dom.js";
import { strings } from "../strings.js";

export class JumpButtons {
  #toNewest;
  #toUnread = h("button", { class: "to-newest to-unread", type: "button", hidden: true });
  #onNewest;
  /** @type {HTMLElement | null} */
  #note = null;

  /** @param {HTMLElement} toNewest a button @param {{onNewest: () => void, onUnread: () => void}} go */
  constructor(toNewest, { onNewest, onUnread }) {
    this.#toNewest = toNewest;
    this.#onNewest = onNewest;
    toNewest.addEventListener("click", onNewest);
    toNewest.before(this.#toUnread);
    this.#toUnread.addEventListener("click", onUnread);
  }

  /** @param {boolean} shown whether the first unread message is further up than what is in view */
  showUnread(shown) {
    this.#toUnread.hidden = !shown;
    this.#toUnread.replaceChildren(icon("down", "small"), strings.toUnread);
  }

  /** @param {number} count unread messages below, 0 for none or an unknown number */
  showNewest(count) {
    this.#toNewest.hidden = false;
    this.#toNewest.replaceChildren(icon("down", "small"), strings.toNewest(count));
  }

  hideNewest() {
    this.#toNewest.hidden = true;
  }

  /** Says beside the conversation why it could not go somewhere; "" takes that away.
   * @param {string} text */
  say(text) {
    this.#note?.remove();
    if (!text) return;
    const close = h("button", { class: "link-button", type: "button" }, strings.close);
    const note = h("p", { class: "timeline-note", role: "alert" }, text, " ", close);
    close.addEventListener("click", () => note.remove());
    this.#toNewest.after(note);
    this.#note = note;
  }

  close() {
    this.#toUnread.remove();
    this.#note?.remove();
    this.#toNewest.removeEventListener("click", this.#onNewest);
  }
}
