/** The ways into the search of one room, which is loaded on first use. */

import { loadPart } from "../ui/load-part.js";

/** @typedef {import("../conversation/account/account.js").Account} Account */
/** @typedef {import("../conversation/chat.js").Chat} Chat */

/** The search of one room: a button in its header, or `/`. */
export class RoomSearch {
  #parts;
  /** @type {import("./room-search.js").RoomSearchPanel | undefined} */
  #search;

  /**
   * @param {object} parts
   * @param {Account} parts.me @param {Chat} parts.chat
   * @param {import("../conversation/chat.js").OpenRoom} parts.room
   * @param {Pick<import("./room-panels.js").RoomPanels, "loadPanel">} parts.panels
   * @param {Pick<import("./conversation.js").Conversation, "jump" | "shown">} parts.conversation
   * @param {AbortSignal} parts.signal aborted when the room is left
   */
  constructor(parts) {
    this.#parts = parts;
    document.addEventListener("keydown", this.#onKey, { signal: parts.signal });
  }

  async #load() {
    const { me, chat, room, panels, conversation, signal } = this.#parts;
    const load = () => Promise.all([import("./room-search.js"), panels.loadPanel()]);
    const loaded = await loadPart(load, signal);
    if (!loaded || signal.aborted) return undefined;
    const [{ RoomSearchPanel }, panel] = loaded;
    this.#search ??= new RoomSearchPanel(me, chat, room, panel, conversation);
    return this.#search;
  }

  /** Opens or closes it. */
  async toggle() {
    (await this.#load())?.toggle();
  }

  #onKey = async (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    (await this.#load())?.show();
  };
}

/** @param {KeyboardEvent} event */
const isTyping = ({ target }) =>
  target instanceof Element &&
  target.closest("input, textarea, select, [contenteditable]") !== null;
